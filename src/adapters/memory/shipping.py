"""A carrier in memory: fixed prices, real-looking answers, accidents on request."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from attrs import define, evolve, field

from shipping_core.domain.address_check import AddressCheck, Verdict
from shipping_core.domain.ids import Mode, RateId
from shipping_core.domain.money import Money
from shipping_core.domain.shipment import Address, CarrierBox, Label, Parcel, Rate, Shipment, Tracking
from shipping_core.errors import GatewayRefused, OutcomeUnknown
from shipping_core.ports.shipping import (
    Bought,
    CarrierService,
    Estimate,
    Offers,
    Prepared,
    Purchase,
    ShippingGateway,
    VoidAnswer,
    Wallet,
)

SERVICES = (
    ("USPS", "usps", "Ground Advantage", "usps_ground_advantage", 742, 4),
    ("UPS", "ups", "Ground", "ups_ground", 980, 3),
    ("FedEx", "fedex", "2Day", "fedex_2day", 2315, 2),
)
"""Carrier, its code, service, its code, price of the first pound in cents, days."""
CENTS_PER_FURTHER_POUND = 85
BOX = CarrierBox("USPS", "usps", "medium_flat_rate_box", "Medium Flat Rate Box")
BOX_CENTS = 1815


@define
class MemoryShipping(ShippingGateway):
    """Sells labels without a network.

    `accidents` are raised by the next purchases, one each, in order; an OutcomeUnknown among them happens
    after the label was made when `lost_answers_buy` is set. `purchases` counts buy calls by reference.
    """

    accidents: list[Exception] = field(factory=list)
    lost_answers_buy: bool = True
    suggestions: dict[str, Address] = field(factory=dict)
    """What the address check answers to this first street line."""
    residential: bool | None = None
    lookup_error: Exception | None = None
    actual_cost: Money | None = None
    wallet: dict[str, Money] = field(factory=dict)
    purchases: Counter[str] = field(factory=Counter, init=False)
    labels: dict[str, list[Label]] = field(factory=dict, init=False)

    @property
    def requires_sender_phone(self) -> bool:
        return False

    async def services(self, mode: Mode) -> Sequence[CarrierService]:  # noqa: ARG002
        return [CarrierService(c, code, s, s_code) for c, code, s, s_code, _, _ in SERVICES]

    async def boxes(self, mode: Mode) -> Sequence[CarrierBox]:  # noqa: ARG002
        return [BOX]

    async def wallets(self, mode: Mode) -> Sequence[Wallet]:  # noqa: ARG002
        return [Wallet(code, balance) for code, balance in self.wallet.items()]

    async def check_address(self, address: Address, mode: Mode) -> AddressCheck:  # noqa: ARG002
        better = self.suggestions.get(address.street1)
        if better is not None:
            return AddressCheck(Verdict.SUGGESTION, better)
        return AddressCheck(Verdict.VERIFIED, residential=self.residential)

    async def rates(self, shipment: Shipment, *, reference: str, mode: Mode) -> Offers:  # noqa: ARG002
        return Offers(tuple(self._offers(shipment.parcel, reference)))

    async def estimate(self, estimate: Estimate, mode: Mode) -> Offers:  # noqa: ARG002
        return Offers(tuple(self._offers(estimate.parcel, "")))

    async def prepare(self, purchase: Purchase) -> Prepared:
        return Prepared(purchase, f"shipment-of-{purchase.reference}")

    async def buy(self, prepared: Prepared) -> Bought:
        reference = prepared.purchase.reference
        if not prepared.purchase.rate.carrier_reference:
            raise GatewayRefused("buy", "an estimate cannot be bought", code="not_for_sale")
        self.purchases[reference] += 1
        accident = self.accidents.pop(0) if self.accidents else None
        if accident is not None and not (isinstance(accident, OutcomeUnknown) and self.lost_answers_buy):
            raise accident
        label = self._label(prepared)
        self.labels.setdefault(reference, []).append(label)
        if accident is not None:
            raise accident
        return Bought(label, self._pdf(prepared.purchase, label))

    async def find(self, prepared: Prepared) -> Sequence[Label]:
        if self.lookup_error is not None:
            raise self.lookup_error
        return list(self.labels.get(prepared.purchase.reference, ()))

    async def document(self, label: Label, mode: Mode) -> bytes:  # noqa: ARG002
        if not any(label.label_id == known.label_id for known in self._every_label()):
            raise GatewayRefused("document", code="no_document")
        return one_page_pdf([label.tracking_number])

    async def void(self, label: Label, mode: Mode) -> VoidAnswer:  # noqa: ARG002
        for bought in self.labels.values():
            for index, known in enumerate(bought):
                if known.label_id == label.label_id:
                    bought[index] = evolve(known, voided=True)
                    return VoidAnswer(approved=not known.voided)
        return VoidAnswer(approved=False, reason_code="unknown")

    async def track(self, label: Label, mode: Mode) -> Tracking:  # noqa: ARG002
        return Tracking("label_created", f"{label.tracking_number} is waiting for its first scan")

    def _every_label(self) -> list[Label]:
        return [label for bought in self.labels.values() for label in bought]

    def _offers(self, parcel: Parcel, reference: str) -> list[Rate]:
        if parcel.box is not None:
            return [r for r in self._flat(parcel.box, reference) if parcel.box == BOX]
        pounds = int((parcel.weight.ounces / Decimal(16)).to_integral_value(rounding="ROUND_CEILING"))
        day = dt.date(2031, 4, 7)
        return [
            Rate(
                rate_id=RateId(f"{reference or 'estimate'}-{number}"),
                carrier=carrier,
                carrier_code=code,
                service=service,
                service_code=service_code,
                price=(price := Money(cents + CENTS_PER_FURTHER_POUND * (max(1, pounds) - 1))),
                cost=price,
                delivery_days=days,
                delivery_date=day + dt.timedelta(days=days),
                carrier_reference=reference,
            )
            for number, (carrier, code, service, service_code, cents, days) in enumerate(SERVICES, 1)
        ]

    def _flat(self, box: CarrierBox, reference: str) -> list[Rate]:
        price = Money(BOX_CENTS)
        return [
            Rate(
                rate_id=RateId(f"{reference or 'estimate'}-box"),
                carrier=box.carrier,
                carrier_code=box.carrier_code,
                service="Priority Mail",
                service_code="usps_priority_mail",
                price=price,
                cost=price,
                delivery_days=2,
                carrier_reference=reference,
            )
        ]

    def _label(self, prepared: Prepared) -> Label:
        rate = prepared.purchase.rate
        number = len(self._every_label()) + 1
        return Label(
            label_id=f"label-{number}",
            tracking_number=f"ZZ{number:012d}",
            carrier_code=rate.carrier_code,
            service_code=rate.service_code,
            cost=self.actual_cost or rate.cost,
            shipment_ref=prepared.carrier_order,
        )

    def _pdf(self, purchase: Purchase, label: Label) -> bytes:
        lines = [f"{purchase.rate.carrier} {purchase.rate.service}", label.tracking_number]
        for address in (purchase.shipment.sender, purchase.shipment.recipient):
            lines += [address.name, address.street1, f"{address.city} {address.state} {address.postal_code}"]
        return one_page_pdf([*lines, "TEST - VOID"])


def one_page_pdf(lines: Sequence[str]) -> bytes:
    """A 4×6 inch PDF with these lines of Latin text (PDF 1.4, ISO 32000)."""
    shown = " ".join(
        "({}) Tj T*".format(line.replace("\\", "").replace("(", "").replace(")", "")) for line in lines
    )
    content = f"BT /F1 12 Tf 14 TL 20 400 Td {shown} ET".encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 432]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
