"""What the office counts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter

from adapters.http_admin.api.route import answer, reads
from adapters.http_admin.models import many, model_of, view
from adapters.http_admin.office import Office
from shipping_core.domain.ids import Mode
from shipping_core.domain.statistics import Figures, OfService, Report, Span, span_asked_for

MOST_DAYS: Final = 1100
DAY = msgspec.defstruct("Day", [("date", dt.date), ("figures", model_of(Figures))], module=__name__)
REPORT = msgspec.defstruct(
    "Report",
    [
        ("span", model_of(Span)),
        ("total", model_of(Figures)),
        ("days", many(DAY)),
        ("services", many(model_of(OfService))),
    ],
    module=__name__,
)
Zone = Annotated[str, QueryParameter(max_length=64, description="An IANA name, such as America/New_York.")]


def statistics_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/statistics`."""

    @reads(
        "/statistics", "show_statistics", REPORT, "Figures of a span of days, whole, by day and by service"
    )
    async def show(
        first: FromQuery[dt.date | None] = None,
        last: FromQuery[dt.date | None] = None,
        zone: Zone = "UTC",
        mode: FromQuery[Mode | None] = None,
    ) -> Response[Any]:
        mode = mode or office.policy.now.mode
        now = office.clock.now()
        span = span_asked_for(first, last, zone, mode, now=now, most_days=MOST_DAYS)
        return answer(_shown(await office.statistics.report(span)))

    return [show]


def _shown(report: Report) -> Any:
    days = [DAY(day, view(figures)) for day, figures in report.days]
    return REPORT(view(report.span), view(report.total), days, view(report.services))
