"""Tells the administrators what they must know, each in their own chat."""

from __future__ import annotations

import html
from collections.abc import Sequence

from adapters.telegram.messages import Message
from adapters.telegram.outlet import ChatOutlet
from shipping_core.domain.alert import Alert
from shipping_core.ports.operators import Operators


class AdminAlerts(Operators):
    """One message to each administrator for each alert."""

    def __init__(self, outlet: ChatOutlet, admin_chat_ids: Sequence[int]) -> None:
        self._outlet = outlet
        self._admins = tuple(admin_chat_ids)

    async def tell(self, alert: Alert) -> None:
        """See `Operators.tell`."""
        message = Message(_text(alert))
        for chat_id in self._admins:
            self._outlet.say(chat_id, message)


def _text(alert: Alert) -> str:
    title = alert.kind.value.replace("_", " ").capitalize()
    lines = [f"⚠️ <b>{title}</b>", html.escape(alert.text)]
    if alert.count > 1:
        lines.append(f"Came up {alert.count} times since {alert.created_at:%Y-%m-%d %H:%M} UTC")
    return "\n".join(lines)
