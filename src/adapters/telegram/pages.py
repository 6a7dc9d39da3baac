"""Pages beside the order: my orders, tracking, quick prices, help, languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from adapters.telegram import asides, blocks, desk_pages, refund_pages
from adapters.telegram.blocks import safe
from adapters.telegram.keys import Keys, Rows
from adapters.telegram.messages import Message
from adapters.telegram.texts import LANGUAGES, Texts
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.draft import Field
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund
from shipping_core.use_cases.show_orders import PAGE

TRACKING_EVENTS: Final = 8


def _title(order: Order) -> str:
    recipient = order.shipment.recipient
    return f"{recipient.name}, {recipient.city} {recipient.state}"


def _paid(t: Texts, order: Order) -> str:
    return t.money(order.charged or order.price)


def bought_lines(t: Texts, order: Order) -> str:
    """Price, service, tracking number and addressee of a bought label."""
    _ = t.gettext
    label = order.label
    tracking = label.tracking_number if label else ""
    lines = [
        f"{safe(blocks.service_name(order.rate))} · {_paid(t, order)}",
        _("To: {name}").format(name=safe(_title(order))),
    ]
    if tracking:
        lines.append(_("Tracking: {number}").format(number=f"<code>{safe(tracking)}</code>"))
    return "\n".join(lines)


def _orders(t: Texts, screen: sc.OrderList, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    if not screen.orders:
        return Message(
            _("You have no orders yet. Paste one here, or tap the button."),
            keys.rows([[keys.step("📦 " + _("New order"), ev.NewOrder())]]),
        )
    first = screen.page * PAGE + 1
    lines = [
        f"<b>{number}.</b> "
        + " · ".join([t.day(o.created_at.date()), safe(_title(o)), _paid(t, o), blocks.order_state(t, o)])
        for number, o in enumerate(screen.orders, first)
    ]
    picks = [keys.order(str(number), "show", o.order_id) for number, o in enumerate(screen.orders, first)]
    turn = []
    if screen.page:
        turn.append(keys.page("◀️ " + _("Newer"), screen.page - 1))
    if screen.has_more:
        turn.append(keys.page(_("Older") + " ▶️", screen.page + 1))
    return Message(f"<b>{_('My orders')}</b>\n\n" + "\n".join(lines), keys.rows([picks, turn]))


def _order_rows(t: Texts, keys: Keys, order: Order, refund: Refund | None = None) -> Rows:
    """`refund` is the one under way, where it is known."""
    _ = t.gettext
    if order.label is None:
        return []
    repeat = [
        keys.order("🔁 " + _("Repeat for {price}").format(price=_paid(t, order)), "repeat", order.order_id)
    ]
    if order.state is OrderState.VOIDED:
        return [repeat, desk_pages.save_template(t, keys, order.order_id)]
    track = [keys.order(_("Track"), "track", order.order_id)]
    if order.label_good and not (refund is not None and refund.label_leaves):
        track.insert(0, keys.order(_("Send label"), "label", order.order_id))
    return [
        track,
        repeat,
        desk_pages.save_template(t, keys, order.order_id),
    ]


def _details(t: Texts, screen: sc.OrderDetails, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    order = screen.order
    sender, recipient, parcel = order.shipment.sender, order.shipment.recipient, order.shipment.parcel
    lines = [
        f"<b>{_('Order')}</b> <code>{safe(order.order_id)}</code>",
        f"{t.day(order.created_at.date())} · {blocks.order_state(t, order)}",
        "",
        f"<b>{_('From')}</b>  {safe(sender.name)}, {safe(blocks.one_line(sender))}",
        f"<b>{_('To')}</b>  {safe(recipient.name)}, {safe(blocks.one_line(recipient))}",
        f"<b>{_('Parcel')}</b>  {blocks.parcel(t, parcel)}",
        "",
        bought_lines(t, order),
    ]
    if screen.refund is not None:
        lines += ["", "↩️ " + refund_pages.state(t, screen.refund)]
    if mark := blocks.watermark(t, order.mode):
        lines += ["", mark]
    rows = [
        *_order_rows(t, keys, order, screen.refund),
        *refund_pages.offer_rows(t, keys, screen.judged, screen.refund, "about"),
        *desk_pages.save_parts(t, keys, order),
    ]
    return Message("\n".join(lines), keys.rows(rows))


def _tracking(t: Texts, screen: sc.TrackingPage, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    tracking = screen.tracking
    status = {
        "label_created": _("Waiting for the first scan"),
        "accepted": _("Accepted by the carrier"),
        "in_transit": _("On its way"),
        "delivered": _("Delivered"),
        "exception": _("Something came up on the way"),
    }.get(tracking.status, _("No news yet"))
    lines = [f"<b>{safe(_title(screen.order))}</b>", status]
    if tracking.estimated_delivery:
        lines.append(_("Expected: {day}").format(day=t.day(tracking.estimated_delivery)))
    for event in tracking.events[:TRACKING_EVENTS]:
        at = f"{t.day(event.occurred_at.date())} {t.time(event.occurred_at)}"
        lines.append(" · ".join(p for p in (at, safe(event.place), safe(event.description)) if p))
    if mark := blocks.watermark(t, screen.order.mode):
        lines += ["", mark]
    return Message("\n".join(lines), keys.rows(_order_rows(t, keys, screen.order)))


def _quick_quote(t: Texts, screen: sc.QuickQuote, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    way = f"{safe(screen.draft.get(Field.FROM_ZIP))} → {safe(screen.draft.get(Field.TO_ZIP))}"
    head = f"<b>{way}</b>, {blocks.parcel_line(t, screen.draft)}"
    if not screen.rates:
        none = _("No carrier offers a price for this parcel. Please check the ZIP codes, weight and size.")
        return Message(f"{head}\n\n{none}")
    lines = [safe(blocks.rate_line(t, r, screen.tags.get(r.rate_id))) for r in screen.rates]
    foot = _("These prices are rough. Start an order to see the exact ones.")
    text = "\n\n".join([head, "\n".join(lines), foot])
    return Message(text, keys.rows([[keys.step("📦 " + _("New order"), ev.NewOrder())]]))


def _quote_usage(t: Texts, _screen: sc.QuoteUsage, _facts: sc.Facts) -> Message:
    return Message(
        t.gettext("Send two ZIP codes and a weight, for example:")
        + "\n<code>/quote 94117 90001 2 lb 10x8x6</code>"
    )


def _help(t: Texts, _screen: sc.Help, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    text = "\n".join(
        [
            f"<b>{_('How it works')}</b>",
            "1. " + _("Paste the order in one message: from, to, weight and size."),
            "2. " + _("Tap a price."),
            "3. " + _("Tap Buy. The label comes as a PDF, right here."),
            "",
            "/new · " + _("new order"),
            "/orders · " + _("your orders, labels and tracking"),
            "/refund · " + _("money back for labels you do not use"),
            "/quote · " + _("quick price from two ZIP codes"),
            "/templates · " + _("orders to be written again"),
            "/addresses · " + _("address book"),
            "/parcels · " + _("parcels you send often"),
            "/statement · " + _("what came in and what was paid"),
            "/language · " + _("language"),
            "/contact · " + _("reach a person"),
            "/cancel · " + _("cancel the order you are writing"),
            "",
            f"<b>{_('When is money back?')}</b>",
            _("You pay only for a label you get. If the carrier refuses, the money is free again at once."),
            _refunds(t, facts),
            "",
            f"<b>{_('What is test mode?')}</b>",
            _(
                "Labels of test mode look real and are not valid for postage, and its money is not real. "
                "Each card says so while it is on."
            ),
            "",
            desk_pages.contact_line(t, facts),
        ]
    )
    row = [keys.step("📦 " + _("New order"), ev.NewOrder()), keys.step(_("Menu"), ev.Started())]
    return Message(text, keys.rows([row]))


def _refunds(t: Texts, facts: sc.Facts) -> str:
    return t.ngettext(
        "A label you did not use can be asked back once it is {n} day old; the money is on your balance "
        "again as soon as the carrier takes the label back.",
        "A label you did not use can be asked back once it is {n} days old; the money is on your balance "
        "again as soon as the carrier takes the label back.",
        facts.refund_after.days,
    ).format(n=facts.refund_after.days)


def _languages(_t: Texts, _screen: sc.Languages, facts: sc.Facts) -> Message:
    keys = Keys(facts.version)
    row = [keys.step(name, ev.LanguageChosen(code)) for code, name in LANGUAGES.items()]
    return Message("Language · Язык", keys.rows([row]))


def _remark(t: Texts, _screen: sc.Remark, facts: sc.Facts) -> Message:
    keys = Keys(facts.version)
    return Message("", keys.rows([[keys.step(t.gettext("Menu"), ev.Started())]]))


def _aside(t: Texts, screen: sc.AskAside, facts: sc.Facts) -> Message:
    keys = Keys(facts.version)
    rows: Rows = [[keys.step("◀️ " + t.gettext("Back"), ev.SteppedBack())]]
    return Message(asides.ask(t, screen), keys.rows(rows))


def _caption(t: Texts, screen: sc.LabelCaption, facts: sc.Facts) -> Message:
    keys = Keys(facts.version)
    order = screen.order
    text = "\n\n".join(p for p in (bought_lines(t, order), blocks.watermark(t, order.mode)) if p)
    cancel = keys.counter("✖️ " + t.gettext("Cancel label"), refund_pages.NAME, "about", order.order_id)
    return Message(text, keys.rows([*_order_rows(t, keys, order), [cancel]]))


def _announcement(_t: Texts, screen: sc.Announcement, _facts: sc.Facts) -> Message:
    return Message(screen.html)


LOOKS: Final[dict[type, Callable[[Texts, Any, sc.Facts], Message]]] = {
    sc.OrderList: _orders,
    sc.OrderDetails: _details,
    sc.TrackingPage: _tracking,
    sc.QuickQuote: _quick_quote,
    sc.QuoteUsage: _quote_usage,
    sc.Help: _help,
    sc.Languages: _languages,
    sc.Remark: _remark,
    sc.LabelCaption: _caption,
    sc.AskAside: _aside,
    sc.Announcement: _announcement,
}
