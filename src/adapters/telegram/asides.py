"""What is asked beside the order, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from adapters.telegram import refund_pages
from adapters.telegram.texts import Texts
from shipping_core.conversation import screens as sc

QUESTIONS: Final[dict[str, Callable[[Texts, str], str]]] = {
    refund_pages.NAME: refund_pages.question,
}
"""Question -> its text, as HTML, from the subject."""


def ask(t: Texts, screen: sc.AskAside) -> str:
    """The question as the customer reads it."""
    words = QUESTIONS.get(screen.question)
    return words(t, screen.subject) if words else t.gettext("Please write your answer.")
