"""What must be true of a world that is at rest."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from shipping_core.conversation import screens as sc
from shipping_core.domain import ledger as book
from shipping_core.domain.invoice import Invoice, InvoiceState
from shipping_core.domain.ledger import Kind, Transfer, open_holds
from shipping_core.domain.letter import LetterState, Word
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.errors import Conflict, GatewayError, OperatorNeeded, StoreUnavailable
from world.paid import payments

if TYPE_CHECKING:
    from world.simulation import World

S, R = OrderState, RefundState
AUDITED = frozenset({S.RESERVED, S.PURCHASED, S.FAILED, S.EXPIRED, S.PARKED, S.VOID_REQUESTED, S.VOIDED})
MOVING = frozenset({R.APPROVED, R.VOIDING, R.VOID_OK, R.VOID_UNKNOWN})
OVER = frozenset({InvoiceState.EXPIRED, InvoiceState.CREDITED, InvoiceState.REVERSED})


CREDITS = frozenset({Kind.REFUND, Kind.REFUND_AT_LOSS})


def digest(raw: bytes) -> str:
    """What a notice is known by."""
    return hashlib.sha256(raw).hexdigest()


def under_way(world: World) -> list[str]:
    """What has not come to rest yet."""
    found = [
        f"{o.order_id} is {o.state.value}" for o in world.orders if o.undecided and o.state is not S.PARKED
    ]
    found += [f"{o.order_id} goes back" for o in world.orders if o.state is S.VOID_REQUESTED]
    found += [f"{r.refund_id} is {r.state.value}" for r in world.refunds if r.state in MOVING]
    found += [f"{i.invoice_id} is {i.state.value}" for i in world.invoices if i.state not in OVER]
    letters = world.database.scan("letters")
    found += [f"{row.letter.letter_id} waits" for row in letters if row.state is LetterState.WAITING]
    sessions = world.database.scan("sessions")
    found += [
        f"{s.user_id} is {type(s.state).__name__}" for s in sessions if s.awake(world.clock.now()).waits
    ]
    found += [f"a notice of {n.track_id}" for _, n, done in world.database.scan("notices") if not done]
    found += [f"an input of {user}" for user in world.telegram.waiting()]
    if world.gateway.on_its_way:
        found.append("payments")
    found += [f"a worker is missing: {len(world.workers)}"] * (len(world.workers) < world.story.workers)
    found += [f"{track}: {why}" for track, why in payments(world)]
    return found


def astray(world: World) -> list[str]:
    """Labels that nobody has found yet; those of orders given up are looked for by the hour."""
    return [finding for order in world.orders for finding in _labels(world, order)]


def judge(world: World) -> None:
    """Tell everything that is not as it must be."""
    for finding in (
        *(f"I10 {what}" for what in under_way(world)),
        *astray(world),
        *_money(world),
        *_orders(world),
        *_refunds(world),
        *_audit(world),
        *_letters(world),
        *_faults(world),
    ):
        world.trace.wrong(finding)


def essence(world: World) -> object:
    """Money, orders, invoices, and what became of each; without what only counts or dates."""
    orders = [(o.order_id, o.state, o.label, o.charged, o.stray, o.refunded) for o in world.orders]
    invoices = [(i.invoice_id, i.state, i.credited_by, i.reviews, i.suspended) for i in world.invoices]
    journal = list(world.database.scan("transfers"))
    sessions = [(s.user_id, s.version, s.state, s.draft) for s in world.database.scan("sessions")]
    posts = dict(world.carrier.posts), dict(world.gateway.created)
    return orders, invoices, journal, sessions, dict(world.database.documents("balances")), posts


def _money(world: World) -> Iterator[str]:
    journal: list[Transfer] = list(world.database.scan("transfers"))
    totals: Counter[object] = Counter()
    for (mode, _), minor in book.account_sums(journal).items():
        totals[mode] += minor
    if any(totals.values()):
        yield f"I1 the journal adds up to {dict(totals)}"
    if book.account_sums(journal) != {k: world.checker.sums[k] for k in book.account_sums(journal)}:
        yield "I1 the journal is not what was written"
    waiting = {o.hold_key for o in world.orders if o.undecided}
    if (held := {hold.key for hold in open_holds(journal)}) != waiting:
        yield f"I3 holds are open of {held}, and orders wait under {waiting}"
    charged = sum(o.charged.minor for o in world.orders if o.charged)
    revenue = sum(
        m for (_, account), m in book.account_sums(journal).items() if account == book.LABEL_REVENUE
    )
    if charged != revenue:
        yield f"I6 {charged} was charged, and {revenue} came in"
    suspended = sum(m.minor for i in world.invoices for m in i.suspended.values())
    nobodys = sum(t.amount.minor for t in journal if t.kind is Kind.SUSPENSE and t.invoice_id is None)
    held_back = sum(m for (_, account), m in book.account_sums(journal).items() if account == book.SUSPENSE)
    if held_back != suspended + nobodys:
        yield f"{held_back} lies in suspense, and invoices know of {suspended}"


def _orders(world: World) -> Iterator[str]:
    journal = world.database.documents("transfers")
    for order in world.orders:
        capture = journal.get(order.capture_key)
        if (order.label is None) != (order.charged is None):
            yield f"I6 {order.order_id} was charged without a label, or has one unpaid"
        if (capture.amount if capture else None) != order.charged:
            yield f"I6 {order.order_id} was charged {order.charged}, and paid {capture}"
        if order.charged is not None and order.charged > order.price:
            yield f"I6 {order.order_id} was charged more than it cost"
        if order.label is not None:
            cost = sum(
                journal[key].amount.minor
                for kind in (Kind.CARRIER_COST, Kind.CARRIER_VARIANCE)
                if (key := f"{kind.value}:{order.order_id}") in journal
            )
            if cost != order.label.cost.minor:
                yield f"{order.order_id} cost {order.label.cost}, and {cost} is booked"
    known = {o.reference for o in world.orders}
    yield from (f"I5 {ref} was bought for nobody" for ref in world.carrier.posts if ref not in known)
    yield from (f"I4 {ref} was bought {n} times" for ref, n in world.carrier.posts.items() if n > 1)


def _refunds(world: World) -> Iterator[str]:
    """I8: what was given back was paid, and of each label no more than that; the carrier owes its cost."""
    journal: list[Transfer] = list(world.database.scan("transfers"))
    for refund in world.refunds:
        given = [t for t in journal if t.refund_id == refund.refund_id and t.kind in CREDITS]
        if [t.amount for t in given] != ([refund.amount] if refund.state is R.PROCESSED else []):
            yield f"I8 {refund.refund_id} is {refund.state.value}, and {len(given)} credits were made"
        heard = (refund.user_id, Word.REFUND_PROCESSED, refund.order_id) in world.checker.letters
        if heard is not (refund.state is R.PROCESSED):
            yield f"I12 {refund.refund_id} is {refund.state.value}, and its letter says otherwise"
    for order in world.orders:
        lines = [t for t in journal if t.order_id == order.order_id]
        given_back = sum(t.amount.minor for t in lines if t.kind in CREDITS)
        if given_back != (order.refunded.minor if order.refunded else 0):
            yield f"I8 {order.order_id} gave {order.refunded} back, and {given_back} was credited"
        if order.charged is not None and given_back > order.charged.minor:
            yield f"I8 {order.order_id} gave more back than was paid"
        owed = sum(t.amount.minor for t in lines if t.kind is Kind.CARRIER_CREDIT)
        if owed != (order.label.cost.minor if order.label and order.state is S.VOIDED else 0):
            yield f"I8 the carrier owes {owed} for {order.order_id}, which is {order.state.value}"


def _labels(world: World, order: Order) -> Iterator[str]:
    """Every live label belongs to its order, or to a case that somebody knows of."""
    live = [label.label_id for label in world.carrier.live(order.reference)]
    if order.state is S.PURCHASED and order.label is not None and live != [order.label.label_id]:
        yield f"I5 {order.order_id} has {order.label.label_id}, and the carrier {live}"
    known = [order.stray.label_id] if order.stray else []
    if order.stray and world.carrier.came_in_time(order.stray.label_id):
        yield f"I5 {order.order_id} was given up, and its label came in time"
    if order.state is S.VOIDED and live:
        yield f"I5 {order.order_id} was given back, and the carrier has {live}"
    if order.state in {S.FAILED, S.EXPIRED} and live not in ([], known):
        yield f"I5 {order.order_id} is over, and the carrier has {live}"


def _audit(world: World) -> Iterator[str]:
    rows = world.database.documents("audit")
    expected: dict[str, str] = {}
    for (thing, version), now in world.checker.history.items():
        before = world.checker.history.get((thing, version - 1))
        if isinstance(now, Order):
            changed = before is None or _order_told(before) != _order_told(now)
            if changed and now.state in AUDITED:
                expected[f"order:{thing}:{version}"] = now.state.value
        elif isinstance(now, Refund):
            if before is None or before.state is not now.state:
                expected[f"refund:{thing}:{version}"] = now.state.value
        elif before is None or _told(before) != _told(now):
            expected[f"invoice:{thing}:{version}"] = now.state.value
    yield from (f"I14 nothing is on record of {row}" for row in expected if row not in rows)
    for row_id, row in rows.items():
        kind, thing, version = row_id.split(":")
        kept = world.checker.history.get((thing, int(version)))
        if kept is None or kept.state.value != row.after:
            yield f"I14 {row_id} is on record as {row.after}, and that never was"
        elif kind in {"order", "refund"} and row_id not in expected:
            yield f"I14 {row_id} is on record, and nothing changed"


def _order_told(order: Order) -> object:
    return order.state, order.stray, order.refunded


def _told(invoice: Invoice) -> object:
    return invoice.state, invoice.links, invoice.credited_by, invoice.reviews, invoice.suspended


def _letters(world: World) -> Iterator[str]:
    heard: set[tuple[Any, ...]] = set()
    for brought in world.telegram.brought:
        match brought.screen:
            case sc.LabelCaption(order):
                heard.add((brought.user_id, Word.BOUGHT, order.order_id))
            case sc.News(word, order, invoice):
                about = order.order_id if order else invoice.invoice_id if invoice else ""
                heard.add((brought.user_id, word, about))
    for row in world.database.scan("letters"):
        letter = row.letter
        about = letter.order_id or letter.invoice_id
        quiet = letter.word is Word.NOT_BOUGHT  # the card may have said so
        if row.state is LetterState.SENT and not quiet and (letter.user_id, letter.word, about) not in heard:
            yield f"I12 {letter.letter_id} is marked as sent, and nobody got it"
        if row.state is LetterState.DEAD:
            yield f"I12 {letter.letter_id} was given up: {row.reason}"
    for order in world.orders:
        if order.state in {S.PURCHASED, S.PARKED}:
            word = Word.BOUGHT if order.state is S.PURCHASED else Word.PARKED
            if (order.user_id, word, order.order_id) not in world.checker.letters:
                yield f"I12 no letter says that {order.order_id} is {order.state.value}"


def _faults(world: World) -> Iterator[str]:
    lost = [update.number for update in world.telegram.history if update.number not in world.handled]
    yield from (f"the input {number} was never handled" for number in lost)
    for error in world.telegram.alarms:
        if not isinstance(error, OperatorNeeded | GatewayError | StoreUnavailable | Conflict):
            yield f"the operators hear of {error!r}"
    for user_id, error in world.telegram.apologies:
        yield f"{user_id} heard an apology: {error!r}"
