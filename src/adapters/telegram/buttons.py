"""Callback data: what a button means, in at most 64 bytes, without prices or addresses.

`e:<version>:<code>:<argument>` is a step of the conversation as it stood at `version`;
`m:<code>` a step that is right at any time; `b:<order>` buys, once; `o:<action>:<order>` concerns one
order; `p:<page>` turns the list of orders; `x:<version>:<answer>` is an offered answer to a question;
`q:<question>:<subject>` asks something beside the order; `k:<counter>:<action>:<subject>` goes to a counter.
Whoever sends it may have made it up: it is judged against the stored state, never trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from adapters.telegram.texts import LANGUAGES
from shipping_core.conversation import events as ev
from shipping_core.domain.draft import STEPS, Field, Side
from shipping_core.domain.ids import OrderId, RateId

PLAIN: Final[dict[str, ev.Customer]] = {
    "drop": ev.DraftDropped(),
    "skip": ev.FieldSkipped(),
    "back": ev.SteppedBack(),
    "price": ev.PricesAsked(),
    "more": ev.MoreAsked(),
    "yes": ev.CancelConfirmed(),
    "no": ev.CancelDenied(),
    "paid": ev.PaidSaid(),
}
ANYTIME: Final[dict[str, ev.Customer]] = {
    "menu": ev.Started(),
    "new": ev.NewOrder(),
    "steps": ev.NewOrder(guided=True),
    "go": ev.DraftContinued(),
    "cancel": ev.CancelAsked(),
    "topup": ev.TopUpAsked(),
}
PARTS: Final = ("from", "to", "parcel")


def _part(argument: str) -> ev.Customer:
    if argument not in PARTS:
        raise ValueError(argument)
    return ev.PartEdited(argument)


def _field(argument: str) -> ev.Customer:
    field = Field(argument)
    if field not in STEPS:
        raise ValueError(argument)
    return ev.FieldEdited(field)


WITH_ARGUMENT: Final[dict[str, tuple[type, Callable[[str], ev.Customer], str]]] = {
    "part": (ev.PartEdited, _part, "part"),
    "field": (ev.FieldEdited, _field, "field"),
    "use": (ev.SuggestionUsed, lambda a: ev.SuggestionUsed(Side(a)), "side"),
    "keep": (ev.AddressKept, lambda a: ev.AddressKept(Side(a)), "side"),
    "rate": (ev.RateChosen, lambda a: ev.RateChosen(RateId(a)), "rate_id"),
    "sum": (ev.AmountChosen, lambda a: ev.AmountChosen(_number(a)), "minor"),
    "fund": (ev.TopUpAndBuy, lambda a: ev.TopUpAndBuy(OrderId(_id(a))), "order_id"),
}
"""Code, the event's class, how to read its argument, and the attribute that holds it."""

ORDER_ACTIONS: Final = frozenset({"show", "label", "track", "repeat"})
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


@frozen
class Step:
    """A step of the conversation; `version` is None where any is right."""

    event: ev.Customer
    version: int | None = None


@frozen
class Offered:
    """An offered answer to the question of `version`."""

    text: str
    version: int


@frozen
class AboutOrder:
    """Something about one order: show, label, track, repeat. No id means the last one."""

    action: str
    order_id: OrderId | None


@frozen
class OrdersPage:
    """A page of the list of orders."""

    number: int


@frozen
class AtCounter:
    """Something for one of the counters: refunds, templates, and so on."""

    counter: str
    action: str
    subject: str


@frozen
class Unreadable:
    """Nothing we ever put on a button."""


Press = Step | Offered | AboutOrder | OrdersPage | AtCounter | Unreadable


def step(event: ev.Customer, version: int) -> str:
    """The data of a button that makes this step.

    Raises:
        ValueError: no button makes such a step.
    """
    if isinstance(event, ev.PurchaseConfirmed):
        return f"b:{event.order_id}"
    if isinstance(event, ev.LanguageChosen):
        return f"l:{event.language}"
    if isinstance(event, ev.AsideAsked):
        return f"q:{event.question}:{event.subject}"
    for code, known in ANYTIME.items():
        if known == event:
            return f"m:{code}"
    for code, known in PLAIN.items():
        if known == event:
            return f"e:{version}:{code}"
    for code, (kind, _, attribute) in WITH_ARGUMENT.items():
        if isinstance(event, kind):
            value: Any = getattr(event, attribute)
            return f"e:{version}:{code}:{getattr(value, 'value', value)}"
    raise ValueError(f"no button for {type(event).__name__}")


def offered(text: str, version: int) -> str:
    """The data of a button that answers a question."""
    return f"x:{version}:{text}"


def about_order(action: str, order_id: OrderId | None) -> str:
    """The data of a button about one order, or about the last one."""
    return f"o:{action}:{order_id or ''}"


def orders_page(number: int) -> str:
    """The data of a button that turns to a page."""
    return f"p:{number}"


def at_counter(counter: str, action: str, subject: str = "") -> str:
    """The data of a button for a counter."""
    return f"k:{counter}:{action}:{subject}"


def read(data: str) -> Press:
    """What a button means; `Unreadable` for anything that is not ours."""
    kind, _, rest = data.partition(":")
    try:
        return _READERS[kind](rest)
    except (KeyError, ValueError):
        return Unreadable()


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(text)
    return int(text)


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(text)
    return text


def _read_step(rest: str) -> Step:
    version, _, code = rest.partition(":")
    code, _, argument = code.partition(":")
    if code in PLAIN:
        return Step(PLAIN[code], _number(version))
    _, make, _ = WITH_ARGUMENT[code]
    return Step(make(argument), _number(version))


def _read_language(rest: str) -> Step:
    if rest not in LANGUAGES:
        raise ValueError(rest)
    return Step(ev.LanguageChosen(rest))


def _read_offered(rest: str) -> Offered:
    version, _, text = rest.partition(":")
    return Offered(text, _number(version))


def _read_about(rest: str) -> AboutOrder:
    action, _, order_id = rest.partition(":")
    if action not in ORDER_ACTIONS:
        raise ValueError(action)
    return AboutOrder(action, OrderId(_id(order_id)) if order_id else None)


def _read_aside(rest: str) -> Step:
    question, _, subject = rest.partition(":")
    return Step(ev.AsideAsked(_word(question), _subject(subject) if subject else ""))


def _read_counter(rest: str) -> AtCounter:
    counter, _, rest = rest.partition(":")
    action, _, subject = rest.partition(":")
    return AtCounter(_word(counter), _word(action), _subject(subject) if subject else "")


def _word(text: str) -> str:
    if not re.fullmatch(r"[a-z_]{1,24}", text):
        raise ValueError(text)
    return text


def _subject(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,50}", text):
        raise ValueError(text)
    return text


_READERS: Final[dict[str, Callable[[str], Press]]] = {
    "e": _read_step,
    "m": lambda rest: Step(ANYTIME[rest]),
    "b": lambda rest: Step(ev.PurchaseConfirmed(OrderId(_id(rest)))),
    "l": _read_language,
    "x": _read_offered,
    "o": _read_about,
    "p": lambda rest: OrdersPage(_number(rest)),
    "q": _read_aside,
    "k": _read_counter,
}
