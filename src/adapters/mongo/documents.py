"""How each document looks: odmantic describes and maps it, the core's codec makes the nested values plain.

Times that are queried are BSON dates, which have whole milliseconds; what a clock says beyond that is cut
off. Money is a whole number of minor units with its currency. `number` keeps the order of insertion.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from odmantic import EmbeddedModel, Field, Model
from odmantic.config import ODMConfigDict

from shipping_core.conversation.codec import TAG, dump, load
from shipping_core.conversation.session import Session
from shipping_core.domain.access import ApiKey, Approval, Guesses
from shipping_core.domain.alert import Alert
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.broadcast import Broadcast, Copy
from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.ledger import Transfer
from shipping_core.domain.letter import Letter, Posted
from shipping_core.domain.listing import LISTED
from shipping_core.domain.order import Order
from shipping_core.domain.policy import Standing
from shipping_core.domain.refund import Refund
from shipping_core.domain.seal import Seal
from shipping_core.domain.user import User
from shipping_core.ports.payments import Notice

T = TypeVar("T")
Plain = dict[str, Any]

LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""Before any time of ours; a partial index on a time serves only queries that say so too."""

SET = {"$gt": ""}
"""Something is written there; a partial index on a text serves only queries that say so too."""


class OrderDocument(Model):
    """A sale."""

    model_config = ODMConfigDict(collection="orders")

    order_id: str = Field(primary_field=True)
    number: int
    user_id: str
    mode: str
    shipment: Plain
    rate: Plain
    quote_id: str
    reference: str
    price: Plain
    created_at: dt.datetime
    updated_at: dt.datetime
    state: str
    version: int
    kept_as_entered: list[str]
    carrier_order: str
    sent_at: dt.datetime | None
    claimed_by: str
    fence: int
    good_until: dt.datetime | None
    lookups: int
    label: Plain | None
    charged: Plain | None
    failure: str
    watch_at: dt.datetime | None
    stray: Plain | None
    voiding: bool = False
    refunded: Plain | None
    closing_told: bool
    addresses_gone: bool
    words: list[str]


class TransferDocument(Model):
    """A movement of money; its `_id` is its idempotency key."""

    model_config = ODMConfigDict(collection="transfers")

    key: str = Field(primary_field=True)
    number: int
    request_hash: str
    kind: str
    source: str
    target: str
    amount: Plain
    mode: str
    created_at: dt.datetime
    resolves: str
    order_id: str | None
    invoice_id: str | None
    actor: str
    reason: str
    refund_id: str | None


class BalanceId(EmbeddedModel):
    """Whose money, real or not."""

    mode: str
    user: str


class BalanceDocument(Model):
    """A user's money in one mode: the fold of the user's transfers."""

    model_config = ODMConfigDict(collection="balances")

    owner: BalanceId = Field(primary_field=True)
    currency: str
    available: int
    held: int
    version: int


class SessionDocument(Model):
    """A conversation between two messages. `waits` and `spent` are the core's own judgement of it."""

    model_config = ODMConfigDict(collection="sessions")

    user_id: str = Field(primary_field=True)
    last_updated: dt.datetime
    version: int
    born: int
    language: str
    state: Plain
    draft: Plain
    handled: list[int]
    waits: bool
    spent: bool


class UserDocument(Model):
    """Somebody who talks to us."""

    model_config = ODMConfigDict(collection="users")

    user_id: str = Field(primary_field=True)
    joined_at: dt.datetime
    language: str
    version: int
    name: str
    username: str
    seen_at: dt.datetime | None
    blocked: bool
    blocked_why: str
    limits: Plain
    notes: list[Plain]
    erased_at: dt.datetime | None
    words: list[str]


class FileDocument(Model):
    """A label's PDF."""

    model_config = ODMConfigDict(collection="files")

    order_id: str = Field(primary_field=True)
    content: bytes
    kept_at: dt.datetime


class InvoiceDocument(Model):
    """A top-up. `in_review` says whether `reviews` has anything in it."""

    model_config = ODMConfigDict(collection="invoices")

    invoice_id: str = Field(primary_field=True)
    user_id: str
    mode: str
    amount: Plain
    created_at: dt.datetime
    updated_at: dt.datetime
    expires_at: dt.datetime
    state: str
    version: int
    links: list[Plain]
    attempts: int
    for_order: str | None
    ask_at: dt.datetime | None
    credited_by: str
    reviews: Plain
    suspended: Plain
    decided: Plain
    reversals: int
    in_review: bool
    words: list[str]


class NoticeDocument(Model):
    """A payment notice; `outcome` is empty until it was worked off."""

    model_config = ODMConfigDict(collection="notices")

    digest: str = Field(primary_field=True)
    number: int
    at: dt.datetime
    track_id: str
    word: str
    legacy: bool
    outcome: str


class LetterDocument(Model):
    """A letter to a customer.

    `claimed_for` is the user's id while somebody is at it: unique, so one user has one letter under way.
    """

    model_config = ODMConfigDict(collection="letters")

    letter_id: str = Field(primary_field=True)
    number: int
    user_id: str
    word: str
    created_at: dt.datetime
    order_id: str | None
    invoice_id: str | None
    refund_id: str | None
    facts: Plain
    state: str
    due: dt.datetime
    owner: str
    held_until: dt.datetime
    claimed_for: str
    reason: str
    tries: int


class AuditDocument(Model):
    """One change of one thing."""

    model_config = ODMConfigDict(collection="audit")

    row_id: str = Field(primary_field=True)
    number: int
    subject: str
    action: str
    at: dt.datetime
    before: str
    after: str
    actor: str
    reason: str
    request_id: str


class LeaseDocument(Model):
    """Who has a name, and until when by the server's clock."""

    model_config = ODMConfigDict(collection="leases")

    name: str = Field(primary_field=True)
    owner: str
    fence: int
    until: dt.datetime


class RefundDocument(Model):
    """A label asked back. `unique` is what no other of its kind may have; here as in every record."""

    model_config = ODMConfigDict(collection="refunds")

    refund_id: str = Field(primary_field=True)
    order_id: str
    user_id: str
    mode: str
    carrier_code: str
    price: Plain
    amount: Plain
    created_at: dt.datetime
    updated_at: dt.datetime
    state: str
    version: int
    requested_by: str
    at_once: bool
    note: str
    amount_reason: str
    decided_by: str
    decided_why: str
    void_answer: str
    void_code: str
    attempts: int
    lookups: int
    at_loss: bool
    decided_at: dt.datetime | None
    asked_at: dt.datetime | None
    ended_at: dt.datetime | None
    watched: bool
    tracking_number: str
    unique: list[str]
    words: list[str]


class TemplateDocument(Model):
    """An order to be written again."""

    model_config = ODMConfigDict(collection="templates")

    template_id: str = Field(primary_field=True)
    user_id: str
    name: str
    draft: Plain
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    carrier_code: str
    service_code: str
    service: str
    unique: list[str]


class ContactDocument(Model):
    """An address under a nickname."""

    model_config = ODMConfigDict(collection="contacts")

    contact_id: str = Field(primary_field=True)
    user_id: str
    nickname: str
    address: Plain
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    default_sender: bool
    unique: list[str]


class ParcelPresetDocument(Model):
    """A parcel under a name."""

    model_config = ODMConfigDict(collection="parcel_presets")

    preset_id: str = Field(primary_field=True)
    user_id: str
    name: str
    entries: Plain
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    used_at: dt.datetime | None
    unique: list[str]


class ApiKeyDocument(Model):
    """A key to the office, as its fingerprint."""

    model_config = ODMConfigDict(collection="api_keys")

    key_id: str = Field(primary_field=True)
    name: str
    role: str
    fingerprint: str
    hint: str
    created_at: dt.datetime
    updated_at: dt.datetime
    created_by: str
    version: int
    previous: str
    previous_until: dt.datetime | None
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None
    unique: list[str]
    words: list[str]


class ApprovalDocument(Model):
    """An act that waits for a second person."""

    model_config = ODMConfigDict(collection="approvals")

    approval_id: str = Field(primary_field=True)
    act: str
    facts: Plain
    asked_by: str
    asked_why: str
    created_at: dt.datetime
    updated_at: dt.datetime
    expires_at: dt.datetime
    version: int
    state: str
    amount: Plain | None
    user_id: str | None
    decided_by: str
    decided_why: str
    unique: list[str]
    words: list[str]


class BroadcastDocument(Model):
    """One text to many customers."""

    model_config = ODMConfigDict(collection="broadcasts")

    broadcast_id: str = Field(primary_field=True)
    texts: Plain
    segment: Plain
    created_at: dt.datetime
    updated_at: dt.datetime
    created_by: str
    version: int
    state: str
    total: int
    after: str
    mode: str | None
    unique: list[str]
    words: list[str]


class CopyDocument(Model):
    """One customer's copy of a broadcast."""

    model_config = ODMConfigDict(collection="copies")

    record_id: str = Field(primary_field=True)
    broadcast_id: str
    user_id: str
    created_at: dt.datetime
    updated_at: dt.datetime
    state: str
    version: int
    unique: list[str]


class AlertDocument(Model):
    """Something the operators must know."""

    model_config = ODMConfigDict(collection="alerts")

    record_id: str = Field(primary_field=True)
    kind: str
    subject: str
    text: str
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    count: int
    told_at: dt.datetime | None
    seen_by: str
    unique: list[str]
    words: list[str]


class SealDocument(Model):
    """A link of the chain over the record of changes."""

    model_config = ODMConfigDict(collection="seals")

    seal_id: str = Field(primary_field=True)
    first: int
    last: int
    rows: int
    hash: str
    created_at: dt.datetime
    updated_at: dt.datetime
    version: int
    unique: list[str]


class StandingDocument(Model):
    """What operators decided at run time."""

    model_config = ODMConfigDict(collection="standing")

    record_id: str = Field(primary_field=True)
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
    mode: str | None
    maintenance: Plain
    markup: Plain | None
    refunds: Plain | None
    second_person: Plain | None
    topup_least: Plain | None
    topup_most: Plain | None
    open_invoices: int | None
    orders_a_day: int | None
    contact: str | None
    unique: list[str]


class CodeOf(EmbeddedModel):
    """A carrier's service; both are empty for everything together."""

    carrier: str
    service: str


class CountId(EmbeddedModel):
    """A quarter of an hour from `at` on, in a mode."""

    mode: str
    code: CodeOf
    at: dt.datetime


class CountDocument(Model):
    """What was counted up to the end of a quarter, from the beginning; money in minor units.

    `counted` is the number of the count it is from.
    """

    model_config = ODMConfigDict(collection="counts")

    bucket: CountId = Field(primary_field=True)
    counted: int
    orders: int
    labels: int
    failed: int
    new_users: int
    new_buyers: int
    topups: int
    topped_up: int
    refunds: int
    refunded: int
    revenue: int
    cost: int
    losses: int


class CountMarkDocument(Model):
    """Up to when a collection is counted, and the number of the count that was begun last."""

    model_config = ODMConfigDict(collection="count_marks")

    name: str = Field(primary_field=True)
    counted: int
    up_to: dt.datetime


class GuessesDocument(Model):
    """Keys from one network that opened nothing; forgotten at `until`."""

    model_config = ODMConfigDict(collection="guesses")

    network: str = Field(primary_field=True)
    count: int
    since: dt.datetime
    last: dt.datetime
    until: dt.datetime


class AnswerDocument(Model):
    """What was answered to a request that may come twice; `status` is 0 while it is being answered."""

    model_config = ODMConfigDict(collection="answers")

    key: str = Field(primary_field=True)
    request_hash: str
    begun_at: dt.datetime
    status: int
    content: bytes
    media_type: str
    etag: str


class MetaDocument(Model):
    """What is known about the database itself."""

    model_config = ODMConfigDict(collection="meta")

    name: str = Field(primary_field=True)
    version: int
    at: dt.datetime


DOCUMENTS: tuple[type[Model], ...] = (
    OrderDocument, TransferDocument, BalanceDocument, SessionDocument, UserDocument, FileDocument,
    InvoiceDocument, NoticeDocument, LetterDocument, AuditDocument, LeaseDocument, MetaDocument,
    RefundDocument, TemplateDocument, ContactDocument, ParcelPresetDocument, ApiKeyDocument,
    ApprovalDocument, BroadcastDocument, CopyDocument, AlertDocument, SealDocument, StandingDocument,
    CountDocument, CountMarkDocument,
    GuessesDocument, AnswerDocument,
)  # fmt: skip

CORE: dict[type, type[Model]] = {
    Order: OrderDocument, Transfer: TransferDocument, Session: SessionDocument, User: UserDocument,
    Invoice: InvoiceDocument, Notice: NoticeDocument, Posted: LetterDocument, Letter: LetterDocument,
    AuditRow: AuditDocument,
    Refund: RefundDocument, Template: TemplateDocument, Contact: ContactDocument,
    ParcelPreset: ParcelPresetDocument, ApiKey: ApiKeyDocument, Approval: ApprovalDocument,
    Broadcast: BroadcastDocument, Copy: CopyDocument, Alert: AlertDocument, Seal: SealDocument,
    Standing: StandingDocument,
    Guesses: GuessesDocument,
}  # fmt: skip
"""Which document keeps which value of the core."""
WORDS: dict[type, Callable[[Any], tuple[str, ...]]] = {
    listed.kind: listed.words for listed in LISTED.values() if listed.words is not None
}
"""By which words a value is found."""


def to_document(value: Any, **more: Any) -> Plain:
    """The document that keeps this value, with what only the store needs to know."""
    kind, model = type(value), CORE[type(value)]
    fields = {a.name: _native(getattr(value, a.name)) for a in attrs.fields(kind)}
    for name in ("record_id", "unique"):
        if name in model.model_fields:
            fields[name] = dump(getattr(value, name))
    if kind in WORDS:
        fields["words"] = list(WORDS[kind](value))
    return model(**fields, **more).model_dump_doc()


def from_document(document: Plain, kind: type[T]) -> T:
    """The value that `to_document` was given.

    Raises:
        ValueError: the document is of another kind, or lacks something.
    """
    model = CORE[kind].model_validate_doc(document)
    names = attrs.fields_dict(kind)  # type: ignore[arg-type]
    return load({TAG: kind.__name__, **{n: _codec(getattr(model, n)) for n in names}}, kind)


def lacking(document: Plain, kind: type) -> Plain:
    """What a document of an older program lacks, at its default; none of that was known of it then."""
    model, fields = CORE[kind], attrs.fields_dict(kind)
    names = model.model_fields.keys() - document.keys() - {model.__primary_field__}
    made = {name: _native(_default(fields[name])) for name in names & fields.keys()}
    if "words" in names:
        made["words"] = words_now({**document, **made}, kind)
    return made


def words_now(document: Plain, kind: type) -> list[str]:
    """By which words what a document keeps is looked for."""
    return list(WORDS[kind](from_document({**document, "words": []}, kind)))


def _default(attribute: Any) -> Any:
    return getattr(attribute.default, "factory", lambda: attribute.default)()


def _native(value: Any) -> Any:
    return value if isinstance(value, dt.datetime) else dump(value)


def _codec(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def request_hash(transfer: Transfer) -> str:
    """A fingerprint of an intention: equal for the same act tried again, whatever the clock said."""
    plain = {k: v for k, v in dump(transfer).items() if k != "created_at"}
    if transfer.refund_id is None:
        del plain["refund_id"]  # as it was before there were refunds, for what is kept since then
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


class _Numbers:
    """Grows in this process with every call, and across processes with the time."""

    last = 0

    def __call__(self) -> int:
        self.last = max(self.last + 1, time.time_ns())
        return self.last


next_number = _Numbers()
