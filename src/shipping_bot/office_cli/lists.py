"""The lists, made from the same table as the API's, and the groups that they and the acts stand in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from shipping_bot.office_cli.frame import COLUMNS, of_the_office, run, say
from shipping_core.conversation.codec import dump
from shipping_core.domain.listing import LISTED, Listed, Place, asked_for, flat, takes_several
from shipping_core.errors import InvalidInput

if TYPE_CHECKING:
    from shipping_bot.container import Container


def list_command(name: str, listed: Listed) -> click.Command:
    """`shipbot NAME list`, with an option for each filter of the table."""

    def listing(sandbox: str | None, as_json: bool, **given: Any) -> None:
        try:
            wanted = asked_for(
                name,
                {f: given[_option(f)] for f in listed.filters},
                since=given["since"],
                until=given["until"],
                words=given.get("words") or "",
                sort=given["sort"] or "",
                descending=not given["oldest_first"],
                after=_place(given["after"]),
                limit=given["limit"],
            )
        except InvalidInput as exc:
            raise misused(exc) from None

        async def work(container: Container) -> int:
            page = await container.store().lists.page(wanted)
            say(page, as_json=as_json, columns=COLUMNS[name])
            if page.next is not None and not as_json:
                click.echo(f"more: --after '{_token(page.next)}'", err=True)
            return 0

        run(sandbox, work)

    command = click.command("list", help=f"List {name}, newest first.")(of_the_office(listing))
    when = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
    options = [
        click.Option(["--limit"], default=50, type=click.IntRange(1, 200), show_default=True),
        click.Option(["--since"], type=when, callback=_utc, help="From this moment on (UTC)."),
        click.Option(["--until"], type=when, callback=_utc, help="Before this moment (UTC)."),
        click.Option(["--sort"], type=click.Choice(listed.sorts), default=None),
        click.Option(["--oldest-first"], is_flag=True),
        click.Option(["--after"], help="Where the last page ended, as it said."),
        *(
            click.Option(
                [f"--{_option(f).replace('_', '-')}"],
                help=f"Only this {f}{'; any of them, if given again' if takes_several(name, f) else ''}.",
                multiple=takes_several(name, f),
            )
            for f in listed.filters
        ),
    ]
    searched = "Only those with all of these words." if listed.words else "Only those with this id."
    options.append(click.Option(["--words"], help=searched))
    command.params += options
    return command


def _option(field: str) -> str:
    return flat(field)


def misused(error: InvalidInput) -> click.UsageError:
    """A no to what was written, in the words of the command line."""
    return click.UsageError(f"--{error.field.replace('_', '-')}: {error.reason}")


def _utc(_: object, __: object, value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else value.replace(tzinfo=dt.UTC)


def _token(place: Place) -> str:
    return json.dumps([dump(place.value), place.id])


def _place(token: str | None) -> Place | None:
    if not token:
        return None
    try:
        value, item = json.loads(token)
        return Place(dt.datetime.fromisoformat(value) if isinstance(value, str) else value, str(item))
    except (ValueError, TypeError):
        raise click.UsageError("--after is not what a list said") from None


GROUPS = {name: click.Group(name, help=f"The office's {name}.") for name in LISTED}
for _name, _listed in LISTED.items():
    GROUPS[_name].add_command(list_command(_name, _listed))
GROUPS["settings"] = click.Group("settings", help="What is decided at run time.")


def command(group: str, name: str, *options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Register a command of the office."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        command = of_the_office(function)
        for option in reversed(options):
            command = option(command)
        return GROUPS[group].command(name)(command)

    return register


USER = click.argument("user_id")
