"""Bringing money in, and what letters say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from adapters.telegram import blocks, phrases, refund_pages
from adapters.telegram.blocks import safe
from adapters.telegram.html_text import sentence
from adapters.telegram.keys import Keys, Rows
from adapters.telegram.messages import Button, Message
from adapters.telegram.texts import Texts
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.letter import Word
from shipping_core.domain.money import Money

COINS_NAMED: Final = 8


def _amounts(t: Texts, _screen: sc.TopUpAmounts, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    picks = [keys.step(t.money(m), ev.AmountChosen(m.minor)) for m in facts.offers]
    least, most = facts.least or Money(0), facts.most or Money(0)
    lines = [
        f"<b>{_('Top up your balance')}</b>",
        blocks.balance(t, facts),
        phrases.how_much(t, least, most),
        _coins(t, facts.coins),
        blocks.watermark(t, facts.mode),
    ]
    rows: Rows = [picks[i : i + 2] for i in range(0, len(picks), 2)]
    rows.append([keys.step("◀️ " + _("Back"), ev.SteppedBack())])
    return Message("\n\n".join(line for line in lines if line), keys.rows(rows))


def _coins(t: Texts, coins: Sequence[str]) -> str:
    _ = t.gettext
    if not coins:
        return _("You pay with crypto, in the coin you choose on the payment page.")
    named = safe(", ".join(coins[:COINS_NAMED]))
    if len(coins) > COINS_NAMED:
        return _(
            "You pay with crypto, in the coin you choose on the payment page: {coins} and others."
        ).format(coins=named)
    return _("You pay with crypto, in the coin you choose on the payment page: {coins}.").format(coins=named)


def _link(t: Texts, screen: sc.PaymentLink, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    left = max(0, int((screen.expires_at - facts.now).total_seconds() // 60))
    time_left = (
        t.ngettext("{n} minute left, until {time}.", "{n} minutes left, until {time}.", left)
        if left
        else _("The time to pay is over. If you have paid, it still counts; otherwise please start anew.")
    ).format(n=left, time=t.time(screen.expires_at))
    goes_on = (
        _("As soon as it is paid, your label for {price} is bought by itself.").format(
            price=t.money(screen.price)
        )
        if screen.price
        else ""
    )
    lines = [
        f"<b>{_('Pay {amount}').format(amount=t.money(screen.amount))}</b>",
        _("Open the payment page, choose a coin, and send the amount it shows. Or scan the picture below."),
        goes_on,
        "⏳ " + time_left,
        blocks.watermark(t, facts.mode),
    ]
    rows: Rows = [
        [Button("🔗 " + _("Open the payment page"), url=screen.url)],
        [keys.step("✅ " + _("I have paid"), ev.PaidSaid())],
        [keys.step("◀️ " + _("Back"), ev.SteppedBack())],
    ]
    return Message("\n\n".join(line for line in lines if line), keys.rows(rows))


def _qr(t: Texts, screen: sc.PaymentQr, _facts: sc.Facts) -> Message:
    text = t.gettext("Scan to pay {amount}").format(amount=t.money(screen.amount))
    return Message(text, ((Button("🔗 " + t.gettext("Open the payment page"), url=screen.url),),))


def _news(t: Texts, screen: sc.News, facts: sc.Facts) -> Message:
    _ = t.gettext
    keys = Keys(facts.version)
    subject = ""
    if screen.order is not None:
        subject = _("Order {number}").format(number=f"<code>{safe(screen.order.order_id)}</code>")
    elif screen.invoice is not None:
        subject = _("Top-up {number}").format(number=f"<code>{safe(screen.invoice.invoice_id)}</code>")
    lines = [
        _sentence(t, screen),
        blocks.balance(t, facts),
        f"<i>{subject}</i>" if subject else "",
        blocks.watermark(t, screen.mode or facts.mode),
    ]
    rows: Rows = []
    link = screen.invoice.link if screen.invoice else None
    if screen.word is Word.LINK_READY and link is not None and link.url:
        rows.append([Button("🔗 " + _("Open the payment page"), url=link.url)])
    rows += refund_pages.news_rows(t, keys, screen)
    order = screen.order
    if order is not None and order.label_good and screen.word is not Word.REFUND_APPROVED:
        rows.append([keys.order(_("Send label"), "label", order.order_id)])
    rows.append([keys.step(_("Menu"), ev.Started())])
    return Message("\n\n".join(line for line in lines if line), keys.rows(rows))


def _sentence(t: Texts, screen: sc.News) -> str:
    if screen.word in refund_pages.WORDS:
        return refund_pages.news(t, screen)
    _ = t.gettext
    amount = t.money(screen.invoice.amount) if screen.invoice else ""
    given = _given(t, screen)
    reason = safe(screen.facts.get("reason", ""))
    return {
        Word.BOUGHT: _(
            "The label is bought, but its file could not be fetched from the carrier. We have been told and "
            "will help; your order is safe."
        ),
        Word.NOT_BOUGHT: "↩️ "
        + _("The carrier did not sell this label. Nothing was charged, and the money is free again."),
        Word.PARKED: "🔎 "
        + _(
            "The carrier has not told us whether your label was made, so one of us is looking into it. "
            "Your money stays held until then, and you will hear from us here."
        ),
        Word.LINK_READY: _("Your payment link for {amount} is ready now.").format(amount=amount),
        Word.CREDITED: "💰 " + _("{amount} has arrived. Thank you!").format(amount=amount),
        Word.INVOICE_EXPIRED: "⌛️ "
        + _(
            "The time to pay {amount} is over, and nothing has come. If you have paid, it still counts and "
            "will be noticed; otherwise start a new top-up whenever you like."
        ).format(amount=amount),
        Word.IN_REVIEW: "🔎 " + _review(t, screen.facts.get("reason", ""), amount),
        Word.REVIEW_CREDITED: "💰 "
        + _("We have looked at your payment and added {amount} to your balance.").format(amount=given),
        Word.REVIEW_CLOSED: _(
            "We have looked at your payment for {amount}. It is not added to your balance."
        ).format(amount=amount),
        Word.REVERSED: "↩️ "
        + _(
            "The payment service has taken {amount} back, so it is no longer on your balance. If you do not "
            "know why, please write to us."
        ).format(amount=amount),
        Word.BALANCE_CHANGED: _("Your balance was changed by {amount}: {reason}").format(
            amount=given, reason=reason
        ),
        Word.BLOCKED: _(
            "You cannot order or top up any more: {reason} Your balance, labels and refunds are still yours. "
            "If this is a mistake, please write to us, see /contact."
        ).format(reason=sentence(reason)),
        Word.UNBLOCKED: _("You can order and top up again. Welcome back!"),
    }[screen.word]


def _given(t: Texts, screen: sc.News) -> str:
    text, _, currency = screen.facts.get("amount", "").partition(" ")
    return t.money(Money.parse(text, currency)) if text else ""


def _review(t: Texts, reason: str, amount: str) -> str:
    """Why one of us has to look; whatever the reason, nothing is lost."""
    _ = t.gettext
    why = {
        "underpaid": _("Less has come than the {amount} you were to pay."),
        "late": _("Your payment of {amount} came after its time."),
        "second_payment": _("You seem to have paid {amount} twice."),
    }.get(reason, _("Your payment of {amount} came in a way we have to look at."))
    rest = _("Nothing is lost: one of us decides about it, and you will hear from us here.")
    return f"{why.format(amount=amount)} {rest}"


LOOKS: Final[dict[type, Callable[[Texts, Any, sc.Facts], Message]]] = {
    sc.TopUpAmounts: _amounts,
    sc.PaymentLink: _link,
    sc.PaymentQr: _qr,
    sc.News: _news,
}
