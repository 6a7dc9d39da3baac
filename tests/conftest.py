"""Figures that tests have recorded, added up and printed at the end of a run.

A test says `record_property("figure", ("orders", 250))`; the same name from several tests is one sum.
"""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line per figure."""
    figures: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") != "call":
                continue
            for name, value in report.user_properties:
                if name == "figure":
                    figures[value[0]] += value[1]
    if figures:
        terminalreporter.section("figures")
        for name, count in figures.items():
            terminalreporter.write_line(f"{name:44} {count:>12,}")
