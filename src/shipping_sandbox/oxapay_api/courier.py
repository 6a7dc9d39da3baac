"""Delivers webhooks: signed, up to five attempts, one at a time for each invoice.

Facts (docs.oxapay.com, webhook page): the header `HMAC` is the hex HMAC-SHA512 of the raw body under the
merchant's key; only HTTP 200 with the body `ok` is a delivery; the waits are about 1 min, 3 min, 30 min, 3 h.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from typing import Literal

import attrs

from shipping_sandbox.kit.clock import Clock
from shipping_sandbox.kit.posting import Poster
from shipping_sandbox.oxapay_api.agenda import Agenda, Entry

WAITS_S = (60.0, 180.0, 1800.0, 10800.0)
ATTEMPTS = len(WAITS_S) + 1
_ANSWER_KEPT = 500  # bytes
State = Literal["held", "pending", "delivered", "given_up", "lost"]


def sign(key: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA512 of the bytes as they are sent."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


@attrs.frozen
class Attempt:
    """One request and what came of it; `status` 0 is no answer at all, then `error` says why."""

    at: datetime
    status: int
    answer: str
    error: str
    took_s: float


@attrs.define(kw_only=True)
class Delivery:
    """One webhook; `signature` None sends none."""

    id: int
    track_id: str
    event: str  # the status it tells, or what kind of odd delivery it is
    url: str
    body: bytes
    signature: str | None
    created_at: datetime
    attempts_left: int = ATTEMPTS
    state: State = "pending"
    attempts: list[Attempt] = attrs.field(factory=list)
    failed_at: datetime | None = None
    next_at: datetime | None = None
    entry: Entry | None = None

    def headers(self) -> dict[str, str]:
        """What goes with the body."""
        seen = {
            "X-Request-Id": secrets.token_hex(16),
            "X-Timestamp": str(int(self.created_at.timestamp())),
            "X-Webhook-Version": "v1",
        }
        return seen if self.signature is None else {"HMAC": self.signature, **seen}


class Courier:
    """Brings deliveries until stopped; waits run on the sandbox's clock."""

    def __init__(self, clock: Clock, agenda: Agenda) -> None:
        self.deliveries: dict[int, Delivery] = {}
        self.speed = 1.0
        self.timeout_s = 30.0
        self._clock = clock
        self._agenda = agenda
        self._numbers: Iterator[int] = count(1)
        self._by_invoice: defaultdict[str, list[Delivery]] = defaultdict(list)
        self._lanes: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    def new(self, *, track_id: str, event: str, url: str, body: bytes, signature: str | None) -> Delivery:
        """A delivery that is known but not on its way yet."""
        delivery = Delivery(
            id=next(self._numbers),
            track_id=track_id,
            event=event,
            url=url,
            body=body,
            signature=signature,
            created_at=self._clock.now(),
        )
        self.deliveries[delivery.id] = delivery
        self._by_invoice[track_id].append(delivery)
        return delivery

    def of(self, track_id: str) -> list[Delivery]:
        """Everything known for one invoice, oldest first."""
        return self._by_invoice.get(track_id, [])

    def bring(self, delivery: Delivery) -> None:
        """Begin the attempts."""
        delivery.state = "pending"
        delivery.entry = delivery.next_at = None
        task = asyncio.get_running_loop().create_task(self._attempt(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def release(self, ids: Iterable[int]) -> list[Delivery]:
        """Bring held deliveries in this order.

        Raises:
            KeyError: there is no such delivery.
        """
        chosen = [self.deliveries[i] for i in ids]
        for delivery in chosen:
            self.bring(delivery)
        return chosen

    def held(self) -> list[int]:
        """The ids that wait to be released, oldest first."""
        return [d.id for d in self.deliveries.values() if d.state == "held"]

    def hurry(self, speed: float) -> None:
        """Change the speed; waits that have begun are measured anew."""
        self.speed = speed
        for delivery in self.deliveries.values():
            if delivery.entry is not None and not delivery.entry.cancelled:
                delivery.entry.cancel()
                self._plan(delivery)

    async def idle(self) -> None:
        """Return when every attempt that has begun is over."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def stop(self) -> None:
        """Deliver nothing more and forget what was."""
        for task in self._tasks:
            task.cancel()
        self._lanes.clear()
        self._by_invoice.clear()
        self.deliveries = {}

    async def _attempt(self, delivery: Delivery) -> None:
        async with self._lanes[delivery.track_id]:
            attempt = await self._post(delivery)
        delivery.attempts.append(attempt)
        delivery.attempts_left -= 1
        if (attempt.status, attempt.answer.strip()) == (200, "ok"):
            delivery.state = "delivered"
        elif delivery.attempts_left <= 0:
            delivery.state = "given_up"
        else:
            delivery.failed_at = self._clock.now()
            self._plan(delivery)

    async def _post(self, delivery: Delivery) -> Attempt:
        at, began = self._clock.now(), time.monotonic()
        status, answer, error = 0, "", ""
        try:
            async with asyncio.timeout(self.timeout_s):
                with closing(Poster(delivery.url, delivery.headers())) as poster:
                    said = await poster.post(delivery.body)
            status, answer = said.status, said.body[:_ANSWER_KEPT].decode("utf-8", errors="replace")
        except TimeoutError:
            error = f"no answer within {self.timeout_s:g} s"
        except (OSError, ValueError) as lost:  # ValueError: a host or port that is none
            error = getattr(lost, "strerror", None) or str(lost) or type(lost).__name__
        return Attempt(at, status, answer, error, round(time.monotonic() - began, 3))

    def _plan(self, delivery: Delivery) -> None:
        if delivery.failed_at is None:
            return
        wait_s = WAITS_S[min(len(delivery.attempts), len(WAITS_S)) - 1] / self.speed
        delivery.next_at = delivery.failed_at + timedelta(seconds=wait_s)
        delivery.entry = self._agenda.at(delivery.next_at, lambda _: self.bring(delivery))
