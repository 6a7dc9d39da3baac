"""Who takes the answers to questions beside the order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from attrs import field, frozen

from shipping_core.conversation import events as ev
from shipping_core.conversation.effects import TakeAnswer
from shipping_core.conversation.screens import Note
from shipping_core.domain.ids import UserId

TakesAnswer = Callable[[UserId, str, str], Awaitable[Note | None]]
"""User, subject, text -> None where it was good, or what to say before it is asked again.

It may be called twice with the same answer, and tells its result beside the card itself.
"""


@frozen
class Asides:
    """The questions that are known, by name."""

    takers: Mapping[str, TakesAnswer] = field(factory=dict)

    async def __call__(self, user_id: UserId, answer: TakeAnswer) -> ev.World:
        """What came of an answer; a question that nobody knows any more is simply over."""
        taker = self.takers.get(answer.question)
        note = None if taker is None else await taker(user_id, answer.subject, answer.text)
        if note is None:
            return ev.AnswerTaken(answer.question, answer.subject)
        return ev.AnswerRefused(answer.question, answer.subject, note.word, note.facts)
