"""The sandbox as its users start it."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"


@contextlib.contextmanager
def sandbox_process(name: str) -> Iterator[str]:
    """`python -m shipping_sandbox NAME` on a free port; gives its address."""
    command = [sys.executable, "-m", "shipping_sandbox", name, "--port", "0"]
    with subprocess.Popen(command, cwd=SRC, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()
