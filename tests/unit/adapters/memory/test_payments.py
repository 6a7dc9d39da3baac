"""The payment gateway in memory keeps the port's promises, and its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from attrs import frozen

from adapters.memory.clock import MemoryClock
from adapters.memory.payments import MemoryPayments
from builders import minutes, usd
from contracts.payments import (
    PRICE,
    Accident,
    Accidents,
    Operation,
    Payer,
    PaymentGatewayAccidents,
    PaymentGatewayContract,
    a_request,
)
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PaymentStatus
from shipping_core.domain.money import Money
from shipping_core.errors import GatewayRefused, GatewayUnavailable, NotFound, OutcomeUnknown


@frozen
class HandPayer(Payer):
    """Pays by hand, as a gateway that takes dollars would count it."""

    gateway: MemoryPayments

    async def pay(self, track_id: str, part: str = "1", *, final: bool = True) -> None:
        worth = Money.from_decimal(PRICE.amount * Decimal(part))
        enough = final and worth >= PRICE
        status = PaymentStatus.PAID if enough else PaymentStatus.PAYING
        self.gateway.pay(track_id, worth, status, certain=final)

    async def expire(self, track_id: str) -> None:
        came = self.gateway.transactions(track_id)
        self.gateway.say(track_id, PaymentStatus.UNDERPAID if came else PaymentStatus.EXPIRED)

    async def say(self, track_id: str, word: str) -> None:
        self.gateway.say(track_id, word)

    async def notice(self, track_id: str) -> tuple[bytes, str]:
        return self.gateway.notice(track_id)

    def sign(self, raw: bytes) -> str:
        return self.gateway.sign(raw)

    async def now(self) -> dt.datetime:
        return self.gateway.clock.now()


UNKNOWN: dict[Accident, bool] = {
    "lose_answer": True,
    "truncated": True,
    "5xx_with_effect": True,
    "html_with_effect": True,
    "lose_answer_without_effect": False,
    "5xx": False,
    "html": False,
}
"""Accidents of a creation that leave it in doubt, and whether the link is made."""
CLEAR: dict[Accident, Callable[[str], Exception]] = {
    "refuse": lambda operation: GatewayRefused(operation, code="invalid_request"),
    "401": lambda operation: GatewayRefused(operation, code="unauthorized"),
    "429": lambda operation: GatewayUnavailable(operation, code="rate_limited"),
}


@frozen
class HandAccidents(Accidents):
    """Translates accidents into what the gateway raises; a read is not repeated here, so three are one."""

    gateway: MemoryPayments

    async def order(self, operation: Operation, accident: Accident, *, count: int | None = 1) -> None:
        if accident in CLEAR:
            error = CLEAR[accident](operation)
        elif operation == "create":
            self.gateway.lost_answers_make = UNKNOWN[accident]
            error = OutcomeUnknown(operation)
        else:
            error = GatewayUnavailable(operation)
        self.gateway.accidents[operation].append(error)

    async def links_asked_for(self) -> int:
        return sum(self.gateway.created.values())


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def gateway(clock: MemoryClock) -> MemoryPayments:
    return MemoryPayments(clock)


@pytest.fixture(params=list(Mode), ids=lambda mode: mode.value)
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
def payer(gateway: MemoryPayments) -> Payer:
    return HandPayer(gateway)


@pytest.fixture
def accidents(gateway: MemoryPayments) -> Accidents:
    return HandAccidents(gateway)


class TestMemoryPayments(PaymentGatewayContract):
    """On a calm day."""


class TestMemoryPaymentsAccidents(PaymentGatewayAccidents):
    """When something goes wrong."""


async def test_given_a_link_when_its_time_passes_then_it_expires_by_itself(
    gateway: MemoryPayments, clock: MemoryClock
) -> None:
    link = await gateway.create(a_request(Mode.TEST))
    clock.advance(minutes(60))

    assert (await gateway.inquire(link.track_id, Mode.TEST)).status is PaymentStatus.EXPIRED


async def test_given_a_paid_link_when_its_time_passes_then_it_stays_paid(
    gateway: MemoryPayments, clock: MemoryClock
) -> None:
    link = await gateway.create(a_request(Mode.TEST))
    gateway.pay(link.track_id)
    clock.advance(minutes(600))

    assert (await gateway.inquire(link.track_id, Mode.TEST)).status is PaymentStatus.PAID


async def test_given_a_payment_on_its_way_when_confirmed_then_its_worth_is_told(
    gateway: MemoryPayments,
) -> None:
    link = await gateway.create(a_request(Mode.PRODUCTION))
    gateway.pay(link.track_id, usd("25.01"), PaymentStatus.PAYING, certain=False)
    gateway.confirm(link.track_id)
    told = await gateway.inquire(link.track_id, Mode.PRODUCTION)

    assert (told.status, told.received, told.sandbox) == (PaymentStatus.PAID, usd("25.01"), False)


async def test_given_play_money_on_a_real_link_when_inquired_then_it_is_told(gateway: MemoryPayments) -> None:
    link = await gateway.create(a_request(Mode.PRODUCTION))
    gateway.pay(link.track_id, sandbox=True)

    assert (await gateway.inquire(link.track_id, Mode.PRODUCTION)).sandbox is True


async def test_given_a_false_account_when_inquired_then_it_is_told_as_ordered(
    gateway: MemoryPayments,
) -> None:
    link = await gateway.create(a_request(Mode.TEST))
    gateway.misreport(link.track_id, amount=usd("1.00"), order_ref="inv_of_somebody_else")
    told = await gateway.inquire(link.track_id, Mode.TEST)

    assert (told.amount, told.order_ref) == (usd("1.00"), "inv_of_somebody_else")


async def test_given_several_accidents_when_called_then_each_call_meets_one_in_their_order(
    gateway: MemoryPayments,
) -> None:
    gateway.accidents["inquire"] += [GatewayUnavailable("inquire"), GatewayRefused("inquire")]
    raised = []
    for _ in range(3):
        with pytest.raises((GatewayUnavailable, GatewayRefused, NotFound)) as told:
            await gateway.inquire("1", Mode.TEST)
        raised.append(type(told.value))

    assert raised == [GatewayUnavailable, GatewayRefused, NotFound]
    assert gateway.asked["inquire"] == 3


async def test_given_a_lost_answer_when_created_then_its_link_can_be_paid_all_the_same(
    gateway: MemoryPayments,
) -> None:
    gateway.accidents["create"].append(OutcomeUnknown("create"))
    request = a_request(Mode.TEST)
    with pytest.raises(OutcomeUnknown):
        await gateway.create(request)
    (track_id,) = gateway.track_ids
    gateway.pay(track_id)

    assert (await gateway.inquire(track_id, Mode.TEST)).order_ref == request.order_ref
    assert gateway.created[request.order_ref] == 1
