"""Decisions over HTTP: done once, by whom it is said, and never by half."""

from __future__ import annotations

from asyncio import gather
from typing import Any

import pytest
from attrs import evolve

from a_shop import shop
from an_office import Desk, an_office
from builders import NOW, a_label, a_link, an_invoice, an_order, usd
from carriers import ScriptedShipping
from labels_back import asked, with_labels
from shipping_core.domain.access import Role
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import InvoiceState
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import OutcomeUnknown, StoreUnavailable, TransactionConflict
from shipping_core.ports.unit_of_work import UnitOfWork

BECAUSE = {"reason": "agreed by phone"}


@pytest.fixture
async def desk() -> Desk:
    return await an_office()


async def parked(desk: Desk) -> Order:
    """An order in doubt, its price held."""
    await desk.shop.top_up("50.00")
    order = an_order()
    await desk.shop.settle.reserved(order)
    claimed = order.claimed(NOW, carrier_order="")
    unknown = claimed.unknown("timeout", NOW)
    for step in (claimed, unknown):
        await desk.shop.orders.save(step)
    return await desk.shop.settle.parked(unknown, "contradictory")


async def in_review(desk: Desk) -> None:
    """A top-up of $25.00 of which $10.00 came and lies in suspense."""
    invoice = an_invoice(state=InvoiceState.WAITING, links=(a_link(),))
    await desk.shop.invoices.add(invoice)
    await desk.shop.invoices.save(invoice.doubted("190000001", "underpaid", NOW, suspended=usd("10.00")))


async def available(desk: Desk) -> str:
    return str((await desk.shop.balances.balance(an_order().user_id, Mode.TEST)).available)


async def test_given_a_parked_order_when_confirmed_not_bought_then_its_money_is_free_and_the_audit_says_who(
    desk: Desk,
) -> None:
    order = await parked(desk)
    answer = await desk.pay(f"/orders/{order.order_id}/confirm-not-bought", BECAUSE, role=Role.FINANCE)

    assert (answer.status_code, answer.json()["state"]) == (200, "failed")
    assert answer.headers["etag"] == f'"{order.version + 1}"'
    assert await available(desk) == "50.00 USD"
    row = (await desk.store.audit.of(f"order:{order.order_id}"))[-1]
    assert (row.actor, row.reason) == ("key:finance", "agreed by phone")


async def test_given_a_parked_order_and_the_carriers_label_when_adopted_then_it_is_charged(
    desk: Desk,
) -> None:
    order = await parked(desk)
    desk.shop.shipping.labels[order.reference] = [a_label()]
    answer = await desk.pay(f"/orders/{order.order_id}/adopt", {"label_id": "label-1", **BECAUSE})

    assert (answer.status_code, answer.json()["state"]) == (200, "purchased")
    assert answer.json()["charged"]["text"] == "7.42 USD"


async def test_given_an_order_when_shown_then_its_money_and_history_come_along_under_its_version(
    desk: Desk,
) -> None:
    order = await parked(desk)
    answer = await desk.get(f"/orders/{order.order_id}", role=Role.VIEWER)
    shown = answer.json()

    assert answer.headers["etag"] == f'"{order.version}"'
    assert shown["order"]["state"] == "parked"
    assert [t["kind"] for t in shown["transfers"]] == ["hold"]
    assert [row["after"] for row in shown["audit"]] == ["reserved", "parked"]
    assert shown["refunds"] == []


async def test_given_an_order_that_is_not_parked_when_decided_then_409_says_where_it_stands(
    desk: Desk,
) -> None:
    order = an_order(state=OrderState.PURCHASED)
    await desk.shop.orders.add(order)
    answer = await desk.pay(f"/orders/{order.order_id}/void-and-release", BECAUSE)

    assert answer.status_code == 409
    assert "is purchased, not parked" in answer.json()["detail"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
async def test_given_no_usable_reason_when_decided_then_422_names_it_and_nothing_is_done(
    desk: Desk, reason: str
) -> None:
    order = await parked(desk)
    answer = await desk.pay(f"/orders/{order.order_id}/confirm-not-bought", {"reason": reason})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")
    assert (await desk.shop.orders.get(order.order_id)).state is OrderState.PARKED


async def test_given_a_payment_in_review_when_credited_then_the_customer_has_it_and_it_is_decided(
    desk: Desk,
) -> None:
    await in_review(desk)
    answer = await desk.pay(
        "/topups/inv_1/reviews/190000001/credit", {"amount_minor": 900, **BECAUSE}, role=Role.FINANCE
    )
    shown = (await desk.get("/topups/inv_1")).json()

    assert answer.status_code == 200, answer.text
    assert await available(desk) == "9.00 USD"
    assert shown["topup"]["decided"] == {"190000001": "underpaid"}
    assert [t["amount"]["text"] for t in shown["transfers"] if t["kind"] == "reviewed"] == ["9.00 USD"]


async def test_given_more_than_came_when_credited_then_422_names_the_amount(desk: Desk) -> None:
    await in_review(desk)
    for amount in (1001, 0, -1):
        answer = await desk.pay(
            "/topups/inv_1/reviews/190000001/credit",
            {"amount_minor": amount, **BECAUSE},
            once=f"try-{amount:05}",
        )

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "amount_minor")
    assert await available(desk) == "0.00 USD"


async def test_given_a_payment_in_review_when_closed_then_the_customer_gets_nothing(desk: Desk) -> None:
    await in_review(desk)

    assert (await desk.pay("/topups/inv_1/reviews/190000001/close", BECAUSE)).status_code == 200
    assert await available(desk) == "0.00 USD"
    assert (
        await desk.pay("/topups/inv_1/reviews/190000001/close", BECAUSE, once="another-try")
    ).status_code == 409


MONEY = [
    "/orders/ord_1/adopt",
    "/orders/ord_1/confirm-not-bought",
    "/orders/ord_1/void-and-release",
    "/topups/inv_1/reviews/1/credit",
    "/topups/inv_1/reviews/1/close",
]


@pytest.mark.parametrize("path", MONEY)
@pytest.mark.parametrize("key", [None, "", "short", "x" * 129, "with spaces in it"])
async def test_given_no_usable_idempotency_key_when_money_would_move_then_400_names_it(
    desk: Desk, path: str, key: str | None
) -> None:
    headers = {"Idempotency-Key": key} if key is not None else {}
    answer = await desk.post(path, BECAUSE, headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")


async def credit(desk: Desk, *, once: str = "credit-77", amount: int = 900, **more: Any) -> Any:
    body = {"amount_minor": amount, **BECAUSE}
    return await desk.pay("/topups/inv_1/reviews/190000001/credit", body, once=once, **more)


async def test_given_the_same_request_again_when_sent_then_the_recorded_answer_comes_and_nothing_is_done(
    desk: Desk,
) -> None:
    await in_review(desk)
    first, again = await credit(desk), await credit(desk)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["etag"] == first.headers["etag"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (
        None,
        "true",
    )
    assert await available(desk) == "9.00 USD"


async def test_given_a_refusal_when_asked_again_then_the_same_refusal_comes(desk: Desk) -> None:
    first, again = await credit(desk), await credit(desk)

    assert first.status_code == again.status_code == 404
    assert again.headers["idempotency-replayed"] == "true"


async def test_given_a_key_in_use_when_sent_with_another_body_then_422_names_it(desk: Desk) -> None:
    await in_review(desk)
    await credit(desk)
    answer = await credit(desk, amount=901)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_given_two_operators_with_the_same_key_when_they_act_then_neither_gets_the_others_answer(
    desk: Desk,
) -> None:
    await in_review(desk)
    await credit(desk, role=Role.FINANCE)
    answer = await credit(desk, role=Role.OWNER)

    assert answer.status_code == 409
    assert "idempotency-replayed" not in answer.headers


async def test_given_a_role_too_small_when_it_tries_then_that_is_not_kept_for_later(desk: Desk) -> None:
    await in_review(desk)

    assert (await credit(desk, role=Role.VIEWER)).status_code == 403
    assert list(desk.shop.database.scan("answers")) == []


async def test_given_one_request_many_times_at_once_when_sent_then_one_is_done_and_the_others_hear_so(
    desk: Desk,
) -> None:
    await in_review(desk)
    answers = await gather(*(credit(desk) for _ in range(12)))

    assert {a.status_code for a in answers} <= {200, 409}
    assert {a.json()["type"] for a in answers if a.status_code == 409} <= {
        "urn:shipping:problem:being-answered"
    }
    assert all(a.headers["retry-after"] for a in answers if a.status_code == 409)
    assert len({a.content for a in answers if a.status_code == 200}) == 1
    assert await available(desk) == "9.00 USD"


async def test_given_an_answer_for_now_only_when_asked_again_then_it_is_tried_again() -> None:
    class Silent(ScriptedShipping):
        silent = True

        async def find(self, prepared: Any) -> Any:
            if self.silent:
                raise OutcomeUnknown("find")
            return await super().find(prepared)

    desk = await an_office(shop(shipping=(carrier := Silent())))
    order = await parked(desk)
    path = f"/orders/{order.order_id}/confirm-not-bought"
    first = await desk.pay(path, BECAUSE)
    carrier.silent = False
    second = await desk.pay(path, BECAUSE)

    assert (first.status_code, second.status_code) == (502, 200)


async def test_given_a_refusal_for_the_version_when_it_is_read_again_then_the_same_key_is_heard_anew() -> (
    None
):
    desk = await an_office(await with_labels())
    refund = await asked(desk.shop)
    path, once = f"/refunds/{refund.refund_id}/approve", {"Idempotency-Key": "approve-1"}
    answers = [
        await desk.post(path, {}, headers={**once, **match})
        for match in ({}, {"If-Match": '"9"'}, {"If-Match": '"1"'}, {"If-Match": '"2"'})
    ]

    assert [a.status_code for a in answers] == [428, 412, 200, 200]
    assert "idempotency-replayed" not in answers[2].headers
    assert answers[3].content == answers[2].content
    assert answers[3].headers["etag"] == answers[2].headers["etag"]


async def test_given_a_race_that_was_lost_when_asked_again_then_it_is_tried_again() -> None:
    made, lost = shop(), [TransactionConflict("transaction", "lost")]

    class OnceLost(UnitOfWork):
        async def run(self, body: Any) -> Any:
            if lost:
                raise lost.pop()
            return await made.work.run(body)

    desk = await an_office(made, resolve_review=evolve(made.resolve_review, unit_of_work=OnceLost()))
    await in_review(desk)
    first, second = await credit(desk), await credit(desk)

    assert (first.status_code, first.headers["retry-after"]) == (409, "5")
    assert second.status_code == 200


async def test_given_a_store_that_does_not_answer_when_asked_then_503_says_when_to_come_back() -> None:
    class Away:
        async def page(self, _: Any) -> Any:
            raise StoreUnavailable("db7.internal")

    desk = await an_office(lists=Away())
    for path in ("/orders", "/orders.csv"):
        answer = await desk.get(path)

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "db7.internal" not in answer.text
