"""Lists: pages, filters, cursors, and the same as a table."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest
from attrs import evolve

from adapters.http_admin.models import columns, model_of
from adapters.http_admin.tables import guarded, table
from an_office import Desk, an_office
from builders import BOB, NOW, a_label, a_recipient, a_shipment, an_order, minutes
from filled import filled
from shipping_core.domain.access import ApiKey
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.ids import UserId
from shipping_core.domain.listing import LISTED, MOST_A_PAGE, Wanted, filter_kind
from shipping_core.domain.order import OrderState
from shipping_core.domain.user import User


@pytest.fixture
async def desk() -> Desk:
    return await an_office()


async def with_orders(desk: Desk, count: int, **changes: Any) -> list[str]:
    """So many orders, a minute apart; their ids, newest first."""
    orders = [an_order(created_at=NOW + minutes(n), **changes) for n in range(count)]
    for order in orders:
        await desk.shop.orders.add(order)
    return [order.order_id for order in reversed(orders)]


def ids(answer: Any) -> list[str]:
    return [item["order_id"] for item in answer.json()["items"]]


@pytest.mark.parametrize("name", LISTED)
async def test_given_any_list_when_asked_with_nothing_in_it_then_it_is_empty_as_page_and_as_table(
    desk: Desk, name: str
) -> None:
    page = await desk.get(f"/{name}?since={quote((NOW + minutes(99)).isoformat())}")
    table = await desk.get(f"/{name}.csv?since={quote((NOW + minutes(99)).isoformat())}")

    assert (page.status_code, page.json()) == (200, {"items": [], "next": None, "resume": None})
    assert table.status_code == 200
    assert table.text.strip() == ",".join(columns(model_of(LISTED[name].kind)))


@pytest.mark.parametrize("name", LISTED)
async def test_given_any_list_when_every_filter_order_and_range_is_given_then_the_store_is_asked_just_so(
    name: str,
) -> None:
    asked: list[Wanted] = []

    class Noting:
        async def page(self, wanted: Wanted) -> Any:
            asked.append(wanted)
            return await real.page(evolve(wanted, equals={}, words=(), sort=""))

    plain = await an_office()
    real = plain.store.lists
    desk = await an_office(lists=Noting())
    listed = LISTED[name]
    for sort in listed.sorts:
        values = {f: value_for(name, f) for f in listed.filters_of(sort)}
        query = "&".join(f"{f.replace('.', '_')}={v}" for f, v in values.items())
        answer = await desk.get(f"/{name}?{query}&sort={sort.replace('.', '_')}&order=asc&limit=7")

        assert answer.status_code == 200, answer.text
        assert (asked[-1].sort, asked[-1].descending, asked[-1].limit) == (sort, False, 7)
        assert {k: str(v).lower() for k, v in asked[-1].equals.items()} == values


def value_for(name: str, which: str) -> str:
    """A good value of a filter, as it is written in an address."""
    kind: Any = filter_kind(name, which)
    if kind is bool:
        return "true"
    return "x" if kind is str else str(next(iter(kind)).value)


async def test_given_orders_when_followed_from_page_to_page_then_each_comes_once_in_order(
    desk: Desk,
) -> None:
    made = await with_orders(desk, 7)
    seen, cursor = [], ""
    while True:
        answer = await desk.get(f"/orders?limit=3{cursor}")
        seen += ids(answer)
        if answer.json()["next"] is None:
            break
        cursor = f"&cursor={answer.json()['next']}"

    assert seen == made


async def test_given_a_reader_of_the_audit_when_it_comes_back_then_it_goes_on_where_it_was(
    desk: Desk,
) -> None:
    async def after(cursor: str) -> tuple[list[str], str]:
        page = (await desk.get(f"/audit?order=asc&limit=200{cursor}")).json()
        assert page["next"] is None
        return [row["action"] for row in page["items"]], f"&cursor={page['resume']}"

    first, cursor = await after("")
    nothing, cursor = await after(cursor)
    await desk.post("/keys", {"name": "ola", "role": "viewer"})
    then, cursor = await after(cursor)

    assert (len(first), nothing, then) == (4, [], ["made"])
    assert (await desk.get("/audit?limit=200")).json()["resume"] is None


async def test_given_orders_when_sorted_filtered_and_searched_then_only_those_come(desk: Desk) -> None:
    await with_orders(desk, 3)
    [bobs] = await with_orders(desk, 1, user_id=BOB, state=OrderState.PARKED, label=a_label())

    for query in ("user_id=bob", "state=parked", "q=BOB+zz000000000001", "state=parked&mode=test"):
        assert ids(await desk.get(f"/orders?{query}")) == [bobs], query
    assert ids(await desk.get("/orders?state=voided")) == []
    assert len(ids(await desk.get("/orders?sort=price_minor&order=asc"))) == 4


async def test_given_a_range_of_time_when_asked_then_its_end_is_left_out(desk: Desk) -> None:
    made = await with_orders(desk, 3)
    since, until = quote((NOW + minutes(1)).isoformat()), quote((NOW + minutes(2)).isoformat())

    assert ids(await desk.get(f"/orders?since={since}&until={until}")) == [made[1]]


async def test_given_an_order_when_listed_then_money_times_and_parts_are_plain_json(desk: Desk) -> None:
    await with_orders(desk, 1, label=a_label())
    [item] = (await desk.get("/orders")).json()["items"]

    assert item["price"] == {"minor": 742, "currency": "USD", "text": "7.42 USD"}
    assert item["created_at"] == "2031-04-07T12:00:00Z"
    assert item["shipment"]["recipient"]["name"] == "John Smith"
    assert item["shipment"]["parcel"]["weight"] == {"value": "35", "unit": "oz"}
    assert item["label"]["tracking_number"] == "ZZ000000000001"
    assert item["state"] == "reserved"


async def test_given_keys_when_listed_as_page_and_table_then_no_fingerprint_leaves(desk: Desk) -> None:
    kept = [key async for key in _keys(desk)]
    page, table = await desk.get("/keys"), await desk.get("/keys.csv")

    assert len(page.json()["items"]) == len(kept) == 4
    for key in kept:
        assert key.fingerprint not in page.text + table.text
    assert "fingerprint" not in page.text + table.text


async def _keys(desk: Desk) -> Any:
    for key in await desk.store.shelf(ApiKey).find({}):
        yield key


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("sort=name", "sort"),
        ("sort=price_minor&q=ann", "sort"),
        ("order=up", "order"),
        ("since=yesterday", "since"),
        ("since=2031-04-07T12:00:00", "since"),
        ("since=5", "since"),
        ("until=1e9", "until"),
        ("since=0001-01-01T00:00:00%2B14:00", "since"),
        ("since=1969-12-31T23:59:59Z", "since"),
        ("until=9999-12-31T23:59:59-14:00", "until"),
        ("sort=price_minor&since=2031-04-07T12:00:00Z", "sort"),
        ("since=2031-04-08T00:00:00Z&until=2031-04-07T00:00:00Z", "until"),
        ("since=2031-04-08T00:00:00Z&until=2031-04-08T00:00:00Z", "until"),
        ("state=gone", "state"),
        ("state[$ne]=x", "state[$ne]"),
        ("user_id=" + "x" * 129, "user_id"),
        ("q=" + "x" * 201, "q"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "A" * 40, "cursor"),
        ("cursor=" + "x" * 513, "cursor"),
    ],
)
async def test_given_a_parameter_that_cannot_be_used_when_asked_then_422_names_it(
    desk: Desk, query: str, field: str
) -> None:
    await with_orders(desk, 1)
    answer = await desk.get(f"/orders?{query}")

    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field]), answer.text


@pytest.mark.parametrize(
    "elsewhere",
    ["/orders?order=asc", "/orders?user_id=ann", "/orders?sort=price_minor", "/orders?q=ann", "/refunds?"],
)
async def test_given_a_cursor_when_used_for_another_list_filter_or_order_then_422_names_it(
    desk: Desk, elsewhere: str
) -> None:
    await with_orders(desk, 3)
    cursor = (await desk.get("/orders?limit=1")).json()["next"]
    answer = await desk.get(f"{elsewhere}{'' if elsewhere.endswith('?') else '&'}cursor={cursor}")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


async def test_given_a_cursor_when_any_character_of_it_is_changed_then_it_is_refused(desk: Desk) -> None:
    await with_orders(desk, 3)
    cursor = (await desk.get("/orders?limit=1")).json()["next"]
    for place in range(0, len(cursor) - 1, 5):
        other = "A" if cursor[place] != "A" else "B"
        forged = cursor[:place] + other + cursor[place + 1 :]

        assert (await desk.get(f"/orders?limit=1&cursor={forged}")).status_code == 422, place


async def test_given_a_cursor_when_used_with_another_page_size_then_it_goes_on(desk: Desk) -> None:
    made = await with_orders(desk, 4)
    cursor = (await desk.get("/orders?limit=1")).json()["next"]

    assert ids(await desk.get(f"/orders?limit=3&cursor={cursor}")) == made[1:]


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_given_more_rows_than_a_page_when_exported_then_all_that_fit_come_once(desk: Desk) -> None:
    made = await with_orders(desk, 450)
    await with_orders(desk, 3, user_id=BOB)
    answer = await desk.get("/orders.csv?user_id=ann")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="orders.csv"'
    assert [row["order_id"] for row in rows(answer)] == made
    assert rows(answer)[0]["price"] == "7.42 USD"
    assert rows(answer)[0]["label.tracking_number"] == ""


async def an_export(desk: Desk, wanted: Wanted, meanwhile: Callable[[], Awaitable[object]]) -> set[str]:
    """The ids of a whole table, of which something changed after its first page."""
    listed = LISTED[wanted.name]
    lines = await table(desk.office.lists, wanted, model_of(listed.kind))
    text = await anext(lines) + await anext(lines)
    await meanwhile()
    text += "".join([line async for line in lines])
    id_ = "subject" if wanted.name == "alerts" else listed.id
    return {row[id_] for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.parametrize("descending", [True, False])
async def test_given_people_who_write_meanwhile_when_exported_by_that_then_none_is_missed(
    desk: Desk, descending: bool
) -> None:
    users = desk.shop.users
    for n in range(MOST_A_PAGE + 50):
        await users.add(User(UserId(f"u{n}"), NOW + minutes(n), seen_at=NOW + minutes(n)))

    async def writes() -> None:
        for name in ("u0", f"u{MOST_A_PAGE + 49}"):
            await users.seen(UserId(name), NOW + minutes(9_999))

    found = await an_export(desk, Wanted("users", sort="seen_at", descending=descending), writes)

    assert found >= {f"u{n}" for n in range(MOST_A_PAGE + 50)}


@pytest.mark.parametrize("descending", [True, False])
async def test_given_alerts_that_come_up_again_meanwhile_when_exported_then_none_is_missed(
    desk: Desk, descending: bool
) -> None:
    alerts, quiet = desk.store.alerts, minutes(1)
    for n in range(MOST_A_PAGE + 50):
        await alerts.note(AlertKind.ERROR, f"place{n}", "x", NOW + minutes(n), quiet=quiet)

    async def happens() -> None:
        for n in (0, MOST_A_PAGE + 49):
            await alerts.note(AlertKind.ERROR, f"place{n}", "x", NOW + minutes(9_999), quiet=quiet)

    found = await an_export(desk, Wanted("alerts", descending=descending), happens)

    assert found == {f"place{n}" for n in range(MOST_A_PAGE + 50)}


@pytest.mark.parametrize("name", LISTED)
async def test_given_a_wish_for_csv_when_a_page_is_asked_then_it_stays_a_page_and_no_way_round_the_export(
    desk: Desk, name: str
) -> None:
    answer = await desk.get(f"/{name}?limit=1", headers={"Accept": "text/csv"})

    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"items", "next", "resume"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
async def test_given_a_cell_that_begins_like_a_formula_when_exported_then_it_is_text(
    desk: Desk, start: str
) -> None:
    evil = f'{start}HYPERLINK("http://evil.example","x")'
    await with_orders(desk, 1, shipment=a_shipment(recipient=a_recipient(name=evil)))
    [row] = rows(await desk.get("/orders.csv"))

    assert row["shipment.recipient.name"] == f"'{evil}"


def test_given_cells_that_are_no_text_when_guarded_then_they_stay() -> None:
    assert [guarded(cell) for cell in (-5, None, True, "a=b", "")] == [-5, None, True, "a=b", ""]


async def test_given_a_paging_parameter_when_exported_then_there_is_none(desk: Desk) -> None:
    assert (await desk.get("/orders.csv?limit=3")).status_code == 422


@pytest.mark.parametrize("name", LISTED)
def test_given_a_value_with_every_field_set_when_shown_then_its_table_has_a_cell_for_each_column(
    name: str,
) -> None:
    from adapters.http_admin.models import cells, view

    value: Any = filled(LISTED[name].kind)
    model = model_of(LISTED[name].kind)
    shown = list(cells(model, view(value)))

    assert len(shown) == len(list(columns(model)))
    assert all(isinstance(cell, str | int | float | dt.date) for cell in shown)
