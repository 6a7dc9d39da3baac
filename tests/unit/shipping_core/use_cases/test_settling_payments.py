"""What becomes of a payment once the gateway is asked about it: credit, review, reversal, or nothing."""

from __future__ import annotations

import asyncio

import pytest

from a_shop import Shop, shop
from adapters.memory.outbox import MemoryAudit
from builders import ANN, BOB, NOW, minutes, usd
from money_in import ASKED, INVOICE, a_top_up, alarms, available, in_suspense, lines, settled, swept, words
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import InvoiceState, PaymentStatus
from shipping_core.domain.ledger import Kind
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict, GatewayUnavailable, NotFound, NoticeRefused, TransactionConflict

S, P = InvoiceState, PaymentStatus
NOTHING = usd("0")


def a_poor_shop(**decisions: object) -> Shop:
    """A shop that gives no money away."""
    return shop(welcome_credit="0", **decisions)  # type: ignore[arg-type] # by the names in Policy


async def test_given_a_paid_link_when_asked_about_again_and_again_then_it_is_credited_once() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)
    states = [(await settled(made, track)).state for _ in range(3)]
    await made.quiet()
    (line,) = await lines(made, Kind.TOPUP)

    assert states == [S.CREDITED] * 3
    assert (line.key, line.amount, line.invoice_id) == (f"topup:test:{track}", ASKED, INVOICE)
    assert await available(made) == ASKED
    assert (words(made), alarms(made)) == (["credited"], [])


async def test_given_many_workers_when_they_settle_one_payment_at_once_then_it_is_credited_once() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)
    await asyncio.gather(*(settled(made, track) for _ in range(6)))

    assert await available(made) == ASKED


async def test_given_an_invoice_that_changes_at_every_look_when_settled_then_it_is_a_conflict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)

    async def lost(*_: object) -> None:
        raise Conflict("invoice", INVOICE)

    monkeypatch.setattr(type(made.work), "run", lost)
    with pytest.raises(Conflict):
        await settled(made, track)


async def test_given_each_change_of_an_invoice_when_recorded_then_it_says_from_where_to_where() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.say(track, P.PAYING)
    await settled(made, track)
    made.payments.pay(track)
    await settled(made, track)
    made.payments.say(track, P.REFUNDED)
    await settled(made, track)
    rows = await MemoryAudit(made.database).of(f"invoice:{INVOICE}")

    assert [(row.action, row.before, row.after) for row in rows] == [
        ("opened", "", "new"),
        ("linked", "new", "waiting"),
        ("paying", "waiting", "paying"),
        ("credited", "paying", "credited"),
        ("reversed", "credited", "reversed"),
    ]


async def test_given_an_unpaid_link_when_its_time_is_over_then_it_expires_with_a_word_and_counts_late() -> (
    None
):
    made = a_poor_shop()
    track = await a_top_up(made)
    early = await swept(made, 59)
    over = await swept(made, 1)
    told = words(made)
    made.payments.pay(track)
    late = await swept(made, 5)

    assert (early.state, over.state, late.state) == (S.WAITING, S.EXPIRED, S.CREDITED)
    assert (told, words(made)) == (["invoice_expired"], ["invoice_expired", "credited"])


async def test_given_a_gateway_that_still_says_waiting_when_the_time_is_over_then_it_expires_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    monkeypatch.setattr(made.payments, "_now", lambda track_id: made.payments._made[track_id])

    assert (await swept(made, 60)).state is S.EXPIRED
    assert (await made.payments.inquire(track, Mode.TEST)).status is P.NEW


async def test_given_a_link_the_gateway_knows_no_more_when_swept_then_it_expires_and_rests() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    del made.payments._made[track]
    first = await swept(made, 1)
    asked = made.payments.asked["inquire"]
    await made.sweep()
    over = await swept(made, 59)
    for _ in range(12):
        last = await swept(made, 24 * 60)

    assert first.ask_at == NOW + minutes(2)
    assert made.payments.asked["inquire"] == asked + 8
    assert (over.state, last.ask_at, await made.sweep()) == (S.EXPIRED, None, 0)


async def test_given_an_unknown_link_that_is_nobodys_when_settled_then_there_is_no_invoice() -> None:
    assert await a_poor_shop().settle_invoice("404", Mode.TEST) is None


async def test_given_a_payment_on_its_way_when_its_time_is_over_then_it_does_not_expire() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track, status=P.PAYING, certain=False)
    paying = await swept(made, 1)
    late = await swept(made, 90)
    made.payments.confirm(track)

    assert (paying.state, late.state) == (S.PAYING, S.PAYING)
    assert (await swept(made, 5)).state is S.CREDITED


async def test_given_more_than_was_asked_for_when_paid_then_the_rest_waits_for_an_operator() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track, usd("30.00"))
    invoice = await settled(made, track)

    assert (await available(made), in_suspense(await made.balances.journal())) == (ASKED, usd("5.00"))
    assert (invoice.reviews, invoice.suspended) == ({track: "overpaid"}, {track: usd("5.00")})
    assert alarms(made) == [f"{INVOICE} waits for review: overpaid"]


async def test_given_a_credited_link_when_more_comes_by_it_then_just_that_waits_for_an_operator() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)
    await settled(made, track)
    made.payments.pay(track, usd("7.00"))
    invoices = [await settled(made, track) for _ in range(2)]

    assert invoices[0] == invoices[1]
    assert (invoices[1].state, invoices[1].reviews) == (S.CREDITED, {track: "overpaid"})
    assert invoices[1].suspended == {track: usd("7.00")}
    assert (await available(made), in_suspense(await made.balances.journal())) == (ASKED, usd("7.00"))
    made.payments.say(track, P.REFUNDED)
    await settled(made, track)

    assert (await available(made), in_suspense(await made.balances.journal())) == (NOTHING, NOTHING)


@pytest.mark.parametrize(
    ("received", "status", "reason"),
    [("10.00", P.UNDERPAID, "underpaid"), ("25.00", P.MANUAL_ACCEPT, "manual_accept")],
)
async def test_given_a_payment_not_as_agreed_when_settled_then_what_came_waits_and_it_is_said_once(
    received: str, status: PaymentStatus, reason: str
) -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track, usd(received), status)
    for _ in range(3):
        await settled(made, track)
    await made.quiet()

    assert (await available(made), in_suspense(await made.balances.journal())) == (NOTHING, usd(received))
    assert (words(made), alarms(made)) == (["in_review"], [f"{INVOICE} waits for review: {reason}"])
    assert [i.invoice_id for i in await made.invoices.in_review()] == [INVOICE]


@pytest.mark.parametrize("status", [P.PAID, P.UNDERPAID, P.MANUAL_ACCEPT, P.UNKNOWN], ids=lambda s: s.value)
async def test_given_play_money_for_a_real_invoice_when_settled_then_none_of_it_enters_the_book(
    status: PaymentStatus,
) -> None:
    made = a_poor_shop(mode=Mode.PRODUCTION)
    track = await a_top_up(made)
    made.payments.pay(track, usd("10.00"), status, sandbox=True)
    invoice = await settled(made, track)

    assert invoice.reviews == {track: "mode_mismatch"}
    assert await made.balances.journal() == []


async def test_given_less_first_when_the_rest_comes_then_it_is_credited_and_nothing_waits() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track, usd("10.00"), P.UNDERPAID)
    await settled(made, track)
    made.payments.pay(track, usd("15.00"))
    invoice = await settled(made, track)

    assert (invoice.state, invoice.reviews, invoice.suspended) == (S.CREDITED, {}, {})
    assert (await available(made), in_suspense(await made.balances.journal())) == (ASKED, NOTHING)


async def test_given_spent_money_when_the_gateway_takes_it_back_then_the_balance_is_below_zero() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)
    await settled(made, track)
    ann = await made.customer().orders()
    price = ann.confirmation.rate.price
    await ann.buys()
    made.payments.say(track, P.REFUNDING)
    await settled(made, track)
    made.payments.say(track, P.REFUNDED)
    invoice = await settled(made, track)
    await made.quiet()

    assert (invoice.state, invoice.reversals, invoice.ask_at) == (S.REVERSED, 1, None)
    assert await available(made) == -price
    assert words(made)[-1] == "reversed"
    assert alarms(made) == [f"{track} of {INVOICE} was reversed"]


async def test_given_debts_when_ordering_then_nothing_is_bought_until_they_are_paid_as_well() -> None:
    made = a_poor_shop()
    await made.balances.reverse(
        ANN, usd("20.00"), key="reversal:t:1", mode=Mode.TEST, invoice_id=INVOICE, at=NOW
    )
    ann = await made.customer().orders()
    price = ann.confirmation.rate.price
    await ann.buys()

    assert ann.note == "funds"
    assert ann.card.facts.to_top_up == price + usd("20.00")
    track = await a_top_up(made)
    made.payments.pay(track)
    await settled(made, track)
    assert await available(made) == usd("5.00")


@pytest.mark.parametrize("first", ["0", "10.00"], ids=["at once", "after less had come"])
async def test_given_an_overpaid_link_when_the_gateway_takes_it_back_then_its_surplus_leaves_suspense_too(
    first: str,
) -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    if first != "0":
        made.payments.pay(track, usd(first), P.UNDERPAID)
        await settled(made, track)
    made.payments.pay(track, usd("30.00") - usd(first))
    await settled(made, track)
    made.payments.say(track, P.REFUNDED)
    invoice = await settled(made, track)

    assert (invoice.reviews, invoice.suspended) == ({}, {})
    assert (await available(made), in_suspense(await made.balances.journal())) == (NOTHING, NOTHING)


async def test_given_a_payment_in_review_when_it_is_refunded_then_the_case_is_closed_by_itself() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track, usd("10.00"), P.UNDERPAID)
    await settled(made, track)
    made.payments.say(track, P.REFUNDED)
    for _ in range(2):
        invoice = await settled(made, track)
    await made.quiet()

    assert (invoice.reviews, invoice.suspended) == ({}, {})
    assert (await available(made), in_suspense(await made.balances.journal())) == (NOTHING, NOTHING)
    assert words(made) == ["in_review", "review_closed"]


async def test_given_a_returned_payment_when_it_comes_once_more_then_it_waits_once_more() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    for status in (P.UNDERPAID, P.REFUNDED, P.UNDERPAID):
        made.payments.misreport(track, status=status, received=usd("10.00"), sandbox=True)
        await settled(made, track)

    assert in_suspense(await made.balances.journal()) == usd("10.00")


# Notices.


async def test_given_a_notice_when_taken_and_worked_off_then_the_gateway_is_asked_and_believed() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)
    await made.notices(*made.payments.notice(track))
    before = await available(made)
    done = await made.notices.work_off()

    assert (before, done, await available(made)) == (NOTHING, 1, ASKED)
    assert await made.notices.work_off() == 0


async def test_given_a_notice_that_lies_when_worked_off_then_only_the_gateways_answer_counts() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    await made.notices(*made.payments.notice(track, "paid"))
    await made.notices.work_off()

    assert await available(made) == NOTHING
    assert (await made.invoices.get(INVOICE)).state is S.WAITING


async def test_given_a_forged_notice_when_taken_then_it_is_refused_and_nothing_is_kept() -> None:
    made = a_poor_shop()
    raw, signature = made.payments.notice(await a_top_up(made), "paid")
    for wrong in (signature[:-1] + "x", None, ""):
        with pytest.raises(NoticeRefused):
            await made.notices(raw, wrong)

    assert await made.inbox.pending() == []


async def test_given_a_notice_when_it_is_replayed_then_it_is_worked_off_once() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)
    notice = made.payments.notice(track)
    await made.notices(*notice)
    await made.notices(*notice)
    first = await made.notices.work_off()
    await made.notices(*notice)

    assert (first, await made.notices.work_off(), await available(made)) == (1, 0, ASKED)


async def test_given_a_notice_about_a_link_nobody_made_when_worked_off_then_it_is_unmatched() -> None:
    made = a_poor_shop()
    raw = b'{"track_id": "404", "status": "Paid", "type": "invoice"}'
    await made.notices(raw, made.payments.sign(raw))

    assert (await made.notices.work_off(), await made.inbox.pending()) == (1, [])
    assert (await made.balances.journal(), alarms(made)) == ([], [])


async def test_given_a_gateway_that_is_away_when_worked_off_then_that_notice_waits_for_it() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track)
    await made.notices(*made.payments.notice(track, "paying"))
    made.clock.advance(minutes(1))
    await made.notices(*made.payments.notice(track))
    made.payments.accidents["inquire"].append(GatewayUnavailable("inquire"))

    assert (await made.notices.work_off(), len(await made.inbox.pending())) == (1, 1)
    assert (await made.notices.work_off(), await made.inbox.pending()) == (1, [])


async def nobodys(made: Shop, **changes: object) -> str:
    """A paid link that was made under our key, but for no invoice of ours."""
    track = await a_top_up(made)
    made.payments.pay(track)
    made.payments.misreport(track, order_ref="inv_of_another_shop", **changes)
    database = made.database
    database._tables["links"].clear()
    return track


@pytest.mark.parametrize(
    ("changes", "came"),
    [({}, "25.00"), ({"received": usd("26.00")}, "26.00"), ({"received": None}, "25.00")],
    ids=str,
)
async def test_given_paid_money_that_nobody_asked_for_when_settled_then_it_waits_in_suspense_once(
    changes: dict[str, object], came: str
) -> None:
    made = a_poor_shop()
    track = await nobodys(made, **changes)
    first = await made.settle_invoice(track, Mode.TEST)
    made.payments.misreport(track, received=usd("27.00"))
    second = await made.settle_invoice(track, Mode.TEST)

    assert (first, second) == (None, None)
    assert in_suspense(await made.balances.journal()) == usd(came)
    assert set(alarms(made)) == {f"{track} belongs to no invoice of ours"}


async def test_given_nobodys_money_when_the_store_does_not_commit_then_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = a_poor_shop()
    raw, signature = made.payments.notice(await nobodys(made))
    await made.notices(raw, signature)

    async def lost(*_: object) -> None:
        raise TransactionConflict("transaction", "lost")

    with monkeypatch.context() as race:
        race.setattr(type(made.work), "run", lost)
        first = await made.notices.work_off()

    assert (first, await made.notices.work_off()) == (0, 1)
    assert in_suspense(await made.balances.journal()) == ASKED


@pytest.mark.parametrize(
    "changes",
    [
        {"status": P.WAITING},
        {"amount": None, "received": None},
        {"amount": Money(0), "received": None},
        {"sandbox": False},
    ],
    ids=str,
)
async def test_given_nothing_certain_that_nobody_asked_for_when_settled_then_the_operators_only_hear_of_it(
    changes: dict[str, object],
) -> None:
    made = a_poor_shop()
    track = await nobodys(made, **changes)
    await made.settle_invoice(track, Mode.TEST)

    assert await made.balances.journal() == []
    assert alarms(made) == [f"{track} belongs to no invoice of ours"]


async def test_given_a_link_that_names_an_invoice_of_the_other_mode_when_settled_then_it_is_nobodys() -> None:
    made = a_poor_shop()
    track = await a_top_up(made)
    made.payments.pay(track, sandbox=False)

    assert await made.settle_invoice(track, Mode.PRODUCTION) is None
    assert (await made.invoices.get(INVOICE)).state is S.WAITING


async def test_given_somebody_elses_invoice_when_said_to_be_paid_then_it_is_not_found() -> None:
    made = a_poor_shop()
    await a_top_up(made)
    with pytest.raises(NotFound):
        await made.sweep.now(BOB, INVOICE)
