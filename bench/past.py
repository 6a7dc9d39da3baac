"""An office's past, made up by chance but repeatable: customers, their payments, orders, labels and refunds.

Every value is made by the domain's own moves and kept as the program keeps it, so whatever is here could have
been: the journal adds up, balances are its fold, and everything can be loaded again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from attrs import define, evolve, field
from odmantic import Model

from adapters.mongo.balances import balance_id
from adapters.mongo.documents import (
    CORE,
    LONG_AGO,
    BalanceDocument,
    next_number,
    request_hash,
    to_document,
)
from shipping_core.domain import ledger as book
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, QuoteId, RateId, RefundId, UserId
from shipping_core.domain.invoice import Invoice, PayLink, topup_key
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.letter import Letter, LetterState, Word
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.domain.shipment import Address, Label, Parcel, Rate, Shipment, Size, Weight
from shipping_core.domain.user import User

UNTIL = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
DAYS = 400
BEGIN = UNTIL - dt.timedelta(days=DAYS)
SERVICES = (
    ("USPS", "stamps_com", "Ground Advantage", "usps_ground_advantage"),
    ("USPS", "stamps_com", "Priority Mail", "usps_priority_mail"),
    ("UPS", "ups_walleted", "Ground", "ups_ground"),
    ("UPS", "ups_walleted", "2nd Day Air", "ups_2nd_day_air"),
    ("FedEx", "fedex_walleted", "Ground", "fedex_ground"),
    ("FedEx", "fedex_walleted", "Express Saver", "fedex_express_saver"),
)
FIRST_NAMES = (
    "Ada",
    "Ben",
    "Cleo",
    "Dan",
    "Eve",
    "Finn",
    "Gail",
    "Hugo",
    "Ida",
    "Jack",
    "Kira",
    "Leo",
    "Mia",
    "Uma",
)
LAST_NAMES = [
    a + b for a in ("Al", "Ber", "Cor", "Dun", "El", "Far") for b in ("den", "man", "ton", "well", "ya")
]
PARCELS = [
    Parcel(Weight(Decimal(n), "oz"), Size(Decimal(10), Decimal(8), Decimal(6), "in")) for n in range(1, 80)
]

Row = tuple[type[Model], dict[str, Any]]
SECOND = dt.timedelta(seconds=1)


@define
class Past:
    """One share of the customers and what they did; shares do not touch each other."""

    orders: int
    users: int
    share: int = 0
    _chance: Random = field(init=False)
    _balances: dict[tuple[UserId, Mode], Money] = field(factory=dict, init=False)
    _refunds: list[Refund] = field(factory=list, init=False)
    """What was given back; it is not spent again, since it came later."""

    def __attrs_post_init__(self) -> None:
        self._chance = Random(self.share)

    def __iter__(self) -> Iterator[Row]:
        """Documents by kind, more or less in the order in which they came about."""
        joined = 0
        for n in range(self.orders):
            at = BEGIN + (UNTIL - BEGIN) * ((n + self._chance.random()) / self.orders)
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
            while joined < self.users * (n + 1) / self.orders:
                yield _kept(self._user(joined, at - 3600 * SECOND))
                joined += 1
            yield from self._order(n, self._name(self._chance.randrange(joined)), at)
        for refund in self._refunds:
            self._add(refund.user_id, refund.mode, refund.amount)
        for (user, mode), balance in self._balances.items():
            kept = {"_id": balance_id(user, mode), "currency": "USD", "available": balance.minor}
            yield BalanceDocument, {**kept, "held": 0, "version": 1}

    def _name(self, number: int) -> UserId:
        return UserId(str(10**9 * (self.share + 1) + number))

    def _user(self, number: int, at: dt.datetime) -> User:
        name = f"{self._chance.choice(FIRST_NAMES)} {self._chance.choice(LAST_NAMES)}"
        username = name.replace(" ", "_").lower() + str(number)
        language, blocked = self._chance.choice(("en", "en", "ru")), self._chance.random() < 0.01
        return User(
            self._name(number), at, language, name=name, username=username, seen_at=at, blocked=blocked
        )

    def _order(self, number: int, user: UserId, at: dt.datetime) -> Iterator[Row]:
        chance = self._chance
        mode = Mode.TEST if chance.random() < 0.1 else Mode.PRODUCTION
        cost = Money(chance.randrange(400, 6000))
        price = Money(cost.minor + chance.randrange(30, 300))
        if self._balances.get((user, mode), Money.zero()) < price:
            yield from self._topup(InvoiceId(f"inv_{self.share}x{number}"), user, mode, at - 300 * SECOND)
        carrier, code, service, service_code = chance.choice(SERVICES)
        order = Order(
            OrderId(f"ord_{self.share}x{number}"),
            user,
            mode,
            self._shipment(),
            Rate(
                RateId(f"rate-{number}"), carrier, code, service, service_code, price, cost,
                delivery_days=chance.randrange(1, 7), carrier_reference=f"se-{number}",
            ),
            QuoteId(f"quo_{self.share}x{number}"),
            f"{mode.value[0]}-{self.share}x{number}",
            price,
            at,
            at,
        )  # fmt: skip
        available, held = book.available(user), book.held(user)
        yield self._moved(order, Kind.HOLD, order.hold_key, (available, held), price, at)
        sent = order.claimed(at + SECOND, carrier_order=f"se-{number}", by="worker")
        if chance.random() < 0.05:
            done = sent.failed("the carrier refused it", at + 2 * SECOND)
            accounts = held, available
            yield self._moved(
                done, Kind.RELEASE, done.release_key, accounts, price, done.updated_at, resolves=True
            )
        else:
            tracking = f"{self.share:02}{number:010}"
            label = Label(f"se-{number}", tracking, code, service_code, cost, shipment_ref=f"se-{number}")
            done = sent.purchased(label, at + 3 * SECOND)
            key = f"{Kind.CARRIER_COST.value}:{done.order_id}"
            yield self._moved(
                done, Kind.CARRIER_COST, key, (book.CARRIER_PAYABLE, book.CARRIER_COST), cost, done.updated_at
            )
            accounts = held, book.LABEL_REVENUE
            yield self._moved(
                done, Kind.CAPTURE, done.capture_key, accounts, price, done.updated_at, resolves=True
            )
            word = Letter(
                f"{done.order_id}:bought", user, Word.BOUGHT, done.updated_at, order_id=done.order_id
            )
            yield _sent(word)
            if chance.random() < 0.08 and at < UNTIL - dt.timedelta(days=9):
                done, rows = self._refund(done)
                yield from rows
        yield _kept(done, number=next_number())
        subject = f"order:{done.order_id}"
        row = AuditRow(
            f"{subject}:{done.version}", subject, done.state.value, done.updated_at, after=done.state.value,
            reason=done.failure,
        )  # fmt: skip
        yield _kept(row, number=next_number())

    def _shipment(self) -> Shipment:
        chance = self._chance
        sender, recipient = (
            Address(
                f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}",
                f"{chance.randrange(1, 9999)} Main St",
                "Springfield",
                "IL",
                f"{chance.randrange(60001, 62999)}",
            )
            for _ in range(2)
        )
        return Shipment(sender, recipient, chance.choice(PARCELS))

    def _topup(self, invoice_id: InvoiceId, user: UserId, mode: Mode, at: dt.datetime) -> Iterator[Row]:
        amount, track = Money(self._chance.choice((10_000, 20_000, 50_000))), invoice_id.removeprefix("inv_")
        begun = Invoice(invoice_id, user, mode, amount, at, at, at + 3600 * SECOND)
        link = PayLink(track, invoice_id, f"https://pay.example.com/{track}", begun.expires_at)
        waiting = begun.asking_link(at).linked(link, at + SECOND)
        if self._chance.random() < 0.2:
            late = evolve(waiting, invoice_id=InvoiceId(f"{invoice_id}e"), links=()).expired(
                waiting.expires_at
            )
            yield _kept(evolve(late, ask_at=None), in_review=False)
        paid = waiting.credited(track, at + 200 * SECOND)
        yield _kept(evolve(paid, ask_at=None), in_review=False)
        self._add(user, mode, amount)
        accounts = book.GATEWAY_CLEARING, book.available(user)
        yield _line(
            Transfer(
                topup_key(mode, track), Kind.TOPUP, *accounts, amount, mode, paid.updated_at,
                invoice_id=invoice_id,
            )
        )  # fmt: skip

    def _refund(self, order: Order) -> tuple[Order, list[Row]]:
        """Asked back after six days, and decided on the day after; or not yet."""
        asked = order.created_at + dt.timedelta(days=6)
        refund = Refund(
            RefundId(f"ref_{order.order_id[4:]}"), order.order_id, order.user_id, order.mode,
            order.rate.carrier_code, order.refundable, order.refundable, asked, asked,
        )  # fmt: skip
        fate, at = self._chance.random(), asked + dt.timedelta(days=1)
        if fate < 0.1:
            return order, [_kept(refund)]
        if fate < 0.25:
            why = {"decided_by": "support", "decided_why": "scanned already"}
            return order, [_kept(refund.moved(RefundState.REJECTED, at, **why))]
        for state in (RefundState.APPROVED, RefundState.VOIDING, RefundState.VOID_OK, RefundState.PROCESSED):
            refund = refund.moved(state, at, decided_by="support")
        done = order.void_requested(at).voided(refund.amount, at)
        self._refunds.append(refund)
        paid = (book.REFUNDS_GIVEN, book.available(order.user_id)), refund.amount
        owed = (book.CARRIER_COST, book.CARRIER_PAYABLE), order.rate.cost
        lines = [
            Transfer(
                key, kind, *accounts, amount, order.mode, at, order_id=order.order_id,
                refund_id=refund.refund_id,
            )
            for key, kind, (accounts, amount) in (
                (refund.credit_key, Kind.REFUND, paid),
                (f"carrier_credit:{refund.refund_id}", Kind.CARRIER_CREDIT, owed),
            )
        ]  # fmt: skip
        return done, [_kept(refund), *map(_line, lines)]

    def _moved(
        self, order: Order, kind: Kind, key: str, accounts: tuple[str, str], amount: Money, at: dt.datetime,
        *, resolves: bool = False,
    ) -> Row:  # fmt: skip
        available = book.available(order.user_id)
        if available in accounts:
            self._add(order.user_id, order.mode, amount if accounts[1] == available else -amount)
        held = order.hold_key if resolves else ""
        return _line(Transfer(key, kind, *accounts, amount, order.mode, at, held, order.order_id))

    def _add(self, user: UserId, mode: Mode, amount: Money) -> None:
        self._balances[user, mode] = self._balances.get((user, mode), Money.zero()) + amount


def _kept(value: Any, **more: Any) -> Row:
    return CORE[type(value)], to_document(value, **more)


def _line(transfer: Transfer) -> Row:
    return _kept(transfer, number=next_number(), request_hash=request_hash(transfer))


def _sent(letter: Letter) -> Row:
    times = {"due": letter.created_at, "held_until": LONG_AGO}
    said = {"state": LetterState.SENT.value, "owner": "", "claimed_for": "", "reason": "", "tries": 1}
    return _kept(letter, number=next_number(), **times, **said)
