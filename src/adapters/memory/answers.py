"""Counted guesses and answers given once, in memory."""

from __future__ import annotations

import datetime as dt

from attrs import evolve, frozen

from adapters.memory.database import View
from shipping_core.domain.access import Guesses
from shipping_core.errors import BeingAnswered, InvalidInput
from shipping_core.ports.answers import ANSWERED_WITHIN, KEPT_FOR, Answer, AnswerLog
from shipping_core.ports.guesses import GuessLog


@frozen
class MemoryGuesses(GuessLog):
    """Counts by network; those whose time is over leave with the next one."""

    view: View

    async def of(self, network: str) -> Guesses | None:
        found: Guesses | None = self.view.get("guesses", network)
        return found

    async def add(self, network: str, at: dt.datetime) -> Guesses:
        for old in self.view.scan("guesses"):
            if at >= old.until:
                self.view.put("guesses", old.network, None)
        before = await self.of(network)
        after = before.one_more(at) if before else Guesses(network, 1, at, at)
        self.view.put("guesses", network, after)
        return after


@frozen
class _Begun:
    request_hash: str
    at: dt.datetime
    answer: Answer | None = None


@frozen
class MemoryAnswers(AnswerLog):
    """Answers by key."""

    view: View

    async def begin(self, key: str, request_hash: str, at: dt.datetime) -> Answer | None:
        begun: _Begun | None = self.view.get("answers", key)
        if begun is not None and at - begun.at < KEPT_FOR:
            if begun.request_hash != request_hash:
                raise InvalidInput("Idempotency-Key", "it was used for another request: make a new one")
            if begun.answer is not None:
                return begun.answer
            if at - begun.at < ANSWERED_WITHIN:
                raise BeingAnswered("request", "it is being answered: ask again in a moment")
        self.view.put("answers", key, _Begun(request_hash, at))
        return None

    async def finish(self, key: str, answer: Answer) -> None:
        begun: _Begun | None = self.view.get("answers", key)
        if begun is not None:
            self.view.put("answers", key, evolve(begun, answer=answer))

    async def forget(self, key: str) -> None:
        self.view.put("answers", key, None)
