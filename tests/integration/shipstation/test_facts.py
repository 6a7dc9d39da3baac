"""What really lies at the partner's after a purchase: mode, both ends, money, and a readable document."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import httpx
import pypdf
import pytest

from contracts.shipping import JANE, JOHN, SHIPMENT, a_reference
from integration.shipstation.world import JumpingClock, SandboxAccidents, sandbox, v1, v2
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money
from shipping_core.errors import OutcomeUnknown
from shipping_core.ports.shipping import Prepared, Purchase, ShippingGateway

VERSIONS = {"v1": ("/shipstation/v1", v1), "v2": ("/shipstation", v2)}


@pytest.fixture
async def home() -> AsyncIterator[str]:
    async with sandbox() as url:
        yield url


@pytest.fixture
async def accidents(home: str) -> AsyncIterator[SandboxAccidents]:
    async with httpx.AsyncClient(base_url=home) as controls:
        yield SandboxAccidents(controls)


@pytest.fixture(params=list(VERSIONS))
async def gateway(home: str, request: pytest.FixtureRequest) -> AsyncIterator[ShippingGateway]:
    path, make = VERSIONS[request.param]
    async with make(home + path, JumpingClock()) as made:
        yield made


async def prepared(gateway: ShippingGateway, mode: Mode) -> Prepared:
    reference = a_reference()
    offers = await gateway.rates(SHIPMENT, reference=reference, mode=mode)
    return await gateway.prepare(Purchase(reference, offers.rates[0], SHIPMENT, mode))


@pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.value)
async def test_given_a_mode_when_bought_then_the_partner_sold_just_that_label_between_those_people(
    gateway: ShippingGateway, accidents: SandboxAccidents, mode: Mode
) -> None:
    ready = await prepared(gateway, mode)
    bought = await gateway.buy(ready)
    (sold,) = (await accidents.ledger())["purchases"]

    assert sold["test"] is (mode is Mode.TEST)
    assert (sold["ship_from_name"], sold["ship_to_name"]) == (JANE.name, JOHN.name)
    assert sold["reference"] == ready.purchase.reference
    assert sold["label_id"].removeprefix("se-") == bought.label.label_id.removeprefix("se-")
    assert sold["tracking_number"] == bought.label.tracking_number


async def test_given_a_label_when_its_document_is_read_then_it_shows_the_tracking_number_and_both_ends(
    gateway: ShippingGateway,
) -> None:
    bought = await gateway.buy(await prepared(gateway, Mode.TEST))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(bought.document or b"")).pages)

    assert bought.label.tracking_number in text.replace(" ", "")
    assert JANE.street1.upper() in text.upper()
    assert JOHN.street1.upper() in text.upper()


async def test_given_a_changed_cost_when_bought_then_the_label_says_what_the_carrier_charged(
    gateway: ShippingGateway, accidents: SandboxAccidents
) -> None:
    ready = await prepared(gateway, Mode.PRODUCTION)
    await accidents.order("buy_label", "cost_changed", delta_minor=137)
    bought = await gateway.buy(ready)

    assert bought.label.cost.minor == ready.purchase.rate.cost.minor + 137


async def test_given_two_labels_for_one_purchase_when_found_then_both_are_told_earliest_first(
    gateway: ShippingGateway,
) -> None:
    ready = await prepared(gateway, Mode.PRODUCTION)
    first, second = await gateway.buy(ready), await gateway.buy(ready)

    assert [x.label_id for x in await gateway.find(ready)] == [first.label.label_id, second.label.label_id]


@pytest.mark.parametrize(("polls", "lasting"), [(2, False), (99, True)], ids=["done soon", "takes too long"])
async def test_given_a_label_in_the_making_when_bought_then_it_is_bought_or_unknown_but_never_lost(
    home: str, accidents: SandboxAccidents, polls: int, lasting: bool
) -> None:
    async with v2(f"{home}/shipstation", JumpingClock()) as gateway:
        ready = await prepared(gateway, Mode.PRODUCTION)
        await accidents.order("buy_label", "processing", polls=polls)
        if not lasting:
            bought = await gateway.buy(ready)
            assert (bought.document or b"").startswith(b"%PDF-")
            return
        with pytest.raises(OutcomeUnknown):
            await gateway.buy(ready)

    assert await accidents.purchases_sent(ready.purchase.reference) == 1


async def test_given_prepaid_accounts_when_asked_then_each_wallet_is_what_it_is_now_and_bills_have_none(
    gateway: ShippingGateway, accidents: SandboxAccidents
) -> None:
    left = {}
    for minor in (1, 98_765):
        body = {"carrier_code": "stamps_com", "balance_minor": minor}
        (await accidents.controls.post("/sandbox/shipstation/wallet", json=body)).raise_for_status()
        left[minor] = {w.carrier_code: w.balance for w in await gateway.wallets(Mode.PRODUCTION)}

    assert [left[minor]["stamps_com"] for minor in left] == [Money(1), Money(98_765)]
    assert "fedex" not in left[1]
