"""Money by hand, the consent of a second person, notes, languages, and what is kept of a person."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from attrs import evolve

from a_shop import Customer, Shop, shop
from adapters.memory.outbox import MemoryAudit
from adapters.memory.stores import MemoryUnitOfWork
from builders import ANN, BOB, usd
from invariants import Watcher
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.access import ApprovalState
from shipping_core.domain.ids import InvoiceId, Mode, UserId
from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.money import Money
from shipping_core.domain.user import Limits
from shipping_core.errors import Conflict, InsufficientFunds, InvalidInput, NotFound, OutcomeUnknown
from shipping_core.use_cases.consent import WAITS_FOR
from shipping_core.use_cases.forget_addresses import KEPT_FOR, ForgetAddresses

A_LOT = usd("100.01")


async def known(made: Shop, user_id: UserId = ANN) -> Customer:
    """Somebody we know."""
    return await made.customer(user_id).does(ev.Started())


async def adjusted(made: Shop, amount: Money, request: str = "1", reason: str = "Sorry.") -> Shop:
    """The balance, changed by hand."""
    await made.people.adjust(ANN, amount, mode=Mode.TEST, request=request, actor="key:ola", reason=reason)
    await made.quiet()
    return made


async def test_given_a_balance_when_changed_by_hand_then_it_is_journalled_and_told() -> None:
    made = shop(welcome_credit="10.00")
    ann = await known(made)
    await adjusted(made, usd("2.50"))
    await adjusted(made, -usd("4.00"), "2", "Paid out.")
    lines = [t for t in await made.balances.journal() if t.actor == "key:ola"]

    assert (await ann.balance()).available == usd("8.50")
    assert [(t.amount, t.reason) for t in lines] == [(usd("2.50"), "Sorry."), (usd("4.00"), "Paid out.")]
    assert ann.remarks == ["balance_changed"] * 2
    rows = await MemoryAudit(made.database).of(f"user:{ANN}")
    assert [row.after for row in rows] == ["+2.50 USD", "-4.00 USD"]


@pytest.mark.parametrize("mode", Mode)
async def test_given_a_change_in_either_mode_when_told_in_the_other_then_its_own_balance_is_shown(
    mode: Mode,
) -> None:
    (other,) = set(Mode) - {mode}
    made = shop(welcome_credit="0", mode=other)
    await known(made)
    await made.people.adjust(ANN, usd("2.50"), mode=mode, request="1", actor="key:ola", reason="Sorry.")
    await made.quiet()
    told = made.notifier.told[-1]

    assert isinstance(told.screen, sc.News)
    assert (told.screen.mode, told.facts.mode) == (mode, mode)
    assert told.facts.balance == await made.balances.balance(ANN, mode)
    assert (await made.balances.balance(ANN, other)).posted == usd("0")


async def test_given_a_change_below_zero_when_asked_then_it_is_refused_and_nothing_moves() -> None:
    made = shop(welcome_credit="10.00")
    ann = await known(made)
    with pytest.raises(InsufficientFunds):
        await adjusted(made, -usd("10.01"))

    assert (await ann.balance()).available == usd("10.00")
    assert ann.remarks == []
    assert list(await MemoryAudit(made.database).of(f"user:{ANN}")) == []


async def test_given_money_that_is_held_when_taken_by_hand_then_only_what_is_available_counts() -> None:
    made = shop(welcome_credit="10.00")
    made.shipping.accidents = [OutcomeUnknown("buy")]
    ann = await (await made.customer().orders()).buys()
    left = (await ann.balance()).available
    with pytest.raises(InsufficientFunds):
        await adjusted(made, -(left + usd("0.01")))
    await adjusted(made, -left)

    assert (await ann.balance()).available == usd("0.00")


async def test_given_the_same_request_when_repeated_then_money_moves_once_and_others_conflict() -> None:
    made = shop(welcome_credit="10.00")
    ann = await known(made)
    for _ in range(3):
        await adjusted(made, usd("2.50"))
    with pytest.raises(Conflict):
        await adjusted(made, usd("2.60"))

    assert (await ann.balance()).available == usd("12.50")
    assert ann.remarks == ["balance_changed"]


@pytest.mark.parametrize(
    ("amount", "reason", "field"),
    [(0, "x", "amount"), (10**9 + 1, "x", "amount"), (5, "  ", "reason"), (5, "x" * 1001, "reason")],
)
async def test_given_an_adjustment_that_cannot_be_when_asked_then_the_field_is_named(
    amount: int, reason: str, field: str
) -> None:
    made = shop()
    await known(made)
    with pytest.raises(InvalidInput) as refused:
        await adjusted(made, Money(amount), reason=reason)

    assert refused.value.field == field


async def test_given_a_stranger_when_given_money_then_they_are_not_found() -> None:
    with pytest.raises(NotFound):
        await adjusted(shop(), usd("1.00"))


# A second person.


async def asked(made: Shop, amount: Money = A_LOT) -> str:
    """An adjustment that waits for somebody else; its approval's id."""
    await known(made)
    waiting = await made.people.adjust(
        ANN, amount, mode=Mode.TEST, request="big", actor="key:ola", reason="A prize."
    )
    assert waiting.approval is not None
    return waiting.approval.approval_id


async def test_given_an_amount_above_the_limit_when_somebody_else_consents_then_it_moves_once() -> None:
    made = shop(welcome_credit="0.00")
    approval = await asked(made)
    before = (await made.customer().balance()).available
    await made.consent.grant(approval, actor="key:pia", reason="Right.")
    with pytest.raises(Conflict, match="granted by key:pia"):
        await made.consent.grant(approval, actor="key:joe", reason="Me too.")

    assert (before, (await made.customer().balance()).available) == (usd("0.00"), usd("100.01"))
    kept = await made.consent.approvals.get(approval)
    assert (kept.state, kept.decided_by, kept.decided_why) == (ApprovalState.GRANTED, "key:pia", "Right.")
    rows = await MemoryAudit(made.database).of(f"approval:{approval}")
    assert [(r.action, r.actor) for r in rows] == [
        ("credit_waiting", "key:ola"),
        ("credit_granted", "key:pia"),
    ]


async def test_given_the_limit_itself_when_asked_then_nobody_else_is_needed() -> None:
    made = shop(welcome_credit="0.00")
    await known(made)
    await adjusted(made, usd("100.00"))

    assert (await made.customer().balance()).available == usd("100.00")


async def test_given_more_than_there_is_when_it_would_be_taken_then_no_second_person_is_bothered() -> None:
    made = shop(welcome_credit="50.00")
    with pytest.raises(InsufficientFunds):
        await asked(made, -A_LOT)

    assert await made.consent.approvals.find({"state": ApprovalState.WAITING}) == []


async def test_given_who_asked_when_they_grant_it_themselves_then_they_may_only_take_it_back() -> None:
    made = shop(welcome_credit="0.00")
    approval = await asked(made)
    with pytest.raises(Conflict, match="somebody else"):
        await made.consent.grant(approval, actor="key:ola", reason="Mine.")
    with pytest.raises(InvalidInput, match="reason"):
        await made.consent.refuse(approval, actor="key:ola", reason="")
    refused = await made.consent.refuse(approval, actor="key:ola", reason="A slip.")

    assert (refused.state, (await made.customer().balance()).available) == (
        ApprovalState.REFUSED,
        usd("0.00"),
    )


async def test_given_a_wish_that_waits_when_asked_again_then_it_is_a_conflict() -> None:
    made = shop()
    await asked(made)
    with pytest.raises(Conflict):
        await asked(made)


async def test_given_three_days_when_granted_after_them_then_it_must_be_asked_anew() -> None:
    made = shop()
    approval = await asked(made)
    made.clock.advance(WAITS_FOR)
    with pytest.raises(Conflict, match="expired"):
        await made.consent.grant(approval, actor="key:pia", reason="Late.")


async def test_given_three_days_when_refused_after_them_then_it_is_closed_and_may_be_asked_anew() -> None:
    made = shop()
    approval = await asked(made)
    made.clock.advance(WAITS_FOR)
    refused = await made.consent.refuse(approval, actor="key:pia", reason="Too late.")

    assert (refused.state, refused.decided_by) == (ApprovalState.REFUSED, "key:pia")
    assert await asked(made) != approval


async def test_given_a_wish_nobody_decided_when_asked_anew_then_the_old_one_is_closed() -> None:
    made = shop(welcome_credit="0.00")
    old = await asked(made)
    made.clock.advance(WAITS_FOR)
    new = await asked(made)
    await made.consent.grant(new, actor="key:pia", reason="Right.")

    assert (await made.consent.approvals.get(old)).state is ApprovalState.REFUSED
    assert (await made.customer().balance()).available == A_LOT
    rows = await MemoryAudit(made.database).of(f"approval:{old}")
    assert [(r.action, r.actor) for r in rows] == [
        ("credit_waiting", "key:ola"),
        ("credit_refused", "system"),
    ]


async def test_given_a_debit_that_is_not_covered_any_more_when_granted_then_it_still_waits() -> None:
    made = shop(welcome_credit="200.00")
    approval = await asked(made, -usd("150.00"))
    await adjusted(made, -usd("90.00"))
    with pytest.raises(InsufficientFunds):
        await made.consent.grant(approval, actor="key:pia", reason="Right.")

    assert (await made.consent.approvals.get(approval)).state is ApprovalState.WAITING
    assert (await made.customer().balance()).available == usd("110.00")


# Notes and languages.


async def test_given_notes_when_written_then_the_office_has_them_and_the_customer_hears_nothing() -> None:
    made = shop()
    ann = await known(made)
    await made.people.note(ANN, " Ships books. ", actor="key:ola")
    user = await made.people.note(ANN, "Friendly.", actor="key:pia")
    await made.quiet()

    assert [(n.actor, n.text) for n in user.notes] == [("key:ola", "Ships books."), ("key:pia", "Friendly.")]
    assert ann.remarks == []


async def test_given_a_language_when_set_by_an_operator_then_the_next_card_speaks_it() -> None:
    made = shop()
    ann = await known(made)
    await made.people.speak(ANN, "ru", actor="key:ola", reason="They asked.")
    with pytest.raises(InvalidInput, match="language"):
        await made.people.speak(ANN, "de", actor="key:ola", reason="They asked.")

    assert ann.card.facts.language == "ru"
    assert (await made.users.get(ANN)).language == "ru"


async def test_given_somebody_whose_session_is_over_when_a_letter_comes_then_it_is_in_their_language() -> (
    None
):
    made = shop(welcome_credit="10.00")
    await (await known(made)).does(ev.LanguageChosen("ru"))
    made.database.put("sessions", ANN, None)  # as the store does after its time
    await adjusted(made, usd("2.50"))

    assert made.notifier.told[-1].facts.language == "ru"


async def test_given_a_stale_version_when_limits_are_set_then_it_is_a_conflict() -> None:
    made = shop()
    ann = await known(made)
    user = await made.people.note(ann.user_id, "x", actor="key:ola")
    with pytest.raises(Conflict):
        await made.people.limit(ANN, user.limits, version=1, actor="key:pia", reason="y")


async def test_given_a_person_when_looked_at_then_the_statement_runs_to_the_balance() -> None:
    made = shop(welcome_credit="20.00")
    ann = await (await made.customer().orders()).buys()
    await made.top_up("5.00")
    lines = await made.people.statement(ANN, Mode.TEST)
    money = await made.people.balances_of(ANN)

    assert [line.transfer.kind.value for line in lines] == ["topup", "capture", "adjustment"]
    assert lines[0].after == money[Mode.TEST].posted == (await ann.balance()).posted
    assert money[Mode.PRODUCTION].posted == usd("0.00")


# What is kept.


async def test_given_a_person_when_exported_then_everything_of_theirs_is_in_it_and_nothing_of_others() -> (
    None
):
    made = shop()
    await (await made.customer().orders()).buys()
    await (await made.customer(BOB).orders()).buys()
    kept = await made.people.export(ANN, actor="key:ola")
    text = json.dumps(kept)

    assert len(kept["orders"]) == 1
    assert kept["user"]["user_id"] == ANN
    assert BOB not in text
    assert [r.action for r in await MemoryAudit(made.database).of(f"user:{ANN}")] == ["exported"]


async def test_given_a_person_when_erased_then_their_words_are_gone_and_the_books_still_add_up() -> None:
    made = shop()
    ann = await (await made.customer().orders()).buys()
    await made.people.note(ANN, "Loves stamps.", actor="key:ola")
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    user = await made.users.get(ANN)

    assert (user.name, user.notes, user.erased_at is not None) == ("", (), True)
    (order,) = await ann.all_orders()
    assert order.shipment.recipient.name == ""
    assert order.shipment.recipient.postal_code == "90012"
    assert (await ann.balance()).posted == usd("0.00")
    await Watcher(made, (ANN,)).check()


async def test_given_words_about_a_refund_when_erased_then_neither_it_nor_the_audit_keeps_its_notes() -> None:
    made = shop()
    ann = await (await made.customer().orders()).buys()
    made.clock.advance(dt.timedelta(days=6))
    (asked,) = await made.request_refunds(ANN, [ann.labels[0].order_id])
    assert asked.refund is not None
    refund_id = asked.refund.refund_id
    await made.decide_refund.note(refund_id, "Dear Ann Canary.", actor="key:ola")
    await made.decide_refund.reject(refund_id, actor="key:ola", reason="used")
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    rows = await MemoryAudit(made.database).of(f"refund:{refund_id}")

    assert (await made.refunds.get(refund_id)).telling is False
    assert [row.reason for row in rows] == ["", "a note", "used"]


async def test_given_an_erased_person_when_a_label_of_theirs_grows_old_then_nobody_asks_or_tells() -> None:
    made = shop()
    ann = await (await made.customer().orders()).buys()
    await made.quiet()
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    told = len(made.notifier.told)
    made.clock.advance(dt.timedelta(days=26))

    assert await made.remind_refunds() == 0
    await made.quiet()
    assert len(made.notifier.told) == told
    with pytest.raises(InvalidInput, match="erased"):
        await made.request_refunds(ANN, [ann.labels[0].order_id], requested_by="key:ola")


async def test_given_a_balance_or_something_under_way_when_erased_then_it_is_refused_and_all_stays() -> None:
    made = shop()
    made.shipping.accidents = [OutcomeUnknown("buy")]
    ann = await (await made.customer().orders()).buys()
    with pytest.raises(Conflict, match="under way"):
        await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    made.clock.advance(WAITS_FOR)
    await made.reconciled()
    with pytest.raises(Conflict, match="USD in test mode"):
        await made.people.erase(ANN, waive=False, actor="key:ola", reason="They asked.")

    assert (await made.users.get(ANN)).erased_at is None
    (order,) = await ann.all_orders()
    assert order.shipment.recipient.name


async def test_given_an_erased_person_when_they_write_again_then_they_are_new_but_not_credited_again() -> (
    None
):
    made = shop(welcome_credit="20.00")
    ann = await known(made)
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    made.converse._lately.clear()  # as in another process: theirs was erased there
    await ann.does(ev.Started())

    user = await made.users.get(ANN)
    assert (user.erased_at, (await ann.balance()).posted) == (None, usd("0.00"))


async def test_given_an_erased_person_when_they_come_back_then_their_language_is_new_but_no_first_day() -> (
    None
):
    made = shop()
    await known(made)
    joined = (await made.users.get(ANN)).joined_at
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    made.clock.advance(dt.timedelta(days=2))
    await made.converse.welcome(ANN, "ru")

    back = await made.users.get(ANN)
    assert (back.joined_at, back.language, back.erased_at) == (joined, "ru", None)


async def test_given_an_erased_person_when_the_world_has_news_of_an_old_order_then_they_stay_erased() -> None:
    made = shop(welcome_credit="20.00")
    order = await made.customer().bought()
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    erased = await made.users.get(ANN)
    placed = await made.converse.settled(order)
    await made.quiet()

    assert not placed
    assert await made.users.get(ANN) == erased
    assert await made.sessions.load(ANN) is None


async def test_given_an_erased_person_when_an_operator_sets_their_language_then_it_is_refused() -> None:
    made = shop(welcome_credit="20.00")
    await known(made)
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    erased = await made.users.get(ANN)
    with pytest.raises(Conflict, match="erased"):
        await made.people.speak(ANN, "ru", actor="key:ola", reason="A slip.")

    assert await made.users.get(ANN) == erased


async def test_given_somebody_whose_session_is_over_when_their_language_is_set_then_they_are_left_alone() -> (
    None
):
    made = shop(welcome_credit="20.00")
    ann = await known(made)
    made.database.put("sessions", ANN, None)  # as the store does after its time
    shown = ann.card
    await made.people.speak(ANN, "ru", actor="key:ola", reason="They asked.")
    await made.quiet()
    before = ann.card
    await ann.does(ev.Started())

    assert before is shown
    assert ann.card.facts.language == "ru"


async def test_given_a_refund_or_a_top_up_under_way_when_erased_then_it_is_named_and_all_stays() -> None:
    made = shop()
    ann = await (await made.customer().orders()).buys()
    made.clock.advance(dt.timedelta(days=6))
    (asked,) = await made.request_refunds(ANN, [ann.labels[0].order_id])
    assert asked.refund is not None
    with pytest.raises(Conflict, match=asked.refund.refund_id):
        await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    await made.decide_refund.reject(asked.refund.refund_id, actor="key:ola", reason="No.")
    await ann.does(ev.TopUpAsked())
    await ann.taps(ev.AmountChosen(2_500))
    with pytest.raises(Conflict, match="top-up inv_"):
        await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")

    assert (await made.users.get(ANN)).erased_at is None


async def test_given_somebody_who_owes_money_when_erased_then_it_is_refused() -> None:
    made = shop(welcome_credit="1.00")
    await known(made)
    await made.balances.reverse(
        ANN, usd("5.00"), key="r", mode=Mode.TEST, invoice_id=InvoiceId("inv_1"), at=made.clock.now()
    )
    with pytest.raises(Conflict, match="owes money"):
        await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")


async def test_given_a_person_when_erased_again_then_what_a_crash_has_left_goes_too() -> None:
    made = shop()
    await (await made.customer().orders()).buys()
    first = await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    again = await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")

    assert again.version == first.version


async def test_given_a_label_whose_people_are_forgotten_when_wanted_again_then_no_copy_of_it_comes_back() -> (
    None
):
    made = shop()
    ann = await (await made.customer().orders()).buys()
    made.clock.advance(KEPT_FOR + dt.timedelta(minutes=1))
    await ForgetAddresses(made.people.personal_data, made.clock)()
    (order,) = await ann.all_orders()

    with pytest.raises(NotFound):
        await made.send_label(ANN, order.order_id)
    assert await made.documents.get(order.order_id) is None


async def test_given_something_that_came_since_when_erased_again_then_it_is_checked_and_goes_too() -> None:
    made = shop(welcome_credit="0.00")
    ann = await known(made)
    first = await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    await made.people.limit(
        ANN, Limits(orders_a_day=3), version=first.version, actor="key:ola", reason="A slip."
    )
    await made.top_up("5.00")
    with pytest.raises(Conflict, match="USD in test mode"):
        await made.people.erase(ANN, waive=False, actor="key:ola", reason="They asked.")
    again = await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")

    assert (again.limits, again.erased_at) == (Limits(), first.erased_at)
    assert (await ann.balance()).posted == usd("0.00")
    await Watcher(made, (ANN,)).check()


async def test_given_money_that_comes_at_the_last_moment_when_erased_then_it_is_refused() -> None:
    made = shop(welcome_credit="0.00")
    await known(made)

    class Late(MemoryUnitOfWork):
        async def run(self, body: Any) -> Any:
            await made.top_up("5.00")
            return await super().run(body)

    people = evolve(made.people, unit_of_work=Late(made.database))
    with pytest.raises(Conflict, match="USD in test mode"):
        await people.erase(ANN, waive=False, actor="key:ola", reason="They asked.")

    assert (await made.users.get(ANN)).erased_at is None


async def test_given_an_erased_person_when_written_about_or_given_money_then_it_is_refused() -> None:
    made = shop(welcome_credit="0.00")
    ann = await known(made)
    await made.people.erase(ANN, waive=True, actor="key:ola", reason="They asked.")
    with pytest.raises(Conflict, match="erased"):
        await made.people.note(ANN, "Jane Doe called.", actor="key:ola")
    with pytest.raises(Conflict, match="erased"):
        await adjusted(made, usd("5.00"), reason="Jane Doe called.")

    assert ((await made.users.get(ANN)).notes, (await ann.balance()).posted) == ((), usd("0.00"))


async def test_given_a_letter_that_waits_when_its_customer_is_erased_then_it_does_not_go_out_blank() -> None:
    made = shop(welcome_credit="10.00")
    ann = await known(made)
    await made.people.adjust(
        ANN, -usd("10.00"), mode=Mode.TEST, request="1", actor="key:ola", reason="Paid out."
    )
    await made.people.erase(ANN, waive=False, actor="key:ola", reason="They asked.")
    await made.quiet()

    assert ann.remarks == []


async def test_given_more_than_a_page_of_letters_when_exported_then_all_are_in_it() -> None:
    made = shop()
    await known(made)
    for number in range(450):
        await made.outbox.put(Letter(f"l{number}", ANN, Word.UNBLOCKED, made.clock.now()))
    kept = await made.people.export(ANN, actor="key:ola")

    assert len(kept["letters"]) == 450


async def test_given_orders_of_half_a_year_ago_when_forgotten_then_the_people_in_them_are_gone() -> None:
    made = shop()
    ann = await (await made.customer().orders()).buys()
    forget = ForgetAddresses(made.people.personal_data, made.clock)
    made.clock.advance(KEPT_FOR - dt.timedelta(minutes=1))
    early = await forget()
    made.clock.advance(dt.timedelta(minutes=2))

    assert (early, await forget(), await forget()) == (0, 1, 0)
    assert (await ann.all_orders())[0].shipment.sender.name == ""


async def test_given_a_store_nobody_has_started_on_when_the_rules_are_read_then_nothing_changes() -> None:
    made = shop()

    assert not await made.rules()
    assert made.rules.now == made.policy
