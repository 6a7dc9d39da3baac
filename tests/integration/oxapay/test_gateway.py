"""The gateway keeps the port's promises over real HTTP, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.oxapay.gateway import OxapayGateway
from builders import minutes, usd
from contracts.payments import PRICE, PaymentGatewayAccidents, PaymentGatewayContract, a_request
from integration.oxapay.world import API, KEY, SandboxAccidents, SandboxPayer, oxapay
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PaymentStatus
from shipping_core.errors import GatewayRefused, NotFound, OutcomeUnknown


@pytest.fixture
async def gateway(home: str) -> AsyncIterator[OxapayGateway]:
    async with oxapay(home + API) as made:
        yield made


class TestOxapay(PaymentGatewayContract):
    """On a calm day."""


class TestOxapayAccidents(PaymentGatewayAccidents):
    """When something goes wrong."""


class TestOxapayInTexts(PaymentGatewayContract):
    """The same with every number as a text."""

    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.TEST

    @pytest.fixture(autouse=True)
    async def in_texts(self, accidents: SandboxAccidents) -> None:
        await accidents.set(decimals="string")


async def test_given_a_request_when_created_then_the_merchant_s_own_settings_change_nothing(
    gateway: OxapayGateway, accidents: SandboxAccidents, mode: Mode
) -> None:
    await accidents.set(fee_paid_by_payer=1, under_paid_coverage=60, mixed_payment=True)
    link = await gateway.create(a_request(mode, lasts=minutes(90), description="wallet top-up"))
    (made,) = (await accidents.ledger())["invoices"]

    assert (made["fee_paid_by_payer"], made["under_paid_coverage"], made["mixed_payment"]) == (0, 0, False)
    assert (made["amount"], made["currency"], made["lifetime"]) == (25.0, "USD", 90)
    assert (made["order_id"], made["track_id"]) == (link.order_ref, link.track_id)
    assert (made["sandbox"], made["description"]) == (mode is Mode.TEST, "wallet top-up")
    assert made["callback_url"] == ""


async def test_given_a_coin_without_a_fixed_worth_when_paid_then_its_worth_is_not_guessed(
    gateway: OxapayGateway, payer: SandboxPayer
) -> None:
    link = await gateway.create(a_request(Mode.TEST))
    await payer._do(link.track_id, "pay", coin="BTC", confirm_after_s=0)
    told = await gateway.inquire(link.track_id, Mode.TEST)

    assert (told.status, told.amount, told.received) == (PaymentStatus.PAID, PRICE, None)


@pytest.mark.parametrize("late_counts", [True, False])
async def test_given_money_that_came_late_when_inquired_then_it_is_seen_whatever_the_status_says(
    gateway: OxapayGateway, payer: SandboxPayer, late_counts: bool
) -> None:
    link = await gateway.create(a_request(Mode.TEST))
    await payer._do(link.track_id, "pay", late=True, late_counts=late_counts, confirm_after_s=0)
    told = await gateway.inquire(link.track_id, Mode.TEST)

    assert told.status is (PaymentStatus.PAID if late_counts else PaymentStatus.EXPIRED)
    assert (told.transactions, told.received) == (1, PRICE)


async def test_given_another_merchants_link_when_inquired_then_it_is_not_found(
    home: str, gateway: OxapayGateway, accidents: SandboxAccidents
) -> None:
    link = await gateway.create(a_request(Mode.TEST))
    await accidents.set(keys=[KEY.lower()])

    with pytest.raises(GatewayRefused) as told:
        await gateway.inquire(link.track_id, Mode.TEST)
    assert told.value.code == "unauthorized"

    await accidents.set(keys=None)
    with pytest.raises(NotFound):
        await gateway.inquire(str(int(link.track_id) + 1), Mode.TEST)


async def test_given_a_403_with_a_401_inside_when_creating_then_it_is_our_key(
    gateway: OxapayGateway, accidents: SandboxAccidents
) -> None:
    wish = {"operation": "create", "fault": "401", "wire_status": 403}
    await accidents.controls.post("/sandbox/faults/oxapay", json=wish)

    with pytest.raises(GatewayRefused) as told:
        await gateway.create(a_request(Mode.TEST))
    assert told.value.code == "unauthorized"


async def test_given_a_200_with_a_500_inside_when_creating_then_nobody_knows(
    gateway: OxapayGateway, accidents: SandboxAccidents
) -> None:
    wish = {"operation": "create", "fault": "5xx_with_effect", "wire_status": 200}
    await accidents.controls.post("/sandbox/faults/oxapay", json=wish)

    with pytest.raises(OutcomeUnknown):
        await gateway.create(a_request(Mode.TEST))
    assert len((await accidents.ledger())["invoices"]) == 1


@pytest.mark.parametrize("shape", ["v1", "legacy"])
async def test_given_what_the_sandbox_pushes_when_read_then_each_is_a_notice_of_that_link(
    home: str, payer: SandboxPayer, accidents: SandboxAccidents, shape: str
) -> None:
    await accidents.set(hold=True, shape=shape)
    async with oxapay(home + API, callback_url="http://127.0.0.1:9/api/oxapay/webhook") as gateway:
        link = await gateway.create(a_request(Mode.TEST, usd("25.00")))
        await payer.pay(link.track_id)
        pushed = (await accidents.ledger())["deliveries"]
        notices = [gateway.read_notice(d["body"].encode(), d["signature"]) for d in pushed]

    assert [n.track_id for n in notices] == [link.track_id] * 2
    assert [n.word for n in notices] == ["confirming" if shape == "legacy" else "paying", "paid"]
    assert {n.legacy for n in notices} == {shape == "legacy"}
