"""Pages about refunds: what may be asked back, what came of asking, and what letters say about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final

from adapters.telegram import blocks
from adapters.telegram.blocks import safe
from adapters.telegram.html_text import shorten
from adapters.telegram.keys import Keys, Rows
from adapters.telegram.messages import Button, Message
from adapters.telegram.texts import Texts
from shipping_core.conversation import events as ev
from shipping_core.conversation import refund_screens as rs
from shipping_core.conversation import screens as sc
from shipping_core.domain.letter import Word
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Asked, Eligibility, Refund, RefundState, Verdict
from shipping_core.use_cases.show_refunds import PAGE

NAME: Final = "refund"
"""Of the counter, its command and its question."""
WORD_LIMIT: Final = 24
"""Of a label's number as it was written, in UTF-16 units: an order's whole, and fifty fit into a message."""
NAMED_AT_MOST: Final = 10
"""So many results say to whom the parcel goes; more would not fit into one message."""
NAME_LIMIT: Final = 40
S, V = RefundState, Verdict


def question(t: Texts, _subject: str) -> str:
    """What is asked aside."""
    return t.gettext(
        "Which labels do you want your money back for? Send their order numbers or tracking numbers, as many "
        "as 50 at once, with commas, spaces or line breaks between them."
    )


def _moment(t: Texts, at: dt.datetime) -> str:
    return f"{t.day(at.date())} {t.time(at)}"


def _last_whole_day(t: Texts, until: dt.datetime) -> str:
    """Shorter than the moment, where fifty of them have to fit into one message."""
    return t.day(until.date() - dt.timedelta(days=1))


def _label(order: Order) -> str:
    recipient = order.shipment.recipient
    place = f"{recipient.city} {recipient.state}"
    return f"{safe(shorten(recipient.name, NAME_LIMIT))}, {safe(shorten(place, NAME_LIMIT))}"


def state(t: Texts, refund: Refund) -> str:
    """Where a refund stands, for its customer."""
    _ = t.gettext
    return {
        S.REQUESTED: _("waiting for our decision"),
        S.APPROVED: _("the carrier is being asked"),
        S.VOIDING: _("the carrier is being asked"),
        S.VOID_OK: _("the carrier agreed, the money is on its way"),
        S.VOID_REFUSED: _("the carrier said no, and we are looking into it"),
        S.VOID_UNKNOWN: _("waiting for the carrier's answer"),
        S.PROCESSED: _("the money is back"),
        S.REJECTED: _("rejected"),
        S.CANCELLED: _("taken back by you"),
    }[refund.state]


def verdict(t: Texts, judged: Eligibility) -> str:
    """What can be done about a label, as a sentence with its dates."""
    _ = t.gettext
    since, last = _moment(t, judged.since), _moment(t, judged.until)
    return {
        V.ELIGIBLE: _("You can ask your money back for this label, until {last}.").format(last=last),
        V.FRESH: _(
            "This label is fresh: you can cancel it now. Or you can ask your money back for it from {since} "
            "until {last}."
        ).format(since=since, last=last),
        V.TOO_LATE: _("It is too late: the carrier took this label back until {last}.").format(last=last),
        V.NO_LABEL: _("There is no label in this order."),
        V.VOIDED: _("This label has gone back to the carrier."),
        V.REFUNDED: _("Your money for this label is back already."),
        V.ASKED: _("You have asked your money back for this label."),
        V.IN_USE: _("The carrier has seen this parcel already, so its label cannot be cancelled."),
    }[judged.verdict]


def _desk(t: Texts, screen: rs.RefundDesk, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    first = screen.page * PAGE + 1
    lines = [f"<b>{n}.</b> {_line(t, judged)}" for n, judged in enumerate(screen.offered, first)]
    picks = [
        keys.counter(str(n), NAME, "about", judged.order.order_id)
        for n, judged in enumerate(screen.offered, first)
    ]
    none = _("None of your labels can be asked back or cancelled now.")
    how = _("Tap a number, or send many labels at once.")
    text = "\n\n".join([f"<b>{_('Refunds')}</b>", *(["\n".join(lines), how] if lines else [none])])
    rows: Rows = [picks, _turn(t, keys, "page", screen.page, more=screen.has_more)]
    rows.append([keys.step("📋 " + _("Send many"), ev.AsideAsked(NAME))])
    if screen.any_before:
        rows[-1].append(_mine(t, keys))
    rows.append([keys.step(_("Menu"), ev.Started())])
    return Message(text, keys.rows(rows))


def _line(t: Texts, judged: Eligibility) -> str:
    _ = t.gettext
    order, last = judged.order, _moment(t, judged.until)
    when = _("until {last}").format(last=last)
    if judged.verdict is V.FRESH:
        since = _moment(t, judged.since)
        when = _("from {since} until {last}, or cancel it now").format(since=since, last=last)
    day = t.day(order.created_at.date())
    return f"{blocks.mark(order.mode)}{day} · {_label(order)} · {t.money(order.refundable)} · {when}"


def _turn(t: Texts, keys: Keys, action: str, page: int, *, more: bool) -> list[Button]:
    turn = []
    if page:
        turn.append(keys.counter("◀️ " + t.gettext("Back"), NAME, action, str(page - 1)))
    if more:
        turn.append(keys.counter(t.gettext("More") + " ▶️", NAME, action, str(page + 1)))
    return turn


def _mine(t: Texts, keys: Keys) -> Button:
    return keys.counter(t.gettext("My refunds"), NAME, "mine", "0")


def offer_rows(t: Texts, keys: Keys, judged: Eligibility | None, refund: Refund | None, way: str) -> Rows:
    """The one thing to do about a label; `way` is `about`, or `now` on the page that says it all."""
    _ = t.gettext
    if refund is not None:
        return [[keys.counter("↩️ " + _("Show the refund"), NAME, "show", refund.refund_id)]]
    if judged is None:
        return []
    order_id = judged.order.order_id
    if judged.verdict is V.FRESH:
        action = "cancel" if way == "now" else "about"
        return [[keys.counter("✖️ " + _("Cancel label"), NAME, action, order_id)]]
    if judged.ok:
        action = "ask" if way == "now" else "about"
        return [[keys.counter("↩️ " + _("Ask my money back"), NAME, action, order_id)]]
    return []


def _offer(t: Texts, screen: rs.RefundOffer, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    order = screen.judged.order
    lines = [
        f"<b>{_label(order)}</b> · {t.money(order.charged or order.price)}",
        verdict(t, screen.judged),
        _(
            "The money is back on your balance as soon as the carrier agrees. Please do not use the label "
            "then."
        )
        if screen.judged.ok or screen.judged.verdict is V.FRESH
        else "",
        blocks.watermark(t, order.mode),
    ]
    rows = offer_rows(t, keys, screen.judged, screen.refund, "now")
    rows.append([keys.counter(_("Refunds"), NAME, "page", "0")])
    return Message("\n\n".join(line for line in lines if line), keys.rows(rows))


def _asked(t: Texts, screen: rs.RefundsAsked, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    named = len(screen.results) <= NAMED_AT_MOST
    accepted = [r for r in screen.results if r.refund is not None]
    unknown = [r for r in screen.results if r.refund is None and r.refused is None]
    blocks_ = [
        (
            "✅ "
            + t.ngettext(
                "{n} label is asked back. You will hear from us here.",
                "{n} labels are asked back. You will hear from us here.",
                len(accepted),
            ).format(n=len(accepted)),
            accepted,
        ),
        *((_heading(t, word), [r for r in screen.results if _refused(r) is word]) for word in Verdict),
        ("❔ " + _("I know no label of yours under these numbers:"), unknown),
    ]
    parts = [
        "\n".join([f"<b>{heading}</b>", *(_result(t, r, named=named) for r in results)])
        for heading, results in blocks_
        if results
    ]
    rows: Rows = [[_mine(t, keys), keys.counter(_("Refunds"), NAME, "page", "0")]]
    return Message("\n\n".join(parts), keys.rows(rows))


def _refused(result: Asked) -> Verdict | None:
    return result.refused.verdict if result.refused else None


def _heading(t: Texts, word: Verdict) -> str:
    _ = t.gettext
    return "✖️ " + {
        V.FRESH: _("Too fresh to be asked back; they can be cancelled instead:"),
        V.TOO_LATE: _("Too late:"),
        V.NO_LABEL: _("No label was bought:"),
        V.VOIDED: _("Given back to the carrier already:"),
        V.REFUNDED: _("Your money is back already:"),
        V.ASKED: _("Asked back already:"),
    }.get(word, "")


def _result(t: Texts, result: Asked, *, named: bool) -> str:
    _ = t.gettext
    mark = blocks.mark(result.order.mode) if result.order else ""
    word = f"{mark}<code>{safe(shorten(blocks.words(result.word), WORD_LIMIT))}</code>"
    if named and result.order is not None:
        word += f" · {safe(shorten(result.order.shipment.recipient.name, NAME_LIMIT))}"
    judged = result.refused
    if result.refund is not None:
        return f"{word} · {t.money(result.refund.amount)}"
    if judged is not None and judged.verdict is V.FRESH:
        since, last = _moment(t, judged.since), _last_whole_day(t, judged.until)
        return f"{word} · " + _("from {since} until {last}").format(since=since, last=last)
    if judged is not None and judged.verdict is V.TOO_LATE:
        return f"{word} · " + _("it was until {last}").format(last=_moment(t, judged.until))
    return word


def _list(t: Texts, screen: rs.RefundList, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    first = screen.page * PAGE + 1
    lines = [
        f"<b>{n}.</b> {blocks.mark(r.mode)}"
        + " · ".join([t.day(r.created_at.date()), _label(order), t.money(r.amount), state(t, r)])
        for n, (r, order) in enumerate(zip(screen.refunds, screen.orders, strict=True), first)
    ]
    picks = [keys.counter(str(n), NAME, "show", r.refund_id) for n, r in enumerate(screen.refunds, first)]
    text = "\n".join(lines) or _("You have not asked for any money back yet.")
    rows: Rows = [picks, _turn(t, keys, "mine", screen.page, more=screen.has_more)]
    rows.append([keys.counter(_("Refunds"), NAME, "page", "0")])
    return Message(f"<b>{_('My refunds')}</b>\n\n{text}", keys.rows(rows))


def _details(t: Texts, screen: rs.RefundDetails, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    refund = screen.refund
    lines = [
        f"<b>{_('Refund')}</b> <code>{safe(refund.refund_id)}</code>",
        f"<b>{state(t, refund)}</b>",
        "",
        f"{_label(screen.order)} · <code>{safe(refund.order_id)}</code>",
        *_amount(t, refund),
        *_history(t, refund),
        *_said(t, refund),
        "",
        blocks.watermark(t, refund.mode),
    ]
    rows: Rows = []
    if refund.state is S.REQUESTED:
        rows.append([keys.counter("✖️ " + _("Take it back"), NAME, "drop", refund.refund_id)])
    rows.append([_mine(t, keys), keys.order(_("Show the order"), "show", refund.order_id)])
    return Message("\n".join(lines).rstrip(), keys.rows(rows))


def _amount(t: Texts, refund: Refund) -> Sequence[str]:
    if refund.amount == refund.price:
        return [t.money(refund.amount)]
    text = t.gettext("{amount} of {price}: {reason}")
    return [
        text.format(
            amount=t.money(refund.amount), price=t.money(refund.price), reason=safe(refund.amount_reason)
        )
    ]


def _history(t: Texts, refund: Refund) -> Sequence[str]:
    _ = t.gettext
    ended = {S.PROCESSED: _("Paid back: {at}"), S.REJECTED: "", S.CANCELLED: _("Taken back: {at}")}
    steps = [
        (_("Asked for: {at}"), refund.created_at),
        (_("Decided: {at}"), refund.decided_at if refund.decided_by != "customer" else None),
        (ended.get(refund.state, ""), refund.ended_at),
    ]
    return [text.format(at=_moment(t, at)) for text, at in steps if text and at is not None]


def _said(t: Texts, refund: Refund) -> Sequence[str]:
    _ = t.gettext
    rejected = refund.decided_why if refund.state is S.REJECTED else ""
    said = [
        (_("Why: {text}"), rejected),
        (_("Our note: {text}"), refund.note),
        (_("The carrier says: {text}"), refund.void_answer),
    ]
    return [text.format(text=safe(words)) for text, words in said if words]


def news(t: Texts, screen: sc.News) -> str:
    """What a letter says about a refund."""
    _ = t.gettext
    note = safe(screen.facts.get("note", ""))
    noted = "\n\n" + _("Our note: {text}").format(text=note) if note else ""
    match screen.word:
        case Word.REFUND_REQUESTED:
            return "↩️ " + _("We have asked your money back for this label in your name.") + noted
        case Word.REFUND_APPROVED:
            return (
                "✅ " + _("Your refund is approved, and the carrier is asked to take the label back.") + noted
            )
        case Word.REFUND_REJECTED:
            reason = safe(screen.facts.get("reason", ""))
            return "✖️ " + _("Your refund is rejected: {reason}").format(reason=reason) + noted
        case Word.REFUND_CANCELLED:
            return _("Your refund is taken back, as you wished. The label is still good.") + noted
        case Word.REFUND_REFUSED:
            return _refused_by_the_carrier(t, safe(screen.facts.get("why", "")))
        case Word.REFUND_VOIDED:
            return "✖️ " + _(
                "The carrier has taken this label back after all. It is not valid any more: please do not "
                "use it. Your money for it is on your balance already."
            )
        case Word.REFUND_NOTED:
            return "✏️ " + _("A note on your refund: {text}").format(text=note)
        case Word.REFUND_CLOSING:
            return "⏳ " + _closing(t, screen.facts.get("until", ""))
        case _:  # REFUND_PROCESSED
            return "💰 " + _paid_back(t, screen) + noted


def _refused_by_the_carrier(t: Texts, why: str) -> str:
    _ = t.gettext
    says = _("The carrier says: {text}").format(text=why) if why else ""
    rest = _(
        "The carrier does not take this label back. It is still good, one of us is looking into it, and you "
        "will hear from us here."
    )
    return "\n\n".join(part for part in (rest, says) if part)


def _closing(t: Texts, until: str) -> str:
    last = _moment(t, dt.datetime.fromisoformat(until)) if until else ""
    return t.gettext(
        "If you have not used this label and do not need it, ask your money back until {last}: after that "
        "the carrier does not take it back."
    ).format(last=last)


def _paid_back(t: Texts, screen: sc.News) -> str:
    text, _, currency = screen.facts.get("amount", "0.00 USD").partition(" ")
    amount = t.money(Money.parse(text, currency or "USD"))
    back = t.gettext("{amount} for this label is back on your balance.").format(amount=amount)
    if screen.order is None or screen.order.state is not OrderState.VOIDED:
        return back
    return f"{back} {t.gettext('The label is not valid any more: please do not use it.')}"


def news_rows(t: Texts, keys: Keys, screen: sc.News) -> Rows:
    """What can be done about a letter on a refund."""
    if screen.refund_id is not None:
        text = "↩️ " + t.gettext("Show the refund")
        return [[keys.counter(text, NAME, "show", screen.refund_id)]]
    if screen.word is Word.REFUND_CLOSING and screen.order is not None:
        text = "↩️ " + t.gettext("Ask my money back")
        return [[keys.counter(text, NAME, "about", screen.order.order_id)]]
    return []


WORDS: Final = frozenset(word for word in Word if word.value.startswith("refund_"))
LOOKS: Final[dict[type, Callable[[Texts, Any, sc.Facts], Message]]] = {
    rs.RefundDesk: _desk,
    rs.RefundOffer: _offer,
    rs.RefundsAsked: _asked,
    rs.RefundList: _list,
    rs.RefundDetails: _details,
}
