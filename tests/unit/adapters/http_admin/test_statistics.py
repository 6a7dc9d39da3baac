"""Statistics over HTTP."""

from __future__ import annotations

import pytest

from an_office import Desk, an_office
from shipping_core.domain.access import Role


@pytest.fixture
async def desk() -> Desk:
    desk = await an_office()
    await desk.shop.customer().orders()
    await desk.shop.customer().buys()
    return desk


async def test_given_a_label_sold_today_when_asked_then_it_is_counted_in_its_day(desk: Desk) -> None:
    report = (await desk.get("/statistics?first=2031-04-06&last=2031-04-07", role=Role.VIEWER)).json()

    assert report["span"] == {"first": "2031-04-06", "last": "2031-04-07", "zone": "UTC", "mode": "test"}
    assert report["total"]["labels"] == 1
    assert [day["figures"]["labels"] for day in report["days"]] == [0, 1]
    assert report["total"]["margin"].keys() == {"minor", "currency", "text"}
    assert report["services"][0]["carrier_code"] == "usps"


async def test_given_no_span_when_asked_then_it_is_the_last_thirty_days_there(desk: Desk) -> None:
    report = (await desk.get("/statistics?zone=Pacific/Kiritimati")).json()

    assert (report["span"]["first"], report["span"]["last"]) == ("2031-03-10", "2031-04-08")
    assert len(report["days"]) == 30


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("first=2031-04-08&last=2031-04-07", "last"),
        ("first=2020-01-01&last=2031-04-07", "first"),
        ("zone=Mars/Base", "zone"),
        ("zone=../../etc/passwd", "zone"),
        ("zone=%00", "zone"),
        ("first=soon", "first"),
        ("first=5", "first"),
        ("last=0001-01-05", "last"),
        ("last=1969-12-31", "last"),
        ("first=9999-12-01&last=9999-12-31", "first"),
        ("first=2028-04-03&last=2031-04-08", "first"),
        ("first=2031-02-30", "first"),
        ("mode=live", "mode"),
        ("frist=2031-04-07", "frist"),
    ],
)
async def test_given_a_parameter_that_cannot_be_used_when_asked_then_422_names_it(
    desk: Desk, query: str, field: str
) -> None:
    answer = await desk.get(f"/statistics?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_given_the_other_mode_when_asked_then_nothing_of_this_one_is_in_it(desk: Desk) -> None:
    assert (await desk.get("/statistics?mode=production")).json()["total"]["labels"] == 0
