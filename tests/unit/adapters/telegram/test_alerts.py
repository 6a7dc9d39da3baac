"""Administrators read alerts in their own chats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.telegram.alerts import AdminAlerts
from adapters.telegram.outlet import ChatOutlet, Limits
from builders import NOW
from shipping_core.domain.alert import Alert, AlertKind

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

ADMINS = (9001, 9002)


async def told(chats: FakeChats, alert: Alert) -> None:
    outlet = ChatOutlet(chats, limits=Limits(chat=None, overall=None))
    await AdminAlerts(outlet, ADMINS).tell(alert)
    await outlet.drain(10)


async def test_given_an_alert_when_told_then_every_admin_reads_kind_and_text_escaped(
    chats: FakeChats,
) -> None:
    await told(chats, Alert(AlertKind.WALLET_LOW, "wallet:usps", "usps < 20.00 USD", NOW, NOW))

    assert [params["chat_id"] for _, params in chats.sent] == list(ADMINS)
    assert set(chats.said()) == {"⚠️ <b>Wallet low</b>\nusps &lt; 20.00 USD"}


async def test_given_what_came_up_before_when_told_then_they_read_how_often_and_since_when(
    chats: FakeChats,
) -> None:
    await told(chats, Alert(AlertKind.ERROR, "here", "ValueError in here", NOW, NOW, count=7))

    assert chats.said()[0].splitlines()[-1] == "Came up 7 times since 2031-04-07 12:00 UTC"
