"""The office's figures in memory, counted anew for every report."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from attrs import evolve, frozen

from adapters.memory.database import View
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.statistics import Figures, Report, Span, figures_of, of_services
from shipping_core.ports.statistics import Statistics


@frozen
class MemoryStatistics(Statistics):
    """Goes through everything that is kept."""

    view: View

    async def report(self, span: Span) -> Report:
        edges = span.edges()
        days = [Figures() for _ in pairwise(edges)]
        services: defaultdict[tuple[str, str], Figures] = defaultdict(Figures)
        for transfer, figures in self._movements(span.mode):
            day = _day(edges, transfer.created_at)
            if day is not None:
                days[day] += figures
                order = self.view.get("orders", transfer.order_id)
                if order is not None:
                    services[order.rate.carrier_code, order.rate.service_code] += figures
        for user in self.view.scan("users"):
            day = _day(edges, user.joined_at)
            if day is not None:
                days[day] += Figures(new_users=1)
        dates = (span.first + dt.timedelta(days=n) for n in range(len(days)))
        return Report(span, tuple(zip(dates, days, strict=True)), of_services(services))

    async def refresh(self) -> None:
        """Nothing is counted before it is asked for."""

    def _movements(self, mode: Mode) -> Iterator[tuple[Transfer, Figures]]:
        """This mode's movements and what they add, the oldest first, so that first labels are known."""
        buyers: set[str] = set()
        every: list[Transfer] = [t for t in self.view.scan("transfers") if t.mode is mode]
        for transfer in sorted(every, key=lambda t: t.created_at):
            figures = figures_of(transfer)
            if transfer.kind is Kind.CAPTURE and transfer.source not in buyers:
                buyers.add(transfer.source)
                figures = evolve(figures, new_buyers=1)
            yield transfer, figures


def _day(edges: tuple[dt.datetime, ...], at: dt.datetime) -> int | None:
    found = bisect_right(edges, at) - 1
    return found if 0 <= found < len(edges) - 1 else None
