"""The carriers, behind one door, whichever API version or company stands behind it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from shipping_core.domain.address_check import AddressCheck as AddressCheck
from shipping_core.domain.address_check import Verdict as Verdict
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Address, CarrierBox, Label, Parcel, Rate, Shipment, Tracking


@frozen
class CarrierService:
    """One service of one carrier account."""

    carrier: str
    carrier_code: str
    service: str
    service_code: str
    domestic: bool = True
    international: bool = False


@frozen
class Wallet:
    """What lies in one carrier account's prepaid wallet."""

    carrier_code: str
    balance: Money


@frozen
class Offers:
    """Rates of all carriers asked; `silent` names carriers that failed, with their reason."""

    rates: tuple[Rate, ...]
    silent: tuple[tuple[str, str], ...] = ()


@frozen
class Estimate:
    """What an estimate needs: ZIPs (with what they stand for) and a weight; size where known."""

    from_postal_code: str
    from_city: str
    from_state: str
    to_postal_code: str
    to_city: str
    to_state: str
    parcel: Parcel


@frozen
class Purchase:
    """One intention to buy one label. `reference` is ours, unique, at most 40 ASCII characters."""

    reference: str
    rate: Rate
    shipment: Shipment
    mode: Mode


@frozen
class Prepared:
    """A purchase the carrier knows of but has not sold: `carrier_order` is its own id for it."""

    purchase: Purchase
    carrier_order: str = ""


@frozen
class Bought:
    """A label, with its document where the answer carried it (else ask `document`)."""

    label: Label
    document: bytes | None = None


@frozen
class VoidAnswer:
    """Whether the carrier took the label back, and its own words."""

    approved: bool
    message: str = ""
    reason_code: str = ""


class ShippingGateway(Protocol):
    """Carriers' prices, labels and tracking. `mode` decides test or real, never which key is set.

    Every method raises GatewayRefused (a clear no; with code `unauthorized` when our key is refused),
    GatewayUnavailable (surely not done, may be repeated) and, only where something may have been
    bought or voided, OutcomeUnknown.
    """

    @property
    @abstractmethod
    def requires_sender_phone(self) -> bool:
        """Whether a purchase without the sender's phone would be refused."""

    @abstractmethod
    async def services(self, mode: Mode) -> Sequence[CarrierService]:
        """Every service that can be bought; cached for an hour."""

    @abstractmethod
    async def boxes(self, mode: Mode) -> Sequence[CarrierBox]:
        """The carriers' own boxes that go at a flat rate, in their own order; cached for an hour."""

    @abstractmethod
    async def wallets(self, mode: Mode) -> Sequence[Wallet]:
        """The prepaid wallets as they are now; accounts that are billed later have none."""

    @abstractmethod
    async def check_address(self, address: Address, mode: Mode) -> AddressCheck:
        """Is this address deliverable? Never raises for want of the feature: `UNAVAILABLE`."""

    @abstractmethod
    async def rates(self, shipment: Shipment, *, reference: str, mode: Mode) -> Offers:
        """Prices of all carriers for one shipment; a failing carrier does not hide the others.

        A parcel in a carrier's box is priced by that carrier alone, in that box.

        `reference` becomes the external id under which a label bought from these rates is found.
        """

    @abstractmethod
    async def estimate(self, estimate: Estimate, mode: Mode) -> Offers:
        """Prices from two ZIPs and a weight; they cannot be bought, and nothing is stored."""

    @abstractmethod
    async def prepare(self, purchase: Purchase) -> Prepared:
        """Tell the carrier what will be bought, where it wants that; safe to repeat."""

    @abstractmethod
    async def buy(self, prepared: Prepared) -> Bought:
        """Buy the label: exactly one request, never repeated by this method or below it.

        Raises:
            GatewayRefused: a clear no; nothing was bought.
            GatewayUnavailable: the request surely never reached the carrier.
            OutcomeUnknown: anything else: it may have been bought.
        """

    @abstractmethod
    async def find(self, prepared: Prepared) -> Sequence[Label]:
        """All labels that exist for this purchase, voided ones included, earliest first.

        Raises GatewayUnavailable when any page could not be read: no evidence either way.
        """

    @abstractmethod
    async def document(self, label: Label, mode: Mode) -> bytes:
        """The label's PDF.

        Raises:
            GatewayRefused: with code `no_document` where this API gives it only once, at purchase.
        """

    @abstractmethod
    async def void(self, label: Label, mode: Mode) -> VoidAnswer:
        """Ask the carrier to take an unused label back. May raise OutcomeUnknown."""

    @abstractmethod
    async def track(self, label: Label, mode: Mode) -> Tracking:
        """Where the parcel is."""
