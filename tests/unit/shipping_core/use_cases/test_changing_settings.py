"""What operators decide at run time, and what customers notice of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from a_shop import BACK_AGAIN, OLA, Shop, shop
from adapters.memory.outbox import MemoryAudit
from adapters.memory.shelves import MemoryShelf
from builders import A_WHOLE_ORDER, ANN, minutes, usd
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.markup import MarkupRule, MarkupRules
from shipping_core.domain.policy import Maintenance, Policy, RefundRules, RefundWindow, SecondPerson, Standing
from shipping_core.errors import Conflict, InvalidInput, OutcomeUnknown
from shipping_core.use_cases.rulebook import Rulebook

CLOSED = Maintenance(on=True, message={"en": "Back at <noon>.", "ru": "Вернёмся в полдень."})
ALONE = SecondPerson(credit_above=None, override_above=None, production=False)


async def begun(**decisions: Any) -> Shop:
    """A shop that has been started once."""
    made = shop(**decisions)
    await made.rules.begin()
    return made


async def switched(made: Shop, mode: Mode) -> None:
    """The mode, switched by the owner."""
    standing, _ = await made.settings.now()
    await made.settings.switch_mode(
        mode, typed=mode.name, version=standing.version, actor="ola", reason="ready"
    )


async def maintained(made: Shop, maintenance: Maintenance, notice: Mapping[str, str] | None = None) -> None:
    """Maintenance, on or off."""
    standing, _ = await made.settings.now()
    await made.settings.maintain(
        maintenance, version=standing.version, actor="ola", reason="new shelves", notice=notice
    )


async def test_given_the_first_start_when_begun_then_the_environments_mode_is_kept_for_good() -> None:
    made = await begun()
    shelf = MemoryShelf(made.database, Standing)
    later = Rulebook(evolve(made.policy, mode=Mode.PRODUCTION, contact="@shop"), shelf, made.clock)

    assert (await later.begin()).mode is Mode.TEST
    assert later.now.contact == "@shop"


async def test_given_a_change_when_another_process_reads_the_rules_then_it_follows_and_says_so_once() -> None:
    made = await begun()
    other = Rulebook(made.policy, MemoryShelf(made.database, Standing), made.clock)
    await other.begin()
    await made.settings.change({"contact": "@help"}, version=1, actor="ola", reason="a name at last")

    assert (other.now.contact, await other(), other.now.contact, await other()) == ("", True, "@help", False)


async def test_given_a_decision_when_taken_back_then_the_environments_counts_again() -> None:
    made = await begun(topup_least=usd("2.00"))
    await made.settings.change({"topup_least": usd("5.00")}, version=1, actor="ola", reason="fees")
    raised = made.rules.now.topup_least
    await made.settings.change({"topup_least": None}, version=2, actor="ola", reason="no fees")

    assert (raised, made.rules.now.topup_least) == (usd("5.00"), usd("2.00"))


async def test_given_new_markup_when_prices_are_asked_then_they_follow_and_the_order_keeps_its_version() -> (
    None
):
    made = await begun()
    rules = MarkupRules("2", (MarkupRule(fixed=usd("1.00")),))
    before = await made.customer().orders()
    old = before.confirmation.rate.price
    await made.settings.change({"markup": rules}, version=1, actor="ola", reason="rent")
    await before.does(ev.CancelAsked())
    await before.taps(ev.CancelConfirmed())
    after = await before.orders()
    await after.buys()

    assert after.labels[0].price == old + usd("1.00")
    assert after.labels[0].rate.markup is not None
    assert after.labels[0].rate.markup.version == "2"


async def test_given_a_stale_version_when_changed_then_it_is_a_conflict_and_the_first_stays() -> None:
    made = await begun()
    await made.settings.change({"contact": "@one"}, version=1, actor="ola", reason="x")
    with pytest.raises(Conflict):
        await made.settings.change({"contact": "@two"}, version=1, actor="pia", reason="y")

    assert made.rules.now.contact == "@one"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": Mode.PRODUCTION}, "mode"),
        ({"welcome_credit": usd("1.00")}, "welcome_credit"),
        ({"topup_least": usd("0.00")}, "topup_least"),
        ({"topup_least": usd("9.00"), "topup_most": usd("8.00")}, "topup_most"),
        ({"open_invoices": 0}, "open_invoices"),
        ({"orders_a_day": -1}, "orders_a_day"),
        ({"contact": "x" * 201}, "contact"),
        ({"markup": MarkupRules("2", (MarkupRule(Decimal(1001)),))}, "markup"),
        ({"markup": MarkupRules("2", (MarkupRule(least=usd("2.00"), cap=usd("1.99")),))}, "markup"),
        ({"markup": MarkupRules("2", (MarkupRule(Decimal(1)), MarkupRule(Decimal(2))))}, "markup"),
        ({"markup": MarkupRules("2", (MarkupRule(user_id=UserId("nobody")),))}, "markup"),
        (
            {"refunds": RefundRules(windows={"": RefundWindow(28, "x"), "usps": RefundWindow(0, "x")})},
            "refunds.windows.usps",
        ),
        ({"refunds": RefundRules(windows={})}, "refunds.windows.default"),
        ({"refunds": RefundRules(windows={"ups": RefundWindow(90, "x")})}, "refunds.windows.default"),
        ({"refunds": RefundRules(windows={"": RefundWindow(5, "x")})}, "refunds.windows.default"),
        ({"refunds": RefundRules(windows={"": RefundWindow(30, " ")})}, "refunds.windows.default"),
        ({"refunds": evolve(RefundRules(), least_age=RefundRules().least_age * 99)}, "refunds.least_age"),
        ({"second_person": SecondPerson(credit_above=-usd("1.00"))}, "second_person.credit_above"),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
async def test_given_what_cannot_be_used_when_changed_then_the_field_is_named_and_nothing_changes(
    changes: dict[str, Any], field: str
) -> None:
    made = await begun()
    with pytest.raises(InvalidInput) as refused:
        await made.settings.change(changes, version=1, actor="ola", reason="why not")

    assert refused.value.field == field
    assert (await made.settings.now())[0].version == 1


async def test_given_no_reason_when_anything_is_decided_then_it_is_asked_for() -> None:
    made = await begun()
    with pytest.raises(InvalidInput, match="reason"):
        await made.settings.change({"contact": "@x"}, version=1, actor="ola", reason=" ")
    with pytest.raises(InvalidInput, match="reason"):
        await made.settings.maintain(CLOSED, version=1, actor="ola", reason="", notice={})

    assert (await made.settings.now())[0].version == 1


async def test_given_what_is_decided_so_already_when_changed_then_there_is_no_new_version() -> None:
    made = await begun()
    await made.settings.change({"contact": "@one"}, version=1, actor="ola", reason="x")
    for changes in ({}, {"contact": "@one"}, {"open_invoices": None}):
        same = await made.settings.change(changes, version=2, actor="ola", reason="x")

        assert same.version == 2
    assert len(await MemoryAudit(made.database).of("settings")) == 1


async def test_given_a_contact_with_characters_nobody_sees_when_decided_then_they_are_left_out() -> None:
    made = await begun()
    await made.settings.change({"contact": "\u202e@o\x00ne "}, version=1, actor="ola", reason="x")

    assert made.rules.now.contact == "@one"


async def test_given_rules_of_a_markup_when_decided_then_the_audit_has_them_as_json() -> None:
    made = await begun()
    await made.customer().does(ev.Started())
    rules = MarkupRules("2", (MarkupRule(Decimal("7.5"), cap=usd("3.00"), user_id=ANN),))
    refunds = RefundRules(windows={"": RefundWindow(30, "x")})
    await made.settings.change({"markup": rules, "refunds": refunds}, version=1, actor="ola", reason="x")
    [row] = await MemoryAudit(made.database).of("settings")
    told = json.loads(row.after)

    assert told["markup"]["rules"][0] == {
        "percent": "7.5", "fixed": "0.00 USD", "least": "0.00 USD", "cap": "3.00 USD",
        "carrier_code": "", "service_code": "", "user_id": ANN,
    }  # fmt: skip
    assert told["refunds"]["least_age"] == "5 days"
    assert told["refunds"]["windows"] == {"": {"days": 30, "source": "x"}}


@pytest.mark.parametrize("reason", ["", " \n", "\x00", "\u200b", "\u202e", "\u200d"])
async def test_given_a_reason_that_nobody_can_see_when_changed_then_it_is_none(reason: str) -> None:
    made = await begun()
    with pytest.raises(InvalidInput, match="reason"):
        await made.settings.change({"contact": "@x"}, version=1, actor="ola", reason=reason)


async def test_given_every_change_when_the_audit_is_read_then_each_stands_there_once() -> None:
    made = await begun(second_person=ALONE)
    await made.settings.change({"contact": "@one"}, version=1, actor="ola", reason="x")
    await maintained(made, CLOSED)
    await maintained(made, Maintenance())
    await switched(made, Mode.PRODUCTION)
    rows = await MemoryAudit(made.database).of("settings")

    assert [row.action for row in rows] == ["changed", "maintenance_on", "maintenance_off", "mode_production"]
    assert rows[0].after == '{"contact": "@one"}'
    assert (rows[3].before, rows[3].after) == ('{"mode": "test"}', '{"mode": "production"}')


# The mode.


async def test_given_another_word_when_the_mode_is_switched_then_nothing_happens() -> None:
    made = await begun(second_person=ALONE)
    with pytest.raises(InvalidInput, match="type PRODUCTION"):
        await made.settings.switch_mode(
            Mode.PRODUCTION, typed="production", version=1, actor="ola", reason="ready"
        )

    assert made.rules.now.mode is Mode.TEST


async def test_given_an_installation_that_is_not_ready_when_switched_then_it_says_what_is_missing() -> None:
    made = await begun(second_person=ALONE)
    made.ready.lacks[Mode.PRODUCTION] = ["RESALE_PERMISSION_CONFIRMED is missing"]
    with pytest.raises(InvalidInput, match="RESALE_PERMISSION_CONFIRMED"):
        await switched(made, Mode.PRODUCTION)

    assert made.rules.now.mode is Mode.TEST


async def test_given_the_present_mode_when_switched_to_then_it_is_a_conflict() -> None:
    made = await begun()
    with pytest.raises(Conflict):
        await switched(made, Mode.TEST)


async def test_given_an_open_price_when_the_mode_is_switched_then_it_is_dead_and_asked_for_anew() -> None:
    made = await begun(second_person=ALONE)
    await made.top_up("50.00", mode=Mode.PRODUCTION)
    ann = await made.customer().orders()
    await switched(made, Mode.PRODUCTION)
    await ann.buys()

    assert ann.note == "price_same"
    assert ann.labels == []
    await ann.chooses()
    await ann.buys()
    assert [order.mode for order in ann.labels] == [Mode.PRODUCTION]


async def test_given_both_modes_when_money_is_spent_in_one_then_the_other_is_untouched() -> None:
    made = await begun(second_person=ALONE)
    ann = await (await made.customer().orders()).buys()
    test_money = await ann.balance()
    await switched(made, Mode.PRODUCTION)
    await made.top_up("20.00", mode=Mode.PRODUCTION)
    await (await ann.orders()).buys()

    assert await made.balances.balance(ANN, Mode.TEST) == test_money
    assert (await made.balances.balance(ANN, Mode.PRODUCTION)).available < usd("20.00")
    assert {o.mode for o in await ann.all_orders()} == set(Mode)


async def test_given_an_order_in_doubt_when_the_mode_is_switched_then_it_ends_in_its_own() -> None:
    made = await begun(second_person=ALONE)
    made.shipping.accidents = [OutcomeUnknown("buy")]
    ann = await (await made.customer().orders()).buys()
    await switched(made, Mode.PRODUCTION)
    made.clock.advance(minutes(2))
    await made.reconciled()

    (order,) = await ann.all_orders()
    assert (order.mode, order.label is not None) == (Mode.TEST, True)


async def test_given_a_second_person_is_wanted_when_switched_to_production_then_it_waits_for_one() -> None:
    made = await begun()
    waiting = await made.settings.switch_mode(
        Mode.PRODUCTION, typed="PRODUCTION", version=1, actor="ola", reason="ready"
    )
    assert waiting.approval is not None
    with pytest.raises(Conflict, match="somebody else"):
        await made.consent.grant(waiting.approval.approval_id, actor="ola", reason="me too")
    before = made.rules.now.mode
    await made.consent.grant(waiting.approval.approval_id, actor="pia", reason="looked at it")

    assert (before, made.rules.now.mode) == (Mode.TEST, Mode.PRODUCTION)
    rows = await MemoryAudit(made.database).of("settings")
    assert [(row.action, row.actor) for row in rows] == [("mode_production", "ola")]


async def test_given_settings_changed_meanwhile_when_production_is_granted_then_it_must_be_asked_anew() -> (
    None
):
    made = await begun()
    waiting = await made.settings.switch_mode(
        Mode.PRODUCTION, typed="PRODUCTION", version=1, actor="ola", reason="ready"
    )
    await made.settings.change({"contact": "@x"}, version=1, actor="ola", reason="y")
    assert waiting.approval is not None
    with pytest.raises(Conflict):
        await made.consent.grant(waiting.approval.approval_id, actor="pia", reason="fine")

    assert made.rules.now.mode is Mode.TEST
    assert (await made.consent.approvals.get(waiting.approval.approval_id)).state.value == "waiting"


# Maintenance.


async def test_given_maintenance_when_a_customer_orders_then_they_read_why_and_the_order_is_kept() -> None:
    made = await begun()
    ann = made.customer()
    await maintained(made, CLOSED)
    await ann.says(A_WHOLE_ORDER)

    assert ann.note == "maintenance"
    assert ann.card.note is not None
    assert ann.card.note.facts["en"] == "Back at <noon>."
    await maintained(made, Maintenance())
    await ann.taps(ev.PricesAsked())
    assert isinstance(ann.screen, sc.RateList)


async def test_given_maintenance_at_the_last_moment_when_buy_is_tapped_then_nothing_is_bought_or_held() -> (
    None
):
    made = await begun()
    ann = await made.customer().orders()
    await maintained(made, CLOSED)
    await ann.buys()

    assert (ann.note, ann.labels, (await ann.balance()).held) == ("maintenance", [], usd("0.00"))


async def test_given_maintenance_when_staff_order_then_they_are_let_in() -> None:
    made = await begun()
    await maintained(made, CLOSED)
    ola = await (await made.customer(OLA).orders()).buys()

    assert len(ola.labels) == 1


async def test_given_a_purchase_in_flight_when_maintenance_begins_then_it_is_finished() -> None:
    made = await begun()
    made.shipping.accidents = [OutcomeUnknown("buy")]
    ann = await (await made.customer().orders()).buys()
    await maintained(made, CLOSED)
    made.clock.advance(minutes(2))
    await made.reconciled()

    assert len(ann.labels) == 1


async def test_given_maintenance_when_switched_on_and_off_then_the_notices_go_out() -> None:
    made = await begun()
    await maintained(made, CLOSED, {"en": "soon", "ru": "скоро"})
    await maintained(made, Maintenance())
    await maintained(made, CLOSED)
    await maintained(made, Maintenance(), {})

    assert made.announced.notices == [{"en": "soon", "ru": "скоро"}, BACK_AGAIN]


async def test_given_no_maintenance_when_switched_off_again_then_nobody_is_told_that_it_is_over() -> None:
    made = await begun()
    await maintained(made, Maintenance())

    assert made.announced.notices == []


@pytest.mark.parametrize(
    ("notice", "field"),
    [({"en": "Back at 5 & sorry", "ru": "x"}, "notice.en"), ({"en": "only one"}, "notice.ru")],
    ids=["mark-up", "one language"],
)
async def test_given_a_notice_that_cannot_be_sent_when_maintenance_begins_then_nothing_is_changed(
    notice: dict[str, str], field: str
) -> None:
    made = await begun()
    with pytest.raises(InvalidInput) as refused:
        await maintained(made, CLOSED, notice)

    assert (refused.value.field, made.rules.now.maintenance.on) == (field, False)
    assert (await made.settings.now())[0].version == 1


async def test_given_a_rival_when_maintenance_is_lost_to_them_then_its_notice_is_not_sent() -> None:
    made = await begun()
    standing, _ = await made.settings.now()
    words = {"en": "soon", "ru": "скоро"}
    acts = (
        made.settings.maintain(CLOSED, version=standing.version, actor=a, reason="x", notice=words)
        for a in ("ola", "pia")
    )
    ended = await asyncio.gather(*acts, return_exceptions=True)

    assert sum(isinstance(e, Conflict) for e in ended) == 1
    assert made.announced.notices == [words]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "message.en"),
        ({"en": "x"}, "message.ru"),
        ({"en": "x" * 1001, "ru": "y"}, "message.en"),
        ({"en": "x", "ru": "y", "de": "z"}, "message.de"),
    ],
    ids=["none", "one", "long", "unknown"],
)
async def test_given_a_message_that_cannot_be_shown_when_maintenance_begins_then_it_is_refused(
    message: dict[str, str], field: str
) -> None:
    made = await begun()
    with pytest.raises(InvalidInput) as refused:
        await maintained(made, Maintenance(on=True, message=message))

    assert (refused.value.field, made.rules.now.maintenance.on) == (field, False)


def test_given_a_policy_when_asked_what_counts_now_then_it_is_itself() -> None:
    rules = MarkupRules("1", (MarkupRule(percent=Decimal(10)),))

    assert Policy(markup=rules).now == Policy(markup=rules)
