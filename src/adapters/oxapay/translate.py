"""Oxapay's answers in our words, and our words as Oxapay's requests. Pure.

What is money is read strictly: an amount that is not surely that many cents is None, and None
credits nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Context, Decimal
from urllib.parse import urlsplit

from adapters.oxapay import wire
from adapters.oxapay.wire import Figure, Unreadable, number, plain, track, whole
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PayLink, Payment, PaymentStatus
from shipping_core.domain.money import LIMIT_MINOR, Money
from shipping_core.ports.payments import LinkRequest

CURRENCY = "USD"
SHORTEST_MINUTES, LONGEST_MINUTES = 15, 2880
STABLE = frozenset({"USD", "USDT", "USDC", "DAI", "FDUSD", "TUSD", "PYUSD", "USDP"})
"""Coins that are a dollar each, and the dollar."""
_EXACT = Context(prec=200, rounding=ROUND_DOWN)
_CENT = Decimal("0.01")
_MOST = LIMIT_MINOR * _CENT
_LONGEST_DESCRIPTION, _LONGEST_REF, _LONGEST_WORD = 200, 100, 40
_SANDBOX = "sandbox"
_YES, _NO = {"true", "1", "yes"}, {"false", "0", "no"}

_WORDS = {status.value: status for status in PaymentStatus if status is not PaymentStatus.UNKNOWN}
_WORDS["confirming"] = PaymentStatus.PAYING
"""The legacy API's word. Its `failed` stays unknown: no source says whether money came before, and unlike
`expired` an unknown word is looked at by somebody."""


def link_request(request: LinkRequest, callback_url: str) -> dict[str, object]:
    """The invoice to be made.

    What `paid` means is said in each, or the merchant's web settings would decide it.
    A lifetime outside of what the API takes becomes the nearest it does; the answer says until when.
    """
    minutes = -(-request.lasts // dt.timedelta(minutes=1))
    body: dict[str, object] = {
        "amount": request.amount.amount,
        "currency": request.amount.currency,
        "lifetime": min(max(minutes, SHORTEST_MINUTES), LONGEST_MINUTES),
        "fee_paid_by_payer": 0,
        "under_paid_coverage": 0,
        "mixed_payment": 0,
        "order_id": request.order_ref,
        "sandbox": request.mode is Mode.TEST,
    }
    optional = {
        "description": plain(request.description, limit=_LONGEST_DESCRIPTION),
        "callback_url": callback_url,
    }
    return {**body, **{key: text for key, text in optional.items() if text}}


def link(made: wire.Link, request: LinkRequest, now: dt.datetime) -> PayLink:
    """A link that was made.

    Raises:
        Unreadable: it has no id, or no page that could be opened.
    """
    url = web_page(made.payment_url)
    if not url:
        raise Unreadable("no payment page")
    expires_at = moment(made.expired_at) or now + request.lasts
    return PayLink(track(made.track_id), request.order_ref, url, expires_at)


def listed(paid: wire.Paid, until: dt.datetime) -> tuple[PayLink, Payment]:
    """An entry of the history; `until` stands in for an expiry that is not said.

    Raises:
        Unreadable: it has no id.
    """
    said = payment(paid)
    expires_at = moment(paid.expired_at) or until
    return PayLink(said.track_id, said.order_ref, web_page(paid.payment_url), expires_at), said


def payment(paid: wire.Paid) -> Payment:
    """What became of one link.

    Raises:
        Unreadable: it has no id.
    """
    in_dollars = _symbol(paid.currency) == CURRENCY
    txs = paid.txs or []
    return Payment(
        track_id=track(paid.track_id),
        status=status(paid.status),
        word=plain(paid.status, limit=_LONGEST_WORD),
        amount=exact(number(paid.amount)) if in_dollars else None,
        order_ref=plain(str(paid.order_id or ""), limit=_LONGEST_REF),
        sandbox=sandbox(paid.sandbox, txs),
        received=received(txs) if in_dollars else None,
        transactions=len(txs),
    )


def status(word: str) -> PaymentStatus:
    """The status this word means, in any case; UNKNOWN for one we do not know."""
    return _WORDS.get("_".join(word.casefold().replace("-", " ").split()), PaymentStatus.UNKNOWN)


def exact(amount: Decimal | None) -> Money | None:
    """Dollars that are exactly so many cents, more than none and within bounds."""
    rounded = _cents_down(amount)
    return rounded if rounded is not None and rounded.amount == amount else None


def received(txs: Sequence[wire.Tx]) -> Money | None:
    """The value of all transactions in dollars, rounded down once; None unless each is final and certain."""
    values = [_value(tx) for tx in txs]
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total = _EXACT.add(total, value)
    return _cents_down(total)


def _value(tx: wire.Tx) -> Decimal | None:
    if not isinstance(tx.status, str) or tx.status.strip().casefold() != "confirmed":
        return None
    said = [number(figure) for figure in (tx.value, tx.sent_value) if _is_said(figure)]
    if not said and _symbol(tx.currency) in STABLE:
        said = [number(tx.amount)]
    first = said[0] if said else None
    if first is None or any(other != first for other in said) or not 0 < first <= _MOST:
        return None
    return first


def _is_said(figure: Figure) -> bool:
    return bytes(figure) not in {b"", b"null", b'""'}


def _cents_down(amount: Decimal | None) -> Money | None:
    if amount is None or not _CENT <= amount <= _MOST:
        return None
    return Money.from_decimal(amount.quantize(_CENT, context=_EXACT), CURRENCY)


def sandbox(flag: object, txs: Iterable[wire.Tx]) -> bool | None:
    """Whether the payment is play: the flag or the word in any transaction says so; None without evidence."""
    told = str(flag).strip().casefold() if type(flag) in (bool, int, str) else ""
    traces = [
        text.casefold() for tx in txs for text in (tx.tx_hash, tx.address) if isinstance(text, str) and text
    ]
    if told in _YES or any(_SANDBOX in trace for trace in traces):
        return True
    return False if told in _NO or traces else None


def moment(figure: Figure) -> dt.datetime | None:
    """Unix seconds as UTC; None when it is no time of this century's calendar."""
    seconds = whole(figure)
    if seconds is None or not 0 < seconds < 2**32:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def unix(at: dt.datetime, *, up: bool = False) -> int:
    """A moment in whole Unix seconds, rounded down unless `up`."""
    since = at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return -(-since // dt.timedelta(seconds=1)) if up else since // dt.timedelta(seconds=1)


def web_page(url: object) -> str:
    """The address if a browser can open it and a message can carry it, else nothing."""
    if not isinstance(url, str) or len(url) > 2000 or not url.isprintable() or " " in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""


def symbols(listed: Iterable[str]) -> tuple[str, ...]:
    """Coin symbols in capitals, each once, in their order."""
    return tuple(dict.fromkeys(s for s in (_symbol(one) for one in listed) if s))


def _symbol(text: object) -> str:
    return plain(text, limit=20).upper() if isinstance(text, str) else ""
