"""Our whole bot, sampled from its first SIGCONT on: `python profiled.py OUTPUT`."""

import sys
from pathlib import Path

from bench.sampling import Sampler

from shipping_bot.cli import main

if __name__ == "__main__":
    output = Path(sys.argv[1])
    sampler = Sampler()
    sampler.install()
    try:
        main(["run"])
    finally:
        sampler.write(output)
