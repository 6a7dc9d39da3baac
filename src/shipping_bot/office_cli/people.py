"""Customers: their money, blocks, limits, notes, and what is kept of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from shipping_bot.office_cli.frame import (
    as_amount,
    as_plain,
    as_some_amount,
    because,
    operator,
    perform,
    run,
    show_table,
)
from shipping_bot.office_cli.lists import USER, command
from shipping_core.conversation.codec import dump
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.money import Money
from shipping_core.domain.user import Limits

if TYPE_CHECKING:
    from shipping_bot.container import Container


@command("users", "show", USER)
def _user(user_id: str, sandbox: str | None, as_json: bool) -> None:
    """One customer and their money."""

    async def work(c: Container) -> object:
        user = await c.users().get(UserId(user_id))
        balances = await c.people().balances_of(user.user_id)
        return {"user": user, "balances": {mode.value: balance for mode, balance in balances.items()}}

    perform(sandbox, as_json, work)


@command(
    "users", "adjust", USER, click.argument("amount", callback=as_amount), because,
    click.option("--mode", type=click.Choice([m.value for m in Mode]), help="Left out: the present one."),
    click.option("--request", help="A name for this very change; the same again changes nothing more."),
)  # fmt: skip
def _adjust(
    user_id: str,
    amount: Money,
    reason: str,
    mode: str | None,
    request: str | None,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """Give a customer money by hand, or take it: `adjust 1001 12.50`, `adjust 1001 -- -3.00`."""

    async def work(c: Container) -> object:
        return await c.people().adjust(
            UserId(user_id),
            amount,
            mode=Mode(mode) if mode else c.policy().now.mode,
            request=request or c.ids().new("adj"),
            actor=operator(),
            reason=reason,
        )

    perform(sandbox, as_json, work)


@command("users", "block", USER, because)
def _block(user_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """No new orders and top-ups; they are told the reason."""
    perform(sandbox, as_json, lambda c: c.people().block(UserId(user_id), actor=operator(), reason=reason))


@command("users", "unblock", USER, because)
def _unblock(user_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """As before; they are told."""
    perform(sandbox, as_json, lambda c: c.people().unblock(UserId(user_id), actor=operator(), reason=reason))


@command(
    "users", "limit", USER, because,
    click.option("--open-invoices", type=click.IntRange(0, 20), help="Unpaid top-ups at once."),
    click.option("--topup-most", callback=as_some_amount, help="The most of one top-up, such as 250.00."),
    click.option("--orders-a-day", type=click.IntRange(0, 10_000), help="Labels in 24 hours."),
)  # fmt: skip
def _limit(
    user_id: str,
    reason: str,
    open_invoices: int | None,
    topup_most: Money | None,
    orders_a_day: int | None,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """What a customer may do otherwise than everybody; what is left out is as usual again."""

    async def work(c: Container) -> object:
        user = await c.users().get(UserId(user_id))
        limits = Limits(open_invoices, topup_most, orders_a_day)
        return await c.people().limit(
            user.user_id, limits, version=user.version, actor=operator(), reason=reason
        )

    perform(sandbox, as_json, work)


@command("users", "language", USER, click.argument("language", type=click.Choice(["en", "ru"])), because)
def _language(user_id: str, language: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Speak to a customer in this language."""
    perform(
        sandbox,
        as_json,
        lambda c: c.people().speak(UserId(user_id), language, actor=operator(), reason=reason),
    )


@command(
    "users", "statement", USER,
    click.option("--mode", type=click.Choice([m.value for m in Mode]), help="Left out: the present one."),
    click.option("--skip", default=0, type=click.IntRange(0), help="So many newer lines are left out."),
    click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000)),
)  # fmt: skip
def _statement(
    user_id: str, mode: str | None, skip: int, limit: int, sandbox: str | None, as_json: bool
) -> None:
    """A customer's movements with the running balance, newest first."""

    async def work(c: Container) -> int:
        which = Mode(mode) if mode else c.policy().now.mode
        lines = await c.people().statement(UserId(user_id), which, skip=skip, limit=limit + 1)
        if as_json:
            click.echo(json.dumps(as_plain(dump(list(lines[:limit]))), ensure_ascii=False))
        else:
            show_table(lines[:limit], ("transfer.created_at", "transfer.kind", "amount", "after"))
            if len(lines) > limit:
                click.echo(f"more: --skip {skip + limit}", err=True)
        return 0

    run(sandbox, work)


@command("users", "note", USER, click.argument("text"))
def _note(user_id: str, text: str, sandbox: str | None, as_json: bool) -> None:
    """A word about a customer, for the office alone."""
    perform(sandbox, as_json, lambda c: c.people().note(UserId(user_id), text, actor=operator()))


@command("users", "export", USER)
def _export(user_id: str, sandbox: str | None, as_json: bool) -> None:  # noqa: ARG001 - it is always JSON
    """Everything that is kept of a person, as JSON."""
    perform(sandbox, True, lambda c: c.people().export(UserId(user_id), actor=operator()))


@command(
    "users", "erase", USER, because,
    click.option("--waive-balance", is_flag=True, help="They gave up what is left of their balance."),
    click.confirmation_option(prompt="Forget this person for good?"),
)  # fmt: skip
def _erase(user_id: str, reason: str, waive_balance: bool, sandbox: str | None, as_json: bool) -> None:
    """Forget a person; the books stay."""
    perform(
        sandbox,
        as_json,
        lambda c: c.people().erase(UserId(user_id), waive=waive_balance, actor=operator(), reason=reason),
    )
