"""The office's door, its answers given once and its lists, on a real replica set."""

from __future__ import annotations

import time
from asyncio import gather
from collections.abc import Callable
from typing import Any

import pytest

from adapters.memory.clock import MemoryClock
from adapters.mongo.documents import GuessesDocument
from adapters.mongo.store import Store
from an_office import FIRST_KEY, Desk, an_office
from builders import NOW, a_link, an_invoice, an_order, usd
from integration.mongo.conftest import Raw
from shipping_core.domain.access import ApiKey, fingerprint_of
from shipping_core.domain.ids import InvoiceId, Mode, UserId
from shipping_core.domain.invoice import InvoiceState
from shipping_core.domain.listing import LISTED
from shipping_core.use_cases.open_office import OpenOffice
from shipping_core.use_cases.resolve_review import ResolveReview

GUESSES = 10_000
ROUNDS, RIVALS = 30, 16


@pytest.fixture
async def desk(store: Store) -> Desk:
    clock = MemoryClock(NOW)
    return await an_office(
        open_office=OpenOffice(store.shelf(ApiKey), store.guesses, clock, fingerprint_of(FIRST_KEY)),
        resolve_review=ResolveReview(store.invoices, store.unit_of_work, clock),
        orders=store.orders,
        invoices=store.invoices,
        audit=store.audit,
        answers=store.answers,
        lists=store.lists,
        per_minute=100_000,
    )


async def test_given_ten_thousand_guesses_when_made_then_the_door_stays_quick_and_the_store_small(
    desk: Desk, raw: Raw, record_property: Callable[[str, object], None]
) -> None:
    begun = time.monotonic()
    statuses: list[int] = []
    for first in range(0, GUESSES, 50):
        answers = await gather(
            *(desk.get("/keys", key=f"sck_guess_{n}", peer="198.51.100.7") for n in range(first, first + 50))
        )
        statuses += [answer.status_code for answer in answers]
    took = time.monotonic() - begun
    asked = time.monotonic()
    elsewhere = await desk.get("/orders", key=FIRST_KEY, peer="203.0.113.9")
    record_property("guesses_per_s", round(GUESSES / took))

    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= 50, "what came at once before the first was counted, and nothing after"
    assert (await desk.get("/orders", key=FIRST_KEY, peer="198.51.100.8")).status_code == 429
    assert elsewhere.status_code == 200
    assert time.monotonic() - asked < 1
    client, name = raw
    assert client[name][+GuessesDocument].count_documents({}) == 1


@pytest.mark.parametrize("keys", ["one", "many"])
async def test_given_one_credit_many_times_at_once_when_asked_then_the_customer_has_it_once_every_time(
    desk: Desk, store: Store, keys: str
) -> None:
    for number in range(ROUNDS):
        user, invoice_id, track = UserId(f"user-{number}"), InvoiceId(f"inv_{number}"), f"19{number:07}"
        invoice = an_invoice(
            invoice_id, user_id=user, state=InvoiceState.WAITING, links=(a_link(track, order_ref=invoice_id),)
        )
        await store.invoices.add(invoice)
        await store.invoices.save(invoice.doubted(track, "underpaid", NOW, suspended=usd("10.00")))
        path = f"/topups/{invoice_id}/reviews/{track}/credit"
        body = {"amount_minor": 1000, "reason": "agreed"}

        async def one(rival: int, path: str = path, body: dict[str, Any] = body, number: int = number) -> Any:
            once = f"credit-{number:04}" + ("" if keys == "one" else f"-{rival}")
            return await desk.pay(path, body, once=once, key=FIRST_KEY)

        answers = await gather(*(one(rival) for rival in range(RIVALS)))
        good = [answer for answer in answers if answer.status_code == 200]

        assert {answer.status_code for answer in answers} <= {200, 409}
        assert len({answer.content for answer in good}) == 1
        assert len(good) == 1 or keys == "one"
        assert (await store.balances.balance(user, Mode.TEST)).available == usd("10.00")
        late = await one(0)
        assert late.status_code in {200, 409}
        assert (await store.balances.balance(user, Mode.TEST)).available == usd("10.00")


@pytest.mark.parametrize("name", LISTED)
async def test_given_every_list_when_asked_in_every_way_it_offers_then_it_is_answered_or_refused(
    desk: Desk, store: Store, name: str
) -> None:
    for _ in range(3):
        await store.orders.add(an_order())
    document = (await desk.get("/api/openapi.json")).json()
    parameters = document["paths"][f"/api/admin/{name}"]["get"]["parameters"]
    for parameter in parameters:
        for value in values_of(parameter["schema"], document):
            for sort in LISTED[name].sorts:
                query = {"sort": sort.replace(".", "_"), parameter["name"]: value}
                answer = await desk.get(f"/{name}", key=FIRST_KEY, params=query)

                assert answer.status_code in ({200} if sort == LISTED[name].time else {200, 422}), answer.text


def values_of(schema: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    """Good values of a parameter; of a list each alone, and all of them."""
    if schema.get("type") == "array":
        each = values_of(schema["items"], document)
        return [*each, each]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("format") == "date-time":
        return ["2031-04-07T12:00:00Z"]
    if "const" in schema:
        return [schema["const"]]
    if schema.get("type") == "boolean":
        return ["true", "false"]
    if schema.get("type") == "integer":
        return [schema["minimum"], schema["maximum"]]
    return list(schema.get("enum", [] if schema.get("maxLength") == 512 else ["x"]))
