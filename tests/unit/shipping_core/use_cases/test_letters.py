"""Letters reach customers: at least once, each customer's in order, whatever stands in the way."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from typing import Any

import pytest
from attrs import evolve

from a_shop import Customer, Shop, shop
from builders import ANN, BOB, NOW, an_order
from money_in import a_top_up, alarms, settled
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import OrderId
from shipping_core.domain.letter import Delivery, Letter, LetterState, Word
from shipping_core.errors import Conflict, GatewayRefused, GatewayUnavailable, NotFound, StoreUnavailable
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.deliver_letters import GIVE_UP_AFTER, LEASE_S, DeliverLetters

A, U, F = Delivery.ARRIVED, Delivery.UNREACHABLE, Delivery.FAILED


async def a_letter(made: Shop, name: str = "1", **changes: Any) -> Letter:
    """A word to Ann that needs neither an order nor an invoice."""
    letter = Letter(f"inv_{name}:1:review_closed", ANN, Word.REVIEW_CLOSED, made.clock.now())
    letter = evolve(letter, **changes)
    await made.outbox.put(letter)
    return letter


async def rounds(made: Shop, *after_s: float) -> list[int]:
    """Rounds of the relay, each so many seconds later; how many letters each had in hand."""
    counts = []
    for seconds in after_s:
        made.clock.advance(dt.timedelta(seconds=seconds))
        counts.append(await made.letters())
    return counts


async def states(made: Shop) -> dict[LetterState, int]:
    """How many letters are where."""
    ends = [state for state in LetterState if state is not LetterState.WAITING]
    counts: dict[LetterState, int] = {state: len(await made.outbox.ended(state)) for state in ends}
    counts[LetterState.WAITING] = await made.outbox.waiting()
    return {state: count for state, count in counts.items() if count}


async def test_given_a_letter_when_it_arrives_then_it_is_told_once() -> None:
    made = shop()
    await a_letter(made)
    counts = await rounds(made, 0, 0)

    assert (counts, made.customer().remarks) == ([1, 0], ["review_closed"])
    assert await states(made) == {LetterState.SENT: 1}


async def test_given_somebody_out_of_reach_when_they_start_again_then_all_is_brought_in_order() -> None:
    made = shop()
    for name in ("1", "2"):
        await a_letter(made, name, facts={"n": name})
    made.notifier.deliveries.extend([U, U])
    await rounds(made, 0, 0, 60)
    lost = await states(made)
    await made.customer().does(ev.Started())

    assert lost == {LetterState.UNREACHABLE: 2}
    assert [told.screen.facts["n"] for told in made.notifier.told if isinstance(told.screen, sc.News)] == [
        "1",
        "2",
    ]


async def test_given_nothing_to_revive_when_somebody_starts_then_nobody_is_woken() -> None:
    made = shop()
    await made.converse.back(ANN)

    assert not made.converse.bell._event.is_set()


async def test_given_a_letter_that_fails_when_tried_again_then_the_pauses_grow_to_a_quarter_hour() -> None:
    made = shop()
    await a_letter(made)
    made.notifier.deliveries.extend([F] * 1000)
    tried = []
    while made.clock.now() - NOW < dt.timedelta(hours=6):
        if await made.letters():
            tried.append((made.clock.now() - NOW).total_seconds())
        made.clock.advance(dt.timedelta(seconds=5))
    pauses = [b - a for a, b in itertools.pairwise(tried)]

    assert pauses[:5] == [5, 5, 10, 20, 40]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 900


async def test_given_three_days_of_failing_when_tried_once_more_then_it_is_dead_and_an_operator_hears() -> (
    None
):
    made = shop()
    letter = await a_letter(made)
    made.notifier.deliveries.extend([F] * 2)
    await rounds(made, 0, GIVE_UP_AFTER.total_seconds())

    assert await states(made) == {LetterState.DEAD: 1}
    assert alarms(made) == [f"{letter.letter_id} did not arrive"]
    assert await rounds(made, 3600) == [0]


async def test_given_a_letter_about_nothing_when_tried_then_it_is_dead_and_the_next_one_leaves() -> None:
    made = shop()
    await a_letter(made, "1", order_id=OrderId("ord_gone"))
    await a_letter(made, "2")
    await rounds(made, 0, 0)

    assert await states(made) == {LetterState.DEAD: 1, LetterState.SENT: 1}
    assert alarms(made) == ["order ord_gone"]


async def test_given_a_worker_that_died_with_a_letter_when_its_lease_is_over_then_another_brings_it() -> None:
    made = shop()
    await a_letter(made)
    await made.outbox.claim("dead", made.clock.now(), lease_s=LEASE_S)
    counts = await rounds(made, 0, LEASE_S - 1, 1)

    assert (counts, made.customer().remarks) == ([0, 0, 1], ["review_closed"])


async def test_given_two_workers_when_both_bring_letters_then_each_customer_gets_them_in_order() -> None:
    made = shop()
    others: DeliverLetters = evolve(made.letters, worker="other")
    for number in range(6):
        for user in (ANN, BOB):
            name = f"{user}-{number}"
            await a_letter(made, name, user_id=user, facts={"n": str(number)})
    while sum(await asyncio.gather(made.letters(), others())):
        pass

    for user in (ANN, BOB):
        told = [t.screen for t in made.notifier.told if t.user_id == user]
        assert [s.facts["n"] for s in told if isinstance(s, sc.News)] == list("012345")


async def test_given_one_letter_that_breaks_when_a_round_runs_then_the_others_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = shop()
    await a_letter(made, "1")
    await a_letter(made, "2", user_id=BOB)
    deliver = made.notifier.deliver

    async def breaks(_self: object, user_id: object, *rest: object) -> Delivery:
        if user_id == ANN:
            raise ZeroDivisionError
        return await deliver(user_id, *rest)  # type: ignore[arg-type] # whatever is delivered

    monkeypatch.setattr(type(made.notifier), "deliver", breaks)
    await rounds(made, 0)

    assert await states(made) == {LetterState.SENT: 1, LetterState.WAITING: 1}
    assert [type(alarm) for alarm in made.notifier.alarms] == [ZeroDivisionError]


@pytest.mark.parametrize("error", [Conflict("session", "ann"), GatewayUnavailable("document")], ids=str)
async def test_given_a_race_or_a_partner_away_when_a_letter_is_brought_then_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    made = shop()
    await a_letter(made)

    async def fails(*_: object) -> None:
        raise error

    with monkeypatch.context() as trouble:
        trouble.setattr(type(made.facts), "__call__", fails)
        await rounds(made, 0)
    waiting = await states(made)
    await rounds(made, 5)

    assert (waiting, await states(made)) == ({LetterState.WAITING: 1}, {LetterState.SENT: 1})


@pytest.mark.parametrize("where", ["facts", "mark", "postpone", "dead"])
async def test_given_a_store_that_is_away_in_between_when_its_lease_is_over_then_the_letter_is_brought(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    made = shop()
    letter = await a_letter(made, order_id=OrderId("ord_late") if where == "dead" else None)
    await a_letter(made, "2", user_id=BOB)
    made.notifier.deliveries.extend([F] if where == "postpone" else [])

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as trouble:
        if where == "facts":
            trouble.setattr(type(made.facts), "__call__", away)
        else:
            trouble.setattr(type(made.outbox), "postpone" if where == "postpone" else "mark", away)
        await rounds(made, 0)
    await made.orders.add(an_order("ord_late"))
    await rounds(made, LEASE_S, 0)

    assert (await states(made))[LetterState.SENT] == 2
    assert letter.letter_id in {s.letter_id for s in await made.outbox.ended(LetterState.SENT)}


# The label, and its file.


async def bought_without_a_file(made: Shop, *errors: Exception) -> Customer:
    """Ann's label is bought; its file is not in the answer, and these stand in its way."""
    ann = await made.customer().orders()
    made.shipping.gives_document = False
    made.shipping.errors["document"] = list(errors)
    return await ann.buys()


async def test_given_a_file_that_comes_later_when_fetched_then_it_is_promised_once_and_brought() -> None:
    made = shop()
    ann = await bought_without_a_file(made, *[GatewayUnavailable("document")] * 3)
    promised = (ann.remarks, ann.labels)
    await rounds(made, 5, 5, 10)

    assert promised == (["label_later"], [])
    assert (ann.remarks, len(ann.labels)) == (["label_later"], 1)
    assert made.notifier.alarms == []


async def test_given_a_file_that_is_nowhere_when_fetched_then_it_is_told_and_an_operator_helps() -> None:
    made = shop()
    ann = await bought_without_a_file(made, GatewayRefused("document", code="no_document"))

    assert (ann.remarks, ann.labels) == (["bought"], [])
    assert [type(alarm) for alarm in made.notifier.alarms] == [GatewayRefused]
    assert isinstance(ann.screen, sc.Purchased)
    assert await states(made) == {LetterState.SENT: 1}


async def test_given_a_label_that_did_not_arrive_when_tried_again_then_it_is_brought_without_a_promise() -> (
    None
):
    made = shop()
    ann = await made.customer().orders()
    made.notifier.deliveries.extend([F])
    made.shipping.gives_document = False
    await ann.buys()
    made.shipping.errors["document"] = []
    await rounds(made, 5)

    assert (ann.remarks, len(ann.labels)) == ([], 1)


async def test_given_a_credited_top_up_when_the_customer_is_gone_then_the_letter_waits_for_them() -> None:
    made = shop(welcome_credit="0")
    track = await a_top_up(made)
    made.payments.pay(track)
    made.notifier.deliveries.extend([U])
    await settled(made, track)
    await made.quiet()
    gone = await states(made)
    await made.customer().does(ev.Started())

    assert gone == {LetterState.UNREACHABLE: 1}
    assert made.customer().remarks == ["credited"]


async def test_given_an_order_without_a_label_when_its_file_is_wanted_then_there_is_none() -> None:
    with pytest.raises(NotFound):
        await shop().send_label.document(an_order())


# The bell that wakes the relay.


async def test_given_a_bell_when_it_has_rung_then_waiting_is_over_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    await asyncio.wait_for(bell.wait(3600), 1)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bell.wait(3600), 0)


async def test_given_a_bell_that_is_silent_when_waited_for_then_patience_ends() -> None:
    await asyncio.wait_for(Bell().wait(0), 1)
