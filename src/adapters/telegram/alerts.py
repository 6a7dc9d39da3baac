"""Tells the administrators about errors, without flooding them and without anybody's data."""

from __future__ import annotations

import html
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from attrs import define

from adapters.telegram.messages import Message
from adapters.telegram.outlet import ChatOutlet
from shipping_core.ports.clock import Clock

QUIET_S: Final = 300.0
"""The same error is told at most once in this time."""

REMEMBERED: Final = 500


@define
class _Seen:
    told_at_s: float
    held_back: int = 0


class AdminAlerts:
    """One message to each administrator for each new kind of error at each place."""

    def __init__(self, outlet: ChatOutlet, admin_chat_ids: Sequence[int], clock: Clock) -> None:
        self._outlet = outlet
        self._admins = tuple(admin_chat_ids)
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], _Seen] = OrderedDict()

    def report(self, error: BaseException, reference: str, where: str) -> bool:
        """Tell the administrators, unless they heard of it in the last five minutes; whether told.

        `reference` and `where` are ours (an order id, a place in the code) and are shown; the error's
        own text is not, since it may quote a person's data.
        """
        kind = type(error).__qualname__
        now = self._clock.monotonic_s()
        seen = self._seen.get((kind, where))
        if seen is not None and now - seen.told_at_s < QUIET_S:
            seen.held_back += 1
            return False
        self._seen[kind, where] = _Seen(now)
        self._seen.move_to_end((kind, where))
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        text = _text(kind, where, reference, seen.held_back if seen else 0)
        for chat_id in self._admins:
            self._outlet.say(chat_id, Message(text))
        return True


def _text(kind: str, where: str, reference: str, held_back: int) -> str:
    lines = [
        f"⚠️ <b>{html.escape(kind)}</b> in {html.escape(where)}",
        f"Reference: <code>{html.escape(reference)}</code>",
    ]
    if held_back:
        lines.append(f"Held back since the last alert: {held_back}")
    return "\n".join(lines)
