"""Screen -> text and keyboard: how the order looks in the chat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from adapters.telegram import blocks, buttons, desk_pages, money_pages, pages, phrases, refund_pages
from adapters.telegram.html_text import shorten
from adapters.telegram.keys import Keys, Rows
from adapters.telegram.messages import Button, Message
from adapters.telegram.texts import Texts, spoken
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.address_check import Verdict
from shipping_core.domain.draft import STEPS, Draft, Field, Side
from shipping_core.domain.shipment import Rate

STATES: Final = tuple(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY "  # noqa: SIM905
    "NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
)
STATES_A_ROW: Final = 8
NAME_LIMIT: Final = 24
"""Of a name on a button, in UTF-16 units, so that the price behind it stays in sight."""
MOST_PRICES: Final = 30
"""On one card; Telegram refuses keyboards beyond about 10 kB."""
FIX_BUTTONS: Final = 6
"""How many doubtful fields get a button of their own; the part's own editor has the rest."""


def render(screen: sc.Screen, facts: sc.Facts, note: sc.Note | None = None) -> Message:
    """The message for a screen, in the customer's language: the note, the closed door, page, watermark."""
    t = Texts(spoken(facts.language))
    page = LOOKS[type(screen)]
    message: Message = page(t, screen, facts)
    said = f"<i>{phrases.note(t, note)}</i>" if note is not None else ""
    mark = blocks.watermark(t, facts.mode) if type(screen) in MARKED else ""
    return Message(_text(said, _shut(t, facts, note), message.html, mark), message.buttons)


def _shut(t: Texts, facts: sc.Facts, note: sc.Note | None) -> str:
    """Why nothing can be ordered, unless the note says it already."""
    if facts.shut is None or (note is not None and note.word == facts.shut.word):
        return ""
    return f"⛔️ {phrases.note(t, facts.shut)}"


def _text(*paragraphs: str) -> str:
    return "\n\n".join(p for p in paragraphs if p)


def _menu(t: Texts, screen: sc.Menu, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    rows: Rows = []
    if screen.has_draft:
        rows.append([keys.step("▶️ " + _("Continue your order"), ev.DraftContinued())])
    rows.append(
        [
            keys.step("📦 " + _("New order"), ev.NewOrder()),
            keys.step(_("Step by step"), ev.NewOrder(guided=True)),
        ]
    )
    last = facts.last_order
    if last is not None and last.label is not None:
        price = t.money(last.charged or last.price)
        name = shorten(blocks.words(last.shipment.recipient.name), NAME_LIMIT)
        text = _("Repeat last: {name}, {price}").format(name=name, price=price)
        rows.append([keys.order("🔁 " + text, "repeat", None)])
    rows.append([keys.page(_("My orders"), 0), keys.counter(_("Refunds"), refund_pages.NAME, "page", "0")])
    if facts.can_top_up:
        rows[-1].append(keys.step("💰 " + _("Top up"), ev.TopUpAsked()))
    rows.append(
        [
            keys.counter("📄 " + _("Templates"), "templates", "open"),
            keys.counter("📇 " + _("Address book"), "addresses", "open"),
        ]
    )
    rows.append(
        [
            keys.counter(_("Parcels"), "parcels", "open"),
            keys.counter(_("Statement"), "statement", "page", "0"),
            keys.counter(_("Help"), "help", "open"),
        ]
    )
    text = _text(
        f"<b>{_('Shipping labels')}</b>",
        blocks.balance(t, facts),
        _("Paste the whole order in one message: from whom, to whom, weight and size. Or tap a button."),
    )
    return Message(text, keys.rows(rows))


def _resume(t: Texts, screen: sc.ResumeOrNew, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    text = _text(
        _("You have an unfinished order:"),
        blocks.draft_block(t, screen.draft),
        _("Go on with it, or start a new one?"),
    )
    rows: Rows = [
        [keys.step("▶️ " + _("Go on with it"), ev.DraftContinued())],
        [keys.step("📦 " + _("Start a new one"), ev.DraftDropped())],
    ]
    return Message(text, keys.rows(rows))


def _edit_row(t: Texts, keys: Keys) -> Rows:
    return [[keys.step("✏️ " + phrases.part_name(t, part), ev.PartEdited(part)) for part in buttons.PARTS]]


def _fix_rows(t: Texts, keys: Keys, draft: Draft) -> Rows:
    shown = draft.doubtful[:FIX_BUTTONS]
    words = [f"{phrases.part_name(t, f.part)}: {phrases.field_name(t, f)}" for f in shown]
    fixes = [keys.step("⚠️ " + word, ev.FieldEdited(f)) for word, f in zip(words, shown, strict=True)]
    return [fixes[i : i + 2] for i in range(0, len(fixes), 2)]


def _cancel(t: Texts, keys: Keys) -> Rows:
    return [[keys.step("✖️ " + t.gettext("Cancel"), ev.CancelAsked())]]


def _missing(t: Texts, asking: Iterable[Field]) -> str:
    """The smallest missing set, in one question."""
    _ = t.gettext
    wanted = tuple(asking)
    sizes = {Field.LENGTH, Field.WIDTH, Field.HEIGHT}
    whole_size = sizes <= set(wanted)
    by_part: dict[str, list[str]] = {}
    for field in wanted:
        if not (whole_size and field in sizes):
            by_part.setdefault(field.part, []).append(phrases.field_name(t, field))
    if whole_size:
        by_part.setdefault("parcel", []).append(_("size, for example 10x8x6 in"))
    lines = [f"• {phrases.part_name(t, part)}: {', '.join(names)}" for part, names in by_part.items()]
    if not lines:
        return ""
    return "\n".join([_("Still missing. Send it all at once, or piece by piece:"), *lines])


def _order_card(t: Texts, screen: sc.OrderCard, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    if not screen.draft.entries:
        text = _text(
            f"<b>{_('New order')}</b>",
            _("Paste it all in one message, for example:"),
            "<code>From Jane Doe, 215 Clayton St, San Francisco CA 94117\n"
            "To John Smith, 123 Main St Apt 4, Los Angeles CA 90001\n2 lb 3 oz, 10x8x6 in</code>",
            _("Or send it piece by piece, in any order."),
        )
        rows = [[keys.step(_("Step by step"), ev.NewOrder(guided=True))], *_cancel(t, keys)]
        return Message(text, keys.rows(rows))
    cheapest = min((r.price for r in screen.estimate), key=lambda m: m.minor, default=None)
    estimate = _("Prices from about {price}.").format(price=t.money(cheapest)) if cheapest else ""
    text = _text(
        blocks.draft_block(t, screen.draft),
        blocks.problems_block(t, screen.problems),
        blocks.doubt_block(t, screen.draft),
        _missing(t, screen.asking),
        estimate,
    )
    rows = [*_fix_rows(t, keys, screen.draft), *_edit_row(t, keys)]
    rows.append([keys.step(_("Step by step"), ev.NewOrder(guided=True)), *_cancel(t, keys)[0]])
    return Message(text, keys.rows(rows))


def _ask_field(t: Texts, screen: sc.AskField, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    counter = (
        _("Step {number} of {total}").format(number=screen.number, total=screen.total)
        if screen.number
        else ""
    )
    now = _("Now: {value}").format(value=blocks.safe(screen.current)) if screen.current else ""
    rows: Rows = []
    if screen.field.what == "state":
        picks = [keys.offered(code, code) for code in STATES]
        rows += [picks[i : i + STATES_A_ROW] for i in range(0, len(picks), STATES_A_ROW)]
    if screen.field.optional:
        rows.append([keys.step("⏭ " + _("Skip"), ev.FieldSkipped())])
    rows.append([keys.step("◀️ " + _("Back"), ev.SteppedBack()), *_cancel(t, keys)[0]])
    optional = _("You may skip this.") if screen.field.optional else ""
    return Message(
        _text(counter, f"<b>{phrases.question(t, screen.field)}</b>", optional, now), keys.rows(rows)
    )


def _ask_part(t: Texts, screen: sc.AskPart, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    parcel = screen.part == "parcel"
    line = blocks.parcel_line(t, screen.draft) if parcel else blocks.address_line(screen.draft, screen.part)
    ask = (
        _("Send the weight and the size again, or tap what to change.")
        if parcel
        else _("Send the whole address again in one message, or tap what to change.")
    )
    fields = [f for f in STEPS if f.part == screen.part]
    picks = [keys.step(phrases.field_name(t, f), ev.FieldEdited(f)) for f in fields]
    kept = desk_pages.kept_keys(t, keys, screen.part, facts)
    if parcel:
        kept.append(desk_pages.flat_rate(t, keys))
    rows: Rows = [row[i : i + 2] for row in (kept, picks) for i in range(0, len(row), 2)]
    rows.append([keys.step("◀️ " + _("Back"), ev.SteppedBack()), *_cancel(t, keys)[0]])
    return Message(_text(f"<b>{phrases.part_name(t, screen.part)}</b>  {line}", ask), keys.rows(rows))


def _review(t: Texts, screen: sc.Review, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    text = _text(
        f"<b>{_('Is everything right?')}</b>",
        blocks.draft_block(t, screen.draft),
        blocks.problems_block(t, screen.problems),
        blocks.doubt_block(t, screen.draft),
    )
    rows: Rows = [[keys.step("✅ " + _("Yes, show prices"), ev.PricesAsked())]]
    rows += [*_fix_rows(t, keys, screen.draft), *_edit_row(t, keys), *_cancel(t, keys)]
    return Message(text, keys.rows(rows))


def _working(t: Texts, screen: sc.Working, _facts: sc.Facts) -> Message:
    _ = t.gettext
    wait = {
        "prices": _("Asking the carriers for prices…"),
        "purchase": _("Buying your label…"),
        "link": _("Making your payment link…"),
    }[screen.what]
    draft = "" if screen.draft.empty else blocks.draft_block(t, screen.draft)
    return Message(_text(draft, f"⏳ {wait}"))


def _rates(t: Texts, screen: sc.RateList, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    doubts = "\n".join(blocks.doubt_about_address(t, s.value, c) for s, c in screen.doubts.items())
    held = _("Prices held until {time}").format(time=t.time(screen.expires_at))
    text = _text(
        blocks.draft_block(t, screen.draft),
        blocks.problems_block(t, screen.problems),
        blocks.doubt_block(t, screen.draft),
        doubts,
        _cut(t, screen),
        " · ".join(p for p in (blocks.balance(t, facts), held) if p),
    )
    rows: Rows = _decide_rows(t, keys, screen)
    rows += [
        [keys.step(blocks.rate_line(t, r, screen.tags.get(r.rate_id)), ev.RateChosen(r.rate_id))]
        for r in _offered(screen)
    ]
    if screen.hidden:
        more = t.ngettext("{n} more price", "{n} more prices", screen.hidden).format(n=screen.hidden)
        rows.append([keys.step("⋯ " + more, ev.MoreAsked())])
    rows += [*_fix_rows(t, keys, screen.draft), *_edit_row(t, keys), *_cancel(t, keys)]
    return Message(text, keys.rows(rows))


def _offered(screen: sc.RateList) -> list[Rate]:
    """The cheapest prices, and those with a tag."""
    return [r for n, r in enumerate(screen.rates) if n < MOST_PRICES or r.rate_id in screen.tags]


def _cut(t: Texts, screen: sc.RateList) -> str:
    shown = len(_offered(screen))
    if shown == len(screen.rates):
        return ""
    return t.ngettext("Shown: {n} best price.", "Shown: {n} best prices.", shown).format(n=shown)


def _decide_rows(t: Texts, keys: Keys, screen: sc.RateList) -> Rows:
    _ = t.gettext
    rows: Rows = []
    for side, check in screen.doubts.items():
        name = phrases.part_name(t, side.value)
        row = [keys.step(_("{side}: keep mine").format(side=name), ev.AddressKept(side))]
        if check.verdict is Verdict.SUGGESTION:
            row.insert(0, keys.step("✅ " + _("{side}: use it").format(side=name), ev.SuggestionUsed(side)))
        rows.append(row)
    return rows


def _confirm(t: Texts, screen: sc.ConfirmPurchase, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    rate = screen.rate
    kept = [phrases.part_name(t, s.value) for s in Side if s in screen.kept]
    consent = (
        _("Used as you wrote it, though the carrier does not know it: {sides}.").format(sides=", ".join(kept))
        if kept
        else ""
    )
    held = _("Price held until {time}").format(time=t.time(screen.expires_at))
    text = _text(
        blocks.draft_block(t, screen.draft),
        f"<b>{blocks.safe(blocks.rate_line(t, rate, None))}</b>",
        _kind_of_address(t, screen.residential),
        consent,
        _twin(t, facts),
        " · ".join(p for p in (blocks.balance(t, facts), held) if p),
    )
    rows: Rows = [
        [_buy_key(t, keys, screen, facts)],
        [keys.step("◀️ " + _("Other prices"), ev.SteppedBack())],
        *_cancel(t, keys),
    ]
    return Message(text, keys.rows(rows))


def _buy_key(t: Texts, keys: Keys, screen: sc.ConfirmPurchase, facts: sc.Facts) -> Button:
    """Buy; or, where money is missing and can be brought in, bring in just that and buy."""
    _ = t.gettext
    if facts.can_top_up and facts.to_top_up is not None and facts.to_top_up.minor:
        if facts.most is not None and facts.to_top_up > facts.most:
            return keys.step("💰 " + _("Top up"), ev.TopUpAsked())  # more than may come in at once
        text = _("Top up {amount} and buy").format(amount=t.money(facts.to_top_up))
        return keys.step("💰 " + text, ev.TopUpAndBuy(screen.order_id))
    text = _("Buy again anyway for {price}") if facts.twin else _("Buy for {price}")
    return keys.step(
        "💳 " + text.format(price=t.money(screen.rate.price)), ev.PurchaseConfirmed(screen.order_id)
    )


def _kind_of_address(t: Texts, residential: bool | None) -> str:
    if residential is None:
        return ""
    return "🏠 " + t.gettext("To a home.") if residential else "🏢 " + t.gettext("To a business.")


def _twin(t: Texts, facts: sc.Facts) -> str:
    if facts.twin is None:
        return ""
    minutes = max(1, int((facts.now - facts.twin.created_at).total_seconds() // 60))
    text = t.ngettext(
        "You bought a label for this very parcel {n} minute ago. Do you want another one?",
        "You bought a label for this very parcel {n} minutes ago. Do you want another one?",
        minutes,
    )
    return "⚠️ " + text.format(n=minutes)


def _purchased(t: Texts, _screen: sc.Purchased, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    order = facts.last_order
    details = pages.bought_lines(t, order) if order is not None else ""
    mark = blocks.watermark(t, order.mode if order is not None else facts.mode)
    ready = f"✅ <b>{_('Your label is ready.')}</b>"
    if order is not None and not order.label_good:
        ready = f"↩️ <b>{_('The label is not valid any more: please do not use it.')}</b>"
    text = _text(ready, details, blocks.balance(t, facts), mark)
    rows: Rows = [
        [keys.step("📦 " + _("New order"), ev.NewOrder()), keys.page(_("My orders"), 0)],
    ]
    if order is not None:
        rows.append(desk_pages.save_template(t, keys, order.order_id))
    return Message(text, keys.rows(rows))


def _pending(t: Texts, _screen: sc.PurchasePending, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    order = facts.last_order
    held = _("{price} stays held.").format(price=t.money(order.price)) if order is not None else ""
    text = _text(
        f"⏳ <b>{_('The carrier has not answered yet.')}</b>",
        held,
        _(
            "I keep asking whether the label was made, and I will write to you here: with the label, or "
            "that the money is free again. There is nothing you need to do; please do not order it again."
        ),
    )
    return Message(text, keys.rows([[keys.page(_("My orders"), 0)]]))


def _confirm_cancel(t: Texts, screen: sc.ConfirmCancel, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    text = _text(
        f"<b>{_('Cancel this order?')}</b>",
        blocks.draft_block(t, screen.draft),
        _("What you have written will be lost."),
    )
    rows: Rows = [
        [
            keys.step(_("No, go on"), ev.CancelDenied()),
            keys.step("✖️ " + _("Yes, cancel"), ev.CancelConfirmed()),
        ]
    ]
    return Message(text, keys.rows(rows))


MARKED: Final = frozenset(
    {
        sc.Menu, sc.ResumeOrNew, sc.OrderCard, sc.AskField, sc.AskPart, sc.Review, sc.Working, sc.RateList,
        sc.ConfirmPurchase, sc.ConfirmCancel, sc.QuickQuote, sc.Help,
    }
)  # fmt: skip
"""Screens of what begins now, which say so in test mode; those of an order or of money say what it was."""
LOOKS: Final[dict[type, Callable[[Texts, Any, sc.Facts], Message]]] = {
    **pages.LOOKS,
    **money_pages.LOOKS,
    **refund_pages.LOOKS,
    **desk_pages.LOOKS,
    sc.Menu: _menu,
    sc.ResumeOrNew: _resume,
    sc.OrderCard: _order_card,
    sc.AskField: _ask_field,
    sc.AskPart: _ask_part,
    sc.Review: _review,
    sc.Working: _working,
    sc.RateList: _rates,
    sc.ConfirmPurchase: _confirm,
    sc.Purchased: _purchased,
    sc.PurchasePending: _pending,
    sc.ConfirmCancel: _confirm_cancel,
}
