"""What every ShippingGateway promises, told as stories; a subclass provides the fixtures.

`ShippingGatewayContract` needs `gateway` and `mode`. `ShippingGatewayAccidents` needs also `accidents`, by
which the test orders one accident for one coming call and asks how often a purchase was sent.
"""

from __future__ import annotations

import asyncio
import itertools
from decimal import Decimal
from typing import ClassVar, Literal, Protocol

import pytest
from attrs import evolve

from shipping_core.domain.ids import Mode, RateId
from shipping_core.domain.shipment import Address, Label, Parcel, Rate, Shipment, Size, Weight
from shipping_core.errors import GatewayRefused, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.shipping import (
    Bought,
    Estimate,
    Prepared,
    Purchase,
    ShippingGateway,
    Verdict,
    VoidAnswer,
)

Accident = Literal[
    "delay",
    "refuse",
    "lose_answer",
    "lose_answer_without_effect",
    "429",
    "5xx",
    "5xx_with_effect",
    "truncated",
    "insufficient_funds",
]
STATUSES = {"unknown", "label_created", "accepted", "in_transit", "delivered", "exception"}
JANE = Address(
    name="Jane Doe",
    street1="215 Clayton St",
    city="San Francisco",
    state="CA",
    postal_code="94117",
    phone="+14155550134",
)
JOHN = Address(
    name="John Smith",
    street1="123 N Main St",
    street2="Apt 4",
    city="Los Angeles",
    state="CA",
    postal_code="90012",
)
BOX = Parcel(Weight(Decimal(35), "oz"), Size(Decimal(10), Decimal(8), Decimal(6), "in"))
SHIPMENT = Shipment(JANE, JOHN, BOX)
_NUMBERS = itertools.count(1)


class Accidents(Protocol):
    """Orders accidents at the far end of a gateway."""

    async def order(self, operation: str, accident: Accident, **options: object) -> None:
        """The next call of `operation` (every one with count=None) meets with `accident`."""

    async def purchases_sent(self, reference: str) -> int:
        """How many purchase requests arrived for a reference."""


def a_reference() -> str:
    """A reference nobody used before in this run."""
    return f"t-contract-{next(_NUMBERS):04d}"


class _Stories:
    """The first steps of most stories."""

    async def a_purchase(
        self,
        gateway: ShippingGateway,
        mode: Mode,
        *,
        shipment: Shipment = SHIPMENT,
        reference: str | None = None,
    ) -> Prepared:
        """The cheapest rate of a fresh quote, told to the carrier and not yet bought."""
        reference = reference or a_reference()
        offers = await gateway.rates(shipment, reference=reference, mode=mode)
        return await gateway.prepare(Purchase(reference, offers.rates[0], shipment, mode))

    async def a_label(self, gateway: ShippingGateway, mode: Mode) -> tuple[Prepared, Bought]:
        """A purchase that went well."""
        prepared = await self.a_purchase(gateway, mode)
        return prepared, await gateway.buy(prepared)

    async def ids(self, gateway: ShippingGateway, prepared: Prepared) -> list[str]:
        """The ids of the labels that exist for a purchase."""
        return [label.label_id for label in await gateway.find(prepared)]


class ShippingGatewayContract(_Stories):
    """What holds on a calm day."""

    gives_the_document_again: ClassVar[bool] = True
    tracks: ClassVar[bool] = True

    async def test_given_an_account_when_listing_services_then_each_can_be_named_and_chosen(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        services = await gateway.services(mode)

        assert services
        assert all(s.carrier and s.carrier_code and s.service and s.service_code for s in services)
        assert len({(s.carrier_code, s.service_code) for s in services}) == len(services)

    async def test_given_a_shipment_when_quoting_then_several_carriers_offer_dollars_under_their_own_ids(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        offers = await gateway.rates(SHIPMENT, reference=a_reference(), mode=mode)

        assert len({r.carrier for r in offers.rates}) >= 2
        assert len({r.rate_id for r in offers.rates}) == len(offers.rates)
        assert all(
            r.price == r.cost and r.price.minor > 0 and r.price.currency == "USD" for r in offers.rates
        )
        assert not {name for name, _ in offers.silent} & {r.carrier for r in offers.rates}

    async def test_given_a_quote_when_asked_again_under_its_reference_then_the_prices_are_the_same(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        reference = a_reference()
        first = await gateway.rates(SHIPMENT, reference=reference, mode=mode)
        second = await gateway.rates(SHIPMENT, reference=reference, mode=mode)

        assert [_offer(r) for r in first.rates] == [_offer(r) for r in second.rates]

    async def test_given_a_carriers_box_when_quoted_and_bought_then_only_its_carrier_offers_at_one_price(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        boxes = await gateway.boxes(mode)
        box = next(b for b in boxes if b.code == "medium_flat_rate_box")
        light, heavy = (
            evolve(SHIPMENT, parcel=Parcel(Weight(Decimal(16 * pounds), "oz"), box=box)) for pounds in (1, 20)
        )
        reference = a_reference()
        one = await gateway.rates(light, reference=reference, mode=mode)
        other = await gateway.rates(heavy, reference=a_reference(), mode=mode)
        rate = one.rates[0]
        bought = await gateway.buy(await gateway.prepare(Purchase(reference, rate, light, mode)))

        assert len({b.box_id for b in boxes}) == len(boxes)
        assert all(r.carrier_code == box.carrier_code for r in one.rates)
        assert [(r.service_code, r.cost) for r in one.rates] == [
            (r.service_code, r.cost) for r in other.rates
        ]
        assert box.name not in rate.service
        assert bought.label.cost == rate.cost

    async def test_given_a_box_the_account_does_not_have_when_quoted_then_no_other_box_is_offered_instead(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        known = (await gateway.boxes(mode))[0]
        parcel = Parcel(Weight(Decimal(16), "oz"), box=evolve(known, code="flat_rate_crate"))
        offers = await gateway.rates(evolve(SHIPMENT, parcel=parcel), reference=a_reference(), mode=mode)

        assert offers.rates == ()

    async def test_given_two_zips_when_estimating_then_prices_come_that_nobody_can_buy(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        light = evolve(BOX, size=None)
        offers = await gateway.estimate(
            Estimate("94117", "San Francisco", "CA", "90012", "Los Angeles", "CA", light), mode
        )
        bare = evolve(offers.rates[0], carrier_reference="", rate_id=RateId("estimate"))

        assert all(r.price.minor > 0 for r in offers.rates)
        with pytest.raises(GatewayRefused):
            await gateway.buy(Prepared(Purchase(a_reference(), bare, SHIPMENT, mode)))

    async def test_given_a_purchase_when_prepared_twice_then_it_is_the_same_carrier_order(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        prepared = await self.a_purchase(gateway, mode)

        assert await gateway.prepare(prepared.purchase) == prepared

    async def test_given_a_prepared_purchase_when_looked_for_then_no_label_exists_yet(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        prepared = await self.a_purchase(gateway, mode)

        assert await gateway.find(prepared) == []

    async def test_given_a_purchase_when_bought_then_the_label_costs_what_was_offered_and_can_be_found(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        prepared, bought = await self.a_label(gateway, mode)
        rate = prepared.purchase.rate

        assert bought.label.cost == rate.cost
        assert bought.label.tracking_number
        assert (bought.label.carrier_code, bought.label.service_code) == (
            rate.carrier_code,
            rate.service_code,
        )
        assert await gateway.find(prepared) == [bought.label]

    async def test_given_only_the_reference_when_looking_for_a_label_then_it_is_found(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        prepared, bought = await self.a_label(gateway, mode)

        assert await self.ids(gateway, Prepared(prepared.purchase)) == [bought.label.label_id]

    async def test_given_a_longer_reference_when_looking_for_the_shorter_then_its_label_is_not_mixed_in(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        short = a_reference()
        mine = await self.a_purchase(gateway, mode, reference=short)
        theirs = await self.a_purchase(gateway, mode, reference=f"{short}-2")
        await gateway.buy(theirs)

        assert await gateway.find(mine) == []

    async def test_given_a_label_when_its_document_is_wanted_then_a_pdf_is_at_hand(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        _, bought = await self.a_label(gateway, mode)

        if self.gives_the_document_again:
            assert (await gateway.document(bought.label, mode)).startswith(b"%PDF-")
            return
        assert bought.document is not None
        assert bought.document.startswith(b"%PDF-")
        with pytest.raises(GatewayRefused) as refusal:
            await gateway.document(bought.label, mode)
        assert refusal.value.code == "no_document"

    async def test_given_an_unused_label_when_voided_then_it_is_still_found_and_a_second_void_is_a_no(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        prepared, bought = await self.a_label(gateway, mode)
        first = await gateway.void(bought.label, mode)
        second = await gateway.void(bought.label, mode)

        assert (first.approved, second.approved) == (True, False)
        assert await gateway.find(prepared) == [evolve(bought.label, voided=True)]

    async def test_given_a_label_when_tracked_then_the_status_is_one_of_our_words(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        _, bought = await self.a_label(gateway, mode)

        if self.tracks:
            assert (await gateway.track(bought.label, mode)).status in STATUSES
            return
        with pytest.raises(GatewayRefused) as refusal:
            await gateway.track(bought.label, mode)
        assert refusal.value.code == "unsupported"

    async def test_given_an_address_when_checked_then_there_is_a_verdict_and_a_suggestion_only_with_one(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        check = await gateway.check_address(JOHN, mode)

        assert (check.suggestion is not None) == (check.verdict is Verdict.SUGGESTION)

    async def test_given_no_phones_when_none_is_required_then_the_label_can_be_bought(
        self, gateway: ShippingGateway, mode: Mode
    ) -> None:
        assert not gateway.requires_sender_phone, "give the gateway of this test a phone of its own"
        silent = Shipment(evolve(JANE, phone=""), evolve(JOHN, phone=""), BOX)
        prepared = await self.a_purchase(gateway, mode, shipment=silent)

        assert (await gateway.buy(prepared)).label.tracking_number


class ShippingGatewayAccidents(_Stories):
    """What holds when something goes wrong: above all, one purchase is one request."""

    empty_wallet_is_a_clear_no: ClassVar[bool] = True

    @pytest.mark.parametrize(
        ("accident", "labels"),
        [
            pytest.param("lose_answer", 1, id="sold, and the answer was lost"),
            pytest.param("lose_answer_without_effect", 0, id="lost on the way there"),
            pytest.param("truncated", 1, id="sold, and the answer was cut"),
            pytest.param("5xx_with_effect", 1, id="sold, and answered with a crash"),
            pytest.param("5xx", 0, id="crashed before selling"),
        ],
    )
    async def test_given_a_doubtful_answer_when_buying_then_it_is_unknown_and_only_find_can_tell(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents, accident: Accident, labels: int
    ) -> None:
        prepared = await self.a_purchase(gateway, mode)
        await accidents.order("buy_label", accident)
        with pytest.raises(OutcomeUnknown):
            await gateway.buy(prepared)

        assert len(await gateway.find(prepared)) == labels
        assert await accidents.purchases_sent(prepared.purchase.reference) == 1

    async def test_given_a_carrier_that_declines_when_buying_then_it_is_a_clear_no_and_nothing_exists(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents
    ) -> None:
        prepared = await self.a_purchase(gateway, mode)
        await accidents.order("buy_label", "refuse")
        with pytest.raises(
            GatewayRefused if self.empty_wallet_is_a_clear_no else (GatewayRefused, OutcomeUnknown)
        ):
            await gateway.buy(prepared)

        assert await gateway.find(prepared) == []

    async def test_given_an_empty_wallet_when_buying_then_nothing_exists_and_the_reason_is_told(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents
    ) -> None:
        prepared = await self.a_purchase(gateway, mode)
        await accidents.order("buy_label", "insufficient_funds")
        with pytest.raises((GatewayRefused, OutcomeUnknown)) as told:
            await gateway.buy(prepared)

        assert (told.value.code == "insufficient_funds") == self.empty_wallet_is_a_clear_no
        assert await gateway.find(prepared) == []

    async def test_given_too_many_calls_when_buying_then_it_was_not_sent_and_may_be_tried_again(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents
    ) -> None:
        prepared = await self.a_purchase(gateway, mode)
        await accidents.order("buy_label", "429", retry_after=2)
        with pytest.raises(GatewayUnavailable) as told:
            await gateway.buy(prepared)
        bought = await gateway.buy(prepared)

        assert told.value.retry_after_s == 2
        assert await gateway.find(prepared) == [bought.label]

    async def test_given_a_cancelled_worker_when_buying_then_it_stops_at_once_and_find_shows_what_happened(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents
    ) -> None:
        prepared = await self.a_purchase(gateway, mode)
        await accidents.order("buy_label", "delay", delay_s=5)
        buying = asyncio.ensure_future(gateway.buy(prepared))
        while not await accidents.purchases_sent(prepared.purchase.reference):
            pass
        buying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await buying

        assert len(await gateway.find(prepared)) == 1
        assert await accidents.purchases_sent(prepared.purchase.reference) == 1

    @pytest.mark.parametrize("accident", ["5xx", "429", "truncated", "lose_answer"])
    async def test_given_a_broken_look_up_when_finding_then_it_is_no_evidence(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents, accident: Accident
    ) -> None:
        prepared, _ = await self.a_label(gateway, mode)
        await accidents.order("find", accident, count=None)

        with pytest.raises(GatewayUnavailable):
            await gateway.find(prepared)

    @pytest.mark.parametrize("operation", ["rates", "carriers", "find"])
    async def test_given_one_lost_answer_when_only_reading_then_it_is_asked_again(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents, operation: str
    ) -> None:
        await accidents.order(operation, "lose_answer")
        prepared = await self.a_purchase(gateway, mode)

        assert await gateway.find(prepared) == []

    async def test_given_a_lost_answer_when_voiding_then_it_is_unknown_and_find_shows_the_void(
        self, gateway: ShippingGateway, mode: Mode, accidents: Accidents
    ) -> None:
        prepared, bought = await self.a_label(gateway, mode)
        await accidents.order("void", "lose_answer")
        with pytest.raises(OutcomeUnknown):
            await gateway.void(bought.label, mode)

        assert [label.voided for label in await gateway.find(prepared)] == [True]


def _offer(rate: Rate) -> tuple[str, str, int]:
    return rate.carrier_code, rate.service_code, rate.price.minor


__all__ = [
    "Accident",
    "Accidents",
    "Label",
    "ShippingGatewayAccidents",
    "ShippingGatewayContract",
    "VoidAnswer",
    "a_reference",
]
