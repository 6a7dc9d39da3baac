"""Small stories that together pass every crash point there is, and how each ends when nobody dies."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from shipping_core.domain.invoice import InvoiceState
from shipping_core.domain.order import OrderState
from world.carrier import Fate
from world.gateway import Opening, Way
from world.story import Story

O, I = OrderState, InvoiceState  # noqa: E741 - orders and invoices


@frozen
class Scenario:
    """A story, and the states in which its orders and invoices end."""

    story: Story
    orders: tuple[OrderState, ...] = ()
    invoices: tuple[InvoiceState, ...] = ()
    kinds: tuple[str, ...] = ()
    """Kinds of transfers that prove that the story went as it should."""


def _bought(*fates: Fate, **changes: object) -> Scenario:
    return Scenario(Story(fates=fates, **changes), (O.PURCHASED,))  # type: ignore[arg-type] # as told


def _not_bought(*fates: Fate, **changes: object) -> Scenario:
    return Scenario(Story(fates=fates, **changes), (O.FAILED,))  # type: ignore[arg-type] # as told


def _back(**changes: object) -> Scenario:
    """Bought, and given back to the carrier."""
    kinds = ("refund", "carrier_credit")
    return Scenario(Story(**changes), (O.VOIDED,), kinds=kinds)  # type: ignore[arg-type] # as told


def _paid(way: Way, *invoices: InvoiceState, kinds: tuple[str, ...] = (), **changes: object) -> Scenario:
    """Somebody who has nothing pays in this way first, and then as they should."""
    story = Story(welcome="0.00", ways=(way, Way.FULL), **changes)  # type: ignore[arg-type] # as told
    return Scenario(story, (O.PURCHASED,), invoices, kinds)


SCENARIOS: Mapping[str, Scenario] = {
    "a label": _bought(),
    "one tap more": _bought(taps_again=True),
    "a slow answer": _bought(Fate.SLOW),
    "a file that is fetched later": _bought(Fate.NO_FILE),
    "a dearer label": _bought(Fate.DEARER),
    "the answer is lost": _bought(Fate.REPLY_LOST),
    "the label comes late": _bought(Fate.LATE),
    "two labels": _bought(Fate.TWO_LABELS),
    "two labels, and one is kept": Scenario(
        Story(fates=(Fate.TWO_LABELS,), voids=("refused",) * 300, operators=False, rest_minutes=70),
        (O.PARKED,),
    ),
    "nothing was bought": _not_bought(Fate.LOST),
    "refused": _not_bought(Fate.REFUSED),
    "our wallet is empty": _not_bought(Fate.WALLET),
    "never sent": _not_bought(Fate.NOT_SENT),
    "voided by the carrier": _not_bought(Fate.AUTO_VOID),
    "appears after the end": Scenario(
        Story(fates=(Fate.VERY_LATE,)), (O.FAILED,), kinds=("loss", "loss_recovered")
    ),
    "appears after the end, and is kept": Scenario(
        Story(fates=(Fate.VERY_LATE,), voids=("refused",) * 9), (O.FAILED,), kinds=("loss",)
    ),
    "in the dark": _bought(Fate.REPLY_LOST, finds_fail=300, rest_minutes=70, adopts=True),
    "in the dark, for nothing": _not_bought(Fate.LOST, finds_fail=300, rest_minutes=70),
    "another wallet runs low": _bought(wallets_low=True),
    "again": Scenario(Story(orders=2, repeats=True), (O.PURCHASED, O.PURCHASED)),
    "blocked for a while": _bought(blocked=True),
    "topped up": _paid(Way.FULL, I.CREDITED, tops_up_first=True),
    "topped up by its buyer": _paid(Way.FULL, I.CREDITED),
    "seen first": _paid(Way.FULL_LATER, I.CREDITED),
    "no notice": _paid(Way.FULL, I.CREDITED, notices_lost=True),
    "the link's answer is lost": _paid(Way.FULL, I.EXPIRED, I.CREDITED, openings=(Opening.REPLY_LOST,)),
    "no link is made": _paid(Way.FULL, I.EXPIRED, I.CREDITED, openings=(Opening.LOST,)),
    "paid too little": _paid(Way.UNDER, I.EXPIRED, I.CREDITED, kinds=("suspense",)),
    "paid too little, and taken back": _paid(Way.UNDER_THEN_BACK, I.EXPIRED, I.CREDITED),
    "paid too much": _paid(Way.OVER, I.CREDITED, kinds=("suspense",)),
    "paid once more": _paid(Way.MORE_LATER, I.CREDITED, kinds=("suspense",)),
    "paid too late": _paid(Way.LATE, I.EXPIRED, I.CREDITED, kinds=("suspense",)),
    "paid late, and taken": _paid(Way.LATE_TAKEN, I.CREDITED, I.CREDITED),
    "accepted by hand": _paid(Way.BY_HAND, I.EXPIRED, I.CREDITED, kinds=("suspense",)),
    "a strange word": _paid(Way.STRANGE, I.EXPIRED, I.CREDITED),
    "play money": _paid(Way.WRONG_WORLD, I.EXPIRED, I.CREDITED),
    "taken back": _paid(Way.BACK, I.REVERSED, kinds=("reversal",)),
    "another amount": _paid(Way.OTHER_AMOUNT, I.EXPIRED, I.CREDITED),
    "another currency": _paid(Way.OTHER_CURRENCY, I.EXPIRED, I.CREDITED),
    "another reference": _paid(Way.OTHER_REFERENCE, I.EXPIRED, I.CREDITED),
    "never paid": _paid(Way.NEVER, I.EXPIRED, I.CREDITED),
    "asked back": _back(refunds="ask"),
    "cancelled at once": _back(refunds="cancel"),
    "asked back, done and not answered": _back(refunds="ask", voids=("unknown_done",)),
    "asked back, not done and not answered": _back(refunds="ask", voids=("unknown",)),
    "asked back, kept, and asked once more": _back(refunds="ask", voids=("refused",), kept="retry"),
    "asked back, kept, and given at our loss": Scenario(
        Story(refunds="ask", voids=("refused",)), (O.PURCHASED,), kinds=("refund_at_loss",)
    ),
    "asked back, kept, and rejected": Scenario(
        Story(refunds="ask", voids=("refused",), kept="reject"), (O.PURCHASED,)
    ),
    "a dearer label, asked back": _back(refunds="ask", fates=(Fate.DEARER,)),
    "a stranger pays": Scenario(Story(strangers_pay=True), (O.PURCHASED,), kinds=("suspense",)),
}
