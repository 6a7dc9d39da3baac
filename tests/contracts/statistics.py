"""What every Statistics promises; a subclass provides `books`, the empty store that it counts."""

from __future__ import annotations

import datetime as dt
from asyncio import gather
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest
from attrs import define, evolve, field

from builders import a_rate, an_order, minutes, usd
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.statistics import Figures, OfService, Report, Span
from shipping_core.domain.user import User
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.statistics import Statistics
from shipping_core.ports.users import UserRepository

ZONES = (
    "UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
    "America/Santiago",
)  # fmt: skip
SERVICES = (("usps", "priority"), ("usps", "ground"), ("ups", "ground"))
AUTUMN = dt.datetime(2024, 11, 1, 3, tzinfo=dt.UTC)
"""Two days before New York's clocks go back."""
DAY = dt.timedelta(days=1)


class Books(Protocol):
    """A store, as far as it is counted."""

    @property
    def balances(self) -> BalanceLedger: ...

    @property
    def orders(self) -> OrderRepository: ...

    @property
    def users(self) -> UserRepository: ...

    @property
    def statistics(self) -> Statistics: ...


@define
class Past:
    """Things that happened, one after another, and who remembers them beside the store."""

    books: Books
    orders: dict[OrderId, Order] = field(factory=dict)
    users: list[User] = field(factory=list)
    payments: int = 0

    async def comes(self, name: str, at: dt.datetime) -> None:
        """Somebody new, with money in both modes."""
        self.users.append(User(UserId(name), at))
        await self.books.users.add(self.users[-1])
        for mode in Mode:
            await self.pays(name, "500.00", at, mode=mode)

    async def pays(
        self, name: str, amount: str, at: dt.datetime, *, mode: Mode = Mode.TEST, kind: Kind = Kind.TOPUP
    ) -> None:
        """A payment is credited."""
        self.payments += 1
        key = f"payment:{self.payments}"
        await self.books.balances.credit(UserId(name), usd(amount), key=key, mode=mode, kind=kind, at=at)

    async def orders_one(
        self, name: str, at: dt.datetime, *, price: str = "10.00", service: int = 0, **changes: Any
    ) -> Order:
        """An order is begun."""
        carrier, code = SERVICES[service]
        rate = a_rate(price, carrier_code=carrier, service_code=code)
        changes |= {"created_at": at, "updated_at": at}
        order = an_order(user_id=UserId(name), price=usd(price), rate=rate, **changes)
        self.orders[order.order_id] = order
        await self.books.orders.add(order)
        await self.books.balances.hold(
            order.user_id, order.price, key=order.hold_key, mode=order.mode, order_id=order.order_id, at=at
        )
        return order

    async def buys(
        self, order: Order, at: dt.datetime, *, charged: str = "10.00", cost: str = "8.00"
    ) -> None:
        """Its label is bought; what it was cheaper goes back."""
        await self.moves(order, Kind.CARRIER_COST, cost, at)
        await self.books.balances.capture(
            order.user_id, usd(charged), key=order.capture_key, hold_key=order.hold_key, at=at
        )

    async def fails(self, order: Order, at: dt.datetime) -> None:
        """It is not bought."""
        await self.books.balances.release(
            order.user_id, key=order.release_key, hold_key=order.hold_key, at=at
        )

    async def gives_back(
        self, order: Order, at: dt.datetime, *, amount: str = "10.00", kind: Kind = Kind.REFUND
    ) -> None:
        """The customer gets money for a label."""
        await self.books.balances.credit(
            order.user_id,
            usd(amount),
            key=f"refund:{order.order_id}",
            mode=order.mode,
            kind=kind,
            at=at,
            order_id=order.order_id,
            refund_id=RefundId("ref_1"),
        )

    async def moves(self, order: Order, kind: Kind, amount: str, at: dt.datetime) -> None:
        """Money between us and a carrier."""
        accounts = book.CARRIER_PAYABLE, book.CARRIER_COST
        if kind in {Kind.CARRIER_CREDIT, Kind.LOSS_RECOVERED}:
            accounts = accounts[::-1]
        key = f"{kind.value}:{order.order_id}"
        line = Transfer(key, kind, *accounts, usd(amount), order.mode, at, order_id=order.order_id)
        await self.books.balances.post(line)

    async def is_naively(self, span: Span) -> tuple[list[Figures], dict[tuple[str, str], Figures]]:
        """The days and services of a span, counted one by one by the clocks on the wall."""
        zone, first_labels = ZoneInfo(span.zone), set[str]()
        days: defaultdict[dt.date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        services: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for user in self.users:
            days[user.joined_at.astimezone(zone).date()]["new_users"] += 1
        for line in await self.books.balances.journal():
            if line.mode is span.mode:
                day, found = line.created_at.astimezone(zone).date(), _naively(line)
                if line.kind is Kind.CAPTURE and line.source not in first_labels:
                    first_labels.add(line.source)
                    found["new_buyers"] = 1
                order = self.orders.get(line.order_id) if line.order_id else None
                for name, value in found.items():
                    days[day][name] += value
                    if order is not None and span.first <= day <= span.last:
                        services[order.rate.carrier_code, order.rate.service_code][name] += value
        every = [days[span.first + n * DAY] for n in range((span.last - span.first).days + 1)]
        return [_as_figures(day) for day in every], {k: _as_figures(v) for k, v in services.items()}

    async def agrees(self, span: Span) -> Report:
        """The report, which is what one counts oneself."""
        report = await self.books.statistics.report(span)
        days, services = await self.is_naively(span)
        assert [figures for _, figures in report.days] == days
        assert [date for date, _ in report.days] == [span.first + n * DAY for n in range(len(days))]
        assert {(s.carrier_code, s.service_code): s for s in report.services} == {
            code: OfService(*code, f.labels, f.revenue, f.cost, f.refunded)
            for code, f in services.items()
            if f.labels or f.revenue.minor or f.cost.minor or f.refunded.minor
        }
        for name in ("orders", "labels", "failed", "new_users", "new_buyers", "topups", "refunds"):
            assert getattr(report.total, name) == sum(getattr(day, name) for day in days)
        for name in ("topped_up", "refunded", "revenue", "cost", "losses", "margin"):
            assert getattr(report.total, name).minor == sum(getattr(day, name).minor for day in days)
        return report


def _naively(line: Transfer) -> dict[str, int]:
    minor = line.amount.minor
    match line.kind:
        case Kind.HOLD:
            return {"orders": 1}
        case Kind.CAPTURE:
            return {"labels": 1, "revenue": minor}
        case Kind.RELEASE if not line.key.endswith(":rest"):
            return {"failed": 1}
        case Kind.TOPUP | Kind.REVIEWED:
            return {"topups": 1, "topped_up": minor}
        case Kind.REVERSAL:
            return {"topped_up": -minor}
        case Kind.REFUND | Kind.REFUND_AT_LOSS:
            return {"refunds": 1, "refunded": minor}
        case Kind.CARRIER_COST | Kind.CARRIER_VARIANCE:
            return {"cost": minor}
        case Kind.CARRIER_CREDIT:
            return {"cost": -minor}
        case Kind.LOSS:
            return {"losses": minor}
        case Kind.LOSS_RECOVERED:
            return {"losses": -minor}
    return {}


def _as_figures(sums: dict[str, int]) -> Figures:
    money = {"topped_up", "refunded", "revenue", "cost", "losses"}
    return Figures(**{name: Money(v) if name in money else v for name, v in sums.items()})  # type: ignore[arg-type]


def a_span(first: dt.datetime = AUTUMN, *, days: int = 5, zone: str = "UTC", mode: Mode = Mode.TEST) -> Span:
    """Days from the one of `first` on."""
    return Span(first.date(), first.date() + (days - 1) * DAY, zone, mode)


def some_times(chance: Random, count: int, begin: dt.datetime = AUTUMN, days: int = 5) -> list[dt.datetime]:
    """So many moments, in order, some of them on the edge of an hour or a quarter."""
    whole = [begin + dt.timedelta(milliseconds=chance.randrange(days * 86_400_000)) for _ in range(count)]
    on_edge = [t.replace(minute=chance.choice((0, 15, 30, 45)), second=0, microsecond=0) for t in whole[::4]]
    return sorted([*whole[len(on_edge) :], *on_edge])


async def lives(past: Past, times: Sequence[dt.datetime], chance: Random) -> None:
    """Whatever may happen, at these times; now and then somebody counts."""
    open_orders: list[Order] = []
    bought: list[Order] = []
    for n, at in enumerate(times):
        if not past.users or chance.random() < 0.1:
            await past.comes(f"user-{len(past.users)}", at)
        if chance.random() < 0.2:
            await past.books.statistics.refresh()
        name, mode = chance.choice(past.users).user_id, chance.choice((Mode.TEST, *Mode))
        match chance.randrange(8):
            case 0 | 1 | 2:
                order = await past.orders_one(name, at, service=chance.randrange(3), mode=mode)
                open_orders.append(order)
            case 3 | 4 if open_orders:
                order = open_orders.pop(chance.randrange(len(open_orders)))
                charged = chance.choice(("10.00", "9.50"))
                await past.buys(order, at, charged=charged, cost=f"{chance.randrange(1, 9)}.00")
                bought.append(order)
                if chance.random() < 0.2:
                    await past.moves(order, Kind.CARRIER_VARIANCE, "0.75", at)
            case 5 if open_orders:
                order = open_orders.pop()
                await past.fails(order, at)
                if chance.random() < 0.5:
                    await past.moves(order, Kind.LOSS, "3.00", at)
                if chance.random() < 0.3:
                    await past.moves(order, Kind.LOSS_RECOVERED, "3.00", at)
            case 6 if bought:
                order, kind = bought.pop(), chance.choice((Kind.REFUND, Kind.REFUND_AT_LOSS))
                await past.gives_back(order, at, amount="9.00", kind=kind)
                if kind is Kind.REFUND:
                    await past.moves(order, Kind.CARRIER_CREDIT, "1.00", at)
            case 7 if n % 2:
                kind = chance.choice((Kind.TOPUP, Kind.REVIEWED, Kind.ADJUSTMENT))
                await past.pays(name, "25.00", at, mode=mode, kind=kind)
            case _:
                await past.books.balances.reverse(
                    name, usd("1.00"), key=f"reversal:{n}", mode=mode, invoice_id=InvoiceId("inv_1"), at=at
                )


class StatisticsContract:
    """Figures of days and services, up to this moment."""

    @pytest.fixture
    def past(self, books: Books) -> Past:
        return Past(books)

    @pytest.mark.parametrize("seed", range(3))
    async def test_given_anything_that_may_happen_when_reported_then_it_is_what_one_counts_oneself(
        self, past: Past, seed: int
    ) -> None:
        chance = Random(seed)
        begin = chance.choice((AUTUMN, dt.datetime(2024, 3, 8, 3, tzinfo=dt.UTC)))
        await lives(past, some_times(chance, 70, begin), chance)

        for zone in ZONES:
            for mode in Mode:
                await past.agrees(a_span(begin - DAY, days=8, zone=zone, mode=mode))
                await past.agrees(a_span(begin + DAY, days=1, zone=zone, mode=mode))

    @pytest.mark.parametrize("zone", ZONES)
    async def test_given_every_quarter_of_the_days_clocks_change_when_reported_then_each_counts_on_its_day(
        self, past: Past, zone: str
    ) -> None:
        for day in (dt.datetime(2024, 4, 6, tzinfo=dt.UTC), AUTUMN + DAY):
            for n in range(0, 96, 5):
                past.users.append(User(UserId(f"{day:%m}-{n}"), day + minutes(15 * n)))
                await past.books.users.add(past.users[-1])

        for begin in (dt.datetime(2024, 4, 4, tzinfo=dt.UTC), AUTUMN):
            await past.agrees(a_span(begin, days=5, zone=zone))

    async def test_given_nothing_when_reported_then_every_day_is_there_and_empty(self, past: Past) -> None:
        report = await past.agrees(a_span(days=3))

        assert report.total == Figures()
        assert report.services == ()

    async def test_given_a_count_when_an_order_is_bought_just_after_then_the_next_report_has_it(
        self, past: Past
    ) -> None:
        await past.comes("ann", AUTUMN)
        before = await past.agrees(a_span())
        order = await past.orders_one("ann", AUTUMN + minutes(1))
        await past.buys(order, AUTUMN + minutes(1.02))
        after = await past.agrees(a_span())

        assert (before.total.orders, before.total.labels) == (0, 0)
        assert (after.total.orders, after.total.labels) == (1, 1)
        assert (after.total.revenue, after.total.margin) == (usd("10.00"), usd("2.00"))

    async def test_given_a_label_given_back_days_later_when_reported_then_only_that_later_day_has_changed(
        self, past: Past
    ) -> None:
        await past.comes("ann", AUTUMN)
        order = await past.orders_one("ann", AUTUMN)
        await past.buys(order, AUTUMN + minutes(1))
        before = await past.agrees(a_span())
        await past.gives_back(order, AUTUMN + 3 * DAY)
        await past.moves(order, Kind.CARRIER_CREDIT, "8.00", AUTUMN + 3 * DAY)
        after = await past.agrees(a_span())

        assert [n for n in range(5) if before.days[n] != after.days[n]] == [3]
        assert after.days[3][1] == Figures(refunds=1, refunded=usd("10.00"), cost=-usd("8.00"))
        assert after.total.margin == Money.zero()
        assert after.services == (OfService("usps", "priority", 1, usd("10.00"), usd("0.00"), usd("10.00")),)

    async def test_given_an_order_of_before_midnight_when_bought_after_it_then_each_counts_when_it_happened(
        self, past: Past
    ) -> None:
        midnight = dt.datetime(2024, 11, 2, tzinfo=dt.UTC)
        await past.comes("ann", AUTUMN)
        order = await past.orders_one("ann", midnight - minutes(0.001))
        await past.buys(order, midnight)
        (_, first), (_, second) = (await past.agrees(a_span(days=2))).days

        assert (first.orders, first.labels) == (1, 0)
        assert (second.orders, second.labels) == (0, 1)

    async def test_given_both_modes_when_reported_then_they_are_apart_and_who_came_is_in_both(
        self, past: Past
    ) -> None:
        await past.comes("ann", AUTUMN)
        for mode, price in ((Mode.TEST, "10.00"), (Mode.PRODUCTION, "20.00")):
            order = await past.orders_one("ann", AUTUMN, price=price, mode=mode)
            await past.buys(order, AUTUMN, charged=price)
        test, real = [(await past.agrees(a_span(mode=mode))).total for mode in (Mode.TEST, Mode.PRODUCTION)]

        assert (test.revenue, real.revenue) == (usd("10.00"), usd("20.00"))
        assert (test.new_users, real.new_users) == (1, 1)
        assert (test.new_buyers, real.new_buyers) == (1, 1)

    async def test_given_a_buyer_of_three_labels_when_reported_then_they_are_new_once(
        self, past: Past
    ) -> None:
        await past.comes("ann", AUTUMN)
        for at in (AUTUMN, AUTUMN, AUTUMN + DAY):
            await past.buys(await past.orders_one("ann", at), at)
        report = await past.agrees(a_span())

        assert [day.new_buyers for _, day in report.days] == [1, 0, 0, 0, 0]
        assert report.total.labels == 3

    async def test_given_a_row_written_minutes_after_its_time_when_counted_meanwhile_then_it_is_not_missed(
        self, past: Past
    ) -> None:
        await past.comes("ann", AUTUMN)
        late, order = [await past.orders_one("ann", AUTUMN) for _ in range(2)]
        await past.buys(order, AUTUMN + minutes(9))
        await past.agrees(a_span())
        await past.buys(late, AUTUMN + minutes(0.5))
        await past.comes("bob", AUTUMN - minutes(1))

        assert (await past.agrees(a_span())).total.labels == 2

    async def test_given_many_who_count_while_more_comes_when_reported_then_nothing_is_twice_or_missing(
        self, past: Past
    ) -> None:
        await past.comes("ann", AUTUMN)
        times = some_times(Random(5), 40, AUTUMN + DAY, 2)

        async def counts() -> None:
            for _ in range(6):
                await past.books.statistics.refresh()

        for at in times:
            order = await past.orders_one("ann", at)
            await gather(past.buys(order, at), counts(), counts(), past.books.statistics.refresh())

        assert (await past.agrees(a_span())).total.labels == 40

    async def test_given_a_span_that_is_none_when_reported_then_it_is_refused(self, past: Past) -> None:
        span = a_span()
        bad = [
            evolve(span, zone=zone) for zone in ("", "Mars/Base", "../etc/passwd", "America", "/etc/passwd")
        ]
        bad += [evolve(span, last=span.first - DAY), evolve(span, first=dt.date(1, 1, 1))]
        bad += [evolve(span, first=dt.date(9999, 12, 30), last=dt.date(9999, 12, 31))]
        for wrong in bad:
            with pytest.raises(ValueError):
                await past.books.statistics.report(wrong)

    async def test_given_a_day_that_a_zone_left_out_when_reported_then_it_is_there_and_empty(
        self, past: Past
    ) -> None:
        for n in range(72):
            past.users.append(
                User(UserId(f"u{n}"), dt.datetime(2011, 12, 29, tzinfo=dt.UTC) + minutes(60 * n))
            )
            await past.books.users.add(past.users[-1])
        span = Span(dt.date(2011, 12, 29), dt.date(2012, 1, 1), "Pacific/Apia", Mode.TEST)
        report = await past.agrees(span)

        assert [day.new_users for _, day in report.days] == [24, 0, 24, 14]
        await past.agrees(evolve(span, first=dt.date(2011, 12, 30), last=dt.date(2011, 12, 30)))
