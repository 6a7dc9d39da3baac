"""Names, numbers and days, as both versions need them."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shipstation.translate import (
    carrier_name,
    cents,
    day,
    dimensions,
    moment,
    pdf,
    service_name,
    ship_date,
    weight,
)
from shipping_core.domain.shipment import Parcel, Size, Weight
from unit.adapters.shipstation.payloads import PDF, PDF_DATA


@pytest.mark.parametrize(
    ("parts", "minor"),
    [
        pytest.param(["7.31", "0.55"], 786, id="a plain sum"),
        pytest.param(["7.305"], 731, id="half a cent goes up"),
        pytest.param(["7.3049"], 730, id="less than half goes down"),
        pytest.param(["0.004", "0.004"], 1, id="the sum is rounded, not its parts"),
        pytest.param(["1.1", "2.2"], 330, id="what a float would miss"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_given_parts_when_summed_then_cents_are_rounded_once_half_up(parts: list[str], minor: int) -> None:
    assert cents(*(Decimal(p) for p in parts)).minor == minor


@pytest.mark.parametrize(
    ("code", "told", "name"),
    [
        ("stamps_com", "Stamps.com", "USPS"),
        ("usps", None, "USPS"),
        ("ups", None, "UPS"),
        ("ups_walleted", "UPS by the company", "UPS"),
        ("UPS_WALLETED", None, "UPS"),
        ("fedex", None, "FedEx"),
        ("fedex_walleted", None, "FedEx"),
        ("dhl_express_worldwide", "DHL", "DHL Express"),
        ("dhl_ecommerce", None, "DHL"),
        ("upstart_post", "Upstart Post", "Upstart Post"),
        ("alpha_post", None, "Alpha Post"),
    ],
)
def test_given_a_carrier_account_when_named_then_people_know_it(
    code: str, told: str | None, name: str
) -> None:
    assert carrier_name(code, told) == name


@pytest.mark.parametrize(
    ("told", "carrier", "name"),
    [
        ("USPS Ground Advantage", "USPS", "Ground Advantage"),
        ("USPS Ground Advantage - Package", "USPS", "Ground Advantage"),
        ("UPS® Ground", "UPS", "Ground"),
        ("UPS 2nd Day Air®", "UPS", "2nd Day Air"),
        ("FedEx", "FedEx", "FedEx"),
        ("Upsala Ground", "UPS", "Upsala Ground"),
        (None, "UPS", "Ups Ground Saver"),
    ],
)
def test_given_a_service_when_named_then_its_carrier_is_not_said_twice(
    told: str | None, carrier: str, name: str
) -> None:
    assert service_name(told, carrier, "ups_ground_saver") == name


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("2031-04-05T03:59:00+00:00", "2031-04-04", id="still yesterday in the east"),
        pytest.param("2031-04-05T04:01:00+00:00", "2031-04-05", id="a new day in the east"),
    ],
)
def test_given_the_hour_when_a_parcel_is_sold_then_its_day_is_the_americans(now: str, expected: str) -> None:
    assert ship_date(dt.datetime.fromisoformat(now)) == expected


@given(ounces=st.decimals(min_value="0.0001", max_value=2000, places=4))
def test_given_any_weight_when_declared_then_it_is_never_less_and_hardly_more(ounces: Decimal) -> None:
    declared = weight(Parcel(Weight(ounces, "oz")), {"oz": "ounce"}, "unit")["value"]

    assert isinstance(declared, Decimal)
    assert 0 <= declared - ounces < Decimal("0.01")


def test_given_no_size_when_declared_then_nothing_is_said_about_it() -> None:
    parcel = Parcel(Weight(Decimal(1), "g"))

    assert dimensions(parcel, {"in": "inch"}, "unit") == {}


def test_given_a_size_when_declared_then_units_come_in_the_partners_word() -> None:
    parcel = Parcel(Weight(Decimal(1), "g"), Size(Decimal("1.001"), Decimal(2), Decimal(3), "cm"))

    assert dimensions(parcel, {"cm": "centimeters"}, "units") == {
        "dimensions": {
            "length": Decimal("1.01"),
            "width": Decimal(2),
            "height": Decimal(3),
            "units": "centimeters",
        }
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2031-04-05T10:11:12Z", "2031-04-05T10:11:12+00:00"),
        ("2031-04-05T10:11:12.3456789", "2031-04-05T10:11:12.345678+00:00"),
        ("2031-04-05T10:11:12-07:00", "2031-04-05T17:11:12+00:00"),
    ],
)
def test_given_the_partners_times_when_read_then_they_are_utc(text: str, expected: str) -> None:
    read = moment(text)

    assert read is not None
    assert read.isoformat() == expected


@pytest.mark.parametrize("text", [None, "", "soon", "2031-13-40T00:00:00Z"])
def test_given_no_time_when_read_then_there_is_none(text: str | None) -> None:
    assert moment(text) is None
    assert day(text) is None


@pytest.mark.parametrize(
    ("encoded", "document"),
    [
        pytest.param(PDF_DATA, PDF, id="bare base64"),
        pytest.param(f"data:application/pdf;base64,{PDF_DATA}", PDF, id="a data URL"),
        pytest.param(base64.b64encode(b"<html>").decode(), None, id="no PDF"),
        pytest.param("no base64!", None, id="no base64"),
        pytest.param(PDF_DATA[:5], None, id="cut"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_given_label_data_when_decoded_then_only_a_pdf_counts(
    encoded: str | None, document: bytes | None
) -> None:
    assert pdf(encoded) == document
