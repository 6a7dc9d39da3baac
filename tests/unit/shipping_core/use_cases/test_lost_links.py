"""Payment links whose creation was never answered: found again, never made twice blindly, credited once."""

from __future__ import annotations

import pytest

from a_shop import Shop, shop
from builders import ANN, BOB, NOW, a_link, minutes, usd
from money_in import ASKED, INVOICE, a_lost_link, a_top_up, available, in_suspense, settled, swept, two_links
from money_in import words as told
from shipping_core.domain.ids import InvoiceId, Mode
from shipping_core.domain.invoice import Invoice, InvoiceState, PaymentStatus
from shipping_core.errors import (
    Conflict,
    GatewayRefused,
    GatewayUnavailable,
    NotFound,
    OutcomeUnknown,
    StoreUnavailable,
    TooManyInvoices,
)

S, P = InvoiceState, PaymentStatus


@pytest.fixture
def made() -> Shop:
    """A shop that gives no money away."""
    return shop(welcome_credit="0")


async def test_given_an_invoice_when_topped_up_again_then_it_is_the_same_and_no_second_link_is_made(
    made: Shop,
) -> None:
    first = await made.top_up_by_link(ANN, INVOICE, ASKED)
    again = await made.top_up_by_link(ANN, INVOICE, usd("99.00"))

    assert (again, made.payments.created.total()) == (first, 1)
    with pytest.raises(NotFound):
        await made.top_up_by_link(BOB, INVOICE, ASKED)


async def test_given_a_lost_link_when_tried_again_then_the_history_is_asked_and_none_is_made(
    made: Shop,
) -> None:
    lost = await a_lost_link(made)
    invoice = await made.top_up_by_link(ANN, INVOICE, ASKED)

    assert (made.payments.asked["history"], made.payments.created.total()) == (1, 1)
    assert [link.track_id for link in invoice.links] == [lost]


async def test_given_a_lost_link_when_the_history_is_not_to_be_had_then_no_second_one_is_made(
    made: Shop,
) -> None:
    await a_lost_link(made)
    made.payments.accidents["history"].append(GatewayUnavailable("history"))
    with pytest.raises(GatewayUnavailable):
        await made.top_up_by_link(ANN, INVOICE, ASKED)

    assert made.payments.created.total() == 1


@pytest.mark.parametrize("error", [GatewayRefused("create"), GatewayUnavailable("create")], ids=str)
async def test_given_a_link_that_was_surely_not_made_when_tried_again_then_the_second_has_its_own_reference(
    made: Shop, error: Exception
) -> None:
    made.payments.accidents["create"].append(error)
    with pytest.raises(type(error)):
        await made.top_up_by_link(ANN, INVOICE, ASKED)
    invoice = await made.top_up_by_link(ANN, INVOICE, ASKED)

    assert made.payments.created == {INVOICE: 1, f"{INVOICE}-2": 1}
    assert [link.order_ref for link in invoice.links] == [f"{INVOICE}-2"]
    assert (await swept(made, 1)).links == invoice.links


async def test_given_a_lost_link_when_swept_then_it_is_adopted_and_its_payment_credited_once(
    made: Shop,
) -> None:
    lost = await a_lost_link(made)
    made.payments.pay(lost)
    adopted = await swept(made, 1)
    await swept(made, 1)

    assert (adopted.state, [link.track_id for link in adopted.links]) == (S.CREDITED, [lost])
    assert (await available(made), made.payments.created.total()) == (ASKED, 1)
    assert told(made) == ["credited"]


@pytest.mark.parametrize(("says_url", "words"), [(True, ["link_ready"]), (False, [])])
async def test_given_a_lost_link_when_it_is_found_then_the_customer_hears_of_it_where_it_can_be_paid(
    made: Shop, monkeypatch: pytest.MonkeyPatch, says_url: bool, words: list[str]
) -> None:
    lost = await a_lost_link(made)
    if says_url:
        link = a_link(lost)
        payment = await made.payments.inquire(lost, Mode.TEST)

        async def history(*_: object) -> list[object]:
            return [(link, payment)]

        monkeypatch.setattr(type(made.payments), "history", history)
    invoice = await swept(made, 1)
    await swept(made, 1)

    assert invoice.state is S.WAITING
    assert told(made) == words


async def test_given_no_link_at_all_when_swept_then_it_is_looked_for_until_its_time_is_over(
    made: Shop,
) -> None:
    made.payments.lost_answers_make = False
    made.payments.accidents["create"].append(OutcomeUnknown("create"))
    with pytest.raises(OutcomeUnknown):
        await made.top_up_by_link(ANN, INVOICE, ASKED)
    waiting = await swept(made, 1)
    over = await swept(made, 59)
    late = await swept(made, 5)

    assert (waiting.state, waiting.ask_at) == (S.NEW, NOW + minutes(2))
    assert (over.state, late.state, told(made)) == (S.EXPIRED, S.EXPIRED, [])
    assert made.payments.asked["history"] == 3


async def test_given_a_crash_before_any_link_was_asked_for_when_swept_then_the_invoice_comes_to_an_end(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as crash:
        crash.setattr(type(made.invoices), "save", dies)
        with pytest.raises(StoreUnavailable):
            await made.top_up_by_link(ANN, INVOICE, ASKED)
    waiting = await swept(made, 1)
    over = await swept(made, 59)

    assert (waiting.state, over.state, over.ask_at) == (S.NEW, S.EXPIRED, None)
    assert made.payments.asked["history"] == 0


async def test_given_two_links_when_one_is_paid_then_it_is_credited_and_the_other_is_judged_alone(
    made: Shop,
) -> None:
    lost, second = await two_links(made)
    made.payments.pay(second)
    await settled(made, second)
    made.payments.pay(lost)
    invoice = await settled(made, lost)

    assert await available(made) == ASKED
    assert (invoice.credited_by, invoice.reviews) == (second, {lost: "second_payment"})
    assert in_suspense(await made.balances.journal()) == ASKED


@pytest.mark.parametrize("second_says", [P.WAITING, P.PAYING, P.EXPIRED], ids=lambda s: s.value)
async def test_given_a_lost_link_beside_a_second_when_it_is_paid_without_a_notice_then_the_sweep_finds_it(
    made: Shop, second_says: PaymentStatus
) -> None:
    lost, second = await two_links(made)
    made.payments.say(second, second_says)
    made.payments.pay(lost)
    invoice = await swept(made, 1)

    assert (invoice.state, invoice.credited_by) == (S.CREDITED, lost)
    assert await available(made) == ASKED
    assert {link.track_id for link in invoice.links} == {lost, second}


async def test_given_two_links_when_one_expires_before_the_other_then_the_invoice_can_still_be_paid(
    made: Shop,
) -> None:
    lost, second = await two_links(made)
    await settled(made, lost)
    made.payments.say(lost, P.EXPIRED)
    waiting = await swept(made, 1)
    heard = told(made)
    made.payments.say(second, P.EXPIRED)
    over = await swept(made, 60)

    assert (waiting.state, heard) == (S.WAITING, [])
    assert (over.state, told(made)) == (S.EXPIRED, ["invoice_expired"])


async def test_given_both_links_known_when_swept_then_the_history_is_not_asked_any_more(made: Shop) -> None:
    await two_links(made)
    await swept(made, 1)
    asked = made.payments.asked["history"]
    await swept(made, 1)

    assert made.payments.asked["history"] == asked


async def test_given_a_lost_link_when_a_notice_tells_of_it_then_it_is_adopted_by_its_reference(
    made: Shop,
) -> None:
    lost = await a_lost_link(made)
    made.payments.pay(lost)
    await made.notices(*made.payments.notice(lost))
    await made.notices.work_off()

    assert await available(made) == ASKED


async def test_given_rivals_who_both_adopt_a_link_when_one_was_first_then_it_is_kept_once(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = await a_lost_link(made)
    by_track_id = made.invoices.by_track_id
    early = [True]

    async def too_early(_self: object, track_id: str, mode: Mode) -> Invoice | None:
        if early:
            early.pop()
            invoice = await made.invoices.get(INVOICE)
            await made.invoices.save(invoice.linked(a_link(lost), made.clock.now()))
            return None
        return await by_track_id(track_id, mode)

    run = made.work.run

    async def lost_race(_self: object, body: object) -> object:
        if rival:
            rival.pop()
            raise Conflict("invoice", INVOICE)
        return await run(body)  # type: ignore[arg-type] # whatever is run

    rival = [True]
    monkeypatch.setattr(type(made.invoices), "by_track_id", too_early)
    monkeypatch.setattr(type(made.work), "run", lost_race)
    invoice = await settled(made, lost)

    assert [link.track_id for link in invoice.links] == [lost]


async def test_given_a_link_that_is_made_when_somebody_has_changed_the_invoice_then_it_is_found_again(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = made.payments.create

    async def slow(_self: object, request: object) -> object:
        invoice = await made.invoices.get(INVOICE)
        await made.invoices.save(invoice.asked(made.clock.now()))
        return await create(request)  # type: ignore[arg-type] # whatever is asked

    with monkeypatch.context() as race:
        race.setattr(type(made.payments), "create", slow)
        with pytest.raises(OutcomeUnknown):
            await made.top_up_by_link(ANN, INVOICE, ASKED)
    invoice = await made.top_up_by_link(ANN, INVOICE, ASKED)

    assert made.payments.created.total() == 1
    assert invoice.state is S.WAITING


async def test_given_a_link_that_is_made_when_a_sweep_adopted_it_meanwhile_then_that_is_the_answer(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = made.payments.create

    async def slow(_self: object, request: object) -> object:
        link = await create(request)  # type: ignore[arg-type] # whatever is asked
        await settled(made, link.track_id)
        return link

    monkeypatch.setattr(type(made.payments), "create", slow)
    invoice = await made.top_up_by_link(ANN, INVOICE, ASKED)

    assert invoice == await made.invoices.get(INVOICE)
    assert len(invoice.links) == 1


async def test_given_a_gateway_that_does_not_say_when_swept_then_the_others_are_asked_and_it_stays_due(
    made: Shop,
) -> None:
    await a_top_up(made)
    other = await a_top_up(made, InvoiceId("inv_2"), BOB)
    made.payments.pay(other)
    made.payments.accidents["inquire"].append(GatewayUnavailable("inquire"))
    first = await swept(made, 1)

    assert await available(made, BOB) == ASKED
    assert [i.invoice_id for i in await made.invoices.to_ask(made.clock.now())] == [first.invoice_id]


async def test_given_three_links_that_were_lost_when_some_minutes_passed_then_they_bar_no_new_one() -> None:
    made = shop(welcome_credit="0")
    for number in range(3):
        await a_lost_link(made, InvoiceId(f"inv_{number}"))
    with pytest.raises(TooManyInvoices):
        await a_top_up(made, InvoiceId("inv_4"))
    made.clock.advance(minutes(2))

    assert await a_top_up(made, InvoiceId("inv_4"))


async def test_given_invoices_the_gateway_refuses_to_speak_of_when_swept_then_the_next_is_asked_about() -> (
    None
):
    made = shop(welcome_credit="0")
    track = await a_top_up(made)
    made.clock.advance(minutes(1))
    made.payments.accidents["inquire"].append(GatewayRefused("inquire", code="forbidden"))
    await made.sweep()
    put_off = await made.sweep()
    invoice = await made.invoices.get(INVOICE)

    assert put_off == 0
    assert invoice.ask_at == made.clock.now() + minutes(1)
    made.payments.pay(track)
    assert (await swept(made, 1)).state is InvoiceState.CREDITED
