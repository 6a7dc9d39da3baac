"""The load test's figures, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from rich.console import Console
from rich.table import Table

from shipping_bot.replay.judge import Evidence
from shipping_core.domain.ledger import Kind, account_sums, open_holds

OLD_BOT = "the old bot: 30 users x 23 operations = 690 in 31.46 s, answers thrown away, no label bought"


@frozen
class Outcome:
    """A finished load test."""

    users: int
    evidence: Evidence
    violations: tuple[str, ...]
    wall_s: float
    steps_s: tuple[float, ...]
    orders_s: tuple[float, ...]
    telegram_calls: int
    carrier_calls: int
    processes: int = 0
    """Bots that were processes of their own; 0: the bot ran in the load test's."""
    takeover_s: float | None = None
    """How long nobody took updates after the kill."""
    repeated: int = 0
    """Acts that customers repeated, since no answer came."""


def _percentile_ms(values: Sequence[float], share: float) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Every figure under its name."""
    e = outcome.evidence
    return {
        "users": outcome.users,
        "operations": len(outcome.steps_s),
        "labels": len({pdf for s in e.seen for pdf in s.pdfs}),
        "purchases": len(e.carrier["purchases"]),
        "captures": sum(t.kind is Kind.CAPTURE for t in e.journal),
        "holds_left": len(open_holds(e.journal)),
        "journal_sum_minor": sum(account_sums(e.journal).values()),
        "conflicts": e.conflicts,
        "errors": len(e.errors) + sum(bool(s.lost) for s in e.seen),
        "wall_s": round(outcome.wall_s, 2),
        "step_p50_ms": _percentile_ms(outcome.steps_s, 0.5),
        "step_p95_ms": _percentile_ms(outcome.steps_s, 0.95),
        "order_p50_ms": _percentile_ms(outcome.orders_s, 0.5),
        "order_p95_ms": _percentile_ms(outcome.orders_s, 0.95),
        "telegram_calls": outcome.telegram_calls,
        "carrier_calls": outcome.carrier_calls,
        **(_processes(outcome) if outcome.processes else {}),
        "violations": list(outcome.violations),
    }


def _processes(outcome: Outcome) -> dict[str, Any]:
    takeover_s = outcome.takeover_s
    return {
        "processes": outcome.processes,
        "takeover_s": None if takeover_s is None else round(takeover_s, 2),
        "acts_repeated": outcome.repeated,
    }


def as_table(outcome: Outcome, store: str) -> str:
    """The same as a table, the violations below."""
    figures = as_dict(outcome)
    violations = figures.pop("violations")
    table = Table("", f"{store} store", title="shipbot replay", caption=OLD_BOT)
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), str(value))
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
        console.print(f"{len(violations)} violations" if violations else "no violation")
        for text in violations[:50]:
            console.print(f"  {text}", markup=False)
    return captured.get().rstrip()
