"""What must be true after a storm, said of what is there: chats, files, orders, journal, carrier, gateway."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from adapters.mongo.documents import LetterDocument, OrderDocument, from_document
from adapters.mongo.store import Store
from integration.chaos.storm import Skies
from shipping_bot.replay.people import Plan
from shipping_bot.replay.persistent import Persistent
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.invoice import topup_key
from shipping_core.domain.ledger import Kind, Transfer, account_sums, available, held, open_holds
from shipping_core.domain.order import Order, OrderState


@frozen
class Bought:
    """What one customer wished for and has: a label a plan, or a reason why not."""

    person: Persistent
    plans: Sequence[Plan]
    lost: Sequence[str] = ()


@frozen
class Verdict:
    """What was broken, and how much there was."""

    violations: list[str]
    figures: dict[str, Any]


async def judged(place: Skies, store: Store, bought: Sequence[Bought]) -> Verdict:
    """Look at everything."""
    journal = list(await store.balances.journal())
    documents = place.mongo[place.database][+OrderDocument].find()
    orders = [from_document(document, Order) for document in documents]
    carrier = await place.place.get("/sandbox/shipstation/ledger")
    gateway = await place.place.get("/sandbox/oxapay/ledger")
    letters = list(place.mongo[place.database][+LetterDocument].find())
    violations = [
        *(text for one in bought for text in one.lost),
        *_orders(orders, carrier, bought),
        *_files(orders, bought),
        *_money(orders, journal, bought),
        *[text async for text in _balances(store, journal, bought)],
        *_payments(journal, gateway),
        *(f"letter {one['_id']} is {one['state']}" for one in letters if one["state"] != "sent"),
        *_logs(place.log()),
    ]
    figures = {
        "kills": place.kills,
        "customers": len(bought),
        "wishes": sum(len(one.plans) for one in bought),
        "orders": dict(Counter(order.state.value for order in orders)),
        "interrupted_purchases": sum(bool(o.failure) for o in orders),
        "labels_sold": len(carrier["purchases"]),
        "captures": sum(t.kind is Kind.CAPTURE for t in journal),
        "payments": sum(_paid(one) for one in gateway["invoices"]),
        "letters": len(letters),
        "acts_repeated": sum(one.person.repeated for one in bought),
        "violations": len(violations),
    }
    return Verdict(violations, figures)


def _orders(orders: Sequence[Order], carrier: dict[str, Any], bought: Sequence[Bought]) -> Iterator[str]:
    yield from (
        f"{posts} purchase requests for {reference}"
        for reference, posts in carrier["purchase_posts_by_reference"].items()
        if posts > 1
    )
    ends = {OrderState.PURCHASED, OrderState.FAILED, OrderState.EXPIRED}
    yield from (f"order {o.order_id} is {o.state.value}" for o in orders if o.state not in ends)
    sold = Counter(p["tracking_number"] for p in carrier["purchases"] if not p["voided"])
    kept = Counter(o.label.tracking_number for o in orders if o.state is OrderState.PURCHASED and o.label)
    yield from (f"a label nobody has: {number}" for number in (sold - kept))
    yield from (f"an order with a label that was not sold: {number}" for number in (kept - sold))
    wanted = {(str(b.person.user), p.recipient.name): 1 for b in bought for p in b.plans}
    got = Counter(
        (str(o.user_id), o.shipment.recipient.name) for o in orders if o.state is OrderState.PURCHASED
    )
    for whom, count in (got | Counter(wanted)).items():
        if got[whom] != 1:
            yield f"{got[whom]} labels instead of one for {whom} (wanted {wanted.get(whom, 0)}: {count})"


def _files(orders: Sequence[Order], bought: Sequence[Bought]) -> Iterator[str]:
    for one in bought:
        mine = {o.label.tracking_number.casefold() for o in orders if o.label and _of(o, one)}
        texts = [re.sub(r"\s", "", words) for words in one.person.words()]
        seen = {number for number in mine if any(re.sub(r"\s", "", number) in text for text in texts)}
        yield from (f"user {one.person.user} has no file of {number}" for number in mine - seen)
        foreign = [t for t in texts if not any(re.sub(r"\s", "", number) in t for number in mine)]
        if foreign:
            yield f"user {one.person.user} has {len(foreign)} files of nobody's order"


def _of(order: Order, one: Bought) -> bool:
    return order.user_id == str(one.person.user) and order.state is OrderState.PURCHASED


def _money(orders: Sequence[Order], journal: Sequence[Transfer], bought: Sequence[Bought]) -> Iterator[str]:
    if total := sum(account_sums(journal).values()):
        yield f"the journal sums to {total}"
    yield from (f"{t.key} was neither captured nor released" for t in open_holds(journal))
    captured = {t.order_id: t.amount for t in journal if t.kind is Kind.CAPTURE}
    paid_for = {o.order_id: o.charged for o in orders if o.state is OrderState.PURCHASED}
    if captured != paid_for:
        yield f"{len(captured)} captures for {len(paid_for)} bought orders, or of other amounts"
    holds = Counter(t.order_id for t in journal if t.kind is Kind.HOLD)
    yield from (f"{count} holds for {order}" for order, count in holds.items() if count != 1)
    welcomes = Counter(t.target for t in journal if t.kind is Kind.ADJUSTMENT)
    yield from (f"{count} welcome credits for {who}" for who, count in welcomes.items() if count != 1)


async def _balances(store: Store, journal: Sequence[Transfer], bought: Sequence[Bought]) -> Any:
    sums = account_sums(journal)
    for one in bought:
        user = UserId(str(one.person.user))
        balance = await store.balances.balance(user, Mode.TEST)
        folded = sums.get((Mode.TEST, available(user)), 0), sums.get((Mode.TEST, held(user)), 0)
        if folded != (balance.available.minor, balance.held.minor):
            yield f"user {user}'s balance is not what the journal says"
        if balance.available.minor < 0 or balance.held.minor:
            yield f"user {user} has {balance}"


def _paid(invoice: dict[str, Any]) -> bool:
    return str(invoice["status"]).casefold() == "paid"


def _payments(journal: Sequence[Transfer], gateway: dict[str, Any]) -> Iterator[str]:
    credited = Counter(t.key for t in journal if t.kind is Kind.TOPUP)
    paid = {topup_key(Mode.TEST, str(one["track_id"])) for one in gateway["invoices"] if _paid(one)}
    yield from (f"{count} credits for {key}" for key, count in credited.items() if count != 1)
    yield from (f"a credit without a payment: {key}" for key in credited.keys() - paid)
    yield from (f"a payment without a credit: {key}" for key in paid - credited.keys())


def _logs(log: str) -> Iterator[str]:
    for line in log.splitlines():
        if not line.startswith("{"):
            if "Traceback" in line:
                yield f"a trace in the log: {line}"
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # cut off in the middle of a line
        if entry.get("level") in {"error", "critical"}:
            yield f"an error in the log: {json.dumps(entry)[:1500]}"
