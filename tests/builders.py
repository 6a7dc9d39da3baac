"""Good defaults for everything a test talks about; override what matters.

The whole core, wired over memory adapters, and somebody who talks to it are in `a_shop`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve

from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.domain.address_check import AddressCheck, Verdict
from shipping_core.domain.desk import Contact, ParcelPreset, Template, part_of
from shipping_core.domain.draft import Draft, Entry, Field, Place, Side
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, QuoteId, RateId, UserId
from shipping_core.domain.invoice import Invoice, PayLink
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.shipment import Address, Label, Parcel, Quote, Rate, Shipment, Size, Weight

NOW = dt.datetime(2031, 4, 7, 12, 0, tzinfo=dt.UTC)
ANN, BOB = UserId("ann"), UserId("bob")
PLACES = {
    "94117": Place("CA", ("San Francisco",)),
    "90012": Place("CA", ("Los Angeles",)),
    "10001": Place("NY", ("New York", "Manhattan")),
}
_numbers = itertools.count(1)


def usd(amount: str) -> Money:
    """`usd("12.50")`."""
    return Money.parse(amount)


def minutes(count: float) -> dt.timedelta:
    """`minutes(30)`."""
    return dt.timedelta(minutes=count)


def an_address(**changes: Any) -> Address:
    """A real-looking address in San Francisco."""
    jane = Address(
        name="Jane Doe",
        street1="215 Clayton St",
        city="San Francisco",
        state="CA",
        postal_code="94117",
        phone="+14155550134",
    )
    return evolve(jane, **changes)


def a_recipient(**changes: Any) -> Address:
    """An address in Los Angeles."""
    john = Address("John Smith", "123 Main St", "Los Angeles", "CA", "90012", street2="Apt 4")
    return evolve(john, **changes)


def a_parcel(ounces: str = "35") -> Parcel:
    """A small box."""
    return Parcel(Weight(Decimal(ounces), "oz"), Size(Decimal(10), Decimal(8), Decimal(6), "in"))


def a_shipment(**changes: Any) -> Shipment:
    """Jane's box to John."""
    return evolve(Shipment(an_address(), a_recipient(), a_parcel()), **changes)


def a_rate(price: str = "7.42", **changes: Any) -> Rate:
    """A USPS offer that costs us what the customer pays, unless `cost` says otherwise."""
    amount = usd(price)
    rate = Rate(
        rate_id=RateId("rate-1"),
        carrier="USPS",
        carrier_code="usps",
        service="Ground Advantage",
        service_code="usps_ground_advantage",
        price=amount,
        cost=amount,
        delivery_days=4,
        delivery_date=dt.date(2031, 4, 11),
        carrier_reference="offer-1",
    )
    return evolve(rate, **changes)


def a_quote(*rates: Rate, **changes: Any) -> Quote:
    """Ann's quote with one rate, or these; half an hour good."""
    number = next(_numbers)
    quote = Quote(
        quote_id=QuoteId(f"quo_q{number}"),
        user_id=ANN,
        mode=Mode.TEST,
        shipment=a_shipment(),
        rates=rates or (a_rate(),),
        created_at=NOW,
        expires_at=NOW + minutes(30),
        reference=f"t-q{number}",
    )
    return evolve(quote, **changes)


def a_label(cost: str = "7.42", **changes: Any) -> Label:
    """A label as the carrier sold it."""
    label = Label("label-1", "ZZ000000000001", "usps", "usps_ground_advantage", usd(cost))
    return evolve(label, **changes)


def an_order(order_id: str = "", **changes: Any) -> Order:
    """Ann's order, reserved just now, under an id and a reference of its own."""
    number = next(_numbers)
    order = Order(
        order_id=OrderId(order_id or f"ord_o{number}"),
        user_id=ANN,
        mode=Mode.TEST,
        shipment=a_shipment(),
        rate=a_rate(),
        quote_id=QuoteId(f"quo_o{number}"),
        reference=f"t-o{number}",
        price=usd("7.42"),
        created_at=NOW,
        updated_at=NOW,
    )
    return evolve(order, **changes)


def a_link(track_id: str = "190000001", **changes: Any) -> PayLink:
    """A payment page for `inv_1`, open for an hour."""
    link = PayLink(track_id, "inv_1", f"https://pay.example.com/12345678/{track_id}", NOW + minutes(60))
    return evolve(link, **changes)


def an_invoice(invoice_id: str = "inv_1", **changes: Any) -> Invoice:
    """Ann's top-up of $25.00, just opened, its first link asked for."""
    invoice = Invoice(
        invoice_id=InvoiceId(invoice_id),
        user_id=ANN,
        mode=Mode.TEST,
        amount=usd("25.00"),
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + minutes(60),
        attempts=1,
    )
    return evolve(invoice, **changes)


WRITTEN = {
    Field.FROM_NAME: "Jane Doe",
    Field.FROM_STREET1: "215 Clayton St",
    Field.FROM_CITY: "San Francisco",
    Field.FROM_STATE: "CA",
    Field.FROM_ZIP: "94117",
    Field.TO_NAME: "John Smith",
    Field.TO_STREET1: "123 Main St",
    Field.TO_CITY: "Los Angeles",
    Field.TO_STATE: "CA",
    Field.TO_ZIP: "90012",
    Field.WEIGHT: "35 oz",
    Field.LENGTH: "10 in",
    Field.WIDTH: "8 in",
    Field.HEIGHT: "6 in",
}
"""A whole order, field by field; the optional ones are left out."""


def an_entry(which: Field, value: str) -> Entry:
    """What the reader makes of a sure value."""
    return Entry(value, place=PLACES.get(value) if which.what == "zip" else None)


def a_draft(
    changes: Mapping[Field, str] | None = None, *, without: tuple[Field, ...] = (), **kept: Any
) -> Draft:
    """A whole draft, with these values changed or missing."""
    values = {**WRITTEN, **(changes or {})}
    return Draft({f: an_entry(f, v) for f, v in values.items() if f not in without}, **kept)


def as_text(values: Mapping[Field, str]) -> str:
    """Fields as the memory reader understands them."""
    return "\n".join(f"{which.value}: {value}" for which, value in values.items())


def a_template(**changes: Any) -> Template:
    """Ann's template of a whole order, without a service."""
    return evolve(Template("tpl_0123456789abcdef0123", ANN, "Mum", a_draft(), NOW, NOW), **changes)


def a_contact(**changes: Any) -> Contact:
    """Jane's address, as Ann keeps it."""
    address = part_of(a_draft(), "from")
    return evolve(Contact("con_0123456789abcdef0123", ANN, "Jane", address, NOW, NOW), **changes)


def a_preset(**changes: Any) -> ParcelPreset:
    """A box of Ann's."""
    entries = part_of(a_draft(), "parcel")
    return evolve(ParcelPreset("par_0123456789abcdef0123", ANN, "Shoe box", entries, NOW, NOW), **changes)


A_WHOLE_ORDER = as_text(WRITTEN)
"""One pasted message that says everything."""


def a_doubt(**changes: Any) -> AddressCheck:
    """A carrier that would spell the recipient's street otherwise."""
    return AddressCheck(Verdict.SUGGESTION, a_recipient(street1="123 N Main St", **changes))


def a_choice(*rates: Rate, **changes: Any) -> st.ChoosingRate:
    """Prices on the table, both addresses verified."""
    checks = {side: AddressCheck(Verdict.VERIFIED) for side in Side}
    return evolve(st.ChoosingRate(a_quote(*rates), checks), **changes)


def a_confirming(order_id: str = "ord_1", **changes: Any) -> st.Confirming:
    """One price chosen."""
    choice = a_choice()
    return evolve(st.Confirming(choice, choice.quote.rates[0], OrderId(order_id)), **changes)


def a_session(state: st.State | None = None, **changes: Any) -> Session:
    """Ann's session, saved once, with an empty draft."""
    return evolve(Session(ANN, NOW, version=1, state=state or st.Idle()), **changes)
