"""How fast background jobs go."""

from __future__ import annotations

from attrs import frozen


@frozen
class Pace:
    """How long each background job rests, as in `shipping_bot.jobs`; bells ring meanwhile."""

    letters: float = 1.0
    notices: float = 5.0
    sweep: float = 15.0
    reconcile: float = 30.0
    resume: float = 60.0
    refunds: float = 30.0
    wallets: float = 60.0
    watch: float = 300.0
    watch_refunds: float = 300.0
    term: float = 15.0
    """Of the poller's lease, which is renewed at a third of it."""


UNHURRIED = Pace(letters=30.0, notices=30.0, sweep=30.0, term=60.0)
"""For many small worlds: bells carry the news, the timers only what a crash swallowed."""
