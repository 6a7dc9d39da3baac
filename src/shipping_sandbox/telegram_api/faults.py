"""Faults on demand: what the next calls of a method shall suffer."""

import itertools
from typing import Any

import attrs

from shipping_sandbox.telegram_api.errors import ApiError, blocked, too_many_requests

KINDS = ("delay", "refuse", "lose_answer", "429", "5xx", "5xx_with_effect", "truncated", "403")
"""`refuse`: closed before anything happened. `lose_answer`, `truncated`, `5xx_with_effect`: it happened."""

ANY = "*"


@attrs.define
class Fault:
    """One order to fail: `count` more calls of `method`, in one chat or in all; `delay_s` goes first."""

    id: int
    method: str
    fault: str
    count: int
    delay_s: float
    retry_after: int
    chat_id: int | None

    def refusal(self) -> ApiError | None:
        """Give the answer that comes instead of the effect, if this fault has one."""
        if self.fault == "429":
            return too_many_requests(self.retry_after)
        if self.fault == "403":
            return blocked()
        return bad_gateway() if self.fault == "5xx" else None


def bad_gateway() -> ApiError:
    """Make the 502 with which a transient trouble shows."""
    return ApiError(502, "Bad Gateway")


class Faults:
    """The waiting faults, oldest first; a used-up one is gone."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, order: dict[str, Any]) -> Fault:
        """Queue a fault from its JSON order.

        Raises:
            ValueError: the order names no known fault or a value is out of range.
        """
        kind = str(order.get("fault"))
        if kind not in KINDS:
            raise ValueError(f"fault must be one of {', '.join(KINDS)}")
        unknown = order.keys() - attrs.fields_dict(Fault).keys()
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        chat_id = order.get("chat_id")
        fault = Fault(
            id=next(self._ids),
            method=str(order.get("method") or ANY),
            fault=kind,
            count=int(order.get("count", 1)),
            delay_s=float(order.get("delay_s", 0)),
            retry_after=int(order.get("retry_after", 1)),
            chat_id=None if chat_id is None else int(chat_id),
        )
        if fault.count < 1 or fault.delay_s < 0 or fault.retry_after < 0:
            raise ValueError("count is at least 1, times are at least 0")
        self.waiting.append(fault)
        return fault

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """Use up one count of the first fault that fits this call."""
        for fault in self.waiting:
            if fault.method.lower() not in (ANY, method.lower()):
                continue
            if fault.chat_id is not None and fault.chat_id != chat_id:
                continue
            fault.count -= 1
            if not fault.count:
                self.waiting.remove(fault)
            return fault
        return None
