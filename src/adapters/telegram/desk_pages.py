"""What a customer keeps, the statement, and where to reach a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.telegram import blocks, buttons, phrases
from adapters.telegram.blocks import safe, words
from adapters.telegram.html_text import plain, shorten
from adapters.telegram.keys import Keys, Rows
from adapters.telegram.messages import Button, Message
from adapters.telegram.texts import Texts
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.assembling import draft_of
from shipping_core.domain.desk import Contact, ParcelPreset, Template, as_part, part_of
from shipping_core.domain.draft import STEPS, Draft, Entry
from shipping_core.domain.ids import OrderId
from shipping_core.domain.ledger import WELCOME, Kind, StatementLine, Transfer
from shipping_core.domain.order import Order

NAME_UNITS: Final = 40
"""Of a name on a button, in UTF-16 units."""
REASON_UNITS: Final = 120
"""Of an operator's reason in the statement."""


def named(name: str) -> str:
    """A kept name as a button takes it."""
    return shorten(words(name), NAME_UNITS)


def parcel_text(t: Texts, entries: Mapping[str, Entry]) -> str:
    """`2 lb 3 oz, 10×8×6 in`, as HTML."""
    return blocks.parcel_line(t, Draft(as_part(entries, "parcel")))


def parcel_name(t: Texts, kept: ParcelPreset) -> str:
    """Its name; one that was made of weight and size is in the units of the language, as they are."""
    by_itself = kept.name == plain(parcel_text(Texts(), kept.entries))
    return plain(parcel_text(t, kept.entries)) if by_itself else kept.name


def _doubt(t: Texts, draft: Draft) -> str:
    return t.gettext("I am not sure of what is underlined.") if draft.doubtful else ""


def _turn(t: Texts, keys: Keys, counter: str, page: int, *, more: bool, action: str = "page") -> list[Button]:
    _ = t.gettext
    row = [keys.counter("◀️ " + _("Back"), counter, action, str(page - 1))] if page else []
    return [*row, keys.counter(_("More") + " ▶️", counter, action, str(page + 1))] if more else row


def _menu(t: Texts, keys: Keys) -> Button:
    return keys.step(t.gettext("Menu"), ev.Started())


def _changing(t: Texts, keys: Keys, counter: str, screen: ds.TemplateList | ds.ParcelList) -> Rows:
    """The turns of a list whose entries are picked to be changed, and the way out of it."""
    turn = _turn(t, keys, counter, screen.page, more=screen.has_more, action="change")
    done = keys.counter("◀️ " + t.gettext("Done"), counter, "page", str(screen.page))
    return [turn, [done, _menu(t, keys)]]


def _change(t: Texts, keys: Keys, counter: str, screen: ds.TemplateList | ds.ParcelList) -> Button:
    """A whole row for each name, since two buttons of a row are of one width, so this one is for all."""
    return keys.counter("✏️ " + t.gettext("Change or delete"), counter, "change", str(screen.page))


def _templates(t: Texts, screen: ds.TemplateList, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    action, sign = ("show", "✏️ ") if screen.changing else ("use", "📄 ")
    rows: Rows = [
        [keys.counter(sign + named(x.name), "templates", action, x.template_id)] for x in screen.templates
    ]
    if screen.changing and screen.templates:
        text = _("Tap the template to change or delete.")
        rows += _changing(t, keys, "templates", screen)
        return Message(f"<b>{_('Templates')}</b>\n\n{text}", keys.rows(rows))
    rows.append(_turn(t, keys, "templates", screen.page, more=screen.has_more))
    if screen.templates:
        rows.append([_change(t, keys, "templates", screen)])
    rows.append([keys.counter("➕ " + _("New template"), "templates", "new"), _menu(t, keys)])
    if screen.draft:
        rows.append([keys.counter("💾 " + _("Save the order I am writing"), "templates", "draft")])
    text = (
        _("Tap a template to begin its order.")
        if screen.templates
        else _("You have no templates yet. Save one from an order, or write a new one.")
    )
    return Message(f"<b>{_('Templates')}</b>\n\n{text}", keys.rows(rows))


def _left_open(t: Texts, draft: Draft) -> str:
    """What will have to be written when it is ordered, part by part."""
    parts = {part: [f for f in draft.missing if f.part == part] for part in buttons.PARTS}
    said = [
        f"{phrases.part_name(t, part)}: {phrases.names_of(t, lacking)}"
        for part, lacking in parts.items()
        if lacking
    ]
    text = t.gettext("To be written with each order: {fields}.")
    return text.format(fields="; ".join(said)) if said else ""


def _template(t: Texts, screen: ds.TemplateDetails, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    kept, last = screen.template, screen.last
    service = (
        _("Preferred service: {service}").format(service=safe(kept.service))
        if kept.carrier_code
        else _("No preferred service: you choose a price each time.")
    )
    lines = [
        f"📄 <b>{safe(kept.name)}</b>",
        blocks.draft_block(t, kept.draft),
        blocks.problems_block(t, kept.draft.problems()),
        _doubt(t, kept.draft),
        _left_open(t, kept.draft),
        service,
    ]
    rows: Rows = [
        [keys.counter("📦 " + _("Order it"), "templates", "use", kept.template_id)],
        [
            keys.step("✏️ " + _("Rename"), ev.AsideAsked("template_name", kept.template_id)),
            keys.counter("✏️ " + _("Change fields"), "templates", "fields", kept.template_id),
        ],
    ]
    if last is not None and (last.carrier_code, last.service_code) != (kept.carrier_code, kept.service_code):
        text = _("Prefer {service}").format(service=blocks.service_name(last))
        rows.append([keys.counter("⭐️ " + text, "templates", "prefer", kept.template_id)])
    if kept.carrier_code:
        rows.append([keys.counter(_("No preferred service"), "templates", "any_service", kept.template_id)])
    rows.append(
        [
            keys.counter("◀️ " + _("Templates"), "templates", "open"),
            keys.counter("🗑 " + _("Delete"), "templates", "drop", kept.template_id),
        ]
    )
    return Message("\n\n".join(line for line in lines if line), keys.rows(rows))


def _template_fields(t: Texts, screen: ds.TemplateFields, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    kept = screen.template
    picks = {
        part: [
            keys.step(
                f"{phrases.part_name(t, part)}: {phrases.field_name(t, f)}",
                ev.AsideAsked("template_field", f"{kept.template_id}:{f.value}"),
            )
            for f in STEPS
            if f.part == part
        ]
        for part in buttons.PARTS
    }
    rows: Rows = [row[i : i + 2] for row in picks.values() for i in range(0, len(row), 2)]
    rows.append([keys.counter("◀️ " + _("Back"), "templates", "show", kept.template_id)])
    lines = [f"📄 <b>{safe(kept.name)}</b>", blocks.draft_block(t, kept.draft), _("Tap what to change.")]
    return Message("\n\n".join(lines), keys.rows(rows))


def _contacts(t: Texts, screen: ds.ContactList, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    rows: Rows = [
        [keys.counter(f"{_mark(c)} {named(c.nickname)}", "addresses", "show", c.contact_id)]
        for c in screen.contacts
    ]
    rows.append(_turn(t, keys, "addresses", screen.page, more=screen.has_more))
    rows.append([keys.counter("➕ " + _("New address"), "addresses", "new"), _menu(t, keys)])
    text = (
        _("Tap an address to use or change it.")
        if screen.contacts
        else _("You have no addresses yet. Save one from an order, or write a new one.")
    )
    return Message(f"<b>{_('Address book')}</b>\n\n{text}", keys.rows(rows))


def _mark(contact: Contact) -> str:
    return "🏠" if contact.default_sender else "📇"


def _contact(t: Texts, screen: ds.ContactDetails, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    kept = screen.contact
    draft = Draft(as_part(kept.address, "from"))
    lines = [
        f"{_mark(kept)} <b>{safe(kept.nickname)}</b>",
        blocks.address_line(draft, "from"),
        _doubt(t, draft),
        _("New orders begin with this sender.") if kept.default_sender else "",
    ]
    default = (
        keys.counter(_("No default sender"), "addresses", "no_default", kept.contact_id)
        if kept.default_sender
        else keys.counter("🏠 " + _("Make it my default sender"), "addresses", "default", kept.contact_id)
    )
    rows: Rows = [
        [
            keys.counter(_("Use as sender"), "addresses", "from", kept.contact_id),
            keys.counter(_("Use as recipient"), "addresses", "to", kept.contact_id),
        ],
        [default],
        [
            keys.step("✏️ " + _("Rename"), ev.AsideAsked("contact_name", kept.contact_id)),
            keys.step("✏️ " + _("Write it again"), ev.AsideAsked("contact_address", kept.contact_id)),
        ],
        [
            keys.counter("◀️ " + _("Address book"), "addresses", "open"),
            keys.counter("🗑 " + _("Delete"), "addresses", "drop", kept.contact_id),
        ],
    ]
    return Message("\n\n".join(line for line in lines if line), keys.rows(rows))


def _parcels(t: Texts, screen: ds.ParcelList, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    action, sign = ("show", "✏️ ") if screen.changing else ("use", "📦 ")
    rows: Rows = [
        [keys.counter(sign + named(parcel_name(t, p)), "parcels", action, p.preset_id)]
        for p in screen.presets
    ]
    if screen.changing and screen.presets:
        text = _("Tap the parcel to rename or delete.")
        rows += _changing(t, keys, "parcels", screen)
        return Message(f"<b>{_('Parcels')}</b>\n\n{text}", keys.rows(rows))
    if screen.last is not None:
        rows.insert(0, [last_parcel(t, keys, screen.last)])
    rows.append(_turn(t, keys, "parcels", screen.page, more=screen.has_more))
    if screen.presets:
        rows.append([_change(t, keys, "parcels", screen)])
    rows.append([keys.counter("➕ " + _("New parcel"), "parcels", "new"), flat_rate(t, keys)])
    rows.append([_menu(t, keys)])
    text = (
        _("Tap a parcel to put it into your order.")
        if screen.presets
        else _("You have no parcels yet. Save one from an order, or write a new one.")
    )
    return Message(f"<b>{_('Parcels')}</b>\n\n{text}", keys.rows(rows))


def flat_rate(t: Texts, keys: Keys) -> Button:
    """The button to the carriers' own boxes."""
    return keys.counter("🎁 " + t.gettext("Flat-rate boxes"), "parcels", "boxes")


def _boxes(t: Texts, screen: ds.BoxList, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    rows: Rows = [
        [keys.counter("🎁 " + named(str(box)), "parcels", "box", box.box_id)] for box in screen.boxes
    ]
    rows.append([keys.counter("◀️ " + _("Parcels"), "parcels", "open")])
    text = (
        _(
            "The carrier gives these boxes away at its counters and carries them at one price, whatever is "
            "in them. Tap the one you have; I will need its weight, but no size."
        )
        if screen.boxes
        else _("The carriers list no flat-rate boxes at the moment. Send the weight and the size instead.")
    )
    return Message(f"<b>{_('Flat-rate boxes')}</b>\n\n{text}", keys.rows(rows))


def last_parcel(t: Texts, keys: Keys, entries: Mapping[str, Entry]) -> Button:
    """The button that takes the parcel of the last order."""
    text = t.gettext("Last: {parcel}").format(parcel=plain(parcel_text(t, entries)))
    return keys.counter("🔁 " + shorten(text, NAME_UNITS), "parcels", "last")


def _parcel(t: Texts, screen: ds.ParcelDetails, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    kept = screen.preset
    rows: Rows = [
        [keys.counter("📦 " + _("Put it into my order"), "parcels", "use", kept.preset_id)],
        [keys.step("✏️ " + _("Rename"), ev.AsideAsked("parcel_name", kept.preset_id))],
        [
            keys.counter("◀️ " + _("Parcels"), "parcels", "open"),
            keys.counter("🗑 " + _("Delete"), "parcels", "drop", kept.preset_id),
        ],
    ]
    return Message(
        f"📦 <b>{safe(parcel_name(t, kept))}</b>\n\n{parcel_text(t, kept.entries)}", keys.rows(rows)
    )


def kept_keys(t: Texts, keys: Keys, part: str, facts: sc.Facts) -> list[Button]:
    """What can be taken for this part of an order instead of writing it."""
    if part != "parcel":
        return [
            keys.counter(f"{_mark(c)} {named(c.nickname)}", "addresses", part, c.contact_id)
            for c in facts.contacts
        ]
    last = facts.last_order
    kept = [
        keys.counter("📦 " + named(parcel_name(t, p)), "parcels", "use", p.preset_id) for p in facts.parcels
    ]
    return kept if last is None else [last_parcel(t, keys, part_of(draft_of(last.shipment), part)), *kept]


def save_template(t: Texts, keys: Keys, order_id: OrderId) -> list[Button]:
    """The row that makes a template of an order."""
    return [keys.counter("📄 " + t.gettext("Save as template"), "templates", "keep", order_id)]


def save_parts(t: Texts, keys: Keys, order: Order) -> Rows:
    """The rows that keep the addresses and the parcel of an order."""
    _ = t.gettext
    if order.addresses_gone:
        return []
    return [
        [
            keys.counter("📇 " + _("Save sender"), "addresses", "keep_from", order.order_id),
            keys.counter("📇 " + _("Save recipient"), "addresses", "keep_to", order.order_id),
        ],
        [keys.counter("📦 " + _("Save parcel"), "parcels", "keep", order.order_id)],
    ]


def _confirm_forget(t: Texts, screen: ds.ConfirmForget, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    match screen.thing:
        case Template(template_id=kept_id, name=name):
            counter, text = "templates", _("Delete the template {name}?")
        case Contact(contact_id=kept_id, nickname=name):
            counter, text = "addresses", _("Delete the address {name}?")
        case ParcelPreset(preset_id=kept_id) as preset:
            name = parcel_name(t, preset)
            counter, text = "parcels", _("Delete the parcel {name}?")
    row = [
        keys.counter(_("No, keep it"), counter, "show", kept_id),
        keys.counter("🗑 " + _("Yes, delete"), counter, "forget", kept_id),
    ]
    return Message(text.format(name=f"<b>{safe(name)}</b>"), keys.rows([row]))


def _statement(t: Texts, screen: ds.Statement, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    lines = [_line(t, line) for line in screen.lines] or [_("Nothing has moved yet.")]
    text = [
        f"<b>{_('Statement')}</b>",
        blocks.balance(t, facts),
        "\n".join(lines),
        blocks.watermark(t, screen.mode),
    ]
    turn = []
    if screen.page:
        turn.append(keys.counter("◀️ " + _("Newer"), "statement", "page", str(screen.page - 1)))
    if screen.has_more:
        turn.append(keys.counter(_("Older") + " ▶️", "statement", "page", str(screen.page + 1)))
    return Message("\n\n".join(part for part in text if part), keys.rows([turn, [_menu(t, keys)]]))


def _line(t: Texts, line: StatementLine) -> str:
    """`Mon, Apr 7 · label · −$7.42 · ord_1 · then $92.58`."""
    moved = line.transfer
    about = moved.order_id or moved.invoice_id or ""
    signed = ("+" if line.amount.minor > 0 else "−") + t.money(max(line.amount, -line.amount))
    parts = [
        t.day(moved.created_at.date()),
        _why(t, moved),
        f"<b>{signed}</b>",
        f"<code>{safe(about)}</code>" if about else "",
        t.gettext("then {balance}").format(balance=t.money(line.after)),
    ]
    return " · ".join(part for part in parts if part)


def _why(t: Texts, moved: Transfer) -> str:
    """Its kind, with the operator's reason where it was moved by hand."""
    if moved.kind is not Kind.ADJUSTMENT or not moved.reason:
        return kind_name(t, moved.kind)
    if moved.reason == WELCOME:
        return t.gettext("a gift to welcome you")
    return f"{kind_name(t, moved.kind)}: {safe(shorten(words(moved.reason), REASON_UNITS))}"


def kind_name(t: Texts, kind: Kind) -> str:
    """Why a customer's money moved, in a word or two."""
    _ = t.gettext
    return {
        Kind.TOPUP: _("top-up"),
        Kind.ADJUSTMENT: _("changed by us"),
        Kind.CAPTURE: _("label"),
        Kind.REFUND: _("refund"),
        Kind.REFUND_AT_LOSS: _("refund"),
        Kind.REVIEWED: _("payment looked at"),
        Kind.REVERSAL: _("payment taken back"),
    }.get(kind, _("moved"))


def _contact_us(t: Texts, _screen: ds.ContactUs, facts: sc.Facts) -> Message:
    keys = Keys(facts.version)
    row = [keys.step(t.gettext("Menu"), ev.Started())]
    return Message(contact_line(t, facts), keys.rows([row]))


def contact_line(t: Texts, facts: sc.Facts) -> str:
    """Where to reach a person."""
    if not facts.contact:
        return t.gettext("The owner of this shop has not said yet where a person can be reached.")
    return t.gettext("You reach a person here: {contact}").format(contact=safe(facts.contact))


LOOKS: Final[dict[type, Callable[[Texts, Any, sc.Facts], Message]]] = {
    ds.TemplateList: _templates,
    ds.TemplateDetails: _template,
    ds.TemplateFields: _template_fields,
    ds.ContactList: _contacts,
    ds.ContactDetails: _contact,
    ds.ParcelList: _parcels,
    ds.BoxList: _boxes,
    ds.ParcelDetails: _parcel,
    ds.ConfirmForget: _confirm_forget,
    ds.Statement: _statement,
    ds.ContactUs: _contact_us,
}
