"""People, settings, consent, refunds and broadcasts over the API; and what bad bodies do: nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from a_shop import OLA, shop
from an_office import Desk, an_office, routes_of
from builders import ANN, usd
from labels_back import DAY
from shipping_core.conversation import events as ev
from shipping_core.domain.access import Role
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money
from shipping_core.domain.policy import SecondPerson


@pytest.fixture
async def desk() -> Desk:
    """An office with a customer who has bought three labels, two of them six days ago."""
    made = shop()
    for _ in range(2):
        await (await made.customer().orders()).buys()
        made.clock.advance(DAY / 24)
    made.clock.advance(6 * DAY)
    await (await made.customer().orders()).buys()
    await made.customer(OLA).does(ev.Started())
    return await an_office(made)


async def available(desk: Desk) -> Money:
    """What the customer may spend."""
    return (await desk.shop.balances.balance(ANN, Mode.TEST)).available


def kept(desk: Desk) -> Any:
    """Everything that is kept, but for what only counts guesses, answers and uses of keys."""
    tables = desk.shop.database._tables
    passing = {"guesses", "answers", "ApiKey", "ApiKey:unique"}
    return copy.deepcopy({name: dict(rows) for name, rows in tables.items() if name not in passing})


def named(answer: Any) -> list[str]:
    """The fields a refusal names."""
    return [problem["field"] for problem in answer.json().get("errors", [])]


# Whatever the route.


@pytest.mark.parametrize(
    "body",
    [
        {"nobody_knows_this": 1}, [], "text", None, 7, {"reason": {"$gt": ""}},
        {"reason": "x", "amount_minor": {"$ne": 0}}, {"ids": [{"$gt": ""}], "reason": "x"},
    ],
    ids=lambda body: str(body)[:24],
)  # fmt: skip
async def test_given_any_route_with_a_body_when_it_is_nonsense_then_it_is_4xx_and_nothing_changes(
    desk: Desk, body: Any
) -> None:
    before, asked = kept(desk), 0
    for route in routes_of(desk.app):
        if route.method == "POST" and "data" in route.handler.parsed_fn_signature.parameters:
            path = route.path.replace("{user_id}", ANN)
            for part in (
                "order_id",
                "refund_id",
                "topup_id",
                "track_id",
                "approval_id",
                "broadcast_id",
                "key_id",
            ):
                path = path.replace(f"{{{part}}}", "x1")
            head = {"Idempotency-Key": f"nonsense-{asked}", "If-Match": '"1"'}
            answer = await desk.ask("POST", path, json=body, headers=head)
            asked += 1

            assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text)
    assert asked > 25
    assert kept(desk) == before


async def test_given_a_body_of_ten_megabytes_or_a_thousand_deep_when_sent_then_it_is_refused(
    desk: Desk,
) -> None:
    path, head = f"/users/{ANN}/notes", {"Content-Type": "application/json"}
    large = await desk.ask("POST", path, content=b'{"text": "' + b"x" * 10_000_000 + b'"}', headers=head)
    deep = await desk.ask("POST", path, content=b'{"text": ' + b"[" * 1000 + b"]" * 1000 + b"}", headers=head)

    assert large.status_code == 413
    assert deep.status_code in {400, 422}
    assert (await desk.shop.users.get(ANN)).notes == ()


# People.


async def test_given_an_adjustment_above_the_limit_when_another_key_consents_then_it_moves_once(
    desk: Desk,
) -> None:
    before = await available(desk)
    body = {"amount_minor": 15_000, "mode": "test", "reason": "A prize."}
    asked = await desk.pay(f"/users/{ANN}/adjust", body, role=Role.FINANCE)
    path = f"/approvals/{asked.json()['approval']['approval_id']}/grant"
    own = await desk.pay(path, {"reason": "Mine."}, role=Role.FINANCE, once="own-grant")
    waiting = await available(desk)
    granted = await desk.pay(path, {"reason": "Right."}, once="other-grant")
    second = await desk.pay(path, {"reason": "Right."}, once="second-tab")

    assert (asked.status_code, own.status_code, granted.status_code, second.status_code) == (
        202,
        409,
        200,
        409,
    )
    assert waiting == before
    assert await available(desk) == before + usd("150.00")
    assert "granted by key:owner" in second.json()["detail"]


async def test_given_more_than_there_is_when_taken_then_409_names_the_amount_and_nothing_moves(
    desk: Desk,
) -> None:
    before = await available(desk)
    body = {"amount_minor": -9_999, "mode": "test", "reason": "Paid out."}
    refused = await desk.pay(f"/users/{ANN}/adjust", body)

    assert (refused.status_code, named(refused), await available(desk)) == (409, ["amount_minor"], before)


async def test_given_a_person_when_blocked_limited_noted_and_unblocked_then_their_page_shows_it(
    desk: Desk,
) -> None:
    await desk.post(f"/users/{ANN}/block", {"reason": "Chargebacks."})
    twice = await desk.post(f"/users/{ANN}/block", {"reason": "Again."})
    own = await desk.post(f"/users/{OLA}/block", {"reason": "A slip."})
    await desk.post(f"/users/{ANN}/notes", {"text": "Friendly."})
    page = await desk.get(f"/users/{ANN}")
    stale = await desk.post(f"/users/{ANN}/limits", {"reason": "x"}, headers={"If-Match": '"1"'})
    missing = await desk.post(f"/users/{ANN}/limits", {"reason": "x"})
    limited = await desk.post(
        f"/users/{ANN}/limits", {"reason": "x", "orders_a_day": 3}, headers={"If-Match": page.headers["ETag"]}
    )
    shown = page.json()

    assert (twice.status_code, own.status_code, named(own)) == (409, 422, ["user_id"])
    assert (stale.status_code, missing.status_code, limited.json()["limits"]["orders_a_day"]) == (412, 428, 3)
    assert (shown["user"]["blocked"], shown["user"]["notes"][0]["text"]) == (True, "Friendly.")
    assert (len(shown["orders"]), shown["conversation"]["state"]) == (3, "Bought")
    assert shown["balances"]["test"]["available"]["minor"] == (await available(desk)).minor


async def test_given_a_statement_when_read_then_the_newest_line_stands_first_and_runs_to_the_balance(
    desk: Desk,
) -> None:
    lines = (await desk.get(f"/users/{ANN}/statement?mode=test")).json()["lines"]
    stranger = await desk.get("/users/nobody/statement?mode=test")
    other = (await desk.get(f"/users/{ANN}/statement?mode=production")).json()["lines"]
    turned: list[Any] = []
    skip: int | None = 0
    while skip is not None:
        page = (await desk.get(f"/users/{ANN}/statement?mode=test&limit=3&skip={skip}")).json()
        turned += page["lines"]
        skip = page["next"]

    assert turned == lines
    assert stranger.status_code == 404
    assert lines[0]["after"]["minor"] == (await available(desk)).minor
    assert [line["transfer"]["kind"] for line in lines] == ["capture"] * 3 + ["adjustment"]
    assert other == []


async def test_given_a_person_when_erased_then_their_id_must_be_typed_and_the_rest_is_as_the_core_says(
    desk: Desk,
) -> None:
    wrong = await desk.post(f"/users/{ANN}/erase", {"confirm": "bob", "reason": "They asked."})
    left = await desk.post(f"/users/{ANN}/erase", {"confirm": ANN, "reason": "They asked."})
    exported = await desk.post(f"/users/{ANN}/export")
    body = {"confirm": ANN, "reason": "They asked.", "waive_balance": True}
    gone = await desk.post(f"/users/{ANN}/erase", body)

    assert (wrong.status_code, named(wrong), left.status_code) == (422, ["confirm"], 409)
    assert len(exported.json()["orders"]) == 3
    assert gone.json()["erased_at"]


# Refunds.


async def test_given_many_refunds_when_decided_at_once_then_each_has_an_outcome_of_its_own(
    desk: Desk,
) -> None:
    orders = [order.order_id for order in await desk.shop.customer().all_orders()]
    asked = await desk.post(
        "/refunds", {"user_id": ANN, "labels": [*orders, "ord_nobody"]}, role=Role.SUPPORT
    )
    verdicts = [(one["label"], one["verdict"], bool(one["refund"])) for one in asked.json()["outcomes"]]
    ids = [one["refund"]["refund_id"] for one in asked.json()["outcomes"] if one["refund"]]
    before = await available(desk)
    body = {"ids": [*ids, "ref_nobody"], "note": "Thanks."}
    done = (await desk.pay("/refunds/approve", body)).json()["outcomes"]
    late = await desk.pay("/refunds/reject", {"ids": ids, "reason": "No."}, once="too-late-1")
    page = (await desk.get(f"/refunds/{ids[0]}")).json()

    assert all(accepted is not bool(verdict) for _, verdict, accepted in verdicts)
    assert sorted(v for _, v, _ in verdicts) == ["", "", "fresh", "unknown"]
    assert [one["refund"]["state"] for one in done[:2]] == ["processed"] * 2
    assert (done[2]["refund"], done[2]["error"]) == (None, "No such thing")
    assert all("processed" in one["detail"] for one in late.json()["outcomes"])
    assert page["refund"]["note"] == "Thanks."
    assert await available(desk) > before


async def test_given_less_than_the_price_when_approved_then_it_needs_a_reason_and_never_more(
    desk: Desk,
) -> None:
    order = (await desk.shop.customer().all_orders())[-1]
    (asked,) = await desk.shop.request_refunds(ANN, [order.order_id])
    assert asked.refund is not None
    path, head = f"/refunds/{asked.refund.refund_id}/approve", {"If-Match": '"1"'}
    answers = []
    for number, body in enumerate(
        ({"amount_minor": 100}, {"amount_minor": 99_999, "amount_reason": "x"}, {"note": "x" * 501})
    ):
        once = {**head, "Idempotency-Key": f"less-than-{number}"}
        answers.append(await desk.ask("POST", path, json=body, headers=once))
    good = {**head, "Idempotency-Key": "less-than-good"}
    less = await desk.ask(
        "POST", path, json={"amount_minor": 100, "amount_reason": "Used once."}, headers=good
    )

    assert [answer.status_code for answer in answers] == [422] * 3
    assert less.json()["amount"]["minor"] == 100


# Settings, and broadcasts.


async def test_given_settings_when_changed_then_they_count_and_null_hands_them_back(desk: Desk) -> None:
    head = {"If-Match": (await desk.get("/settings")).headers["ETag"]}
    body = {
        "reason": "Spring.", "topup_least_minor": 500, "contact": "@help",
        "markup": [{"percent": "12.5", "carrier_code": "usps", "cap_minor": 300}],
        "refunds": {"least_age_days": 7, "windows": {"": {"days": 20, "source": "their page"}}},
        "second_person": {"credit_above_minor": None, "override_above_minor": 100},
    }  # fmt: skip
    changed = await desk.post("/settings", body, headers=head)
    stale = await desk.post("/settings", {"reason": "x", "contact": "@two"}, headers=head)
    again = {"If-Match": changed.headers["ETag"]}
    absurd = await desk.post("/settings", {"reason": "x", "topup_most_minor": 100}, headers=again)
    back = await desk.post("/settings", {"reason": "x", "topup_least_minor": None}, headers=again)
    policy = desk.shop.rules.now

    assert (changed.json()["policy"]["contact"], stale.status_code) == ("@help", 412)
    assert (absurd.status_code, named(absurd)) == (422, ["topup_most_minor"])
    assert back.json()["policy"]["topup_least"]["minor"] == desk.shop.policy.topup_least.minor
    assert (policy.refunds.least_age.days, policy.markup.version, policy.second_person.credit_above) == (
        7,
        "2",
        None,
    )


async def test_given_production_when_switched_to_then_it_is_typed_and_an_owner_must_consent(
    desk: Desk,
) -> None:
    head = {"If-Match": '"1"'}
    wrong = await desk.post(
        "/settings/mode", {"mode": "production", "confirm": "prod", "reason": "Go."}, headers=head
    )
    body = {"mode": "production", "confirm": "PRODUCTION", "reason": "Go."}
    asked = await desk.post("/settings/mode", body, headers=head)
    path = f"/approvals/{asked.json()['approval']['approval_id']}/grant"
    finance = await desk.pay(path, {"reason": "Yes."}, role=Role.FINANCE, once="finance-1")
    _, other = await desk.office.keep_keys.make("second", Role.OWNER, by="owner")
    granted = await desk.pay(path, {"reason": "Yes."}, key=other, once="another-owner")

    assert (wrong.status_code, named(wrong), asked.status_code) == (422, ["confirm"], 202)
    assert (finance.status_code, granted.status_code) == (403, 200)
    assert desk.shop.rules.now.mode is Mode.PRODUCTION


@pytest.mark.parametrize(
    ("given", "decided"),
    [
        ({"credit_above_minor": 20_000}, SecondPerson(credit_above=usd("200.00"), production=False)),
        ({"override_above_minor": None}, SecondPerson(override_above=None, production=False)),
        ({"production": True}, SecondPerson()),
        ({}, SecondPerson(production=False)),
    ],
    ids=["one limit", "null", "production", "nothing"],
)
async def test_given_some_of_the_second_persons_rule_when_changed_then_what_is_left_out_stays(
    desk: Desk, given: dict[str, Any], decided: SecondPerson
) -> None:
    first = await desk.post(
        "/settings", {"reason": "x", "second_person": {"production": False}}, headers={"If-Match": '"1"'}
    )
    head = {"If-Match": first.headers["ETag"]}
    changed = await desk.post("/settings", {"reason": "x", "second_person": given}, headers=head)

    assert changed.status_code == 200
    assert desk.shop.rules.now.second_person == decided


async def test_given_maintenance_when_switched_then_both_languages_are_wanted_and_notices_go_out(
    desk: Desk,
) -> None:
    head = {"If-Match": '"1"'}
    body = {"on": True, "reason": "Shelves.", "message": {"en": "Soon."}}
    half = await desk.post("/settings/maintenance", body, headers=head)
    body["message"] = {"en": "Soon.", "ru": "Скоро."}
    whole = await desk.post("/settings/maintenance", {**body, "notice": body["message"]}, headers=head)

    assert (half.status_code, named(half), whole.status_code) == (422, ["message.ru"], 200)
    assert desk.shop.rules.now.maintenance.on
    assert desk.shop.announced.notices == [{"en": "Soon.", "ru": "Скоро."}]


@pytest.mark.parametrize(("more", "told"), [({}, 1), ({"notice": None}, 0)], ids=["left out", "null"])
async def test_given_maintenance_when_it_is_over_then_customers_hear_unless_told_otherwise(
    desk: Desk, more: dict[str, Any], told: int
) -> None:
    words = {"en": "Soon.", "ru": "Скоро."}
    begun = await desk.post(
        "/settings/maintenance", {"on": True, "reason": "x", "message": words}, headers={"If-Match": '"1"'}
    )
    body, head = {"on": False, "reason": "x", **more}, {"If-Match": begun.headers["ETag"]}
    over = await desk.post("/settings/maintenance", body, headers=head)

    assert (over.status_code, len(desk.shop.announced.notices)) == (200, told)


async def test_given_a_broadcast_when_its_markup_is_broken_then_422_says_where_and_a_good_one_starts_once(
    desk: Desk,
) -> None:
    before = kept(desk)
    broken = await desk.post("/broadcasts", {"texts": {"en": "<b>Hello", "ru": "Привет"}})
    assert (broken.status_code, named(broken), kept(desk)) == (422, ["texts.en"], before)
    made = await desk.post("/broadcasts", {"texts": {"en": "<b>Hello</b>", "ru": "Привет"}})
    path, head = f"/broadcasts/{made.json()['broadcast_id']}", {"If-Match": made.headers["ETag"]}
    count = await desk.post("/segments/count", {})
    shown = await desk.post(f"{path}/preview", {"user_id": OLA})
    started = await desk.post(f"{path}/start", headers=head)
    second = await desk.post(f"{path}/start", headers=head)
    stopped = await desk.post(f"{path}/stop")

    assert (count.json()["users"], shown.json()["delivery"]) == (2, "arrived")
    assert (started.json()["progress"]["total"], second.status_code) == (2, 412)
    assert stopped.json()["broadcast"]["state"] == "stopped"
