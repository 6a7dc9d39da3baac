"""What every command of the office is made of: options, a container, and how it says what came of it."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shipping_core.conversation.codec import TAG, dump
from shipping_core.domain.access import Performed
from shipping_core.domain.listing import Page
from shipping_core.domain.money import Money, read_money
from shipping_core.errors import ShippingError

if TYPE_CHECKING:
    from shipping_bot.container import Container
    from shipping_bot.settings import Settings

Work = Callable[["Container"], Awaitable[object]]
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "orders": (
        "order_id", "created_at", "user_id", "mode", "state", "rate.service", "price", "label.tracking_number"
    ),
    "users": ("user_id", "name", "username", "language", "joined_at", "seen_at", "blocked"),
    "refunds": ("refund_id", "created_at", "order_id", "user_id", "state", "amount", "void_answer"),
    "topups": ("invoice_id", "created_at", "user_id", "mode", "state", "amount", "reviews"),
    "transfers": ("key", "created_at", "kind", "source", "target", "amount"),
    "audit": ("at", "subject", "action", "actor", "reason"),
    "letters": ("letter_id", "created_at", "user_id", "word", "state", "tries", "reason"),
    "broadcasts": ("broadcast_id", "created_at", "state", "total"),
    "keys": ("key_id", "name", "role", "hint", "created_at", "used_at", "revoked_at"),
    "approvals": ("approval_id", "created_at", "act", "state", "asked_by", "asked_why"),
    "seals": ("seal_id", "created_at", "rows", "hash"),
    "alerts": ("updated_at", "kind", "subject", "count", "text", "seen_by"),
}  # fmt: skip
"""What a table shows of each kind."""
WIDTH = 240
"""Of a table: what is cut off cannot be copied, so a narrow terminal breaks its lines instead."""
SECRET = frozenset({"fingerprint", "previous", "unique"})
"""What is never shown, not even to machines."""


def operator() -> str:
    """Who acts, as the audit says it."""
    return f"cli:{getpass.getuser()}"


def of_the_office(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options every command of the office has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="For machines."),
        click.option(
            "--sandbox", is_flag=False, flag_value="var/sandbox", default=None, metavar="[DIR]",
            help="The sandbox whose data is in this folder, running or not, instead of the environment's.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def because(command: Callable[..., Any]) -> Callable[..., Any]:
    """An act that wants a reason."""
    return click.option("--reason", required=True, help="Why; it stands in the audit.")(command)


def run(sandbox: str | None, work: Callable[[Container], Awaitable[int]]) -> None:
    """Open the office, do the work; a no becomes one line and exit code 1."""
    from shipping_bot import logs
    from shipping_bot.container import Container
    from shipping_bot.lifecycle import StartError, office

    settings = settings_of(sandbox)
    logs.configure(settings)

    async def inside() -> int:
        container = Container(settings=settings)
        async with office(container, beside=True):
            return await work(container)

    try:
        sys.exit(asyncio.run(inside()))
    except StartError as exc:
        click.echo(f"shipbot: {exc}", err=True)
    except ShippingError as exc:
        click.echo(f"shipbot: {type(exc).__name__}: {exc}", err=True)
    sys.exit(1)


def settings_of(sandbox: str | None) -> Settings:
    """The environment's settings, or those of a sandbox in this folder."""
    from shipping_bot import settings as configuration
    from shipping_bot.sandbox import NOBODY, running_in, sandbox_settings

    if sandbox is not None:
        if not Path(sandbox).is_dir():
            raise click.UsageError(f"{sandbox} is no folder: run `shipbot sandbox` first.")
        running = running_in(Path(sandbox))
        if running is None:
            click.echo(
                f"shipbot: no sandbox runs in {sandbox}: its carrier and its chat do not answer", err=True
            )
        url, version = running or (NOBODY, "v2")
        return sandbox_settings(url, version=version, mongo_url=f"embedded:{sandbox}")
    loaded, unusable = configuration.read()
    wrong = unusable | configuration.problems_of_run(loaded, webhook=False)
    if not loaded.keeps:
        wrong["MONGO_URL"] = "is missing: there is no office without a store (or use --sandbox)"
    if wrong:
        for name, text in wrong.items():
            click.echo(f"shipbot: {name} {text}", err=True)
        sys.exit(2)
    return loaded


def as_plain(value: Any) -> Any:
    """A value as JSON knows it, without the names of classes and without secrets."""
    if isinstance(value, Mapping):
        return {k: as_plain(v) for k, v in value.items() if k != TAG and k not in SECRET}
    return [as_plain(v) for v in value] if isinstance(value, list) else value


def say(value: object, *, as_json: bool, columns: Sequence[str] = ()) -> None:
    if as_json:
        click.echo(json.dumps(as_plain(dump(value)), ensure_ascii=False))
        return
    if isinstance(value, Page):
        show_table(value.items, columns)
        return
    for name, shown in as_plain(dump(value)).items():
        click.echo(f"{name}: {as_cell(shown)}")


def show_table(items: Sequence[object], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.rpartition(".")[2], no_wrap=True, overflow="ignore")
    for item in items:
        plain = as_plain(dump(item))
        table.add_row(*(as_cell(within(plain, column)) for column in columns))
    Console(width=WIDTH, markup=False, highlight=False).print(table)


def within(plain: Any, path: str) -> Any:
    """What a dotted name leads to; nothing where it leads nowhere."""
    for part in path.split("."):
        plain = plain.get(part) if isinstance(plain, Mapping) else None
    return plain


def as_cell(value: Any) -> str:
    """A value in a table, on one line."""
    if value is None or value == {} or value == []:
        return "-"
    if isinstance(value, Mapping) and value.keys() == {"minor", "currency"}:
        return str(Money(value["minor"], value["currency"]))
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text[:19].replace("T", " ") if len(text) > 25 and text[4:5] == text[7:8] == "-" else text


def perform(sandbox: str | None, as_json: bool, work: Work) -> None:
    """Do one act and show what came of it."""

    async def done(container: Container) -> int:
        outcome = await work(container)
        if isinstance(outcome, Performed):
            outcome = outcome.approval or {"done": True, "balance": outcome.balance}
        say(outcome, as_json=as_json)
        return 0

    run(sandbox, done)


def as_amount(_: object, __: object, text: str) -> Money:
    """Dollars and cents with a sign, as an option is read."""
    sign = -1 if text.startswith("-") else 1
    amount = read_money(text.lstrip("+-"))
    if amount is None:
        raise click.BadParameter("write dollars and cents, such as 12.50 or -3.00")
    return Money(sign * amount.minor, amount.currency)


def as_some_amount(context: object, parameter: object, text: str | None) -> Money | None:
    """The same, or none."""
    return None if text is None else as_amount(context, parameter, text)


def as_limit(context: object, parameter: object, text: str | None) -> str | Money | None:
    """The same, or `never`."""
    return NEVER if text == NEVER else as_some_amount(context, parameter, text)


NEVER = "never"
