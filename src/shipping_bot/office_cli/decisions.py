"""What is decided at run time."""

from __future__ import annotations

import datetime as dt
import html
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from shipping_bot.markup import read_rules
from shipping_bot.office_cli.frame import NEVER, as_amount, as_limit, because, operator, perform
from shipping_bot.office_cli.lists import command
from shipping_core.domain.ids import Mode
from shipping_core.domain.markup import MarkupRules
from shipping_core.domain.money import Money
from shipping_core.domain.policy import Maintenance, RefundWindow

if TYPE_CHECKING:
    from shipping_bot.container import Container

AMOUNTS = ("topup_least", "topup_most")
NUMBERS = ("open_invoices", "orders_a_day")


@command("settings", "show")
def _show_settings(sandbox: str | None, as_json: bool) -> None:
    """What counts now."""

    async def work(c: Container) -> object:
        return (await c.change_settings().now())[1]

    perform(sandbox, as_json, work)


@command(
    "settings", "mode", click.argument("mode", type=click.Choice([m.value for m in Mode])), because,
    click.option("--confirm", required=True, help="The mode once more, in capitals."),
)  # fmt: skip
def _mode(mode: str, reason: str, confirm: str, sandbox: str | None, as_json: bool) -> None:
    """Switch between test and production; what is under way keeps its own."""

    async def work(c: Container) -> object:
        standing, _ = await c.change_settings().now()
        return await c.change_settings().switch_mode(
            Mode(mode), typed=confirm, version=standing.version, actor=operator(), reason=reason
        )

    perform(sandbox, as_json, work)


@command(
    "settings", "maintenance", click.argument("switch", type=click.Choice(["on", "off"])), because,
    click.option("--en", default="", help="What customers read, in English."),
    click.option("--ru", default="", help="The same in Russian."),
    click.option("--quiet", is_flag=True, help="Tell nobody."),
)  # fmt: skip
def _maintenance(
    switch: str, reason: str, en: str, ru: str, quiet: bool, sandbox: str | None, as_json: bool
) -> None:
    """Stop new orders and top-ups, or take them again; customers of the last days are told."""
    words = {language: text for language, text in (("en", en), ("ru", ru)) if text}

    async def work(c: Container) -> object:
        standing, _ = await c.change_settings().now()
        maintenance = Maintenance(on=switch == "on", message=words if switch == "on" else {})
        told = {language: html.escape(text, quote=False) for language, text in words.items()} or None
        notice = {} if quiet else told
        return await c.change_settings().maintain(
            maintenance, version=standing.version, actor=operator(), reason=reason, notice=notice
        )

    perform(sandbox, as_json, work)


@command(
    "settings", "set", click.argument("name", type=click.Choice([*AMOUNTS, *NUMBERS, "contact"])),
    click.argument("value"), because,
)  # fmt: skip
def _set(name: str, value: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Decide a limit or the contact; the value `default` hands it back to the environment."""
    decided: Any = value
    if value == "default":
        decided = None
    elif name in AMOUNTS:
        decided = as_amount(None, None, value)
    elif name in NUMBERS:
        if not value.isdecimal():
            raise click.BadParameter(f"{name} is a whole number")
        decided = int(value)

    async def work(c: Container) -> object:
        standing, _ = await c.change_settings().now()
        return await c.change_settings().change(
            {name: decided}, version=standing.version, actor=operator(), reason=reason
        )

    perform(sandbox, as_json, work)


@command("settings", "markup", click.argument("rules"), because)
def _markup(rules: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Decide what is asked above a carrier's price: JSON as in MARKUP_RULES; `default` hands it back."""
    try:
        read = None if rules == "default" else read_rules(rules)
    except ValueError as exc:
        raise click.UsageError(f"RULES {exc}") from None

    async def work(c: Container) -> object:
        standing, _ = await c.change_settings().now()
        decided = None if read is None else MarkupRules(str(standing.version + 1), read.rules)
        return await c.change_settings().change(
            {"markup": decided}, version=standing.version, actor=operator(), reason=reason
        )

    perform(sandbox, as_json, work)


@command(
    "settings", "refunds", because,
    click.option("--least-age-days", type=click.IntRange(0, 60), help="How old a label must be."),
    click.option("--remind-before-days", type=click.IntRange(0, 60), help="So long before the last day."),
    click.option(
        "--window", "windows", type=(str, int, str), multiple=True, metavar="CARRIER DAYS SOURCE",
        help='How long a carrier takes labels back, and who says so; CARRIER "" is every other one.',
    ),
    click.option("--default", "back", is_flag=True, help="Hand all of it back to the environment."),
)  # fmt: skip
def _refund_rules(
    reason: str,
    least_age_days: int | None,
    remind_before_days: int | None,
    windows: tuple[tuple[str, int, str], ...],
    back: bool,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """Decide when labels may be asked back; what is left out stays."""
    changes: dict[str, Any] = {}
    if least_age_days is not None:
        changes["least_age"] = dt.timedelta(days=least_age_days)
    if remind_before_days is not None:
        changes["remind_before"] = dt.timedelta(days=remind_before_days)
    named = {carrier: RefundWindow(days, source) for carrier, days, source in windows}

    async def work(c: Container) -> object:
        standing, policy = await c.change_settings().now()
        kept = {**policy.refunds.windows, **named}
        decided = None if back else evolve(policy.refunds, windows=kept, **changes)
        return await c.change_settings().change(
            {"refunds": decided}, version=standing.version, actor=operator(), reason=reason
        )

    perform(sandbox, as_json, work)


@command(
    "settings", "second-person", because,
    click.option("--credit-above", callback=as_limit, help="A balance changed by hand; or `never`."),
    click.option("--override-above", callback=as_limit, help="A refund at our loss; or `never`."),
    click.option("--production/--no-production", default=None, help="The switch to production."),
    click.option("--default", "back", is_flag=True, help="Hand all of it back to the environment."),
)  # fmt: skip
def _second_person(
    reason: str,
    credit_above: str | Money | None,
    override_above: str | Money | None,
    production: bool | None,
    back: bool,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """Decide above which amount an act needs somebody else's consent; what is left out stays."""
    given = {"credit_above": credit_above, "override_above": override_above, "production": production}
    changes: dict[str, Any] = {n: None if v == NEVER else v for n, v in given.items() if v is not None}

    async def work(c: Container) -> object:
        standing, policy = await c.change_settings().now()
        decided = None if back else evolve(policy.second_person, **changes)
        return await c.change_settings().change(
            {"second_person": decided}, version=standing.version, actor=operator(), reason=reason
        )

    perform(sandbox, as_json, work)
