"""An operator decides about a payment that did not come as agreed."""

from __future__ import annotations

import asyncio

import pytest

from a_shop import Shop, shop
from adapters.memory.outbox import MemoryAudit
from builders import usd
from money_in import ASKED, INVOICE, a_top_up, alarms, available, in_suspense, lines, settled, words
from shipping_core.domain.invoice import Invoice, PaymentStatus
from shipping_core.domain.ledger import Kind
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict, InvalidInput

P = PaymentStatus
NOTHING = usd("0")


async def underpaid(received: str | None = "10.00") -> tuple[Shop, str]:
    """Ten dollars of twenty-five came, or nobody says how much."""
    made = shop(welcome_credit="0")
    track = await a_top_up(made)
    made.payments.pay(track, usd(received or "10.00"), P.UNDERPAID, certain=received is not None)
    await settled(made, track)
    await made.quiet()
    return made, track


async def gives(made: Shop, track: str, amount: Money, actor: str = "eve", reason: str = "seen") -> Invoice:
    """An operator gives the customer this much."""
    return await made.resolve_review.credit(INVOICE, track, amount, actor=actor, reason=reason)


async def closes(made: Shop, track: str, actor: str = "eve", reason: str = "seen") -> Invoice:
    """An operator gives the customer nothing."""
    return await made.resolve_review.close(INVOICE, track, actor=actor, reason=reason)


@pytest.mark.parametrize(("given", "back"), [("10.00", "0"), ("4.00", "6.00"), ("0.01", "9.99")])
async def test_given_what_came_when_an_operator_gives_it_or_less_then_the_rest_goes_back(
    given: str, back: str
) -> None:
    made, track = await underpaid()
    invoice = await gives(made, track, usd(given))
    await made.quiet()
    (reviewed,) = await lines(made, Kind.REVIEWED)

    assert (invoice.reviews, invoice.suspended, invoice.decided) == ({}, {}, {track: "underpaid"})
    assert (await available(made), in_suspense(await made.balances.journal())) == (usd(given), NOTHING)
    assert [t.amount for t in await lines(made, Kind.SUSPENSE_RETURNED)] == [usd(back)] * (back != "0")
    assert (reviewed.actor, reviewed.reason, reviewed.invoice_id) == ("eve", "seen", INVOICE)
    assert words(made) == ["in_review", "review_credited"]
    assert [s.screen.facts["amount"] for s in made.notifier.told[1:]] == [str(usd(given))]  # type: ignore[union-attr] # News


@pytest.mark.parametrize("amount", [usd("10.01"), ASKED, NOTHING, usd("-1.00")], ids=str)
async def test_given_what_came_when_more_or_nothing_is_given_then_it_is_refused_and_still_waits(
    amount: Money,
) -> None:
    made, track = await underpaid()
    with pytest.raises(InvalidInput, match="between one cent and what came"):
        await gives(made, track, amount)

    assert (await available(made), in_suspense(await made.balances.journal())) == (NOTHING, usd("10.00"))


async def test_given_money_of_unknown_worth_when_an_operator_gives_some_then_the_book_counts_that() -> None:
    made, track = await underpaid(None)
    before = await made.balances.journal()
    await gives(made, track, usd("9.00"))

    assert before == []
    assert (await available(made), in_suspense(await made.balances.journal())) == (usd("9.00"), NOTHING)


@pytest.mark.parametrize(("received", "back"), [("10.00", [usd("10.00")]), (None, [])])
async def test_given_a_case_when_it_is_closed_then_the_customer_gets_nothing_and_hears_of_it(
    received: str | None, back: list[Money]
) -> None:
    made, track = await underpaid(received)
    await closes(made, track)
    await made.quiet()

    assert (await available(made), in_suspense(await made.balances.journal())) == (NOTHING, NOTHING)
    assert [t.amount for t in await lines(made, Kind.SUSPENSE_RETURNED)] == back
    assert words(made) == ["in_review", "review_closed"]


@pytest.mark.parametrize("reason", ["", "  \n"])
async def test_given_no_reason_when_decided_then_it_is_refused(reason: str) -> None:
    made, track = await underpaid()
    for act in (gives(made, track, usd("1.00"), reason=reason), closes(made, track, reason=reason)):
        with pytest.raises(InvalidInput, match="reason"):
            await act

    assert in_suspense(await made.balances.journal()) == usd("10.00")


async def test_given_a_decision_when_anybody_decides_again_then_it_is_a_conflict() -> None:
    made, track = await underpaid()
    await gives(made, track, usd("10.00"))
    for act in (gives(made, track, usd("10.00")), closes(made, track)):
        with pytest.raises(Conflict):
            await act

    assert await available(made) == usd("10.00")


async def test_given_two_operators_at_once_when_both_decide_then_one_decision_counts() -> None:
    made, track = await underpaid()
    answers = await asyncio.gather(
        gives(made, track, usd("10.00"), "eve"),
        gives(made, track, usd("10.00"), "kim"),
        closes(made, track, "lee"),
        return_exceptions=True,
    )
    rows = await MemoryAudit(made.database).of(f"invoice:{INVOICE}")

    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "Invoice"]
    assert in_suspense(await made.balances.journal()) == NOTHING
    assert [row.actor for row in rows].count("system") == len(rows) - 1


async def test_given_a_decided_case_when_the_rest_comes_then_an_operator_can_give_that_too() -> None:
    made, track = await underpaid()
    await gives(made, track, usd("10.00"))
    made.payments.pay(track, usd("15.00"))
    invoice = await settled(made, track)
    await gives(made, track, usd("15.00"))

    assert invoice.reviews == {track: "paid_after_decision"}
    assert alarms(made)[-1] == f"{INVOICE} waits for review: paid_after_decision"
    assert await available(made) == ASKED


async def test_given_a_decided_case_when_the_same_amount_is_given_again_then_it_is_given_twice() -> None:
    made, track = await underpaid("12.50")
    await gives(made, track, usd("12.50"))
    made.payments.pay(track, usd("12.50"))
    await settled(made, track)
    await gives(made, track, usd("12.50"))

    assert await available(made) == ASKED


async def test_given_a_surplus_when_an_operator_gives_it_then_the_customer_has_all_that_came() -> None:
    made = shop(welcome_credit="0")
    track = await a_top_up(made)
    made.payments.pay(track, usd("30.00"))
    await settled(made, track)
    await gives(made, track, usd("5.00"))

    assert await available(made) == usd("30.00")
    assert in_suspense(await made.balances.journal()) == NOTHING


@pytest.mark.parametrize("given", [True, False], ids=["given", "closed"])
async def test_given_a_decided_payment_when_the_gateway_gives_it_back_then_an_operator_hears_of_it_once(
    given: bool,
) -> None:
    made, track = await underpaid()
    await (gives(made, track, usd("10.00")) if given else closes(made, track))
    made.payments.say(track, P.REFUNDED)
    for _ in range(2):
        invoice = await settled(made, track)
    await made.quiet()

    assert invoice.reviews == {track: "refunded_after_decision"}
    assert words(made).count("in_review") == 2
    assert await available(made) == (usd("10.00") if given else NOTHING)
    assert (await closes(made, track)).reviews == {}
    assert (await settled(made, track)).reviews == {}


async def test_given_a_surplus_that_was_given_when_all_is_taken_back_then_the_surplus_is_a_case() -> None:
    made = shop(welcome_credit="0")
    track = await a_top_up(made)
    made.payments.pay(track, usd("30.00"))
    await settled(made, track)
    await gives(made, track, usd("5.00"))
    made.payments.say(track, P.REFUNDED)
    invoice = await settled(made, track)

    assert invoice.reviews == {track: "refunded_after_decision"}
    assert await available(made) == usd("5.00")
    assert in_suspense(await made.balances.journal()) == NOTHING
