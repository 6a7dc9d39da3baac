"""Pieces of screens: addresses, parcels, prices, as Telegram's HTML."""

from __future__ import annotations

import html
import re
from typing import Final

from adapters.telegram import phrases
from adapters.telegram.html_text import shorten
from adapters.telegram.texts import Texts
from shipping_core.conversation.screens import Facts
from shipping_core.domain.address_check import AddressCheck, Verdict
from shipping_core.domain.draft import SIZES, Draft, Field, Problem, Trouble
from shipping_core.domain.ids import Mode
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.parcel_text import (
    format_parcel,
    format_size,
    format_weight,
    read_size_entries,
    read_weight_entry,
)
from shipping_core.domain.rating import Tag
from shipping_core.domain.shipment import Address, CarrierBox, Parcel, Rate

DASH = "—"
SERVICE_LIMIT: Final = 48
"""Of a service's name, in UTF-16 units; a phone shows no more of it on a button."""
_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def words(text: str) -> str:
    """Somebody's words on one line, as a button takes them; they cannot turn or break our own line."""
    return _HIDDEN.sub("", " ".join(text.split()))


def safe(text: str) -> str:
    """Somebody's words on one line, as Telegram's HTML takes them."""
    return html.escape(words(text))


def balance(t: Texts, facts: Facts) -> str:
    """`Balance $12.30 · $7.42 held`, where the screen shows it."""
    if facts.balance is None:
        return ""
    text = t.gettext("Balance {amount}").format(amount=t.money(facts.balance.available))
    if facts.balance.held.minor:
        text += " · " + t.gettext("{amount} held").format(amount=t.money(facts.balance.held))
    return text


def mark(mode: Mode) -> str:
    """Stands before a line about a test's label; nothing in production."""
    return "🧪 " if mode is Mode.TEST else ""


def watermark(t: Texts, mode: Mode) -> str:
    """Says that a label is a test's; nothing in production."""
    return "🧪 " + t.gettext("Test mode: labels are not valid for postage.") if mode is Mode.TEST else ""


def _value(draft: Draft, field: Field) -> str:
    """One field, escaped; underlined with a question mark where we are not sure of it."""
    entry = draft.entries.get(field)
    if entry is None or not entry.value:
        return ""
    return _marked(entry.value, doubtful=entry.doubtful)


def _marked(text: str, *, doubtful: bool) -> str:
    return f"<u>{safe(text)}</u>(?)" if doubtful else safe(text)


def address_line(draft: Draft, part: str) -> str:
    """`Jane Doe, 215 Clayton St, San Francisco CA 94117`, or a dash."""

    def value(what: str) -> str:
        return _value(draft, Field.of(part, what))

    place = " ".join(v for v in (value("city"), value("state"), value("zip")) if v)
    street = " ".join(v for v in (value("street1"), value("street2")) if v)
    return ", ".join(v for v in (value("name"), street, place, value("phone")) if v) or DASH


def parcel(t: Texts, whole: Parcel) -> str:
    """The parcel of an order, as HTML."""
    return safe(t.measure(format_parcel(whole)))


def parcel_line(t: Texts, draft: Draft) -> str:
    """`2 lb 3 oz, 10×8×6 in`, or a dash."""
    weight, sizes = draft.get(Field.WEIGHT), [draft.get(f) for f in SIZES]
    parts = []
    if weight:
        parts.append(_marked(t.measure(_weight(weight)), doubtful=Field.WEIGHT in draft.doubtful))
    if box := draft.get(Field.BOX):
        parts.append(safe(_box(box)))
    elif any(sizes):
        parts.append(_marked(t.measure(_size(sizes)), doubtful=any(f in draft.doubtful for f in SIZES)))
    return ", ".join(parts) or DASH


def _weight(entry: str) -> str:
    try:
        return format_weight(read_weight_entry(entry))
    except ValueError:
        return entry  # the customer sees what is kept, and the price question names the field


def _box(entry: str) -> str:
    try:
        return str(CarrierBox.read(entry))
    except ValueError:
        return entry


def _size(entries: list[str]) -> str:
    try:
        return format_size(read_size_entries(*entries))
    except ValueError:
        return " × ".join(entry or "?" for entry in entries)


def draft_block(t: Texts, draft: Draft) -> str:
    """The three lines of an order."""
    lines = [
        f"<b>{phrases.part_name(t, part)}</b>  {text}"
        for part, text in (
            ("from", address_line(draft, "from") + _default(t, draft)),
            ("to", address_line(draft, "to")),
            ("parcel", parcel_line(t, draft)),
        )
    ]
    return "\n".join(lines)


def _default(t: Texts, draft: Draft) -> str:
    return f" · <i>{t.gettext('your default sender')}</i>" if draft.default_sender else ""


def doubt_block(t: Texts, draft: Draft) -> str:
    """A word on the underlined fields, or nothing."""
    if not draft.doubtful:
        return ""
    return t.gettext("I am not sure of what is underlined. Please check it; the ⚠️ buttons change it.")


def problem_line(t: Texts, problem: Problem) -> str:
    """What contradicts what, and what to do about it."""
    _ = t.gettext
    hint = safe(problem.hint)
    side = phrases.part_name(t, problem.field.part)
    match problem.trouble:
        case Trouble.ZIP_UNKNOWN:
            return "⚠️ " + _(
                "{side}: I do not know this ZIP code. Please check it; if it is right, just go on."
            ).format(side=side)
        case Trouble.ZIP_NOT_IN_STATE:
            return "⛔️ " + _(
                "{side}: this ZIP code is in {hint}. Please correct the ZIP code or the state."
            ).format(side=side, hint=hint)
        case Trouble.ZIP_NOT_IN_CITY:
            return "⚠️ " + _("{side}: this ZIP code belongs to {hint}. Please check the city.").format(
                side=side, hint=hint
            )


def problems_block(t: Texts, problems: tuple[Problem, ...]) -> str:
    """All contradictions, a line each."""
    return "\n".join(problem_line(t, p) for p in problems)


def doubt_about_address(t: Texts, part: str, check: AddressCheck) -> str:
    """What the carrier says about an address it does not know as written."""
    side = phrases.part_name(t, part)
    if check.verdict is Verdict.SUGGESTION and check.suggestion is not None:
        text = t.gettext("{side}: did you mean <b>{address}</b>?")
        return "❓ " + text.format(side=side, address=safe(one_line(check.suggestion)))
    return "❓ " + t.gettext(
        "{side}: the carrier cannot find this address. Please correct it, or keep yours."
    ).format(side=side)


def one_line(address: Address) -> str:
    """Street and place of an address, plain."""
    street = " ".join(v for v in (address.street1, address.street2) if v)
    return f"{street}, {address.city} {address.state} {address.postal_code}"


def tag_name(t: Texts, tag: Tag) -> str:
    """`cheapest`, `fastest`, `best value`."""
    _ = t.gettext
    return {Tag.CHEAPEST: _("cheapest"), Tag.FASTEST: _("fastest"), Tag.BEST_VALUE: _("best value")}[tag]


def arrival(t: Texts, rate: Rate) -> str:
    """`Thu, Nov 27`, `3 days`, or nothing."""
    if rate.delivery_date is not None:
        return t.day(rate.delivery_date)
    if rate.delivery_days is not None:
        return t.ngettext("{n} day", "{n} days", rate.delivery_days).format(n=rate.delivery_days)
    return ""


def service_name(rate: Rate) -> str:
    """`USPS Ground Advantage`, the carrier named once."""
    return shorten(words(rate.full_name), SERVICE_LIMIT)


def rate_line(t: Texts, rate: Rate, tag: Tag | None) -> str:
    """`$7.42  USPS Ground Advantage · Thu, Nov 27 · cheapest`, plain, as a button takes it."""
    words = [
        f"{t.money(rate.price)}  {service_name(rate)}",
        arrival(t, rate),
        tag_name(t, tag) if tag else "",
    ]
    return " · ".join(w for w in words if w)


def order_state(t: Texts, order: Order) -> str:
    """What has become of an order, in a word or two."""
    _ = t.gettext
    return {
        OrderState.RESERVED: _("being bought"),
        OrderState.PURCHASING: _("being bought"),
        OrderState.UNKNOWN: _("waiting for the carrier"),
        OrderState.PARKED: _("we are looking into it"),
        OrderState.PURCHASED: _("label bought"),
        OrderState.FAILED: _("not bought, nothing charged"),
        OrderState.EXPIRED: _("not bought, nothing charged"),
        OrderState.VOID_REQUESTED: _("being cancelled"),
        OrderState.VOIDED: _("cancelled"),
    }[order.state]
