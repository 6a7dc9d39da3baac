"""Our whole bot, whose commands to MongoDB are counted: `python our_orders.py COUNTS [SAMPLES]`.

With SAMPLES it is sampled as well, from its first SIGCONT on.
"""

import functools
import sys
from pathlib import Path

from bench.bots.counting import Commands
from bench.sampling import Sampler

from adapters.mongo import store
from shipping_bot.cli import main

if __name__ == "__main__":
    counted = functools.partial(store.open_store, listeners=(Commands(sys.argv[1]),))
    store.open_store = counted
    sampler = Sampler()
    if len(sys.argv) > 2:
        sampler.install()
    try:
        main(["run"])
    finally:
        if len(sys.argv) > 2:
            sampler.write(Path(sys.argv[2]))
