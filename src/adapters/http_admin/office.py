"""What the API is made of; the composition root fills it."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from attrs import frozen

from shipping_core.domain.access import ApiKey
from shipping_core.domain.policy import Rules
from shipping_core.domain.refund import Refund
from shipping_core.ports.answers import AnswerLog
from shipping_core.ports.audit import AuditLog
from shipping_core.ports.clock import Clock
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.lists import Lists
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.statistics import Statistics
from shipping_core.ports.users import UserRepository
from shipping_core.use_cases.change_settings import ChangeSettings
from shipping_core.use_cases.consent import Consent
from shipping_core.use_cases.decide_parked import DecideParked
from shipping_core.use_cases.decide_refund import DecideRefund
from shipping_core.use_cases.keep_broadcasts import KeepBroadcasts
from shipping_core.use_cases.keep_keys import KeepKeys
from shipping_core.use_cases.keep_people import KeepPeople
from shipping_core.use_cases.open_office import OpenOffice
from shipping_core.use_cases.request_refunds import RequestRefunds
from shipping_core.use_cases.resolve_review import ResolveReview
from shipping_core.use_cases.take_on_alert import TakeOnAlert

Network = IPv4Network | IPv6Network


@frozen
class Office:
    """The use cases and the reading ports behind `/api/admin`."""

    open_office: OpenOffice
    keep_keys: KeepKeys
    decide_parked: DecideParked
    resolve_review: ResolveReview
    request_refunds: RequestRefunds
    decide_refund: DecideRefund
    people: KeepPeople
    settings: ChangeSettings
    consent: Consent
    keep_broadcasts: KeepBroadcasts
    users: UserRepository
    sessions: SessionRepository
    take_on_alert: TakeOnAlert
    orders: OrderRepository
    invoices: InvoiceRepository
    refunds: Shelf[Refund]
    keys: Shelf[ApiKey]
    audit: AuditLog
    lists: Lists
    statistics: Statistics
    answers: AnswerLog
    clock: Clock
    policy: Rules
    cursor_secret: bytes
    """Signs the places in lists; the same in every process."""
    per_minute: int = 600
    """Requests a key may make."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose X-Forwarded-For is believed."""
