"""`shipbot`: exit code 0, or 1 when something failed, or 2 for wrong usage or settings."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from shipping_bot import office_cli
from shipping_core.errors import GatewayError, InvalidAddress


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shipping-core")
def main() -> None:
    """Sell shipping labels in Telegram."""


office_cli.add_to(main)


def _finish(work: Coroutine[Any, Any, int]) -> None:
    """Run `work` on uvloop; expected failures become one line and exit code 1."""
    import uvloop

    from shipping_bot.lifecycle import StartError

    try:
        code = uvloop.run(_told_to_end(work))
    except StartError as exc:
        click.echo(f"shipbot: {exc}", err=True)
        code = 1
    except asyncio.CancelledError:
        code = 1
    sys.exit(code)


async def _told_to_end(work: Coroutine[Any, Any, int]) -> int:
    """A signal cancels the work, so that it takes what it has started along; some commands know better."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
    return await work


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, help="The port of the chat page; 0 is any free one.")
@click.option(
    "--store", type=click.Choice(["auto", "memory", "mongo"]), default="auto", show_default=True,
    help="Where orders are kept; memory forgets them at exit; auto is an embedded MongoDB if there is one.",
)  # fmt: skip
@click.option(
    "--data", default="var/sandbox", show_default=True, type=click.Path(file_okay=False),
    help="The folder of the embedded MongoDB.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Forget what the folder holds, and start anew.")
@click.option(
    "--shipstation", type=click.Choice(["v1", "v2"]), default="v2", show_default=True,
    help="Which of ShipStation's APIs the bot speaks.",
)  # fmt: skip
def sandbox(host: str, port: int, store: str, data: str, fresh: bool, shipstation: str) -> None:
    """Run everything on this machine, without any account."""
    _finish(_sandbox(host, port, store, Path(data), fresh, shipstation))


async def _sandbox(host: str, port: int, store: str, data: Path, fresh: bool, version: str) -> int:
    from shipping_bot import lifecycle, logs
    from shipping_bot import sandbox as shed
    from shipping_bot.container import Container

    stop = asyncio.Event()
    kept, said = shed.choose_store(store, data, fresh=fresh)
    with lifecycle.stop_on_signals(stop):
        async with shed.sandbox(host, port) as running:
            settings = shed.sandbox_settings(
                running.url, version=version, mongo_url=kept, http_port=shed.office_port(port)
            )
            logs.configure(settings)
            container = Container(settings=settings)

            def ready() -> None:
                if kept:
                    while_it_runs.enter_context(shed.known_in(data, running.url, version))
                click.echo(f"Store: {said}")
                click.echo(f"Chat:  {running.url}/?user=1001")
                click.echo(f"Office: {container.listening_on()}/api/docs  key: {shed.OFFICE_KEY}")
                click.echo("Stop with Ctrl-C.")

            died = asyncio.create_task(running.process.wait())
            died.add_done_callback(lambda _: stop.set())
            with contextlib.ExitStack() as while_it_runs:
                await lifecycle.run(container, stop=stop, ready=ready, poll_grace_s=5)
            died.cancel()
            return 0 if running.process.returncode is None else 1


@main.command()
@click.option(
    "--role", type=click.Choice(["all", "bot", "admin", "worker"]), default="all", show_default=True,
    help="bot takes updates, admin serves HTTP, worker does what goes on in the background.",
)  # fmt: skip
@click.option("--mode", type=click.Choice(["polling", "webhook"]), default="polling", show_default=True)
def run(role: str, mode: str) -> None:
    """Run in production, from the environment (and .env)."""
    from shipping_bot import lifecycle, logs, settings
    from shipping_bot.container import Container

    webhook = mode == "webhook"
    loaded, unusable = settings.read()
    wrong = settings.problems_of_run(loaded, webhook=webhook) | unusable
    if wrong:
        for name, text in wrong.items():
            click.echo(f"shipbot: {name} {text}", err=True)
        click.echo("shipbot: .env.example explains every setting", err=True)
        sys.exit(2)
    logs.configure(loaded)

    async def work() -> int:
        stop = asyncio.Event()
        with lifecycle.stop_on_signals(stop):
            container = Container(settings=loaded)
            say = f"shipbot runs ({role}, {mode}, {loaded.api_mode} mode); stop with Ctrl-C"
            await lifecycle.run(
                container, webhook=webhook, role=role, stop=stop, ready=lambda: click.echo(say)
            )
        return 0

    _finish(work())


@main.command()
@click.option("--users", default=30, show_default=True, type=click.IntRange(1, 400), help="How many at once.")
@click.option("--think", default=0.0, show_default=True, help="Seconds each user rests between two steps.")
@click.option(
    "--path", type=click.Choice(["steps", "paste"]), default="steps", show_default=True,
    help="23 operations an order, or 3.",
)  # fmt: skip
@click.option(
    "--store", type=click.Choice(["memory", "mongo"]), default="memory", show_default=True,
    help="Where the bot keeps everything; mongo is an embedded one, in a folder that is thrown away.",
)  # fmt: skip
@click.option("--shipstation", type=click.Choice(["v1", "v2"]), default="v2", show_default=True)
@click.option(
    "--processes", default=0, type=click.IntRange(0, 8),
    help="So many bots as processes of their own on one embedded MongoDB; left out: one, in this process.",
)  # fmt: skip
@click.option(
    "--kill-half-way", is_flag=True, help="Kill the process that takes updates when half is done (kill -9)."
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def replay(
    users: int,
    think: float,
    path: str,
    store: str,
    shipstation: str,
    processes: int,
    kill_half_way: bool,
    as_json: bool,
) -> None:
    """Let many users buy a label at once, and check everything that came out."""
    from shipping_bot.replay import by_processes, report, runner

    if kill_half_way and processes < 2:
        raise click.UsageError("--kill-half-way needs --processes 2 or more: somebody has to go on.")
    if processes and think:
        raise click.UsageError("--think goes without --processes.")

    async def work() -> int:
        if processes:
            outcome = await by_processes.replay_by_processes(
                users=users,
                path=path,
                version=shipstation,
                processes=processes,
                kill_half_way=kill_half_way,
            )
        else:
            outcome = await runner.replay(
                users=users, think_s=think, path=path, version=shipstation, store=store
            )
        click.echo(
            json.dumps(report.as_dict(outcome))
            if as_json
            else report.as_table(outcome, "mongo" if processes else store)
        )
        return 1 if outcome.violations else 0

    _finish(work())


@main.command()
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and change nothing.")
def migrate(dry_run: bool) -> None:
    """Bring the database's schema up to date; running it again changes nothing."""
    from shipping_bot import settings

    loaded, unusable = settings.read()
    wrong = settings.problems_of_store(loaded) | {
        name: text for name, text in unusable.items() if name.startswith("MONGO_")
    }
    if wrong:
        for name, text in wrong.items():
            click.echo(f"shipbot: {name} {text}", err=True)
        sys.exit(2)
    _finish(_migrate(loaded.mongo.url, loaded.mongo.database, dry_run=dry_run))


async def _migrate(url: str, database: str, *, dry_run: bool) -> int:
    from adapters.mongo.errors import StoreRefused
    from adapters.mongo.store import open_store, pending_migrations

    try:
        steps = await pending_migrations(url, database)
        if not dry_run:
            async with open_store(url, database):
                pass
    except StoreRefused as exc:
        click.echo(f"shipbot: the store cannot be used: {exc}", err=True)
        return 1
    head = "would be done" if dry_run else "done"
    click.echo("\n".join(f"{head}: {step}" for step in steps) or "the schema is up to date")
    return 0


@main.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--sandbox", "shed", is_flag=True, help="Ask the sandbox's carriers; no account needed.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def quote(text: tuple[str, ...], shed: bool, as_json: bool) -> None:
    """Prices from two ZIP codes and a weight, such as: 94117 90001 2 lb 10x8x6"""
    _finish(_quote(" ".join(text), shed=shed, as_json=as_json))


async def _quote(text: str, *, shed: bool, as_json: bool) -> int:
    from shipping_bot import logs, quoting
    from shipping_bot import settings as configuration
    from shipping_bot.sandbox import sandbox, sandbox_settings

    try:
        if shed:
            async with sandbox(parts="shipstation") as running:
                found = await quoting.quote(sandbox_settings(running.url), text)
        else:
            loaded, unusable = configuration.read()
            wrong = configuration.problems_of_quote(loaded) | unusable
            if wrong:
                raise configuration.SettingsError(wrong)
            logs.configure(loaded)
            found = await quoting.quote(loaded, text)
    except configuration.SettingsError as exc:
        for name, words in exc.problems.items():
            click.echo(f"shipbot: {name} {words}", err=True)
        return 2
    except InvalidAddress:
        click.echo("shipbot: give two US ZIP codes and a weight, such as: 94117 90001 2 lb 10x8x6", err=True)
        return 2
    except GatewayError as exc:
        click.echo(f"shipbot: the carriers gave no price ({exc.code or type(exc).__name__})", err=True)
        return 1
    click.echo(quoting.as_json(found) if as_json else quoting.as_table(found))
    return 0
