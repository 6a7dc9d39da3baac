"""Refunds under any interleaving; and proof that whoever watches would see what must not be.

Beside it: refunds and an order in progress leave each other alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from hypothesis.stateful import run_state_machine_as_test

from a_shop import Shop, shop
from builders import A_WHOLE_ORDER, ANN, BOB
from labels_back import DAY, buys
from refund_machine import RefundMachine, rewired
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.domain.draft import Draft, Field
from shipping_core.domain.ids import OrderId, RefundId, UserId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import ShippingError
from shipping_core.ports.shipping import VoidAnswer
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.settle_refund import SettleRefund

CALM: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
PROFILES = {
    "quick": settings(max_examples=200, stateful_step_count=30, **CALM),
    "thorough": settings(max_examples=2000, stateful_step_count=60, **CALM),
}
PROFILE = PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "quick")]
Change = Callable[[Refund], Refund]
PASSING = {RefundState.APPROVED, RefundState.VOIDING, RefundState.VOID_OK}
"""States that only a death at the right moment leaves behind."""
CONTROL = settings(PROFILES["quick"], max_examples=1000, phases=[Phase.generate], report_multiple_bugs=False)


@pytest.mark.timeout(7200 if PROFILE is PROFILES["thorough"] else 120)
def test_given_anything_that_can_happen_to_refunds_when_it_happens_then_money_and_labels_agree() -> None:
    run_state_machine_as_test(RefundMachine, settings=PROFILE)

    assert RefundMachine.ever_seen >= set(RefundState) - PASSING


class Believing(DriveRefunds):
    """Control: takes every answer of the carrier for a yes."""

    async def _answered(self, refund: Refund, order: Order, answer: VoidAnswer) -> Refund:
        return await DriveRefunds._answered(self, refund, order, evolve(answer, approved=True))


class Unguarded(SettleRefund):
    """Control: credits again what is credited already."""

    async def credited(self, refund: Refund) -> Refund:
        done = await SettleRefund.credited(self, refund)
        await self.unit_of_work.run(
            lambda tx: tx.balances.credit(
                done.user_id,
                done.amount,
                key=f"{done.credit_key}:again",
                mode=done.mode,
                kind=Kind.REFUND,
                at=done.updated_at,
                order_id=done.order_id,
                refund_id=done.refund_id,
            )
        )
        return done


class Silent(SettleRefund):
    """Control: changes a refund without a word in the audit."""

    async def changed(self, refund_id: RefundId, change: Change, **words: Any) -> Refund:
        async def body(tx: Transaction) -> Refund:
            after = change(await tx.shelf(Refund).get(refund_id))
            await tx.shelf(Refund).save(after)
            return after

        return await self.unit_of_work.run(body)


class Broken(RefundMachine):
    """A shop that drives refunds otherwise."""

    drive_with: type[DriveRefunds] = DriveRefunds
    settle_with: type[SettleRefund] = SettleRefund

    def open(self) -> Shop:
        return rewired(RefundMachine.open(self), self.work, self.drive_with, self.settle_with)


class WithBelieving(Broken):
    drive_with = Believing


class WithUnguarded(Broken):
    settle_with = Unguarded


class WithSilent(Broken):
    settle_with = Silent


@pytest.mark.parametrize(
    ("machine", "seen"),
    [
        (WithBelieving, "money back for a label that is live"),
        (WithUnguarded, "credited twice"),
        (WithSilent, "a change without its row|an edge nobody drew"),
    ],
    ids=["believes-every-answer", "credits-twice", "keeps-no-audit"],
)
def test_given_a_broken_refund_when_anything_happens_then_the_watcher_sees_it(
    machine: type[RefundMachine], seen: str
) -> None:
    with pytest.raises(AssertionError, match=seen):
        run_state_machine_as_test(machine, settings=CONTROL)


# Refunds and an order in progress leave each other alone.

USERS = (ANN, BOB)
ORDERING = (
    "paste", "price", "buy", "back", "to", "cancel", "yes", "new", "guided", "skip", "/start", "hello",
)  # fmt: skip
REFUNDING = (
    "desk",
    "about",
    "ask",
    "cancel",
    "mine",
    "take back",
    "aside",
    "approve",
    "reject",
    "drive",
    "rename",
)
Act = tuple[UserId, str]
ORDER_ACTS = some.tuples(some.sampled_from(USERS), some.sampled_from(ORDERING))
REFUND_ACTS = some.tuples(some.sampled_from(USERS), some.sampled_from(REFUNDING))


async def a_market() -> Shop:
    """Two customers with money, a template, and two labels each: an old one and a fresh one."""
    made = shop(welcome_credit="0")
    for user in USERS:
        await made.top_up("1000.00", user)
        await buys(made, f"ord_{user}_old", user)
        await made.desk.templates.from_order(user, OrderId(f"ord_{user}_old"))
    made.clock.advance(6 * DAY)
    for user in USERS:
        await buys(made, f"ord_{user}_new", user)
    await made.quiet()
    return made


async def orders_on(made: Shop, user: UserId, act: str) -> None:
    """One step of writing an order, as far as it has a place now."""
    customer = made.customer(user)
    session = await made.sessions.load(user) or Session.begin(user, made.clock.now(), "en")
    match act, session.state:
        case ("paste", _):
            await customer.says(A_WHOLE_ORDER)
        case ("hello", _):
            await customer.says("hello")
        case ("price", st.ChoosingRate(quote)):
            await customer.taps(ev.RateChosen(quote.rates[0].rate_id), version=session.version)
        case ("buy", st.Confirming(_, _, order_id)):
            await customer.taps(ev.PurchaseConfirmed(order_id), version=session.version)
        case ("new" | "guided", _):
            await customer.does(ev.NewOrder(guided=act == "guided"))
        case ("/start", _):
            await customer.does(ev.Started())
        case ("cancel", _):
            await customer.does(ev.CancelAsked())
        case (_, _):
            events: dict[str, ev.Customer] = {
                "back": ev.SteppedBack(), "to": ev.FieldEdited(Field.TO_NAME), "yes": ev.CancelConfirmed(),
                "skip": ev.FieldSkipped(),
            }  # fmt: skip
            if act in events:
                await customer.taps(events[act], version=session.version)


async def refunds_on(made: Shop, user: UserId, act: str) -> None:
    """One step beside it; a question beside the order is always answered."""
    old, new = OrderId(f"ord_{user}_old"), OrderId(f"ord_{user}_new")
    show, live = made.show_refunds, await made.refunds.by_unique(f"live:{old}")
    refund_id = live.refund_id if live else RefundId("ref_nobody")
    try:
        match act:
            case "desk":
                await show.desk(user)
            case "about":
                await show.about(user, old)
            case "ask":
                await show.ask(user, old)
            case "cancel":
                await show.cancel(user, new)
            case "mine":
                await show.mine(user)
            case "take back":
                await show.take_back(user, refund_id)
            case "approve":
                await made.decide_refund.approve(refund_id, actor="eve")
            case "reject":
                await made.decide_refund.reject(refund_id, actor="eve", reason="no")
            case "drive":
                await made.drive_refunds()
            case "rename":
                [template] = await made.desk.templates.own.all(user)
                customer = await made.customer(user).does(
                    ev.AsideAsked("template_name", template.template_id)
                )
                await customer.says(f"{A_WHOLE_ORDER.split()[1]} {template.version}")
            case _:
                customer = await made.customer(user).does(ev.AsideAsked("refund"))
                assert customer.screen == sc.AskAside("refund", "")
                await customer.says(old)
    except ShippingError:
        pass  # a no is an answer too
    await made.quiet()


async def progress(made: Shop, user: UserId) -> tuple[str, Draft, int]:
    """Where this customer's orders stand, whatever their ids and versions are."""
    session = await made.sessions.load(user) or Session.begin(user, made.clock.now(), "en")
    return type(session.state).__name__, session.draft, len(await made.orders.of_user(user, limit=100))


async def template_names(made: Shop, user: UserId) -> list[tuple[str, int]]:
    """This customer's templates, and how often each was changed."""
    return [(t.name, t.version) for t in await made.desk.templates.own.all(user)]


async def given_back(made: Shop, user: UserId) -> list[tuple[OrderId, RefundState]]:
    """This customer's refunds, whatever their ids are, in the order they were asked for."""
    found = sorted(await made.refunds.find({"user_id": user}), key=lambda r: int(r.refund_id[4:]))
    return [(refund.order_id, refund.state) for refund in found]


async def played(acts: Sequence[tuple[bool, Act]], *, ordering: bool, refunding: bool) -> Shop:
    """A market in which these acts happened, or only those of one kind."""
    made = await a_market()
    for is_order, (user, act) in acts:
        if is_order and ordering:
            await orders_on(made, user, act)
        elif not is_order and refunding:
            await refunds_on(made, user, act)
    assert made.notifier.apologies == []
    return made


@settings(max_examples=60, **CALM)
@given(
    acts=some.lists(
        some.tuples(some.just(True), ORDER_ACTS) | some.tuples(some.just(False), REFUND_ACTS), max_size=25
    )
)
async def test_given_refunds_renames_and_orders_interleaved_when_each_is_left_out_then_the_other_is_as_it_was(
    acts: list[tuple[bool, Act]],
) -> None:
    both = await played(acts, ordering=True, refunding=True)
    orders = await played(acts, ordering=True, refunding=False)
    refunds = await played(acts, ordering=False, refunding=True)

    for user in USERS:
        assert await progress(both, user) == await progress(orders, user)
        assert await given_back(both, user) == await given_back(refunds, user)
        assert await template_names(both, user) == await template_names(refunds, user)
