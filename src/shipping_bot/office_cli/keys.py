"""Keys, and the consent of a second person."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from shipping_bot.office_cli.frame import as_plain, because, operator, perform
from shipping_bot.office_cli.lists import command
from shipping_core.conversation.codec import dump
from shipping_core.domain.access import Role

if TYPE_CHECKING:
    from shipping_bot.container import Container


@command("approvals", "grant", click.argument("approval_id"), because)
def _grant(approval_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Consent to what somebody else has asked for; it is done at once."""
    perform(sandbox, as_json, lambda c: c.consent().grant(approval_id, actor=operator(), reason=reason))


@command("approvals", "refuse", click.argument("approval_id"), because)
def _refuse(approval_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """It will not be done."""
    perform(sandbox, as_json, lambda c: c.consent().refuse(approval_id, actor=operator(), reason=reason))


@command(
    "keys", "make", click.argument("name"), click.argument("role", type=click.Choice([r.value for r in Role]))
)
def _make_key(name: str, role: str, sandbox: str | None, as_json: bool) -> None:
    """A new key; its secret is shown now and never again."""

    async def work(c: Container) -> object:
        key, secret = await c.keep_keys().make(name, Role(role), by=operator())
        return {"key": secret, **as_plain(dump(key))}

    perform(sandbox, as_json, work)


@command(
    "keys", "rotate", click.argument("key_id"),
    click.option(
        "--overlap-hours", default=24, show_default=True, type=click.IntRange(0, 720),
        help="How long the old secret still opens.",
    ),
)  # fmt: skip
def _rotate_key(key_id: str, overlap_hours: int, sandbox: str | None, as_json: bool) -> None:
    """A new secret for a key; the old one opens for a while yet."""

    async def work(c: Container) -> object:
        overlap = dt.timedelta(hours=overlap_hours)
        key, secret = await c.keep_keys().rotate(key_id, by=operator(), overlap=overlap)
        return {"key": secret, **as_plain(dump(key))}

    perform(sandbox, as_json, work)


@command("keys", "revoke", click.argument("key_id"), because)
def _revoke_key(key_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """It opens nothing from now on."""
    perform(sandbox, as_json, lambda c: c.keep_keys().revoke(key_id, by=operator(), reason=reason))
