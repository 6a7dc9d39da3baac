"""The pay page's mark-up. Everything works without its script, which only refreshes what changed."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from shipping_sandbox.oxapay_api.cashier import DEFAULT_COIN, LITTLE, MUCH
from shipping_sandbox.oxapay_api.coins import COINS, FIATS, choices
from shipping_sandbox.oxapay_api.courier import Delivery
from shipping_sandbox.oxapay_api.invoice import LAPSED, OPEN, SETTLED, Invoice
from shipping_sandbox.oxapay_api.pay_page.log import log
from shipping_sandbox.oxapay_api.pay_page.markup import Html, tag, together

CENT = Decimal("0.01")
_SAID = {
    "new": ("Choose a coin", "Nothing was sent yet."),
    "waiting": ("Waiting for your payment", "Send the amount below, then come back here."),
    "paying": ("Payment seen", "It is being confirmed."),
    "paid": ("Paid", "You can go back to the chat."),
    "manual_accept": ("Accepted by the merchant", "You can go back to the chat."),
    "underpaid": ("Too little was paid", "The time is over and a part is missing."),
    "expired": ("Expired", "The time to pay is over."),
    "refunding": ("Refund on its way", "The merchant sends your money back."),
    "refunded": ("Refunded", "Your money was sent back."),
}
_TONES = {"paying": "busy", "paid": "good", "manual_accept": "good", "underpaid": "bad", "expired": "bad"}


def document(invoice: Invoice, deliveries: list[Delivery], now: datetime, trouble: str = "") -> str:
    """The whole page; `trouble` says why the last act did not work."""
    return _page(f"{_money(invoice)} – {_said(invoice)[0]}", invoice_view(invoice, deliveries, now, trouble))


def nothing_here() -> str:
    """The page for an address nobody handed out."""
    words = tag("p", "The sandbox forgets its invoices when it ends.")
    return _page("No such invoice", tag("main", tag("h1", "No such invoice"), words, class_="card"))


def version_of(invoice: Invoice, deliveries: Iterable[Delivery]) -> str:
    """Differs whenever the page would look different, but for the countdown."""
    told = ",".join(f"{d.id}{d.state}{len(d.attempts)}" for d in deliveries)
    return f"{invoice.version}:{told}"


def seconds_left(invoice: Invoice, now: datetime) -> int:
    """Whole seconds to the expiry, none when it is over."""
    return max(0, int((invoice.expires_at - now).total_seconds()))


def invoice_view(invoice: Invoice, deliveries: list[Delivery], now: datetime, trouble: str = "") -> Html:
    """The part that changes."""
    return tag(
        "main",
        tag("p", trouble, class_="trouble", role="alert") if trouble else None,
        tag("section", _head(invoice), _status(invoice, now), _payment(invoice), class_="card"),
        tag("section", *_playground(invoice), class_="card tools"),
        tag("section", *log(invoice, deliveries), class_="card log"),
        id="invoice",
        data_track=invoice.track_id,
        data_version=version_of(invoice, deliveries),
    )


def _page(title: str, body: Html) -> str:
    head = together(
        (
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", f"{title} – sandbox payment"),
            tag("link", rel="icon", href="/pay/static/icon.svg", type="image/svg+xml"),
            tag("link", rel="stylesheet", href="/pay/static/pay.css"),
            tag("script", type="module", src="/pay/static/pay.js"),
        )
    )
    banner = tag(
        "header",
        tag("strong", "Sandbox"),
        tag("span", "A stand-in for Oxapay. No real money moves, and the addresses are no addresses."),
        class_="banner",
    )
    live = tag("p", id="announce", class_="unseen", role="status")
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', banner, live, body), lang='en')}"


def _head(invoice: Invoice) -> Html:
    terms = invoice.terms
    return tag(
        "div",
        tag("p", terms.description or "Payment", class_="what"),
        tag("h1", _money(invoice), class_="price"),
        tag("p", f"Invoice {invoice.track_id}", f" · order {terms.order_id}" if terms.order_id else None),
        class_="head",
    )


def _status(invoice: Invoice, now: datetime) -> Html:
    title, words = _said(invoice)
    left_s = seconds_left(invoice, now)
    clock = tag("span", _span(left_s), class_="left", data_left=left_s, role="timer")
    return tag(
        "div",
        tag(
            "p",
            tag("strong", title),
            tag("span", words),
            tag("span", invoice.terms.thanks_message) if invoice.status in SETTLED else None,
        ),
        clock if invoice.status in OPEN else None,
        class_=f"status {_TONES.get(invoice.status, 'calm')}",
        data_status=invoice.status,
    )


def _span(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _said(invoice: Invoice) -> tuple[str, str]:
    title, words = _SAID.get(invoice.status, (invoice.status.replace("_", " ").capitalize(), ""))
    if invoice.status == "paying" and all(tx.confirmed_at for tx in invoice.txs):
        return "A part has arrived", "The rest is still missing."
    if invoice.status == "expired" and invoice.txs:
        return title, "The money came after that; the merchant has to look at it."
    return title, words


def _payment(invoice: Invoice) -> Html | None:
    if invoice.status in SETTLED and invoice.terms.return_url:
        return tag(
            "a", "Back to the merchant", href=invoice.terms.return_url, class_="button go", rel="noreferrer"
        )
    if invoice.status not in OPEN:
        return None
    if invoice.coin is not None and invoice.due(invoice.coin) <= 0:
        return None
    if invoice.coin is None:
        return _form(invoice, "choose", _coins(invoice), _button("Continue", "go"))
    return together((_target(invoice), _other_coin(invoice)))


def _target(invoice: Invoice) -> Html:
    coin, network = invoice.coin, invoice.network
    due = f"{max(invoice.due(coin), Decimal(0)):f}" if coin else ""
    return tag(
        "div",
        tag(
            "img",
            src=f"/pay/{invoice.track_id}/qr.svg?{invoice.address[-8:]}",
            alt="QR code of the address",
            class_="qr",
            width=168,
            height=168,
        ),
        tag(
            "dl",
            *_fact("Send", together((tag("b", due), f" {coin.symbol if coin else ''}")), due),
            *_fact("On", network.name if network else ""),
            *_fact("To", tag("code", invoice.address), invoice.address),
        ),
        class_="target",
    )


def _fact(name: str, value: str, copied: str | None = None) -> tuple[Html, Html]:
    copy = None
    if copied is not None:
        copy = tag(
            "button", "Copy", type="button", class_="copy", data_copy=copied, aria_label=f"Copy: {name}"
        )
    return tag("dt", name), tag("dd", tag("span", value), copy)


def _other_coin(invoice: Invoice) -> Html | None:
    if invoice.txs and not invoice.terms.mixed_payment:
        return None
    form = _form(invoice, "choose", _coins(invoice), _button("Take this one"))
    return tag("details", tag("summary", "Pay with another coin"), form, id="other-coin")


def _coins(invoice: Invoice) -> Html:
    usual = COINS[DEFAULT_COIN]
    chosen = (invoice.coin or usual, invoice.network or usual.networks[0])
    options = (
        tag(
            "option",
            f"{coin.symbol} · {network.name}",
            value=f"{coin.symbol}:{network.code}",
            selected=(coin, network) == chosen,
        )
        for coin, network in choices()
    )
    return tag("label", tag("span", "Coin and network"), tag("select", *options, name="pick"))


def _playground(invoice: Invoice) -> Iterable[Html]:
    yield tag("h2", "What shall happen?")
    yield tag("p", "In the sandbox these buttons are your wallet and the merchant's office.", class_="hint")
    if invoice.status in OPEN and invoice.coin is None:
        yield tag("p", "Choose a coin above to see the ways to pay.", class_="hint")
    buttons = list(_acts(invoice))
    may_be_late = invoice.status in LAPSED or (invoice.status in OPEN and invoice.coin is not None)
    if not buttons:
        yield tag("p", "Nothing more: this invoice is at its end.", class_="hint")
        return
    yield tag(
        "form",
        tag("div", *buttons, class_="acts"),
        _check("lose_webhook", "Lose the webhook: the merchant is not told"),
        _check("late_counts", "Late money still makes it paid") if may_be_late else None,
        method="post",
        action=_path(invoice, "pay"),
    )


def _check(name: str, words: str) -> Html:
    box = tag("input", type="checkbox", name=name, value="true", id=name)
    return tag("label", box, tag("span", words), class_="check")


def _acts(invoice: Invoice) -> Iterable[Html]:
    open_, lapsed, coin = invoice.status in OPEN, invoice.status in LAPSED, invoice.coin
    if open_ and coin:
        yield _button("Pay exactly", "go", name="how", value="exact")
        yield _button(f"Pay too little ({LITTLE:.0%})", name="how", value="little")
        yield _button(f"Pay too much ({MUCH:.0%})", name="how", value="much")
    if (open_ and coin) or lapsed:
        yield _button("Pay late" if lapsed else "Expire, then pay late", name="late", value="true")
    if invoice.status in SETTLED and coin:
        yield _button("Pay a second time", name="how", value="again")
    if open_:
        yield _button("Let it expire", formaction=_path(invoice, "expire"))
    if open_ or lapsed:
        yield _button("Manual accept", formaction=_path(invoice, "accept"))
    if invoice.txs and invoice.status not in ("refunding", "refunded"):
        yield _button("Refund", "bad", formaction=_path(invoice, "refund"))


def _button(words: str, kind: str = "", **attributes: str) -> Html:
    return tag("button", words, class_=f"button {kind}".strip(), **attributes)


def _money(invoice: Invoice) -> str:
    amount, currency = invoice.terms.amount, invoice.terms.currency
    cents = amount.quantize(CENT) if currency in FIATS and amount == amount.quantize(CENT) else amount
    return f"{cents:f} {currency}"


def _form(invoice: Invoice, act: str, *children: Html) -> Html:
    return tag("form", *children, method="post", action=_path(invoice, act), class_="row")


def _path(invoice: Invoice, act: str) -> str:
    return f"/pay/{invoice.track_id}/{act}"
