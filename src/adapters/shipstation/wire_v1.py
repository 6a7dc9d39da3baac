"""V1's JSON, as far as we read it. Source: the field lists of its public pages; there is no contract file."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from adapters.shipstation.outcomes import Body
from adapters.shipstation.wire import EXCEPTION, Fault, Unreadable, code_word, decode, plain

_PASSING = re.compile(r"time[- ]?d?[- ]?out|deadlock", re.IGNORECASE)


class _Camel(msgspec.Struct, rename="camel"):
    """V1 writes its names in camel case."""


class Carrier(_Camel):
    """One carrier account; several may share a `code`, `primary` marks the default."""

    code: str
    name: str | None = None
    primary: bool | None = None
    requires_funded_account: bool | None = None
    balance: Decimal | None = None


class Service(_Camel):
    """One service of a carrier."""

    code: str
    name: str | None = None
    domestic: bool | None = None
    international: bool | None = None


class Package(_Camel):
    """One package type of a carrier."""

    code: str
    name: str | None = None
    domestic: bool | None = None


class Rate(_Camel):
    """An offer: no id, no currency, no date."""

    service_code: str
    service_name: str | None = None
    shipment_cost: Decimal | None = None
    other_cost: Decimal | None = None


class Order(_Camel):
    """A stored order, which a label can be bought for."""

    order_id: int


class Warehouse(_Camel):
    """A place parcels are sent from (a "Ship From Location")."""

    warehouse_id: int
    warehouse_name: str | None = None


class Shipment(_Camel):
    """A bought label; the PDF comes only with the answer to the purchase."""

    shipment_id: int
    order_id: int | None = None
    order_key: str | None = None
    order_number: str | None = None
    tracking_number: str | None = None
    shipment_cost: Decimal | None = None
    insurance_cost: Decimal | None = None
    carrier_code: str | None = None
    service_code: str | None = None
    create_date: str | None = None
    voided: bool | None = None
    label_data: str | None = None


class Shipments(_Camel):
    """One page of bought labels."""

    shipments: list[Shipment]
    pages: int


class Void(_Camel):
    """The answer to a void; only `approved` says whether it happened."""

    approved: bool
    message: str | None = None


class _Error(msgspec.Struct):
    """Both shapes in use: `Message` with details, and a bare `message`. The stack trace is never read."""

    Message: str | None = None
    message: str | None = None
    ExceptionMessage: str | None = None
    ModelState: dict[str, list[str]] | None = None


def fault(body: bytes) -> Fault:
    """What an error answer says; never raises, an unreadable one is a fact too."""
    if not body.strip():
        return Fault(Body.EMPTY)
    try:
        said = decode(body, _Error)
    except Unreadable:
        return Fault(Body.UNREADABLE)
    if said.ExceptionMessage:
        passing = _PASSING.search(said.ExceptionMessage) is not None
        return Fault(
            Body.ERROR, code="timeout" if passing else EXCEPTION, reason=plain(said.ExceptionMessage)
        )
    details = [f"{name}: {'; '.join(texts)}" for name, texts in (said.ModelState or {}).items()]
    text = " ".join([said.Message or said.message or "", *details])
    return Fault(Body.ERROR, code=code_word("invalid_request" if details else ""), reason=plain(text))
