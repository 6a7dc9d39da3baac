"""The safety rules, one by one: what the shop is without each, and what the world says to that."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

from attrs import field, frozen

from shipping_core.conversation.session import Session
from shipping_core.domain import settling
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.order import Order
from shipping_core.use_cases import buy_label, reconcile_orders, settle_invoice
from world import broken as b
from world import broken_payments as bp
from world import broken_store as bs
from world.carrier import Fate
from world.core import Parts
from world.faults import Rates
from world.gateway import Way
from world.pace import Pace
from world.points import Death
from world.simulation import World
from world.store import Adapters
from world.story import Story

SLEEPY = Rates(asleep=0.15)
STUMBLING = Rates(partner=0.5)
TRIES = 12
"""So many seeds a rule's story is told with until the world sees red."""


@frozen(kw_only=True)
class Rule:
    """A story in which the rule is needed, what is broken without it, and how that is seen."""

    sees: str
    """A pattern of what the world then finds."""
    story: Story = field(factory=Story)
    parts: Parts = field(factory=Parts)
    patches: tuple[tuple[object, str, Any], ...] = ()
    deaths: tuple[Death, ...] = ()

    def world(self, seed: int, *, removed: bool) -> World:
        """One life of the story, with the rule or without it."""
        parts = self.parts if removed else Parts()
        with self._patched() if removed else contextlib.nullcontext():
            return World(seed, self.story, parts, self.deaths).run()

    @contextlib.contextmanager
    def _patched(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for target, name, broken in self.patches:
                stack.enter_context(mock.patch.object(target, name, broken))
            yield

    def red(self) -> tuple[int, str]:
        """The first seed with which the world sees it, and what it says; 0 seeds when it never does."""
        for seed in range(1, TRIES + 1):
            findings = self.world(seed, removed=True).trace.findings
            for finding in findings:
                if re.search(self.sees, finding):
                    return seed, finding
        return 0, ""


def _poor(*ways: Way, **changes: Any) -> Story:
    return Story(welcome="0.00", ways=(*ways, Way.FULL), **changes)


RULES: dict[str, Rule] = {
    # The purchase.
    "an order is claimed by one worker only (compare and set)": Rule(
        sees="I4",
        story=Story(workers=3, restart_s=300),
        parts=Parts(adapters=Adapters(orders=bs.CarelessOrders)),
        deaths=(Death("shipping.prepare:before"),),
    ),
    "a purchase leaves within five seconds of its claim": Rule(
        sees="long after it was claimed",
        story=Story(customers=8, orders=2, rates=SLEEPY),
        patches=((buy_label, "SEND_WITHIN_S", 1e9),),
    ),
    "an unanswered purchase is never repeated": Rule(
        sees="I4 .* bought 2 times",
        story=Story(fates=(Fate.REPLY_LOST,)),
        parts=Parts(carrier=b.RetryingCarrier),
    ),
    "an unanswered purchase is unknown, not failed": Rule(
        sees="I5 .* is over, and the carrier has",
        story=Story(fates=(Fate.REPLY_LOST,)),
        parts=Parts(buy=b.ImpatientBuy),
    ),
    "money is held before anything is bought": Rule(sees="I3", parts=Parts(settle=b.UnheldSettle)),
    "nobody holds more than there is": Rule(
        sees="I2",
        story=_poor(bold=True),
        parts=Parts(adapters=Adapters(balances=bs.GenerousBalances)),
    ),
    "a hold is resolved once, and an order decided once": Rule(
        sees="I3 .* resolved more than once",
        story=Story(fates=(Fate.REPLY_LOST,), finds_fail=300, rest_minutes=70),
        parts=Parts(adapters=Adapters(orders=bs.CarelessOrders, balances=bs.ForgivingBalances)),
    ),
    "an order changes only from the version that was read": Rule(
        sees="I18",
        story=Story(fates=(Fate.REPLY_LOST,), finds_fail=300, rest_minutes=70),
        parts=Parts(adapters=Adapters(orders=bs.CarelessOrders)),
    ),
    "money and state move in one transaction": Rule(
        sees="I3|I6",
        parts=Parts(settle=b.settling_apart("balances")),
        deaths=(Death("commit[order:purchased]:after"),),
    ),
    "nobody is charged more than was shown": Rule(
        sees="I6|I10 ord",
        story=Story(fates=(Fate.DEARER,)),
        patches=((Order, "purchased", b.dearer(Order.purchased)),),
    ),
    "a price that is too old is not bought": Rule(
        sees="too old",
        story=Story(workers=1, restart_s=700),
        patches=((Order, "stale", lambda *_: False),),
        deaths=(Death("shipping.prepare:before"),),
    ),
    "an order belongs to one customer": Rule(
        sees="I15",
        story=Story(customers=3, orders=3, nosy=True),
        parts=Parts(converse=b.OpenConverse),
    ),
    # Recovery.
    "three look-ups and fifteen minutes before giving up": Rule(
        sees="came in time",
        story=Story(fates=(Fate.LATE,)),
        patches=(
            (reconcile_orders, "GIVE_UP_AFTER", dt.timedelta(0)),
            (reconcile_orders, "GIVE_UP_LOOKUPS", 1),
        ),
    ),
    "a look-up that failed is no evidence": Rule(
        sees="came in time",
        story=Story(fates=(Fate.REPLY_LOST,), finds_fail=64),
        parts=Parts(reconcile=b.BlindReconcile),
    ),
    "labels of orders given up are watched for": Rule(
        sees="I5", story=Story(fates=(Fate.VERY_LATE,)), parts=Parts(watch=b.NoWatch)
    ),
    "surplus labels are given back": Rule(
        sees="I5", story=Story(fates=(Fate.TWO_LABELS,)), parts=Parts(reconcile=b.KeepingReconcile)
    ),
    "what was reserved and never sent is driven on": Rule(
        sees="I10 ord_.* is reserved",
        parts=Parts(reconcile=b.LazyReconcile),
        deaths=(Death("shipping.prepare:before"),),
    ),
    "what a crash swallowed is asked for again": Rule(
        sees="I10 user1 is Buying",
        story=Story(leaves=True),
        parts=Parts(resume=b.NoResume),
        deaths=(Death("commit[order:reserved]:before"),),
    ),
    # Payments.
    "a payment is credited after an inquiry, not on a notice's word": Rule(
        sees="I7", story=_poor(Way.UNDER), parts=Parts(notices=bp.CredulousNotices)
    ),
    "a link is credited once (key, compare and set, audit row)": Rule(
        sees="I7 inv_.* more than one topup",
        story=_poor(Way.FULL, customers=6, rates=Rates(slow=0.8), pace=Pace()),
        parts=Parts(adapters=Adapters(invoices=bp.CarelessInvoices, audit=bp.CarelessAudit)),
        patches=((settle_invoice, "topup_key", bp.fresh_key),),
    ),
    "a payment is taken back once (key, compare and set, audit row)": Rule(
        sees="I7 inv_.* more than one reversal",
        story=_poor(Way.BACK, customers=6, rates=Rates(slow=0.8), pace=Pace()),
        parts=Parts(adapters=Adapters(invoices=bp.CarelessInvoices, audit=bp.CarelessAudit)),
        patches=((settle_invoice, "reversal_key", bp.fresh_key),),
    ),
    "a payment taken back is taken from its user": Rule(
        sees="I7", story=_poor(Way.BACK), parts=Parts(settle_invoice=bp.StubbornSettle)
    ),
    "the amount invoiced is ours": Rule(
        sees="I7", story=_poor(Way.OTHER_AMOUNT), patches=((settling, "_paid", bp.paid_whatever),)
    ),
    "the currency invoiced is ours": Rule(
        sees="I7", story=_poor(Way.OTHER_CURRENCY), patches=((settling, "_paid", bp.paid_whatever),)
    ),
    "real money for real invoices, play money for play": Rule(
        sees="I7", story=_poor(Way.WRONG_WORLD), patches=((settling, "right_mode", lambda *_: True),)
    ),
    "the reference invoiced is ours": Rule(
        sees="I7", story=_poor(Way.OTHER_REFERENCE), patches=((Invoice, "owns", lambda *_: True),)
    ),
    "what came otherwise waits in suspense": Rule(
        sees="I7 .* not in suspense", story=_poor(Way.UNDER), parts=Parts(settle_invoice=bp.CarelessReviews)
    ),
    "the gateway is asked though no notice came": Rule(
        sees="I7|I10", story=_poor(Way.FULL, notices_lost=True, leaves=True), parts=Parts(sweep=bp.NoSweep)
    ),
    "no second link before the last one was looked for": Rule(
        sees="one link too many",
        story=_poor(Way.FULL),
        parts=Parts(top_up=bp.ForgetfulTopUp),
        deaths=(Death("payments.create:after"),),
    ),
    "a notice is signed": Rule(
        sees="forged",
        story=_poor(Way.FULL, rates=Rates(partner=0.9)),
        parts=Parts(gateway=bp.TrustingGateway),
    ),
    # Letters, inputs and the house.
    "a letter is written with the money it speaks of": Rule(
        sees="I12 no letter",
        parts=Parts(settle=b.settling_apart("outbox")),
        deaths=(Death("commit[order:purchased]:after"),),
    ),
    "a customer's letters arrive in order": Rule(
        sees="I12 .* arrived before",
        story=_poor(customers=4, orders=2, rates=STUMBLING),
        parts=Parts(adapters=Adapters(outbox=bs.HastyOutbox)),
    ),
    "one of a customer's letters is on its way at a time": Rule(
        sees="I12 two letters",
        story=Story(customers=3, orders=3, rates=Rates(slow=0.1), pace=Pace()),
        parts=Parts(adapters=Adapters(outbox=bs.SharedOutbox)),
    ),
    "an input that comes again changes nothing": Rule(
        sees="I11", story=Story(orders=2), patches=((Session, "has_handled", lambda *_: False),)
    ),
    "every change is on record": Rule(
        sees="I14 nothing is on record", parts=Parts(settle=b.settling_apart("audit", drop=True))
    ),
    "no partner is called inside a transaction": Rule(
        sees="I19", story=_poor(Way.FULL), parts=Parts(settle_invoice=bp.AskingSettle)
    ),
    # Controls that every harness of this kind has to pass.
    "control: a balance is not read, checked and written back": Rule(
        sees="I1|I2", story=Story(rivals=8), parts=Parts(settle=b.ReadCheckWrite)
    ),
    "control: an acknowledged write survives a crash": Rule(
        sees="I[0-9]",
        story=Story(customers=2, orders=2),
        parts=Parts(database=bs.ForgetfulDatabase),
        deaths=(Death("commit[order:purchased]:after"),),
    ),
}
