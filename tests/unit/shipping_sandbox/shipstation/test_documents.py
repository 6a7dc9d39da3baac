"""The printed label says what it was given, and no more."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from shipping_sandbox.shipstation_api.catalogue import CARRIERS, USPS, Carrier
from shipping_sandbox.shipstation_api.documents import render_pdf, render_zpl
from shipping_sandbox.shipstation_api.documents.latin import in_latin
from shipping_sandbox.shipstation_api.pricing import Parcel
from shipping_sandbox.shipstation_api.purchasing import tracking_number
from shipping_sandbox.shipstation_api.records import Label

POINTS_AN_INCH = 72
TOWN = {"city_locality": "Los Angeles", "state_province": "CA", "postal_code": "90001", "country_code": "US"}
SENDER = {"name": "Jane Doe", "phone": "415-555-0101", "address_line1": "215 Clayton St", **TOWN}


def a_label(carrier: Carrier = USPS, *, layout: str = "4x6", **ship_to: Any) -> Label:
    """A label to John Smith, changed by `ship_to`."""
    service = carrier.services[0]
    recipient = {"name": "John Smith", "address_line1": "123 N Main St", **TOWN, **ship_to}
    return Label(
        number=90010001,
        version="v2",
        test=False,
        sandbox=False,
        carrier=carrier,
        service=service,
        package_code="package",
        tracking_number=tracking_number(carrier, service, 90010001),
        ship_to=recipient,
        ship_from=SENDER,
        parcels=(Parcel(weight_oz=Decimal(35)),),
        postage=Decimal("7.42"),
        insurance=Decimal(0),
        ship_date=date(2031, 4, 5),
        arrives=date(2031, 4, 8),
        confirmation="none",
        reference="ord-1-a1",
        created_at=datetime(2031, 4, 5, tzinfo=UTC),
        label_layout=layout,
    )


def text_of(label: Label) -> str:
    """What a reader of the PDF can copy out of it."""
    return PdfReader(BytesIO(render_pdf(label))).pages[0].extract_text()


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda c: c.code)
def test_given_a_label_when_printed_then_it_bears_every_fact(carrier: Carrier) -> None:
    label = a_label(
        carrier, company_name="Acme", address_line2="Apt 4", address_line3="Rear", phone="213-555-0102"
    )

    text = text_of(label)

    facts = ("John Smith", "Acme", "123 N Main St", "Apt 4", "Rear", "Los Angeles CA 90001", "213-555-0102")
    for fact in (*facts, "Jane Doe", "2 LB 3 OZ", "04/05/2031", label.tracking_number, "ord-1-a1"):
        assert fact in text
    assert carrier.services[0].name.upper() in text
    assert f"{carrier.short_name} TRACKING #" in text
    assert "TEST · VOID — NOT FOR POSTAGE" in text


def test_given_no_phone_when_printed_then_none_is_made_up() -> None:
    text = text_of(a_label())

    assert "555-01" not in text  # not even the sender's, which may be the shop's own


@pytest.mark.parametrize(("layout", "inches"), [("4x6", (4, 6)), ("letter", (8.5, 11))])
def test_given_a_layout_when_printed_then_the_page_has_that_size(
    layout: str, inches: tuple[float, float]
) -> None:
    box = PdfReader(BytesIO(render_pdf(a_label(layout=layout)))).pages[0].mediabox

    assert (box.width / POINTS_AN_INCH, box.height / POINTS_AN_INCH) == inches


def test_given_one_label_when_printed_twice_then_the_bytes_are_the_same() -> None:
    assert render_pdf(a_label()) == render_pdf(a_label())


def test_given_a_cyrillic_name_when_printed_then_it_is_readable_and_the_original_is_kept() -> None:
    label = a_label(name="Анна Щукина", company_name="ООО РОМАШКА")
    page = PdfReader(BytesIO(render_pdf(label)))

    text = page.pages[0].extract_text()

    assert "Anna Shchukina" in text
    assert "OOO ROMASHKA" in text
    assert "Анна Щукина" in str(page.metadata.subject if page.metadata else "")


def test_given_an_address_longer_than_the_label_when_printed_then_no_word_is_lost() -> None:
    street = "12345 South Martin Luther King Junior Memorial Boulevard Extension Building Seventeen"
    text = text_of(a_label(address_line1=street, address_line2=street.upper(), company_name=street))

    assert all(word in text for word in street.split())


@settings(max_examples=30, deadline=None)
@given(name=st.text(min_size=1, max_size=60))
def test_given_any_name_at_all_when_printed_then_it_never_fails(name: str) -> None:
    assert render_pdf(a_label(name=name)).startswith(b"%PDF-")
    assert in_latin(name).encode("latin-1") is not None


def test_given_zpl_when_printed_then_a_name_cannot_smuggle_a_command() -> None:
    document = render_zpl(a_label(name="^XZ~JA John")).decode()

    assert document.count("^XZ") == 1
    assert "~" not in document
    assert a_label().tracking_number in document


def test_given_postal_tracking_numbers_when_made_then_the_check_digit_holds() -> None:
    for number in range(90010001, 90010050):
        digits = [int(d) for d in tracking_number(USPS, USPS.services[0], number)]
        weighted = sum(d * (3 if i % 2 else 1) for i, d in enumerate(reversed(digits)))

        assert len(digits) == 22
        assert weighted % 10 == 0
