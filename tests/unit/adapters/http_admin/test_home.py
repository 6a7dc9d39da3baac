"""What an operator sees first, and what pages show of an item beside the item itself."""

from __future__ import annotations

import pytest

from adapters.http_admin.roles import NEEDED
from an_office import Desk, an_office
from builders import ANN, NOW, an_order, minutes
from labels_back import asked, with_labels
from shipping_core.conversation import events as ev
from shipping_core.domain.access import Role
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.order import OrderState
from shipping_core.domain.refund import RefundState


@pytest.fixture
async def desk() -> Desk:
    """An office with three labels, five days old."""
    return await an_office(await with_labels("ord_1", "ord_2", "ord_3"))


@pytest.mark.parametrize("role", Role)
async def test_given_any_key_when_it_asks_who_it_is_then_it_hears_its_name_and_just_what_it_may(
    desk: Desk, role: Role
) -> None:
    me = (await desk.get("/me", role=role)).json()

    assert (me["name"], me["role"]) == (f"key:{role.value}", role.value)
    assert (await desk.get(f"/keys/{me['key_id']}")).json()["name"] == role.value
    assert set(me["may"]) == {name for name, needed in NEEDED.items() if role.may(needed)}
    assert (me["mode"], me["maintenance"]["on"]) == ("test", False)


async def test_given_nothing_that_waits_when_looked_over_then_every_count_is_zero(desk: Desk) -> None:
    overview = (await desk.get("/overview", role=Role.VIEWER)).json()
    refunds = overview.pop("refunds")

    assert {str(one) for one in (*overview.values(), *refunds.values())} == {
        "{'count': 0, 'oldest_at': None}"
    }
    assert {"requested", "void_refused", "void_unknown"} <= refunds.keys()
    assert not {"processed", "rejected", "cancelled"} & refunds.keys()


async def test_given_things_that_wait_when_looked_over_then_they_are_counted_with_the_oldest(
    desk: Desk,
) -> None:
    for label in ("ord_1", "ord_2"):
        await asked(desk.shop, label)
        desk.shop.clock.advance(minutes(1))
    for n in range(2):
        await desk.shop.orders.add(an_order(state=OrderState.PARKED, created_at=NOW + minutes(n)))
    at = desk.shop.clock.now()
    await desk.store.alerts.note(AlertKind.ERROR, "x", "x", at, quiet=minutes(1))
    overview = (await desk.get("/overview")).json()

    refund = (await desk.get("/refunds?order=asc")).json()["items"][0]
    assert overview["refunds"]["requested"] == {"count": 2, "oldest_at": refund["created_at"]}
    assert overview["orders_parked"] == {"count": 2, "oldest_at": "2031-04-07T12:00:00Z"}
    assert overview["alerts_open"]["count"] == 1


async def test_given_refunds_in_many_states_when_asked_for_several_then_those_come_and_no_other(
    desk: Desk,
) -> None:
    first, second, third = [await asked(desk.shop, label) for label in ("ord_1", "ord_2", "ord_3")]
    desk.shop.shipping.voids_approved = False
    await desk.shop.decide_refund.approve(first.refund_id, actor="eve")
    await desk.shop.decide_refund.reject(second.refund_id, actor="eve", reason="x")
    states = (RefundState.REQUESTED, RefundState.VOID_REFUSED)
    query = "&".join(f"state={state.value}" for state in states)
    page = (await desk.get(f"/refunds?{query}&limit=1")).json()
    rest = (await desk.get(f"/refunds?{query}&limit=1&cursor={page['next']}")).json()
    table = await desk.get(f"/refunds.csv?{query}")
    twice = await desk.get("/refunds?user_id=x&user_id=y")
    odd = await desk.get("/refunds?state=requested&state=gone")

    found = [item["refund_id"] for item in page["items"] + rest["items"]]
    assert sorted(found) == sorted([first.refund_id, third.refund_id])
    assert table.text.count("\r\n") == 3
    assert twice.json()["errors"] == [{"field": "user_id", "message": "Give it once."}]
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "state"), odd.text


async def test_given_a_refund_when_listed_and_shown_then_it_says_when_the_carriers_window_ends(
    desk: Desk,
) -> None:
    live, ended = [await asked(desk.shop, label) for label in ("ord_1", "ord_2")]
    await desk.shop.decide_refund.reject(ended.refund_id, actor="eve", reason="x")
    rows = {row["refund_id"]: row for row in (await desk.get("/refunds")).json()["items"]}
    shown = (await desk.get(f"/refunds/{live.refund_id}")).json()

    assert rows[live.refund_id]["closes_at"] == shown["closes_at"] == "2031-05-05T12:00:00Z"
    assert rows[ended.refund_id]["closes_at"] is None


async def test_given_a_balance_when_changed_by_hand_then_the_answer_has_the_new_one(desk: Desk) -> None:
    await desk.shop.customer().does(ev.Started())
    before = (await desk.get(f"/users/{ANN}")).json()["balances"]["test"]["available"]["minor"]
    body = {"amount_minor": 250, "mode": "test", "reason": "Sorry."}
    done = (await desk.pay(f"/users/{ANN}/adjust", body)).json()

    assert done["approval"] is None
    assert done["balance"]["available"]["minor"] == before + 250


async def test_given_broadcasts_when_listed_then_one_that_was_started_shows_how_far_it_is(
    desk: Desk,
) -> None:
    await desk.shop.customer().does(ev.Started())
    texts = {"texts": {"en": "Hello", "ru": "Привет"}}
    drafts = [(await desk.post("/broadcasts", texts)).json()["broadcast_id"] for _ in range(2)]
    await desk.post(f"/broadcasts/{drafts[1]}/start", headers={"If-Match": '"1"'})
    rows = {row["broadcast_id"]: row for row in (await desk.get("/broadcasts")).json()["items"]}

    assert rows[drafts[0]]["progress"] is None
    assert rows[drafts[1]]["progress"]["total"] == rows[drafts[1]]["total"] == 1
