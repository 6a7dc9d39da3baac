"""The store does not answer: before, in the middle of, or after a purchase."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from a_shop import Customer, Shop, shop
from builders import A_WHOLE_ORDER, ANN, BOB, a_quote, an_order, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.session import SESSION_TTL
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Balance, open_holds
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import (
    GatewayRefused,
    GatewayUnavailable,
    NotFound,
    OutcomeUnknown,
    StoreUnavailable,
)
from shipping_core.use_cases import buy_label

PRICE = usd("9.12")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buy_label, "RECORD_PAUSE_S", 0.0)


def away(
    trouble: pytest.MonkeyPatch,
    where: object,
    act: str,
    *,
    when: Callable[..., bool] = lambda *_: True,
    done: bool = False,
    times: int = 1,
) -> None:
    """The next calls of this act are not answered; `done` says whether they count all the same."""
    real = getattr(type(where), act)
    left = [None] * times

    async def unanswered(self: object, *args: object, **kwargs: object) -> object:
        if left and when(*args):
            left.pop()
            if done:
                await real(self, *args, **kwargs)
            raise StoreUnavailable
        return await real(self, *args, **kwargs)

    trouble.setattr(type(where), act, unanswered)


async def in_the_end(made: Shop) -> Customer:
    """Time passes, and everything that runs in the background runs."""
    for _ in range(8):
        made.clock.advance(minutes(2.5))
        await made.resume()
        await made.reconciled()
    return made.customer()


async def all_is_well(made: Shop, ann: Customer) -> None:
    """One label, paid for once, in the customer's hands."""
    (order,) = await ann.all_orders()
    assert order.state is OrderState.PURCHASED
    assert list(made.shipping.purchases.values()) == [1]
    assert await ann.balance() == Balance(usd("100.00") - PRICE)
    assert [o.order_id for o in ann.labels] == [order.order_id]
    assert isinstance(ann.screen, sc.Purchased)
    assert made.notifier.apologies == []


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("times", [1, 3], ids=["once", "thrice"])
@pytest.mark.parametrize("call", ["look", "reserve", "claim", "file", "record", "look after recording"])
async def test_given_a_store_that_stumbles_at_any_call_of_a_purchase_when_time_passes_then_all_is_well(
    monkeypatch: pytest.MonkeyPatch, call: str, times: int, done: bool
) -> None:
    made = shop()
    ann = await made.customer().orders()
    with monkeypatch.context() as trouble:
        match call:
            case "look":
                away(trouble, made.orders, "get", times=times)
            case "reserve":
                away(trouble, made.work, "run", times=times, done=done)
            case "claim":
                claiming = lambda order: order.state is OrderState.PURCHASING  # noqa: E731
                away(trouble, made.orders, "save", when=claiming, times=times)
            case "file":
                away(trouble, made.documents, "put", times=times, done=done)
            case "record":
                away(trouble, made.settle, "purchased", times=times, done=done)
            case _:
                away(trouble, made.settle, "purchased", times=2, done=done)
                away(trouble, made.orders, "get", when=lambda *_: bool(made.shipping.purchases), times=times)
        await ann.buys()
        await in_the_end(made)

    await all_is_well(made, ann)


async def test_given_a_claim_that_was_kept_and_not_confirmed_when_time_passes_then_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    with monkeypatch.context() as trouble:
        away(trouble, made.orders, "save", when=lambda order: bool(order.claimed_by), done=True)
        await ann.buys()
    pending = type(ann.screen)
    await in_the_end(made)
    (order,) = await ann.all_orders()

    assert (pending, ann.note, order.state) == (sc.PurchasePending, "not_bought", OrderState.FAILED)
    assert (made.shipping.purchases.total(), await ann.balance()) == (0, Balance(usd("100.00")))


async def test_given_a_store_that_stays_away_when_a_label_is_recorded_then_its_look_up_records_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    with monkeypatch.context() as trouble:
        away(trouble, made.settle, "purchased", times=99)
        await ann.buys()
        pending = (type(ann.screen), (await ann.balance()).held)
    await in_the_end(made)

    assert pending == (sc.PurchasePending, PRICE)
    await all_is_well(made, ann)


async def test_given_a_store_that_is_away_when_a_refusal_is_recorded_then_the_money_is_free_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    made.shipping.accidents = [GatewayRefused("buy")]
    with monkeypatch.context() as trouble:
        away(trouble, made.settle, "failed", times=99)
        await ann.buys()
    await in_the_end(made)

    assert await ann.balance() == Balance(usd("100.00"))
    assert ann.note == "not_bought"


async def test_given_a_store_that_is_away_when_an_unknown_outcome_is_marked_then_a_look_up_marks_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    made.shipping.accidents = [OutcomeUnknown("buy")]
    with monkeypatch.context() as trouble:
        away(trouble, made.orders, "save", when=lambda order: order.state is OrderState.UNKNOWN)
        await ann.buys()
    await in_the_end(made)

    await all_is_well(made, ann)


async def test_given_a_store_that_is_away_when_the_file_is_kept_then_the_label_is_recorded_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    with monkeypatch.context() as trouble:
        away(trouble, made.documents, "put")
        await ann.buys()

    await all_is_well(made, ann)


async def test_given_a_store_that_is_away_when_an_effect_runs_then_operators_hear_and_no_customer_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await made.customer().orders()
    with monkeypatch.context() as trouble:
        away(trouble, made.orders, "get")
        await ann.buys()

    assert [type(alarm) for alarm in made.notifier.alarms] == [StoreUnavailable]
    assert (made.notifier.apologies, type(ann.screen)) == ([], sc.Working)


# Driving on what was reserved and left.


async def left_reserved(made: Shop) -> Order:
    """Ann's order was reserved by a worker that went no further."""
    order = an_order("ord_left", created_at=made.clock.now(), updated_at=made.clock.now())
    await made.top_up("10.00")
    await made.settle.reserved(order)
    return order


async def test_given_an_order_that_was_left_when_two_workers_drive_it_on_then_it_is_bought_once() -> None:
    made = shop(welcome_credit="0")
    order = await left_reserved(made)
    one, other = made.buy, evolve(made.buy, worker="other")
    first = await one.drive_on(order)
    second = await other.drive_on(order)

    assert (first.state, second) == (OrderState.PURCHASED, first)
    assert list(made.shipping.purchases.values()) == [1]
    assert first.claimed_by == one.worker


async def test_given_an_order_bought_meanwhile_when_its_preparation_fails_then_it_stays_bought() -> None:
    made = shop(welcome_credit="0")
    order = await left_reserved(made)
    bought = await made.buy.drive_on(order)
    made.shipping.errors["prepare"] = [GatewayUnavailable("prepare")]

    assert await made.buy.drive_on(order) == bought


@pytest.mark.parametrize("fails", ["prepare", "buy"])
async def test_given_an_order_that_was_left_when_it_cannot_be_bought_then_the_customer_hears_by_letter(
    fails: str,
) -> None:
    made = shop(welcome_credit="0")
    await left_reserved(made)
    made.shipping.errors["prepare"] = [GatewayRefused("prepare")] if fails == "prepare" else []
    made.shipping.accidents = [GatewayRefused("buy")]
    made.clock.advance(minutes(2.1))
    await made.reconciled()

    assert made.customer().remarks == ["not_bought"]
    assert await made.balances.balance(ANN, Mode.TEST) == Balance(usd("10.00"))


@pytest.mark.parametrize(
    ("code", "alarmed"), [("unauthorized", True), ("insufficient_funds", True), ("no", False)]
)
async def test_given_trouble_of_ours_when_an_order_is_driven_on_then_the_operators_hear_of_it(
    code: str, alarmed: bool
) -> None:
    made = shop(welcome_credit="0")
    await left_reserved(made)
    made.shipping.accidents = [GatewayRefused("buy", code=code)]
    made.clock.advance(minutes(2.1))
    await made.reconciled()

    assert bool(made.notifier.alarms) is alarmed
    assert await made.balances.balance(ANN, Mode.TEST) == Balance(usd("10.00"))


@pytest.mark.parametrize("good_for", [None, 5.0], ids=["never sent in time", "its price is over"])
async def test_given_an_order_that_was_left_when_it_is_too_old_then_it_expires_by_letter(
    good_for: float | None,
) -> None:
    made = shop(welcome_credit="0")
    until = None if good_for is None else made.clock.now() + minutes(good_for)
    order = an_order("ord_left", good_until=until)
    await made.top_up("10.00")
    await made.settle.reserved(order)
    made.clock.advance(minutes(good_for or 10))
    (ended,) = await made.reconciled()

    assert (ended.state, made.customer().remarks) == (OrderState.EXPIRED, ["not_bought"])
    assert open_holds(await made.balances.journal()) == ()


async def test_given_somebody_elses_order_when_bought_under_its_id_then_nothing_is_told() -> None:
    made = shop()
    order = await left_reserved(made)
    quote = a_quote(user_id=BOB)
    with pytest.raises(NotFound):
        await made.buy(
            user_id=quote.user_id, order_id=order.order_id, quote=quote, rate_id=quote.rates[0].rate_id
        )


# Conversations whose answer a crash has swallowed.


async def crashed(made: Shop, monkeypatch: pytest.MonkeyPatch, *, buying: bool) -> Customer:
    """The step was stored, and the process died before it did anything about it."""
    ann = made.customer()
    if buying:
        await ann.orders()
    with monkeypatch.context() as crash:
        crash.setattr(type(made.converse), "_perform", lambda *_: None)
        await (ann.buys() if buying else ann.says(A_WHOLE_ORDER))
    assert isinstance(await ann.state(), st.Buying if buying else st.Pricing)
    return ann


@pytest.mark.parametrize("buying", [True, False], ids=["buying", "pricing"])
async def test_given_a_crash_when_sessions_are_resumed_then_the_answer_comes_by_itself(
    monkeypatch: pytest.MonkeyPatch, buying: bool
) -> None:
    made = shop()
    ann = await crashed(made, monkeypatch, buying=buying)
    early = await made.resume()
    made.clock.advance(minutes(2.1))
    resumed = await made.resume()
    await made.quiet()

    assert (early, resumed, await made.resume()) == (0, 1, 0)
    assert isinstance(ann.screen, sc.Purchased if buying else sc.RateList)
    assert made.shipping.purchases.total() == int(buying)


async def test_given_a_conversation_that_nobody_came_back_to_when_resumed_then_it_is_at_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await crashed(made, monkeypatch, buying=True)
    written = await ann.state()
    assert isinstance(written, st.Buying)
    made.clock.advance(SESSION_TTL)
    resumed = await made.resume()
    session = await ann.session()

    assert (resumed, made.shipping.purchases.total()) == (0, 0)
    assert (session.state, session.draft, session.waits) == (st.Idle(), written.draft, False)


async def test_given_a_hundred_conversations_nobody_came_back_to_when_resumed_then_the_next_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    lost = await crashed(made, monkeypatch, buying=False)
    stored = await lost.session()
    for number in range(150):
        other = evolve(stored, user_id=type(ANN)(f"u{number}"), version=stored.born + 1)
        await made.sessions.save(other)
    made.clock.advance(SESSION_TTL)
    await lost.does(ev.Started())
    ann = lost
    await ann.taps(ev.DraftDropped())
    with monkeypatch.context() as crash:
        crash.setattr(type(made.converse), "_perform", lambda *_: None)
        await ann.says(A_WHOLE_ORDER)
    made.clock.advance(minutes(2.1))
    heard = [await made.resume() for _ in range(2)]
    await made.quiet()

    assert heard == [0, 1]
    assert isinstance(ann.screen, sc.RateList)


async def test_given_a_customer_who_comes_back_just_then_when_put_to_rest_then_their_step_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    ann = await crashed(made, monkeypatch, buying=False)
    stale = await made.sessions.unanswered(made.clock.now() + minutes(1))
    made.clock.advance(SESSION_TTL)
    await ann.does(ev.Started())
    kept = await ann.session()

    async def seen_before(*_: object, **__: object) -> object:
        return stale

    with monkeypatch.context() as race:
        race.setattr(type(made.sessions), "unanswered", seen_before)
        assert await made.resume() == 0

    assert await ann.session() == kept
