"""Statistics, and whether the books and the audit hold."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import click

from shipping_bot.office_cli.frame import COLUMNS, as_plain, of_the_office, run, say, show_table
from shipping_bot.office_cli.lists import misused
from shipping_core.conversation.codec import dump
from shipping_core.domain.ids import Mode
from shipping_core.domain.statistics import DAYS_AT_MOST, span_asked_for
from shipping_core.errors import InvalidInput

if TYPE_CHECKING:
    from shipping_bot.container import Container


@click.command("check-ledger")
@of_the_office
def check_ledger(sandbox: str | None, as_json: bool) -> None:
    """Hold the books against what they belong to, and the audit against its seals; exit code 1 where not."""

    async def work(c: Container) -> int:
        found, broken = await c.check_ledger()(), await c.seal_audit().broken()
        if as_json:
            said = {"differences": list(found), "broken_seals": list(broken)}
            click.echo(json.dumps({name: as_plain(dump(value)) for name, value in said.items()}))
            return 1 if found or broken else 0
        if found:
            show_table(found, ("rule", "mode", "subject", "booked", "stated"))
        else:
            click.echo("the books agree with everything they belong to")
        if broken:
            show_table(broken, COLUMNS["seals"])
            click.echo("these seals of the audit do not hold what they held")
        else:
            click.echo("no row of the audit was changed since it was sealed")
        return 1 if found or broken else 0

    run(sandbox, work)


@click.command("stats")
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="Left out: 29 days before the last.")
@click.option("--last", type=click.DateTime(["%Y-%m-%d"]), help="Left out: today.")
@click.option("--zone", default="UTC", show_default=True, help="Whose days, such as America/New_York.")
@click.option("--mode", type=click.Choice([m.value for m in Mode]), help="Left out: the present one.")
@of_the_office
def stats(
    first: dt.datetime | None,
    last: dt.datetime | None,
    zone: str,
    mode: str | None,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """Orders, users, top-ups, refunds, revenue, cost and margin, by day and by service."""

    async def work(c: Container) -> int:
        try:
            span = span_asked_for(
                first.date() if first else None,
                last.date() if last else None,
                zone,
                Mode(mode) if mode else c.policy().now.mode,
                now=c.clock().now(),
                most_days=DAYS_AT_MOST,
            )
        except InvalidInput as exc:
            raise misused(exc) from None
        report = await c.store().statistics.report(span)
        if as_json:
            say(report, as_json=True)
            return 0
        say(report.total, as_json=False)
        click.echo(f"margin: {report.total.margin}")
        rows = [{"day": str(day), **as_plain(dump(figures))} for day, figures in report.days]
        show_table(rows, ("day", "orders", "labels", "topups", "topped_up", "revenue", "cost", "refunded"))
        show_table(report.services, ("carrier_code", "service_code", "labels", "revenue", "cost", "refunded"))
        return 0

    run(sandbox, work)
