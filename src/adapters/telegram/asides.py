"""What is asked beside the order, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from adapters.telegram import phrases, refund_pages
from adapters.telegram.texts import Texts
from shipping_core.conversation import screens as sc
from shipping_core.domain.draft import STEPS


def _template_field(t: Texts, subject: str) -> str:
    named = subject.partition(":")[2]
    which = next((f for f in STEPS if f.value == named), None)
    if which is None:
        return _any(t)
    leave = t.gettext("Send a dash (-) to leave it empty.")
    return f"<b>{phrases.question(t, which)}</b>\n\n{leave}"


def _any(t: Texts) -> str:
    return t.gettext("Please write your answer.")


QUESTIONS: Final[dict[str, Callable[[Texts, str], str]]] = {
    refund_pages.NAME: refund_pages.question,
    "template_new": lambda t, _: t.gettext("What shall the template be called?"),
    "template_name": lambda t, _: t.gettext("What shall the template be called from now on?"),
    "template_field": _template_field,
    "contact_new": lambda t, _: (
        t.gettext("Send the whole address in one message, for example:")
        + "\n<code>Jane Doe, 215 Clayton St, San Francisco CA 94117</code>"
    ),
    "contact_name": lambda t, _: t.gettext("What shall this address be called?"),
    "contact_address": lambda t, _: t.gettext("Send the whole new address in one message."),
    "parcel_new": lambda t, _: (
        t.gettext("Send the weight and the size in one message, for example:")
        + "\n<code>2 lb 3 oz, 10x8x6 in</code>"
    ),
    "parcel_name": lambda t, _: t.gettext("What shall this parcel be called?"),
}
"""Question -> its text, as HTML, from the subject."""


def ask(t: Texts, screen: sc.AskAside) -> str:
    """The question as the customer reads it."""
    words = QUESTIONS.get(screen.question)
    return words(t, screen.subject) if words else _any(t)
