"""Ask all carriers what a shipment costs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.draft import Field, Side
from shipping_core.domain.ids import QuoteId, RateId, UserId
from shipping_core.domain.money import LIMIT_MINOR
from shipping_core.domain.policy import Rules
from shipping_core.domain.shipment import Address, Quote, Rate, Shipment
from shipping_core.errors import GatewayError, GatewayRefused, InvalidAddress
from shipping_core.ports.clock import Clock, IdSource
from shipping_core.ports.shipping import Estimate, ShippingGateway, Verdict
from shipping_core.use_cases.sales_gate import PAUSED_FOR, SalesGate


@frozen
class QuoteRates:
    """Makes quotes: prices with an id and a time limit, pinned to the present mode."""

    shipping: ShippingGateway
    clock: Clock
    ids: IdSource
    policy: Rules
    gate: SalesGate = field(factory=SalesGate)

    async def __call__(self, user_id: UserId, shipment: Shipment) -> Quote:
        """Prices that can be bought until the quote expires.

        Raises:
            GatewayRefused: code `no_rates` when no carrier takes this parcel; else the carrier's own no.
            GatewayUnavailable: nobody answered.
            InvalidAddress: these carriers want the sender's phone, and there is none.
        """
        if self.shipping.requires_sender_phone and not shipment.sender.phone:
            raise InvalidAddress(Field.FROM_PHONE.value, "missing")
        quote_id = QuoteId(self.ids.new("quo"))
        mode = self.policy.now.mode
        reference = f"{mode.value[:1]}-{quote_id}"
        offers = await self.shipping.rates(shipment, reference=reference, mode=mode)
        sellable = self._sellable(offers.rates, user_id)
        if not sellable:
            words = "; ".join(f"{carrier}: {reason}" for carrier, reason in offers.silent)
            raise GatewayRefused("rates", words, code="no_rates")
        now = self.clock.now()
        return Quote(
            quote_id=quote_id,
            user_id=user_id,
            mode=mode,
            shipment=shipment,
            rates=sellable,
            created_at=now,
            expires_at=now + self.policy.now.quote_lasts,
            reference=reference,
        )

    async def with_checks(
        self, user_id: UserId, shipment: Shipment
    ) -> tuple[Quote, Mapping[Side, AddressCheck]]:
        """The quote, and what the carrier thinks of both addresses, asked at the same time."""
        quote, sender, recipient = await asyncio.gather(
            self(user_id, shipment), self._check(shipment.sender), self._check(shipment.recipient)
        )
        return quote, {Side.FROM: sender, Side.TO: recipient}

    async def estimate(self, wanted: Estimate, user_id: UserId) -> tuple[Rate, ...]:
        """Rough prices, which cannot be bought.

        Raises:
            GatewayError: as the carriers answer.
        """
        return self._sellable((await self.shipping.estimate(wanted, self.policy.now.mode)).rates, user_id)

    def pause(self, rate_id: RateId, quote: Quote) -> None:
        """This rate's carrier has an empty wallet: offer none of its labels for a while."""
        rate = quote.rate(rate_id)
        if rate is not None:
            self.gate.pause(rate.carrier_code, self.clock.now() + PAUSED_FOR)

    def _sellable(self, rates: Sequence[Rate], user_id: UserId) -> tuple[Rate, ...]:
        """The priced offers of carriers that are sold now.

        Raises:
            GatewayRefused: code `insufficient_funds` when there are offers, and none of them may be sold.
        """
        priced, now = self._priced(rates, user_id), self.clock.now()
        sellable = tuple(r for r in priced if not self.gate.paused(r.carrier_code, now))
        if priced and not sellable:
            raise GatewayRefused("rates", "the wallets are empty", code="insufficient_funds")
        return sellable

    def _priced(self, rates: Sequence[Rate], user_id: UserId) -> tuple[Rate, ...]:
        """The carriers' offers with our markup on them, without those that nobody can mean."""
        priced = []
        for rate in rates:
            markup = self.policy.now.markup.markup(rate.cost, rate.carrier_code, rate.service_code, user_id)
            priced.append(evolve(rate, price=rate.cost + markup.fee, markup=markup))
        return tuple(r for r in priced if 0 < r.price.minor <= LIMIT_MINOR)

    async def _check(self, address: Address) -> AddressCheck:
        """An address check is advice: its failure never stops a sale."""
        try:
            return await self.shipping.check_address(address, self.policy.now.mode)
        except GatewayError:
            return AddressCheck(Verdict.UNAVAILABLE)
