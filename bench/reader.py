"""Prints how well and how fast the offline reader reads: `python bench/reader.py [--errors]`."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from adapters.reader import OfflineReader  # noqa: E402
from corpus.orders import load, score  # noqa: E402


def main() -> None:
    """Accuracy of both corpora, then the time of one reading."""
    started = time.perf_counter()
    reader = OfflineReader()
    reader.warm_up()
    print(f"warm-up {time.perf_counter() - started:.2f} s")
    for name in ("seen", "unseen"):
        orders = load(name)
        result = score(reader, orders)
        print(
            f"{name:7} {len(orders)} orders, {result.asked} fields: {result.accuracy:.2%} right, "
            f"{len(result.silent)} silent errors ({result.silent_rate:.2%})"
        )
        if "--errors" in sys.argv and name == "seen":
            lines = [*(f"  SILENT {e}" for e in result.silent), *(f"  missed {e}" for e in result.missed)]
            print(*sorted(lines), sep="\n")
    _speed(reader)


def _speed(reader: OfflineReader) -> None:
    """Processor time after one round, when the places of these texts are known, as in a running bot."""
    orders = [*load("seen"), *load("unseen")]
    for order in orders:
        reader.read(order.text, expecting=order.expecting)
    times = []
    for order in orders * 3:
        started = time.process_time()
        reader.read(order.text, expecting=order.expecting)
        times.append((time.process_time() - started) * 1000)
    cuts = statistics.quantiles(times, n=20)
    print(f"read()  p50 {statistics.median(times):.2f} ms, p95 {cuts[18]:.2f} ms, max {max(times):.2f} ms")
    long = ("Jane Doe, 215 Clayton St, San Francisco CA 94117, 415-555-0132; 2lb 10x8x6\n" * 60)[:4096]
    started = time.process_time()
    reader.read(long, expecting=())
    print(f"read()  4096 characters {(time.process_time() - started) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
