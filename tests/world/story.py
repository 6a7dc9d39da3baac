"""What a world is to live through."""

from __future__ import annotations

from attrs import frozen

from world.carrier import Fate
from world.faults import CALM, Rates
from world.gateway import Opening, Way
from world.pace import UNHURRIED, Pace

REST_MINUTES = 30
"""Everything ends, or is parked, this long after the faults have stopped."""


@frozen(kw_only=True)
class Story:
    """What a world is to live through."""

    rates: Rates = CALM
    customers: int = 1
    orders: int = 1
    """Of each customer."""
    workers: int = 2
    welcome: str = "40.00"
    ways: tuple[Way, ...] = ()
    """How every customer pays, before chance decides."""
    openings: tuple[Opening, ...] = ()
    fates: tuple[Fate, ...] = ()
    voids: tuple[str, ...] = ()
    finds_fail: int = 0
    notices_lost: bool = False
    tops_up_first: bool = False
    repeats: bool = False
    bold: bool = False
    """Customers tap Buy even where the money is short."""
    nosy: bool = False
    """Customers try the buttons of other people's orders."""
    taps_again: bool = False
    """Customers tap Buy once more when they have the label."""
    leaves: bool = False
    """Customers are gone as soon as they have tapped Buy."""
    payers: int = 0
    """So many people who only top up, each in a way of their own, and never talk."""
    rivals: int = 0
    """So many orders of one customer at once, who can pay for one."""
    blocked: bool = False
    """The customers block us as soon as they have ordered, and come back later."""
    strangers_pay: bool = False
    """Somebody pays a link that no invoice of ours knows."""
    restart_s: float = 5.0
    """How long a dead worker stays dead, at most twice."""
    set_back_at_s: float = 0.0
    rest_minutes: int = REST_MINUTES
    switches_mode: bool = False
    """Workers that start anew sell in production."""
    pace: Pace = UNHURRIED
    thinking_s: float = 4.0
    operators: bool = True
    """Whether somebody decides what is parked or in review."""
    adopts: bool = False
    """Whether they always give a label that there is to the customer."""
    refunds: str = ""
    """What customers do with the labels they bought: ask for their money back, or cancel them."""
    kept: str = "override"
    """What operators do where the carrier keeps a label: override, retry or reject."""
    wallets_low: bool = False
    """A carrier's wallet holds less than the floor."""
