"""Ask all carriers what a shipment costs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from attrs import frozen

from shipping_core.domain.address_check import AddressCheck
from shipping_core.domain.draft import Field, Side
from shipping_core.domain.ids import QuoteId, UserId
from shipping_core.domain.money import LIMIT_MINOR
from shipping_core.domain.policy import Policy
from shipping_core.domain.shipment import Address, Quote, Rate, Shipment
from shipping_core.errors import GatewayError, GatewayRefused, InvalidAddress
from shipping_core.ports.clock import Clock, IdSource
from shipping_core.ports.shipping import Estimate, ShippingGateway, Verdict


@frozen
class QuoteRates:
    """Makes quotes: prices with an id and a time limit, pinned to the present mode."""

    shipping: ShippingGateway
    clock: Clock
    ids: IdSource
    policy: Policy

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
        mode = self.policy.mode
        reference = f"{mode.value[:1]}-{quote_id}"
        offers = await self.shipping.rates(shipment, reference=reference, mode=mode)
        sellable = tuple(r for r in offers.rates if 0 < r.price.minor <= LIMIT_MINOR)
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
            expires_at=now + self.policy.quote_lasts,
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

    async def estimate(self, wanted: Estimate) -> tuple[Rate, ...]:
        """Rough prices, which cannot be bought.

        Raises:
            GatewayError: as the carriers answer.
        """
        return (await self.shipping.estimate(wanted, self.policy.mode)).rates

    async def _check(self, address: Address) -> AddressCheck:
        """An address check is advice: its failure never stops a sale."""
        try:
            return await self.shipping.check_address(address, self.policy.mode)
        except GatewayError:
            return AddressCheck(Verdict.UNAVAILABLE)
