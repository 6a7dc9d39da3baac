"""Paths' one caller: sends, repeats what is safe to repeat, and turns answers into our errors."""

from __future__ import annotations

import asyncio
import email.utils
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import httpx

from adapters.oxapay import wire
from adapters.oxapay.outcomes import REFUSALS, Body, Outcome, of_answer, of_exception
from adapters.oxapay.transport import Answer, TooLarge, exchange
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.clock import Clock

T = TypeVar("T")
log = logging.getLogger("adapters.oxapay")

PAUSES_S = (0.5, 2.0)
"""Before the second and the third try of a read."""
BUDGET_S = 60.0
"""For all tries of one read together."""
LONGEST_WAIT_S = 10.0
"""A longer `Retry-After` is told to the caller instead of waited for."""
LONGEST_HINT_S = 3600.0
UNAUTHORIZED = "unauthorized"


class Client:
    """Speaks with one merchant key."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        merchant_key: str,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._key = merchant_key
        self._clock = clock
        self._sleep = sleep

    async def read(
        self, operation: str, path: str, into: type[T], params: Mapping[str, str | int] | None = None
    ) -> T:
        """The answer's data as `into`; repeated at most twice.

        Raises:
            GatewayRefused: a clear no; `unauthorized` when it was our key.
            GatewayUnavailable: no usable answer, even after the repeats.
        """
        found = await self._patiently(operation, lambda: self._read(operation, path, into, params))
        if found is None:
            raise GatewayRefused(operation, code="http_404")
        return found

    async def find(self, operation: str, path: str, into: type[T]) -> T | None:
        """As `read`, but None when there is no such thing."""
        return await self._patiently(operation, lambda: self._read(operation, path, into, None))

    async def make(self, operation: str, path: str, body: object) -> bytes:
        """Send once and never again; the data of a clear yes.

        Raises:
            GatewayRefused: a clear no; nothing was made.
            GatewayUnavailable: the request surely had no effect.
            OutcomeUnknown: anything else.
        """
        try:
            answer = await self._send("POST", path, content=wire.encode(body))
        except Exception as exc:
            outcome, name = of_exception(exc), type(exc).__name__
            log.warning("oxapay %s: %s after %s", operation, outcome.value, name)
            kind = GatewayUnavailable if outcome is Outcome.NOT_SENT else OutcomeUnknown
            raise kind(operation, name, code="no_answer") from exc
        said = wire.said(answer.content, self._key)
        outcome = of_answer(answer.status, said.body)
        if outcome is Outcome.DONE:
            return said.data
        self._complain(operation, answer.status, said, outcome.value)
        raise self._make_error(operation, answer, said, outcome)

    def _make_error(self, operation: str, answer: Answer, said: wire.Said, outcome: Outcome) -> GatewayError:
        if outcome is Outcome.REFUSED:
            return _refusal(operation, answer.status, said)
        if outcome is Outcome.NOT_SENT:
            return self._too_many(operation, answer, said)
        return OutcomeUnknown(operation, said.reason, code=said.code or f"http_{answer.status}")

    def _too_many(self, operation: str, answer: Answer, said: wire.Said) -> GatewayUnavailable:
        wait = self._hint(answer)
        return GatewayUnavailable(operation, said.reason, code="rate_limited", retry_after_s=wait)

    async def _patiently(self, operation: str, attempt: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(BUDGET_S):
                for pause in PAUSES_S:
                    try:
                        return await attempt()
                    except GatewayUnavailable as exc:
                        hint = exc.retry_after_s
                        if hint is not None and hint > LONGEST_WAIT_S:
                            raise
                    await self._sleep(_jittered(pause) if hint is None else hint)
                return await attempt()
        except TimeoutError as exc:
            raise GatewayUnavailable(operation, "took too long", code="no_answer") from exc

    async def _read(
        self, operation: str, path: str, into: type[T], params: Mapping[str, str | int] | None
    ) -> T | None:
        try:
            answer = await self._send("GET", path, params=params)
        except (httpx.HTTPError, TimeoutError, TooLarge) as exc:
            log.warning("oxapay %s: no answer, %s", operation, type(exc).__name__)
            raise GatewayUnavailable(operation, type(exc).__name__, code="no_answer") from exc
        status, said = answer.status, wire.said(answer.content, self._key)
        if status == 200 and said.body is Body.DONE:
            try:
                return wire.decode(said.data, into)
            except wire.Unreadable:
                raise GatewayUnavailable(operation, "unreadable answer", code="unreadable") from None
        self._complain(operation, status, said, "no")
        if status == 429 or (said.body is Body.TOO_MANY and status < 500):
            raise self._too_many(operation, answer, said)
        if said.body is Body.REFUSAL and (status == 200 or status in REFUSALS):
            if said.status == 404 and status != 401:
                return None
            raise _refusal(operation, status, said)
        # A page instead of JSON comes from the network in front of them: not their word.
        wait = self._hint(answer)
        raise GatewayUnavailable(operation, said.reason, code=f"http_{status}", retry_after_s=wait)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "merchant_api_key": self._key,
        }
        if content is not None:
            headers |= {"Content-Type": "application/json", "Connection": "close"}
        request = self._http.build_request(method, path, params=params, content=content, headers=headers)
        return await exchange(self._http, request)

    def _hint(self, answer: Answer) -> float | None:
        told = answer.retry_after.strip()
        if told.isascii() and told.isdigit() and len(told) < 10:
            seconds = float(told)
        else:
            try:
                until = email.utils.parsedate_to_datetime(told)
                seconds = (until - self._clock.now()).total_seconds()
            except (ValueError, TypeError):
                return None
        return min(max(seconds, 0.0), LONGEST_HINT_S)

    def _complain(self, operation: str, status: int, said: wire.Said, verdict: str) -> None:
        log.warning(
            "oxapay %s: %s, status %d, inside %s, code %s",
            *(operation, verdict, status, said.status or said.body.value, said.code or "-"),
        )


def _refusal(operation: str, status: int, said: wire.Said) -> GatewayRefused:
    if 401 in (status, said.status):
        return GatewayRefused(operation, said.reason, code=UNAUTHORIZED)
    return GatewayRefused(operation, said.reason, code=said.code or f"http_{said.status}")


def _jittered(pause_s: float) -> float:
    return pause_s * (0.5 + secrets.randbelow(1000) / 1000)
