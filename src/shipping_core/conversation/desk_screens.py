"""Pages of what a customer keeps, and of their money; they never touch the order in progress."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.draft import Entry
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import StatementLine
from shipping_core.domain.shipment import CarrierBox, Rate


@frozen
class TemplateList:
    """One page of templates; `draft` is whether an order is being written that could become one.

    `changing` is whether one is picked to be changed instead of ordered; here as in the list of parcels.
    """

    templates: tuple[Template, ...]
    page: int
    has_more: bool
    draft: bool
    changing: bool = False


@frozen
class TemplateDetails:
    """One template; `last` is the rate chosen last, whose service it could prefer."""

    template: Template
    last: Rate | None = None


@frozen
class TemplateFields:
    """Which field of a template is to be changed?"""

    template: Template


@frozen
class ContactList:
    """One page of the address book."""

    contacts: tuple[Contact, ...]
    page: int
    has_more: bool


@frozen
class ContactDetails:
    """One address."""

    contact: Contact


@frozen
class ParcelList:
    """One page of parcels, the last used first; `last` is the parcel of the last order."""

    presets: tuple[ParcelPreset, ...]
    page: int
    has_more: bool
    last: Mapping[str, Entry] | None = None
    changing: bool = False


@frozen
class BoxList:
    """The carriers' own boxes that go at a flat rate."""

    boxes: tuple[CarrierBox, ...]


@frozen
class ParcelDetails:
    """One parcel."""

    preset: ParcelPreset


@frozen
class ConfirmForget:
    """Really forget this template, contact or parcel?"""

    thing: Template | Contact | ParcelPreset


@frozen
class Statement:
    """One page of a user's movements in one mode, newest first."""

    mode: Mode
    lines: tuple[StatementLine, ...]
    page: int
    has_more: bool
    wants_balance = True


@frozen
class ContactUs:
    """Where to reach a person."""


DeskScreen = (
    TemplateList | TemplateDetails | TemplateFields | ContactList | ContactDetails | ParcelList
    | BoxList | ParcelDetails | ConfirmForget | Statement | ContactUs
)  # fmt: skip
