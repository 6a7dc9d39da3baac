"""Accidents on order: the next matching call suffers, then things are normal again."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Generic, Literal, TypeVar

import attrs
import msgspec

from shipping_sandbox.kit.answers import Answer

Common = Literal[
    "delay",
    "refuse",
    "lose_answer",
    "lose_answer_without_effect",
    "429",
    "5xx",
    "5xx_with_effect",
    "truncated",
]
"""The kinds that can happen to any call of any stand-in."""


class Accident(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What every order for an accident says; each stand-in adds its operations and kinds."""

    count: int | None = 1  # how many calls suffer; null is every one
    skip: int = 0  # so many matching calls pass unharmed first
    delay_s: float = 1.0  # of `delay`: the effect comes first, then the wait, then the answer
    match: str | None = None  # only calls with this text in path, query or body

    def concerns(self, text: str) -> bool:
        """Whether a call with this path, query and body is meant."""
        return self.match is None or self.match in text


A = TypeVar("A", bound=Accident)


@attrs.define
class FaultBook(Generic[A]):
    """The accidents still to come, oldest order first."""

    orders: list[A] = attrs.field(factory=list)

    def take(self, fits: Callable[[A], bool]) -> A | None:
        """The first accident that fits a call, used up, or None."""
        for fault in self.orders:
            if not fits(fault):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            self._use(fault)
            return fault
        return None

    def _use(self, fault: A) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            self.orders.remove(fault)


async def suffer(
    kind: str, delay_s: float, act: Callable[[], Answer], instead: Mapping[str, Callable[[], Answer]]
) -> Answer | None:
    """The answer after an accident of this kind; None when it never arrives.

    `instead` has the API's own words for the kinds that answer without doing anything; with
    `_with_effect` behind the kind, the same words come after it was done.
    """
    if kind == "lose_answer_without_effect":
        return None
    if kind in instead:
        return instead[kind]()
    answer = act()
    match kind:
        case "delay":
            await asyncio.sleep(delay_s)
        case "lose_answer":
            return None
        case "truncated":
            return answer.cut()
        case _ if kind.endswith("_with_effect"):
            return instead[kind.removesuffix("_with_effect")]()
    return answer
