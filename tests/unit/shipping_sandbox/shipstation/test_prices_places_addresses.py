"""Prices, delivery days and address verdicts follow fixed rules."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping_sandbox.shipstation_api.addresses import check
from shipping_sandbox.shipstation_api.catalogue import CARRIERS, FEDEX, UPS, USPS, Carrier, Service
from shipping_sandbox.shipstation_api.places import Place, find_place, zone_between
from shipping_sandbox.shipstation_api.pricing import CannotShip, Journey, Parcel, arrival, price_of

SERVICES = [(carrier, service) for carrier in CARRIERS for service in carrier.services]
GROUND = USPS.services[0]
MONDAY = date(2031, 4, 7)


def place(zip_code: str) -> Place:
    """A ZIP that exists."""
    found = find_place(zip_code)
    assert found is not None
    return found


def a_journey(pounds: str | Decimal = "2", **changes: Any) -> Journey:
    """San Francisco to Los Angeles, in a small box."""
    parcel = Parcel(
        weight_oz=Decimal(pounds) * 16,
        size_in=changes.pop("size_in", (Decimal(10), Decimal(8), Decimal(6))),
        package_code=changes.pop("package_code", "package"),
        insured_value=changes.pop("insured_value", Decimal(0)),
    )
    journey = Journey(parcels=(parcel,), origin=place("94117"), destination=place("90001"), ship_date=MONDAY)
    return attrs.evolve(journey, **changes)


@given(
    service=st.sampled_from(SERVICES),
    pounds=st.decimals("0.1", "69", places=2),
    more=st.decimals("0", "1", places=2),
)
def test_given_a_heavier_parcel_when_priced_then_it_is_never_cheaper(
    service: tuple[Carrier, Service], pounds: Decimal, more: Decimal
) -> None:
    light, heavy = price_of(*service, a_journey(pounds)), price_of(*service, a_journey(pounds + more))

    assert 0 < light.total <= heavy.total
    assert light.total == light.total.quantize(Decimal("0.01"))


@pytest.mark.parametrize(("carrier", "service"), SERVICES, ids=lambda x: x.code)
def test_given_a_farther_place_when_priced_then_it_is_dearer_and_not_sooner(
    carrier: Carrier, service: Service
) -> None:
    near = price_of(carrier, service, a_journey())
    far = price_of(carrier, service, a_journey(destination=place("10001")))

    assert (near.zone, far.zone) == (4, 8)
    assert near.total < far.total
    assert near.days <= far.days


def test_given_a_big_light_box_when_priced_then_its_size_counts() -> None:
    small = price_of(UPS, UPS.services[1], a_journey("1"))
    big = price_of(UPS, UPS.services[1], a_journey("1", size_in=(Decimal(24), Decimal(18), Decimal(18))))

    assert big.shipping > small.shipping * 2


def test_given_the_example_parcel_when_priced_then_the_two_best_known_services_cost_this() -> None:
    journey = a_journey("2.1875")

    assert price_of(USPS, GROUND, journey).total == Decimal("7.42")
    assert price_of(UPS, UPS.services[1], journey).total == Decimal("9.80")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pounds": "71"}, "at most 70 lb"),
        ({"size_in": (Decimal(60), Decimal(20), Decimal(20))}, "length plus girth"),
        ({"package_code": "barrel"}, "Invalid packageCode"),
        ({"package_code": "flat_rate_envelope"}, "not sold in"),
    ],
    ids=["heavy", "long", "box", "flat"],
)
def test_given_a_parcel_nobody_takes_when_priced_then_the_reason_is_told(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(CannotShip, match=message):
        price_of(USPS, GROUND, a_journey(**change))


def test_given_two_boxes_when_sent_by_post_then_it_takes_one_only() -> None:
    journey = a_journey()
    double = attrs.evolve(journey, parcels=(*journey.parcels, *journey.parcels))

    with pytest.raises(CannotShip, match="one package"):
        price_of(USPS, GROUND, double)
    assert (
        price_of(FEDEX, FEDEX.services[0], double).shipping
        == 2 * price_of(FEDEX, FEDEX.services[0], journey).shipping
    )


def test_given_extras_when_priced_then_each_has_its_own_part() -> None:
    plain = price_of(USPS, GROUND, a_journey())
    full = price_of(USPS, GROUND, a_journey(signature=True, insured_value=Decimal("150.00")))

    assert full.confirmation == USPS.signature_fee
    assert full.insurance == Decimal("2.50")
    assert full.total == plain.total + full.confirmation + full.insurance


@given(days=st.integers(1, 10), start=st.dates(date(2031, 1, 1), date(2031, 12, 31)))
def test_given_any_day_when_shipped_then_it_never_arrives_on_a_sunday(days: int, start: date) -> None:
    end = arrival(start, days)

    between = [start + timedelta(n) for n in range(1, (end - start).days + 1)]
    assert end.weekday() != 6
    assert sum(day.weekday() != 6 for day in between) == days


@pytest.mark.parametrize("code", ["", "00000", "9000", "ABCDE", "９０００１"], ids=str)
def test_given_no_zip_when_looked_up_then_there_is_no_place(code: str) -> None:
    assert find_place(code) is None


def test_given_two_places_when_measured_then_the_zone_is_the_same_both_ways() -> None:
    assert zone_between(place("94117"), place("10001")) == zone_between(place("10001-1234"), place("94117"))


def an_address(**changes: str) -> dict[str, Any]:
    """An address that arrives."""
    town = {
        "city_locality": "Los Angeles",
        "state_province": "CA",
        "postal_code": "90001",
        "country_code": "US",
    }
    return {"name": "John Smith", "address_line1": "123 N Main St", **town, **changes}


@pytest.mark.parametrize(
    ("changes", "status", "detail"),
    [
        ({}, "verified", None),
        ({"address_line1": "PO Box 7"}, "verified", None),
        ({"city_locality": "los angeles"}, "verified", None),
        ({"address_line1": "Main Street"}, "error", "missing_house_number"),
        ({"postal_code": "00000"}, "error", "invalid_postal_code"),
        ({"postal_code": "10001"}, "error", "address_not_found"),
        ({"address_line1": "123 Main St"}, "warning", "street_direction_changed_or_added"),
        ({"address_line1": "123 main street"}, "warning", "street_direction_changed_or_added"),
        ({"city_locality": "San Francisco"}, "warning", "city_locality_changed_or_added"),
        ({"state_province": "NV"}, "warning", "state_province_changed_or_added"),
        ({"country_code": "CA"}, "unverified", "unsupported_country"),
    ],
    ids=lambda value: "-".join(value.values()) or "good" if isinstance(value, dict) else str(value),
)
def test_given_an_address_when_checked_then_the_verdict_is_the_rule_s(
    changes: dict[str, str], status: str, detail: str | None
) -> None:
    verdict = check(an_address(**changes))

    assert verdict.status == status
    assert [m.detail_code for m in verdict.messages] == ([detail] if detail else [])


@pytest.mark.parametrize(
    ("changes", "field", "suggestion"),
    [
        ({"address_line1": "123 Main St"}, "address_line1", "123 N Main St"),
        ({"city_locality": "San Francisco"}, "city_locality", "Los Angeles"),
        ({"state_province": "NV"}, "state_province", "CA"),
    ],
    ids=["street", "city", "state"],
)
def test_given_a_suggestion_when_followed_then_the_address_is_verified(
    changes: dict[str, str], field: str, suggestion: str
) -> None:
    mended = check(an_address(**changes)).matched

    assert mended is not None
    assert mended[field] == suggestion
    assert check(mended).status == "verified"


@pytest.mark.parametrize(
    ("changes", "guess"),
    [
        ({}, "yes"),
        ({"company_name": "Acme"}, "no"),
        ({"address_line1": "123 N Main Blvd"}, "no"),
        ({"address_line1": "PO Box 7"}, "unknown"),
        ({"company_name": "Acme", "address_residential_indicator": "yes"}, "yes"),
    ],
    ids=["house", "company", "boulevard", "box", "said"],
)
def test_given_an_address_when_checked_then_its_kind_is_guessed(changes: dict[str, str], guess: str) -> None:
    matched = check(an_address(**changes)).matched

    assert matched is not None
    assert matched["address_residential_indicator"] == guess
