"""What must have become of every payment: credited once, put aside, or taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from shipping_core.domain import ledger as book
from shipping_core.domain.invoice import Invoice, Payment, PaymentStatus, topup_key
from shipping_core.domain.ledger import Transfer

if TYPE_CHECKING:
    from world.simulation import World


def payments(world: World) -> Iterator[tuple[str, str]]:
    """Every link as its payment ended: credited exactly where it had to be."""
    journal = world.database.documents("transfers")
    noticed = {notice.track_id for _, notice, _ in world.database.scan("notices")}
    owners = {link.track_id: i for i in world.invoices for link in i.links}
    for track in world.gateway.track_ids:
        payment, mode = world.gateway.payment(track), world.gateway.mode_of(track)
        credit, owner = journal.get(topup_key(mode, track)), owners.get(track)
        if owner is None:
            heard = track in noticed or world.database.get("invoices", payment.order_ref.partition("-")[0])
            if heard and payment.transactions and f"suspense:{mode.value}:{track}" not in journal:
                yield track, "I7 paid, and nobody knows of it"
            continue
        if credit is not None and not _rightly(owner, payment, credit):
            yield track, f"I7 {credit.amount} was credited for {payment}"
        if track in owner.reviews and _certain(owner, payment) and track not in owner.suspended:
            yield track, f"I7 {payment.received} is in review, and not in suspense"
        if credit is not None and payment.status is PaymentStatus.PAID and not _surplus_known(owner, payment):
            yield track, f"I7 {credit.amount} of {payment.received} was credited, and the rest is forgotten"
        if credit is None and payment.transactions and not _accounted(owner, payment):
            yield track, f"I7 {payment} was neither credited nor put aside"
        taken_back = f"reversal:{track}:1" in journal
        gone = payment.status in {PaymentStatus.REFUNDED, PaymentStatus.REFUNDING}
        if credit is not None and gone != taken_back:
            yield track, f"I7 {payment.word}, and taken back: {taken_back}"


def _surplus_known(owner: Invoice, payment: Payment) -> bool:
    """Whether what came beyond the invoice waits for an operator, or was decided."""
    if payment.received is None or payment.received <= owner.amount:
        return True
    track = payment.track_id
    return track in owner.decided or owner.suspended.get(track) == payment.received - owner.amount


def _certain(owner: Invoice, payment: Payment) -> bool:
    """Whether money came that is surely this invoice's, in whatever amount."""
    if owner.reviews[payment.track_id] in {"mode_mismatch", "foreign_reference"}:
        return False
    return payment.received is not None and payment.received.minor > 0


def _rightly(owner: Invoice, payment: Payment, credit: Transfer) -> bool:
    ours = (credit.amount, credit.target, credit.mode) == (
        owner.amount,
        book.available(owner.user_id),
        owner.mode,
    )
    full = payment.amount == owner.amount and (payment.received or owner.amount) >= owner.amount
    came = payment.status in {PaymentStatus.PAID, PaymentStatus.REFUNDING, PaymentStatus.REFUNDED}
    real = payment.sandbox is (owner.mode.value == "test")
    named = payment.order_ref.partition("-")[0] == owner.invoice_id
    return ours and full and came and real and named and owner.credited_by == payment.track_id


def _accounted(owner: Invoice, payment: Payment) -> bool:
    """Not credited: then somebody has to decide, has decided, or it went back before anybody had to."""
    track = payment.track_id
    if payment.status in {PaymentStatus.REFUNDED, PaymentStatus.REFUNDING}:
        return track not in owner.suspended
    clean = payment.status is PaymentStatus.PAID and payment.received == payment.amount == owner.amount
    clean = clean and payment.order_ref.partition("-")[0] == owner.invoice_id
    first = clean and not owner.credited_by and payment.sandbox is (owner.mode.value == "test")
    waits = track in owner.reviews or track in owner.decided
    return waits and not (first and track not in owner.decided)
