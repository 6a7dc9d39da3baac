"""The list of payments: every filter, the order, the pages."""

from typing import Any

import pytest

from integration.sandbox_oxapay.client import Shop, data, refused


@pytest.fixture
async def sold(shop: Shop) -> dict[str, str]:
    """Three invoices, a minute apart: new; paid in TRX; paid in USDT on BSC before that one was."""
    small = await shop.sells(amount=5, currency="EUR")
    await shop.later(60)
    big = await shop.sells(amount="100.5")
    await shop.later(60)
    middle = await shop.sells(amount=50)
    await shop.pays(middle, coin="USDT", network="BEP20")
    await shop.later(60)
    await shop.pays(big, coin="TRX")
    return {"small": small, "big": big, "middle": middle}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "middle big small"),
        ({"sort_type": "asc"}, "small big middle"),
        ({"sort_by": "amount"}, "big middle small"),
        ({"sort_by": "amount", "sort_type": "asc"}, "small middle big"),
        ({"sort_by": "pay_date"}, "big middle small"),
        ({"status": "paid"}, "middle big"),
        ({"status": "Paid"}, "middle big"),
        ({"status": "expired"}, ""),
        ({"currency": "EUR"}, "small"),
        ({"pay_currency": "trx"}, "big"),
        ({"network": "Tron Network"}, "big"),
        ({"network": "BEP20"}, "middle"),
        ({"from_amount": "50", "to_amount": 100.5}, "middle big"),
        ({"from_amount": "50.01"}, "big"),
        ({"to_amount": 49}, "small"),
        ({"type": "invoice", "track_id": ""}, "middle big small"),
        ({"type": "static_address"}, ""),
        ({"size": 2}, "middle big"),
        ({"size": 2, "page": 2}, "small"),
        ({"size": 2, "page": 3}, ""),
    ],
    ids=str,
)
async def test_given_a_query_when_listing_then_those_and_in_this_order(
    shop: Shop, sold: dict[str, str], query: dict[str, Any], names: str
) -> None:
    assert await shop.lists(**query) == [sold[name] for name in names.split()]


async def test_given_dates_when_listing_then_both_ends_count(shop: Shop, sold: dict[str, str]) -> None:
    made = {name: (await shop.sees(track_id))["date"] for name, track_id in sold.items()}

    assert await shop.lists(from_date=made["big"]) == [sold["middle"], sold["big"]]
    assert await shop.lists(to_date=made["big"]) == [sold["big"], sold["small"]]
    assert await shop.lists(from_date=made["big"], to_date=made["big"]) == [sold["big"]]
    assert await shop.lists(from_date=made["big"] + 1, to_date=made["middle"] - 1) == []


async def test_given_an_address_or_an_id_when_listing_then_the_one(shop: Shop, sold: dict[str, str]) -> None:
    address = (await shop.sees(sold["big"]))["txs"][0]["address"]

    assert await shop.lists(address=address) == [sold["big"]]
    assert await shop.lists(track_id=sold["small"]) == [sold["small"]]


async def test_given_eleven_invoices_when_listing_then_ten_to_a_page_and_the_meta_counts(shop: Shop) -> None:
    made = [await shop.sells() for _ in range(11)]
    first = data(await shop.ask("/payment"))
    second = data(await shop.ask("/payment", page=2))
    whole = data(await shop.ask("/payment", size=200))

    assert (len(first["list"]), first["meta"]) == (10, {"page": 1, "last_page": 2, "total": 11})
    assert [entry["track_id"] for entry in second["list"]] == [made[0]]
    assert whole["meta"] == {"page": 1, "last_page": 1, "total": 11}
    assert whole["list"][-1] == await shop.sees(made[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("size", v) for v in (0, 201, "x")],
        *[("page", v) for v in (0, "x", 1.5)],
        *[(n, "x") for n in ("from_date", "to_date", "from_amount", "to_amount", "track_id")],
        ("sort_by", "color"),
        ("sort_type", "up"),
        ("type", "gift"),
    ],
    ids=str,
)
async def test_given_a_parameter_out_of_range_when_listing_then_400_names_it(
    shop: Shop, name: str, value: Any
) -> None:
    refused(await shop.ask("/payment", **{name: value}), 400, name)
