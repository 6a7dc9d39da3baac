"""Anything that can happen to refunds, in any order, with a look at money, labels and states after each."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ClassVar

from attrs import define, evolve
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from a_shop import Shop, shop
from adapters.memory.outbox import MemoryAudit
from builders import ANN, BOB, minutes, usd
from carriers import ScriptedShipping
from labels_back import DAY, buys
from shipping_core.domain.access import Act, Approval, ApprovalState
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.ledger import Kind, account_sums
from shipping_core.domain.order import MOVES as ORDER_MOVES
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.policy import SecondPerson
from shipping_core.domain.refund import ENDS, MOVES, Refund, RefundState
from shipping_core.errors import (
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    OutcomeUnknown,
    ShippingError,
)
from shipping_core.ports.unit_of_work import T, Transaction, UnitOfWork
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.settle_refund import SettleRefund

USERS = (ANN, BOB)
CREDITS = (Kind.REFUND, Kind.REFUND_AT_LOSS)
MOVING = (RefundState.APPROVED, RefundState.VOIDING, RefundState.VOID_UNKNOWN, RefundState.VOID_OK)
WHO = some.sampled_from(USERS)
OPERATOR = some.sampled_from(("eve", "kim"))
NUMBER = some.integers(0, 30)
DECISIONS = ("approve", "approve", "reject", "override", "retry", "less", "note", "take back")
TRACKED = ("label_created", "delivered")
DYING = ("approve", "approve", "approve", "retry", "override", "reject")
DECIDED = some.tuples(some.sampled_from(DECISIONS), OPERATOR)


class Died(BaseException):
    """The process is gone."""


@define
class DyingWork(UnitOfWork):
    """Commits, and now and then dies of it: before a commit, or, where it is `kept`, right after."""

    work: UnitOfWork | None = None
    dies_in: int | None = None
    kept: bool = False

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        assert self.work is not None
        dies = self.dies_in == 0
        if self.dies_in is not None:
            self.dies_in -= 1
        if dies and not self.kept:
            raise Died
        result = await self.work.run(body)
        if dies:
            raise Died
        return result


def rewired(
    made: Shop,
    work: DyingWork,
    drive_with: type[DriveRefunds] = DriveRefunds,
    settle_with: type[SettleRefund] = SettleRefund,
) -> Shop:
    """The same shop, its refunds kept by this work; a negative control breaks a part of it."""
    work.work = made.work
    settle = settle_with(work, made.clock)
    drive = drive_with(made.refunds, made.orders, made.shipping, settle, made.notifier)
    requests = evolve(made.request_refunds, unit_of_work=work)
    decide = evolve(made.decide_refund, drive=drive)
    made.consent.performers[Act.OVERRIDE] = decide.override_as_granted
    return evolve(
        made,
        request_refunds=requests,
        drive_refunds=drive,
        decide_refund=decide,
        cancel_label=evolve(made.cancel_label, requests=requests, drive=drive),
        remind_refunds=evolve(made.remind_refunds, requests=requests),
        watch_refunds=evolve(made.watch_refunds, settle=settle),
    )


class RefundMachine(RuleBasedStateMachine):
    """Two customers with labels of every age, two operators, a carrier with moods, a process that dies."""

    ever_seen: ClassVar[set[RefundState]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.shipping, self.work = ScriptedShipping(), DyingWork()
        self.shop = self.open()
        for number in range(2):
            for user in USERS:
                self.loop.run_until_complete(buys(self.shop, f"ord_{user}{number}", user))
            self.shop.clock.advance(4 * DAY)

    def open(self) -> Shop:
        """The shop under watch; a negative control breaks it."""
        rules = SecondPerson(override_above=usd("9.00"))
        made = shop(welcome_credit="0", shipping=self.shipping, second_person=rules)
        return rewired(made, self.work)

    # What customers and operators do.

    @rule(user=WHO, owner=WHO, times=some.integers(1, 2))
    def ask(self, user: UserId, owner: UserId, times: int) -> None:
        """For one's own labels, or another's; perhaps twice at once."""
        text = f"ord_{owner}0, ORD_{owner}1 nonsense"
        self.run(*(self.shop.request_refunds(user, text) for _ in range(times)))

    @rule(user=WHO)
    def think_again(self, user: UserId) -> None:
        """Ask, and take back what nobody has decided yet."""
        self.ask(user, user, 1)
        waiting = [r for r in self.refunds() if r.user_id == user and r.state is RefundState.REQUESTED]
        self.run(*(self.act("take back", refund, user) for refund in waiting))

    @rule(user=WHO)
    def ask_in_vain(self, user: UserId) -> None:
        """Ask, and be approved, while the carrier keeps every label."""
        approved, self.shipping.voids_approved = self.shipping.voids_approved, False
        self.ask(user, user, 1)
        mine = [r for r in self.refunds() if r.user_id == user and r.state is RefundState.REQUESTED]
        self.run(*(self.act("approve", refund, "eve") for refund in mine))
        self.shipping.voids_approved = approved

    @rule(user=WHO, owner=WHO, number=some.integers(0, 1), times=some.integers(1, 2))
    def cancel(self, user: UserId, owner: UserId, number: int, times: int) -> None:
        """A fresh label, perhaps with two taps."""
        order_id = OrderId(f"ord_{owner}{number}")
        self.run(*(self.shop.cancel_label(user, order_id) for _ in range(times)))

    @rule(number=NUMBER, acts=some.lists(DECIDED, min_size=1, max_size=3))
    def decide(self, number: int, acts: list[tuple[str, str]]) -> None:
        """One refund, by some of them at once."""
        if refunds := self.refunds():
            refund = refunds[number % len(refunds)]
            self.run(*(self.act(act, refund, actor) for act, actor in acts))

    @rule(number=NUMBER, actor=OPERATOR, agreed=some.booleans())
    def consent(self, number: int, actor: str, agreed: bool) -> None:
        """To what waits for a second person."""
        waiting = self.loop.run_until_complete(
            self.shop.consent.approvals.find({"state": ApprovalState.WAITING})
        )
        if waiting:
            chosen: Approval = waiting[number % len(waiting)]
            say = self.shop.consent.grant if agreed else self.shop.consent.refuse
            self.run(say(chosen.approval_id, actor=actor, reason="seen"))

    def act(self, act: str, refund: Refund, actor: str) -> Coroutine[Any, Any, object]:
        """One decision."""
        decide, refund_id = self.shop.decide_refund, refund.refund_id
        match act:
            case "approve":
                return decide.approve(refund_id, actor=actor, note="fine")
            case "less":
                return decide.approve(refund_id, actor=actor, amount=usd("1.00"), amount_reason="used")
            case "reject":
                return decide.reject(refund_id, actor=actor, reason="no")
            case "override":
                return decide.override(refund_id, actor=actor, reason="kind")
            case "retry":
                return decide.retry(refund_id, actor=actor)
            case "note":
                return decide.note(refund_id, "hello", actor=actor)
            case _:
                return decide.cancel(refund.user_id, refund_id)

    # What the world does.

    @rule(by=some.sampled_from((minutes(1), minutes(20), DAY, 3 * DAY, 20 * DAY)))
    def time_passes(self, by: dt.timedelta) -> None:
        self.shop.clock.advance(by)

    @rule(workers=some.integers(1, 3))
    def drive(self, workers: int) -> None:
        """The background, in several processes."""
        self.run(
            *(self.shop.drive_refunds() for _ in range(workers)),
            self.shop.remind_refunds(),
            self.shop.watch_refunds(),
        )

    @rule(after=some.integers(0, 4), kept=some.booleans(), number=NUMBER, act=some.sampled_from(DYING))
    def decide_and_die(self, after: int, kept: bool, number: int, act: str) -> None:
        """The process is gone at one of the commits, before it or after."""
        self.work.dies_in, self.work.kept = after, kept
        self.decide(number, [(act, "eve")])
        self.work.dies_in = None

    @rule(after=some.integers(0, 4), kept=some.booleans())
    def drive_and_die(self, after: int, kept: bool) -> None:
        self.work.dies_in, self.work.kept = after, kept
        self.drive(1)
        self.work.dies_in = None

    @rule(done=some.booleans())
    def die_while_asking(self, done: bool) -> None:
        """The process that asks the carrier next is gone before the answer."""
        if done:
            self.shipping.lost_voids = [Died()]
        else:
            self.shipping.errors["void"] = [Died()]

    @rule(
        operation=some.sampled_from(("void", "find", "track")),
        error=some.sampled_from((GatewayRefused("call", code="no"), GatewayUnavailable("call"))),
        times=some.integers(1, 3),
    )
    def accident(self, operation: str, error: GatewayError, times: int) -> None:
        self.shipping.errors[operation] = [error] * times

    @rule(lost=some.booleans())
    def unanswered_void(self, lost: bool) -> None:
        """The next void is not answered, done or not."""
        error = OutcomeUnknown("void", "read timeout")
        if lost:
            self.shipping.lost_voids = [error]
        else:
            self.shipping.errors["void"] = [error]

    @rule(
        approved=some.sampled_from((True, True, False)),
        tracked=some.sampled_from(("label_created", "delivered")),
    )
    def carrier_changes_its_mind(self, approved: bool, tracked: str) -> None:
        self.shipping.voids_approved, self.shipping.tracked = approved, tracked

    @rule(number=NUMBER)
    def carrier_voids_by_itself(self, number: int) -> None:
        """A label that nobody used."""
        if live := self.shipping.live_labels:
            label = live[number % len(live)]
            for made in self.shipping.labels.values():
                made[:] = [evolve(known, voided=True) if known == label else known for known in made]

    # What must be true.

    @invariant()
    def all_is_well(self) -> None:
        journal = self.loop.run_until_complete(self.shop.balances.journal())
        assert sum(account_sums(journal).values()) == 0, "debits are not credits"
        orders, refunds = self.orders(), self.refunds()
        credited = Counter(t.refund_id for t in journal if t.kind in CREDITS)
        assert set(credited.values()) <= {1}, "a refund was credited twice"
        assert set(credited) == {r.refund_id for r in refunds if r.state is RefundState.PROCESSED}
        for order in orders.values():
            given = sum(t.amount.minor for t in journal if t.kind in CREDITS and t.order_id == order.order_id)
            assert order.charged is not None
            assert given <= order.charged.minor, "more given back than captured"
            assert given == (order.refunded.minor if order.refunded else 0), "the counter is not the journal"
            back = [t for t in journal if t.kind is Kind.CARRIER_CREDIT and t.order_id == order.order_id]
            self.carrier_line(order, [t.amount.minor for t in back])
        assert len({r.order_id for r in refunds if r.live}) == sum(r.live for r in refunds), (
            "two live refunds"
        )
        for refund in refunds:
            self.refund(refund, orders[refund.order_id])
            self.ever_seen.add(refund.state)

    def carrier_line(self, order: Order, owed: list[int]) -> None:
        """What the carrier owes, just where it has the label back."""
        void = order.state is OrderState.VOIDED
        assert order.label is not None
        assert owed == ([order.label.cost.minor] if void else []), "the carrier owes something else"
        (shown,) = self.shipping.labels[order.reference]
        assert shown.voided or not void, "money back for a label that is live"

    def refund(self, refund: Refund, order: Order) -> None:
        """One of them, with its story."""
        assert order.user_id == refund.user_id
        assert refund.amount <= refund.price
        asking = refund.state in {RefundState.VOIDING, RefundState.VOID_UNKNOWN, RefundState.VOID_OK}
        assert not asking or order.state is OrderState.VOID_REQUESTED, "asked for without its order"
        rows = self.rows(f"refund:{refund.refund_id}")
        steps = [(r.before, r.after) for r in rows if r.before != r.after]
        assert all((RefundState(b), RefundState(a)) in MOVES for b, a in steps[1:]), "an edge nobody drew"
        assert [a for _, a in steps[:-1]] == [b for b, _ in steps[1:]], "a change without its row"
        assert steps[-1][1] == refund.state.value, "a change without its row"
        assert all(RefundState(a) not in ENDS for _, a in steps[:-1]), "an end was not final"
        moves = [(r.before, r.after) for r in self.rows(f"order:{order.order_id}") if r.before != r.after]
        assert all((OrderState(b), OrderState(a)) in ORDER_MOVES for b, a in moves[1:])
        assert moves[-1][1] == order.state.value, "a change without its row"

    def teardown(self) -> None:
        """The faults stop, and within half an hour nothing is under way any more."""
        try:
            self.shipping.errors, self.shipping.lost_voids = {}, []
            for _ in range(3):
                self.shop.clock.advance(minutes(15))
                self.run(self.shop.drive_refunds())
            self.all_is_well()
            assert not [r for r in self.refunds() if r.state in MOVING], "a refund was forgotten"
        finally:
            self.loop.close()

    # The machinery.

    def refunds(self) -> list[Refund]:
        """All of them, those that are not over first."""
        found = self.loop.run_until_complete(self.shop.refunds.find({}, limit=1000))
        return sorted(found, key=lambda refund: not refund.live)

    def orders(self) -> dict[OrderId, Order]:
        """All of them."""
        found = [o for u in USERS for o in self.loop.run_until_complete(self.shop.orders.of_user(u))]
        return {order.order_id: order for order in found}

    def rows(self, subject: str) -> list[AuditRow]:
        """The audit of one thing."""
        return list(self.loop.run_until_complete(MemoryAudit(self.shop.database).of(subject)))

    def run(self, *acts: Coroutine[Any, Any, object]) -> None:
        """At once; a no is an answer too."""

        async def all_of_it() -> None:
            for answer in await asyncio.gather(*acts, return_exceptions=True):
                if isinstance(answer, BaseException) and not isinstance(answer, ShippingError | Died):
                    raise answer

        self.loop.run_until_complete(all_of_it())
        assert not [a for a in self.shop.notifier.alarms if not isinstance(a, ShippingError)], "a bug"
