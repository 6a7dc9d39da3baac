"""Answers to requests that may come twice and must be done once."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from typing import Final, Protocol

from attrs import frozen

KEPT_FOR: Final = dt.timedelta(hours=24)
ANSWERED_WITHIN: Final = dt.timedelta(minutes=5)
"""Whoever began to answer and has not finished by then has died."""


@frozen
class Answer:
    """What was answered, to be given again."""

    status: int
    content: bytes
    media_type: str
    etag: str = ""
    """The version it named, to be changed with."""


class AnswerLog(Protocol):
    """Keeps one answer a key, for a day."""

    @abstractmethod
    async def begin(self, key: str, request_hash: str, at: dt.datetime) -> Answer | None:
        """What was answered to this request; None: it is the caller's to answer, and to finish or forget.

        Of many callers at once, one is given None.

        Raises:
            BeingAnswered: somebody is answering it now.
            InvalidInput: the key is known with another request.
        """

    @abstractmethod
    async def finish(self, key: str, answer: Answer) -> None:
        """Keep the answer."""

    @abstractmethod
    async def forget(self, key: str) -> None:
        """Nothing came of it: whoever asks next begins anew."""
