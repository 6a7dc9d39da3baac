"""`shipbot orders|users|refunds|topups|keys|settings|stats|…`: the office at a terminal.

Lists are made from the same table as the API's (`shipping_core.domain.listing`); acts are the same use cases.
Whoever may run this may do everything: the operator's name in the audit is `cli:` and the login name.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import getpass
import html
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from shipping_bot.markup import read_rules
from shipping_core.conversation.codec import TAG, dump
from shipping_core.domain.access import Performed, Role
from shipping_core.domain.broadcast import Broadcast, Segment
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.listing import LISTED, Listed, Page, Place, asked_for, flat, takes_several
from shipping_core.domain.markup import MarkupRules
from shipping_core.domain.money import Money, read_money
from shipping_core.domain.policy import Maintenance, RefundWindow
from shipping_core.domain.refund import Refund
from shipping_core.domain.statistics import DAYS_AT_MOST, span_asked_for
from shipping_core.domain.user import Limits
from shipping_core.errors import InvalidInput, ShippingError

if TYPE_CHECKING:
    from shipping_bot.container import Container
    from shipping_bot.settings import Settings
    from shipping_core.use_cases.decide_refund import Outcome

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


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


def _office(command: Callable[..., Any]) -> Callable[..., Any]:
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


def _reason(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--reason", required=True, help="Why; it stands in the audit.")(command)


def _run(sandbox: str | None, work: Callable[[Container], Awaitable[int]]) -> None:
    """Open the office, do the work; a no becomes one line and exit code 1."""
    from shipping_bot import logs
    from shipping_bot.container import Container
    from shipping_bot.lifecycle import StartError, office

    settings = _settings(sandbox)
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


def _settings(sandbox: str | None) -> Settings:
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


def _plain(value: Any) -> Any:
    """A value as JSON knows it, without the names of classes and without secrets."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items() if k != TAG and k not in SECRET}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _say(value: object, *, as_json: bool, columns: Sequence[str] = ()) -> None:
    if as_json:
        click.echo(json.dumps(_plain(dump(value)), ensure_ascii=False))
        return
    if isinstance(value, Page):
        _table(value.items, columns)
        return
    for name, shown in _plain(dump(value)).items():
        click.echo(f"{name}: {_cell(shown)}")


def _table(items: Sequence[object], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.rpartition(".")[2], no_wrap=True, overflow="ignore")
    for item in items:
        plain = _plain(dump(item))
        table.add_row(*(_cell(_within(plain, column)) for column in columns))
    Console(width=WIDTH, markup=False, highlight=False).print(table)


def _within(plain: Any, path: str) -> Any:
    for part in path.split("."):
        plain = plain.get(part) if isinstance(plain, Mapping) else None
    return plain


def _cell(value: Any) -> str:
    if value is None or value == {} or value == []:
        return "-"
    if isinstance(value, Mapping) and value.keys() == {"minor", "currency"}:
        return str(Money(value["minor"], value["currency"]))
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text[:19].replace("T", " ") if len(text) > 25 and text[4:5] == text[7:8] == "-" else text


def _list_command(name: str, listed: Listed) -> click.Command:
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
            raise _misused(exc) from None

        async def work(container: Container) -> int:
            page = await container.store().lists.page(wanted)
            _say(page, as_json=as_json, columns=COLUMNS[name])
            if page.next is not None and not as_json:
                click.echo(f"more: --after '{_token(page.next)}'", err=True)
            return 0

        _run(sandbox, work)

    command = click.command("list", help=f"List {name}, newest first.")(_office(listing))
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


def _misused(error: InvalidInput) -> click.UsageError:
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


def _act(sandbox: str | None, as_json: bool, work: Work) -> None:
    """Do one act and show what came of it."""

    async def done(container: Container) -> int:
        outcome = await work(container)
        if isinstance(outcome, Performed):
            outcome = outcome.approval or {"done": True, "balance": outcome.balance}
        _say(outcome, as_json=as_json)
        return 0

    _run(sandbox, done)


def _amount(_: object, __: object, text: str) -> Money:
    sign = -1 if text.startswith("-") else 1
    amount = read_money(text.lstrip("+-"))
    if amount is None:
        raise click.BadParameter("write dollars and cents, such as 12.50 or -3.00")
    return Money(sign * amount.minor, amount.currency)


def _some_amount(context: object, parameter: object, text: str | None) -> Money | None:
    return None if text is None else _amount(context, parameter, text)


def _limit_or_never(context: object, parameter: object, text: str | None) -> str | Money | None:
    return NEVER if text == NEVER else _some_amount(context, parameter, text)


NEVER = "never"
AMOUNTS = ("topup_least", "topup_most")
NUMBERS = ("open_invoices", "orders_a_day")
GROUPS = {name: click.Group(name, help=f"The office's {name}.") for name in LISTED}
for _name, _listed in LISTED.items():
    GROUPS[_name].add_command(_list_command(_name, _listed))
GROUPS["settings"] = click.Group("settings", help="What is decided at run time.")


def _command(group: str, name: str, *options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Register a command of the office."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        command = _office(function)
        for option in reversed(options):
            command = option(command)
        return GROUPS[group].command(name)(command)

    return register


_ORDER = click.argument("order_id")
_USER = click.argument("user_id")


@_command("orders", "show", _ORDER)
def _order(order_id: str, sandbox: str | None, as_json: bool) -> None:
    """One order with everything in it."""
    _act(sandbox, as_json, lambda c: c.orders().get(OrderId(order_id)))


@_command("orders", "adopt", _ORDER, click.argument("label_id"), _reason)
def _adopt(order_id: str, label_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A parked order gets this label of the carrier's, and is charged."""
    _act(
        sandbox,
        as_json,
        lambda c: c.decide_parked().adopt(OrderId(order_id), label_id, actor=_actor(), reason=reason),
    )


@_command("orders", "confirm-not-bought", _ORDER, _reason)
def _not_bought(order_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A parked order has no label; its money is free again."""
    _act(
        sandbox,
        as_json,
        lambda c: c.decide_parked().confirm_not_bought(OrderId(order_id), actor=_actor(), reason=reason),
    )


@_command("orders", "void-and-release", _ORDER, _reason)
def _void(order_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A parked order's labels go back to the carrier; its money is free again."""
    _act(
        sandbox,
        as_json,
        lambda c: c.decide_parked().void_and_release(OrderId(order_id), actor=_actor(), reason=reason),
    )


@_command("users", "show", _USER)
def _user(user_id: str, sandbox: str | None, as_json: bool) -> None:
    """One customer and their money."""

    async def work(c: Container) -> object:
        user = await c.users().get(UserId(user_id))
        balances = await c.people().balances_of(user.user_id)
        return {"user": user, "balances": {mode.value: balance for mode, balance in balances.items()}}

    _act(sandbox, as_json, work)


@_command(
    "users", "adjust", _USER, click.argument("amount", callback=_amount), _reason,
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
            actor=_actor(),
            reason=reason,
        )

    _act(sandbox, as_json, work)


@_command("users", "block", _USER, _reason)
def _block(user_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """No new orders and top-ups; they are told the reason."""
    _act(sandbox, as_json, lambda c: c.people().block(UserId(user_id), actor=_actor(), reason=reason))


@_command("users", "unblock", _USER, _reason)
def _unblock(user_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """As before; they are told."""
    _act(sandbox, as_json, lambda c: c.people().unblock(UserId(user_id), actor=_actor(), reason=reason))


@_command(
    "users", "limit", _USER, _reason,
    click.option("--open-invoices", type=click.IntRange(0, 20), help="Unpaid top-ups at once."),
    click.option("--topup-most", callback=_some_amount, help="The most of one top-up, such as 250.00."),
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
            user.user_id, limits, version=user.version, actor=_actor(), reason=reason
        )

    _act(sandbox, as_json, work)


@_command("users", "language", _USER, click.argument("language", type=click.Choice(["en", "ru"])), _reason)
def _language(user_id: str, language: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Speak to a customer in this language."""
    _act(
        sandbox,
        as_json,
        lambda c: c.people().speak(UserId(user_id), language, actor=_actor(), reason=reason),
    )


@_command(
    "users", "statement", _USER,
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
            click.echo(json.dumps(_plain(dump(list(lines[:limit]))), ensure_ascii=False))
        else:
            _table(lines[:limit], ("transfer.created_at", "transfer.kind", "amount", "after"))
            if len(lines) > limit:
                click.echo(f"more: --skip {skip + limit}", err=True)
        return 0

    _run(sandbox, work)


@_command("users", "note", _USER, click.argument("text"))
def _note(user_id: str, text: str, sandbox: str | None, as_json: bool) -> None:
    """A word about a customer, for the office alone."""
    _act(sandbox, as_json, lambda c: c.people().note(UserId(user_id), text, actor=_actor()))


@_command("users", "export", _USER)
def _export(user_id: str, sandbox: str | None, as_json: bool) -> None:  # noqa: ARG001 - it is always JSON
    """Everything that is kept of a person, as JSON."""
    _act(sandbox, True, lambda c: c.people().export(UserId(user_id), actor=_actor()))


@_command(
    "users", "erase", _USER, _reason,
    click.option("--waive-balance", is_flag=True, help="They gave up what is left of their balance."),
    click.confirmation_option(prompt="Forget this person for good?"),
)  # fmt: skip
def _erase(user_id: str, reason: str, waive_balance: bool, sandbox: str | None, as_json: bool) -> None:
    """Forget a person; the books stay."""
    _act(
        sandbox,
        as_json,
        lambda c: c.people().erase(UserId(user_id), waive=waive_balance, actor=_actor(), reason=reason),
    )


_REFUND = click.argument("refund_id")


@_command("refunds", "show", _REFUND)
def _refund(refund_id: str, sandbox: str | None, as_json: bool) -> None:
    """One refund with everything in it."""
    _act(sandbox, as_json, lambda c: c.decide_refund().refunds.get(refund_id))


@_command("refunds", "request", _USER, click.argument("labels", nargs=-1, required=True))
def _request(user_id: str, labels: tuple[str, ...], sandbox: str | None, as_json: bool) -> None:
    """Ask labels back in a customer's name: order numbers or tracking numbers."""

    async def work(c: Container) -> object:
        user = await c.users().get(UserId(user_id))
        asked = await c.request_refunds()(user.user_id, labels, requested_by=_actor())
        return {
            one.word: one.refund or (one.refused.verdict.value if one.refused else "unknown") for one in asked
        }

    _act(sandbox, as_json, work)


_REFUNDS = click.argument("refund_ids", nargs=-1, required=True)


def _outcome(outcome: Outcome[Refund], *, whole: bool) -> object:
    if outcome.result is None:
        return f"{type(outcome.error).__name__}: {outcome.error}"
    return outcome.result if whole else outcome.result.state.value


def _each(
    sandbox: str | None,
    as_json: bool,
    refund_ids: tuple[str, ...],
    act: Callable[[Container, RefundId], Awaitable[Refund]],
) -> None:
    """Do one act to one refund, or to many, each by itself; exit code 1 where one of them says no."""
    if len(refund_ids) == 1:
        _act(sandbox, as_json, lambda c: act(c, RefundId(refund_ids[0])))
        return

    async def work(c: Container) -> int:
        ids = [RefundId(one) for one in refund_ids]
        outcomes = await c.decide_refund().each(ids, lambda one: act(c, one))
        said = {o.refund_id: _outcome(o, whole=as_json) for o in outcomes}
        _say(said, as_json=as_json)
        return 1 if any(o.error for o in outcomes) else 0

    _run(sandbox, work)


@_command(
    "refunds", "approve", _REFUNDS,
    click.option("--note", default="", help="A word to the customer."),
    click.option("--amount", callback=_some_amount, help="Less than the price; needs --because."),
    click.option("--because", default="", help="Why less."),
)  # fmt: skip
def _approve(
    refund_ids: tuple[str, ...],
    note: str,
    amount: Money | None,
    because: str,
    sandbox: str | None,
    as_json: bool,
) -> None:
    """The label goes back to the carrier at once, and its price to the customer; one or many."""
    if amount is not None and len(refund_ids) > 1:
        raise click.UsageError("--amount is for one refund")
    _each(
        sandbox,
        as_json,
        refund_ids,
        lambda c, one: c.decide_refund().approve(
            one, actor=_actor(), note=note, amount=amount, amount_reason=because
        ),
    )


@_command("refunds", "reject", _REFUNDS, _reason)
def _reject(refund_ids: tuple[str, ...], reason: str, sandbox: str | None, as_json: bool) -> None:
    """The customer hears why; one or many."""
    _each(
        sandbox,
        as_json,
        refund_ids,
        lambda c, one: c.decide_refund().reject(one, actor=_actor(), reason=reason),
    )


@_command("refunds", "note", _REFUND, click.argument("note"))
def _note_refund(refund_id: str, note: str, sandbox: str | None, as_json: bool) -> None:
    """A word to the customer."""
    _act(sandbox, as_json, lambda c: c.decide_refund().note(RefundId(refund_id), note, actor=_actor()))


@_command("refunds", "retry", _REFUND, _reason)
def _retry(refund_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Ask a carrier that keeps the label once more."""
    _act(
        sandbox,
        as_json,
        lambda c: c.decide_refund().retry(RefundId(refund_id), actor=_actor(), reason=reason),
    )


@_command("refunds", "override", _REFUND, _reason)
def _override(refund_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Give the money back at our loss, although the carrier keeps the label or has not told for an hour."""
    _act(
        sandbox,
        as_json,
        lambda c: c.decide_refund().override(RefundId(refund_id), actor=_actor(), reason=reason),
    )


@_command("topups", "show", click.argument("invoice_id"))
def _topup(invoice_id: str, sandbox: str | None, as_json: bool) -> None:
    """One top-up with its links and reviews."""
    _act(sandbox, as_json, lambda c: c.invoices().get(InvoiceId(invoice_id)))


@_command(
    "topups", "credit", click.argument("invoice_id"), click.argument("track_id"),
    click.argument("amount", callback=_amount), _reason,
)  # fmt: skip
def _credit(
    invoice_id: str, track_id: str, amount: Money, reason: str, sandbox: str | None, as_json: bool
) -> None:
    """A payment in review: the customer gets this much of it."""
    _act(
        sandbox,
        as_json,
        lambda c: c.resolve_review().credit(
            InvoiceId(invoice_id), track_id, amount, actor=_actor(), reason=reason
        ),
    )


@_command("topups", "close", click.argument("invoice_id"), click.argument("track_id"), _reason)
def _close(invoice_id: str, track_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A payment in review: the customer gets nothing of it."""
    _act(
        sandbox,
        as_json,
        lambda c: c.resolve_review().close(InvoiceId(invoice_id), track_id, actor=_actor(), reason=reason),
    )


@_command("alerts", "take-on", click.argument("alert_id"))
def _take_on(alert_id: str, sandbox: str | None, as_json: bool) -> None:
    """It is yours from now on, until it comes up again: KIND:SUBJECT as listed."""
    _act(sandbox, as_json, lambda c: c.take_on_alert()(alert_id, by=_actor()))


_BROADCAST = click.argument("broadcast_id")


def _shown_broadcast(c: Container, broadcast: Broadcast) -> Awaitable[object]:
    async def both() -> object:
        progress = await c.keep_broadcasts().progress(broadcast.broadcast_id)
        return {"broadcast": broadcast, "progress": progress}

    return both()


@_command(
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
        made = await c.keep_broadcasts().create(texts, segment, by=_actor())
        return {"broadcast": made, "users": await c.keep_broadcasts().count(made.segment)}

    _act(sandbox, as_json, work)


@_command("broadcasts", "show", _BROADCAST)
def _show_broadcast(broadcast_id: str, sandbox: str | None, as_json: bool) -> None:
    """A broadcast and how far it is."""

    async def work(c: Container) -> object:
        return await _shown_broadcast(c, await c.keep_broadcasts().broadcasts.get(broadcast_id))

    _act(sandbox, as_json, work)


@_command("broadcasts", "preview", _BROADCAST, _USER)
def _preview_broadcast(broadcast_id: str, user_id: str, sandbox: str | None, as_json: bool) -> None:
    """Send it to one chat alone, such as your own."""

    async def work(c: Container) -> object:
        ended = await c.keep_broadcasts().preview(broadcast_id, UserId(user_id), by=_actor())
        return {"delivery": ended}

    _act(sandbox, as_json, work)


@_command("broadcasts", "start", _BROADCAST)
def _start_broadcast(broadcast_id: str, sandbox: str | None, as_json: bool) -> None:
    """Begin to send it, as it is now; the running bot does."""

    async def work(c: Container) -> object:
        keep = c.keep_broadcasts()
        draft = await keep.broadcasts.get(broadcast_id)
        return await _shown_broadcast(c, await keep.start(broadcast_id, draft.version, by=_actor()))

    _act(sandbox, as_json, work)


def _steer(name: str, words: str) -> None:
    """A command that pauses, resumes or stops a broadcast."""

    def steer(broadcast_id: str, sandbox: str | None, as_json: bool) -> None:
        async def work(c: Container) -> object:
            act = getattr(c.keep_broadcasts(), name)
            return await _shown_broadcast(c, await act(broadcast_id, by=_actor()))

        _act(sandbox, as_json, work)

    steer.__doc__ = words
    _command("broadcasts", name, _BROADCAST)(steer)


_steer("pause", "Send no more for now.")
_steer("resume", "Go on sending.")
_steer("stop", "Send no more, ever.")


@_command("approvals", "grant", click.argument("approval_id"), _reason)
def _grant(approval_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Consent to what somebody else has asked for; it is done at once."""
    _act(sandbox, as_json, lambda c: c.consent().grant(approval_id, actor=_actor(), reason=reason))


@_command("approvals", "refuse", click.argument("approval_id"), _reason)
def _refuse(approval_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """It will not be done."""
    _act(sandbox, as_json, lambda c: c.consent().refuse(approval_id, actor=_actor(), reason=reason))


@_command(
    "keys", "make", click.argument("name"), click.argument("role", type=click.Choice([r.value for r in Role]))
)
def _make_key(name: str, role: str, sandbox: str | None, as_json: bool) -> None:
    """A new key; its secret is shown now and never again."""

    async def work(c: Container) -> object:
        key, secret = await c.keep_keys().make(name, Role(role), by=_actor())
        return {"key": secret, **_plain(dump(key))}

    _act(sandbox, as_json, work)


@_command(
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
        key, secret = await c.keep_keys().rotate(key_id, by=_actor(), overlap=overlap)
        return {"key": secret, **_plain(dump(key))}

    _act(sandbox, as_json, work)


@_command("keys", "revoke", click.argument("key_id"), _reason)
def _revoke_key(key_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """It opens nothing from now on."""
    _act(sandbox, as_json, lambda c: c.keep_keys().revoke(key_id, by=_actor(), reason=reason))


@_command("settings", "show")
def _show_settings(sandbox: str | None, as_json: bool) -> None:
    """What counts now."""

    async def work(c: Container) -> object:
        return (await c.change_settings().now())[1]

    _act(sandbox, as_json, work)


@_command(
    "settings", "mode", click.argument("mode", type=click.Choice([m.value for m in Mode])), _reason,
    click.option("--confirm", required=True, help="The mode once more, in capitals."),
)  # fmt: skip
def _mode(mode: str, reason: str, confirm: str, sandbox: str | None, as_json: bool) -> None:
    """Switch between test and production; what is under way keeps its own."""

    async def work(c: Container) -> object:
        standing, _ = await c.change_settings().now()
        return await c.change_settings().switch_mode(
            Mode(mode), typed=confirm, version=standing.version, actor=_actor(), reason=reason
        )

    _act(sandbox, as_json, work)


@_command(
    "settings", "maintenance", click.argument("switch", type=click.Choice(["on", "off"])), _reason,
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
            maintenance, version=standing.version, actor=_actor(), reason=reason, notice=notice
        )

    _act(sandbox, as_json, work)


@_command(
    "settings", "set", click.argument("name", type=click.Choice([*AMOUNTS, *NUMBERS, "contact"])),
    click.argument("value"), _reason,
)  # fmt: skip
def _set(name: str, value: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Decide a limit or the contact; the value `default` hands it back to the environment."""
    decided: Any = value
    if value == "default":
        decided = None
    elif name in AMOUNTS:
        decided = _amount(None, None, value)
    elif name in NUMBERS:
        if not value.isdecimal():
            raise click.BadParameter(f"{name} is a whole number")
        decided = int(value)

    async def work(c: Container) -> object:
        standing, _ = await c.change_settings().now()
        return await c.change_settings().change(
            {name: decided}, version=standing.version, actor=_actor(), reason=reason
        )

    _act(sandbox, as_json, work)


@_command("settings", "markup", click.argument("rules"), _reason)
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
            {"markup": decided}, version=standing.version, actor=_actor(), reason=reason
        )

    _act(sandbox, as_json, work)


@_command(
    "settings", "refunds", _reason,
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
            {"refunds": decided}, version=standing.version, actor=_actor(), reason=reason
        )

    _act(sandbox, as_json, work)


@_command(
    "settings", "second-person", _reason,
    click.option("--credit-above", callback=_limit_or_never, help="A balance changed by hand; or `never`."),
    click.option("--override-above", callback=_limit_or_never, help="A refund at our loss; or `never`."),
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
            {"second_person": decided}, version=standing.version, actor=_actor(), reason=reason
        )

    _act(sandbox, as_json, work)


@click.command("check-ledger")
@_office
def check_ledger(sandbox: str | None, as_json: bool) -> None:
    """Hold the books against what they belong to, and the audit against its seals; exit code 1 where not."""

    async def work(c: Container) -> int:
        found, broken = await c.check_ledger()(), await c.seal_audit().broken()
        if as_json:
            said = {"differences": list(found), "broken_seals": list(broken)}
            click.echo(json.dumps({name: _plain(dump(value)) for name, value in said.items()}))
            return 1 if found or broken else 0
        if found:
            _table(found, ("rule", "mode", "subject", "booked", "stated"))
        else:
            click.echo("the books agree with everything they belong to")
        if broken:
            _table(broken, COLUMNS["seals"])
            click.echo("these seals of the audit do not hold what they held")
        else:
            click.echo("no row of the audit was changed since it was sealed")
        return 1 if found or broken else 0

    _run(sandbox, work)


@click.command("stats")
@click.option("--first", type=click.DateTime(["%Y-%m-%d"]), help="Left out: 29 days before the last.")
@click.option("--last", type=click.DateTime(["%Y-%m-%d"]), help="Left out: today.")
@click.option("--zone", default="UTC", show_default=True, help="Whose days, such as America/New_York.")
@click.option("--mode", type=click.Choice([m.value for m in Mode]), help="Left out: the present one.")
@_office
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
            raise _misused(exc) from None
        report = await c.store().statistics.report(span)
        if as_json:
            _say(report, as_json=True)
            return 0
        _say(report.total, as_json=False)
        click.echo(f"margin: {report.total.margin}")
        rows = [{"day": str(day), **_plain(dump(figures))} for day, figures in report.days]
        _table(rows, ("day", "orders", "labels", "topups", "topped_up", "revenue", "cost", "refunded"))
        _table(report.services, ("carrier_code", "service_code", "labels", "revenue", "cost", "refunded"))
        return 0

    _run(sandbox, work)


def add_to(main: click.Group) -> None:
    """Every command of the office."""
    for group in GROUPS.values():
        main.add_command(group)
    main.add_command(stats)
    main.add_command(check_ledger)
