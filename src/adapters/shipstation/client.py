"""One credential's calls: the limiter, the retries of what is safe, and from answers to our errors."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeVar

import httpx
from attrs import frozen

from adapters.shipstation.limiter import Limiter, Urgency
from adapters.shipstation.outcomes import Body, Outcome, of_answer, of_exception
from adapters.shipstation.transport import DEADLINE_S, TooLarge, exchange
from adapters.shipstation.wire import EXCEPTION, Fault, Unreadable, decode, encode
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable, OutcomeUnknown

T = TypeVar("T")
log = logging.getLogger("adapters.shipstation")

PAUSES_S = (0.5, 2.0)
"""Before the second and the third try of a call that is safe to repeat."""
BUDGET_S = 90.0
"""For all tries of one such call together."""
LONGEST_WAIT_S = 20.0
"""A partner who asks for more than this is not waited for: somebody is looking at a screen."""


@frozen
class Call:
    """One request. `operation` names it in errors and logs; the path may hold ids, never secrets."""

    operation: str
    method: str
    path: str
    params: Mapping[str, str | int] = {}
    body: object = None
    urgency: Urgency = Urgency.QUOTE


class Client:
    """Speaks for one credential. `fault` reads this API version's error bodies."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        headers: Mapping[str, str],
        limiter: Limiter,
        fault: Callable[[bytes], Fault],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._headers = {"Accept": "application/json", **headers}
        self._limiter = limiter
        self._fault = fault
        self._sleep = sleep

    @property
    def origin(self) -> httpx.URL:
        """Where our key may be sent."""
        return self._http.base_url

    async def read(self, call: Call, into: type[T]) -> T:
        """The answer as `into`; repeated a few times, so only for calls that are safe to repeat.

        Raises:
            GatewayRefused: a clear no; `unauthorized` when it was our key.
            GatewayUnavailable: no usable answer, even after the repeats.
        """
        answer = await self._patiently(call.operation, lambda: self._read(call, into))
        if answer is None:  # only `read_optional` names statuses that mean absence
            raise GatewayUnavailable(call.operation, "unreadable answer", code="unreadable")
        return answer

    async def read_optional(self, call: Call, into: type[T], *, absent: Collection[int] = (404,)) -> T | None:
        """As `read`, but None for the statuses that mean there is no such thing."""
        return await self._patiently(call.operation, lambda: self._read(call, into, absent))

    async def download(self, call: Call) -> bytes:
        """A file from our partner's own host, with our key."""
        return await self._patiently(call.operation, lambda: self._content(call))

    async def download_elsewhere(self, operation: str, url: str) -> bytes:
        """A file from another host, without our key."""
        request = self._http.build_request("GET", url, headers={"Accept-Encoding": "identity"})
        return await self._patiently(operation, lambda: self._foreign(operation, request))

    async def act(
        self, call: Call, judge: Callable[[bytes], tuple[Body, T | None]]
    ) -> tuple[Outcome, T | None]:
        """Send once, on a fresh connection, and never again; for what costs money.

        Returns DONE or PENDING with what `judge` read.

        Raises:
            GatewayRefused: a clear no; nothing was done.
            GatewayUnavailable: the request surely had no effect.
            OutcomeUnknown: anything else.
        """
        await self._limiter.admit(call.urgency, call.operation)
        try:
            answer = await self._send(call, fresh=True)
        except Exception as exc:
            outcome = of_exception(exc)
            log.warning("shipstation %s: %s after %s", call.operation, outcome.value, type(exc).__name__)
            raise _act_error(
                call.operation, outcome, Fault(Body.EMPTY, reason=type(exc).__name__), None
            ) from exc
        return self._judged(call.operation, answer, judge)

    def _judged(
        self, operation: str, answer: httpx.Response, judge: Callable[[bytes], tuple[Body, T | None]]
    ) -> tuple[Outcome, T | None]:
        wait = self._limiter.note(answer.status_code, answer.headers)
        result: T | None = None
        if answer.is_success:
            body, result = judge(answer.content)
            fault = Fault(body)
        else:
            fault = self._fault(answer.content)
        outcome = of_answer(answer.status_code, fault.body)
        if outcome in (Outcome.DONE, Outcome.PENDING):
            return outcome, result
        self._complain(operation, answer.status_code, fault, outcome.value)
        if answer.status_code in (401, 403):
            fault = Fault(fault.body, "unauthorized", fault.reason, fault.request_id)
        elif not fault.code:
            word = "label_error" if fault.body is Body.FAILED else f"http_{answer.status_code}"
            fault = Fault(fault.body, word, fault.reason, fault.request_id)
        raise _act_error(operation, outcome, fault, wait)

    async def _patiently(self, operation: str, attempt: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(BUDGET_S):
                return await self._repeatedly(attempt)
        except TimeoutError as exc:
            raise GatewayUnavailable(operation, "took too long", code="no_answer") from exc

    async def _repeatedly(self, attempt: Callable[[], Awaitable[T]]) -> T:
        for pause in PAUSES_S:
            try:
                return await attempt()
            except GatewayUnavailable as exc:
                queue_too_long = exc.code == "rate_limited" and exc.retry_after_s is None
                wait = _jittered(pause) if exc.retry_after_s is None else exc.retry_after_s
                if queue_too_long or wait > LONGEST_WAIT_S:
                    raise
            await self._sleep(wait)
        return await attempt()

    async def _read(self, call: Call, into: type[T], absent: Collection[int] = ()) -> T | None:
        answer = await self._answer(call)
        if answer.status_code in absent:
            return None
        self._raise_for_status(call.operation, answer)
        try:
            return decode(answer.content, into)
        except Unreadable:
            raise GatewayUnavailable(call.operation, "unreadable answer", code="unreadable") from None

    async def _content(self, call: Call) -> bytes:
        answer = await self._answer(call)
        self._raise_for_status(call.operation, answer)
        return answer.content

    async def _foreign(self, operation: str, request: httpx.Request) -> bytes:
        try:
            answer = await exchange(self._http, request)
        except (httpx.HTTPError, TimeoutError, TooLarge) as exc:
            raise GatewayUnavailable(operation, type(exc).__name__) from exc
        if not answer.is_success:
            raise GatewayUnavailable(operation, code=f"http_{answer.status_code}")
        return answer.content

    async def _answer(self, call: Call) -> httpx.Response:
        await self._limiter.admit(call.urgency, call.operation)
        try:
            return await self._send(call)
        except (httpx.HTTPError, TimeoutError, TooLarge) as exc:
            log.warning("shipstation %s: no answer, %s", call.operation, type(exc).__name__)
            raise GatewayUnavailable(call.operation, type(exc).__name__, code="no_answer") from exc

    async def _send(self, call: Call, *, fresh: bool = False) -> httpx.Response:
        headers = dict(self._headers)
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if fresh:
            headers["Connection"] = "close"
        request = self._http.build_request(
            call.method,
            call.path,
            params=call.params or None,
            content=None if call.body is None else encode(call.body),
            headers=headers,
            extensions={"fresh": fresh},
        )
        return await exchange(self._http, request, deadline_s=DEADLINE_S)

    def _raise_for_status(self, operation: str, answer: httpx.Response) -> None:
        status = answer.status_code
        wait = self._limiter.note(status, answer.headers)
        if answer.is_success:
            return
        fault = self._fault(answer.content)
        self._complain(operation, status, fault, "refused" if status < 500 else "failed")
        if status in (401, 403):
            raise GatewayRefused(operation, fault.reason, code="unauthorized")
        if status == 429:
            raise GatewayUnavailable(operation, fault.reason, code="rate_limited", retry_after_s=wait)
        code = fault.code or f"http_{status}"
        if status in (408, 425) or (status >= 500 and code != EXCEPTION):
            raise GatewayUnavailable(operation, fault.reason, code=code, retry_after_s=wait)
        raise GatewayRefused(operation, fault.reason, code=code)

    def _complain(self, operation: str, status: int, fault: Fault, verdict: str) -> None:
        log.warning(
            "shipstation %s: %s, status %d, code %s, request %s",
            *(operation, verdict, status, fault.code or "-", fault.request_id or "-"),
        )


def _act_error(operation: str, outcome: Outcome, fault: Fault, wait: float | None) -> GatewayError:
    if outcome is Outcome.REFUSED:
        return GatewayRefused(operation, fault.reason, code=fault.code)
    if outcome is Outcome.NOT_SENT:
        return GatewayUnavailable(operation, fault.reason, code=fault.code, retry_after_s=wait)
    return OutcomeUnknown(operation, fault.reason, code=fault.code)


def _jittered(pause_s: float) -> float:
    return pause_s * (0.5 + secrets.randbelow(1000) / 1000)
