"""Broadcasts and alerts."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

import click

from shipping_bot.office_cli.frame import operator, perform
from shipping_bot.office_cli.lists import USER, command
from shipping_core.domain.broadcast import Broadcast, Segment
from shipping_core.domain.ids import UserId

if TYPE_CHECKING:
    from shipping_bot.container import Container


@command("alerts", "take-on", click.argument("alert_id"))
def _take_on(alert_id: str, sandbox: str | None, as_json: bool) -> None:
    """It is yours from now on, until it comes up again: KIND:SUBJECT as listed."""
    perform(sandbox, as_json, lambda c: c.take_on_alert()(alert_id, by=operator()))


_BROADCAST = click.argument("broadcast_id")


def _shown_broadcast(c: Container, broadcast: Broadcast) -> Awaitable[object]:
    async def both() -> object:
        progress = await c.keep_broadcasts().progress(broadcast.broadcast_id)
        return {"broadcast": broadcast, "progress": progress}

    return both()


@command(
    "broadcasts", "create",
    click.option("--en", default="", help="The text in English, in Telegram's HTML."),
    click.option("--ru", default="", help="The same in Russian."),
    click.option("--with-balance", is_flag=True, help="Only customers who have money."),
    click.option("--active-days", type=int, help="Only those seen in so many days."),
    click.option("--language", default="", type=click.Choice(["", "en", "ru"]), help="Only who speaks it."),
)  # fmt: skip
def _create_broadcast(
    en: str,
    ru: str,
    with_balance: bool,
    active_days: int | None,
    language: str,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """Write one; nothing is sent yet. It says how many would get it."""
    texts = {name: text for name, text in (("en", en), ("ru", ru)) if text}
    segment = Segment(with_balance, active_days, language)

    async def work(c: Container) -> object:
        made = await c.keep_broadcasts().create(texts, segment, by=operator())
        return {"broadcast": made, "users": await c.keep_broadcasts().count(made.segment)}

    perform(sandbox, as_json, work)


@command("broadcasts", "show", _BROADCAST)
def _show_broadcast(broadcast_id: str, sandbox: str | None, as_json: bool) -> None:
    """A broadcast and how far it is."""

    async def work(c: Container) -> object:
        return await _shown_broadcast(c, await c.keep_broadcasts().broadcasts.get(broadcast_id))

    perform(sandbox, as_json, work)


@command("broadcasts", "preview", _BROADCAST, USER)
def _preview_broadcast(broadcast_id: str, user_id: str, sandbox: str | None, as_json: bool) -> None:
    """Send it to one chat alone, such as your own."""

    async def work(c: Container) -> object:
        ended = await c.keep_broadcasts().preview(broadcast_id, UserId(user_id), by=operator())
        return {"delivery": ended}

    perform(sandbox, as_json, work)


@command("broadcasts", "start", _BROADCAST)
def _start_broadcast(broadcast_id: str, sandbox: str | None, as_json: bool) -> None:
    """Begin to send it, as it is now; the running bot does."""

    async def work(c: Container) -> object:
        keep = c.keep_broadcasts()
        draft = await keep.broadcasts.get(broadcast_id)
        return await _shown_broadcast(c, await keep.start(broadcast_id, draft.version, by=operator()))

    perform(sandbox, as_json, work)


def _steer(name: str, words: str) -> None:
    """A command that pauses, resumes or stops a broadcast."""

    def steer(broadcast_id: str, sandbox: str | None, as_json: bool) -> None:
        async def work(c: Container) -> object:
            act = getattr(c.keep_broadcasts(), name)
            return await _shown_broadcast(c, await act(broadcast_id, by=operator()))

        perform(sandbox, as_json, work)

    steer.__doc__ = words
    command("broadcasts", name, _BROADCAST)(steer)


_steer("pause", "Send no more for now.")
_steer("resume", "Go on sending.")
_steer("stop", "Send no more, ever.")
