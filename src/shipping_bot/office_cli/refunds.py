"""Refunds, one or many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from shipping_bot.office_cli.frame import as_some_amount, because, operator, perform, run, say
from shipping_bot.office_cli.lists import USER, command
from shipping_core.domain.ids import RefundId, UserId
from shipping_core.domain.money import Money
from shipping_core.domain.refund import Refund

if TYPE_CHECKING:
    from shipping_bot.container import Container
    from shipping_core.use_cases.decide_refund import Outcome

_REFUND = click.argument("refund_id")


@command("refunds", "show", _REFUND)
def _refund(refund_id: str, sandbox: str | None, as_json: bool) -> None:
    """One refund with everything in it."""
    perform(sandbox, as_json, lambda c: c.decide_refund().refunds.get(refund_id))


@command("refunds", "request", USER, click.argument("labels", nargs=-1, required=True))
def _request(user_id: str, labels: tuple[str, ...], sandbox: str | None, as_json: bool) -> None:
    """Ask labels back in a customer's name: order numbers or tracking numbers."""

    async def work(c: Container) -> object:
        user = await c.users().get(UserId(user_id))
        asked = await c.request_refunds()(user.user_id, labels, requested_by=operator())
        return {
            one.word: one.refund or (one.refused.verdict.value if one.refused else "unknown") for one in asked
        }

    perform(sandbox, as_json, work)


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
        perform(sandbox, as_json, lambda c: act(c, RefundId(refund_ids[0])))
        return

    async def work(c: Container) -> int:
        ids = [RefundId(one) for one in refund_ids]
        outcomes = await c.decide_refund().each(ids, lambda one: act(c, one))
        said = {o.refund_id: _outcome(o, whole=as_json) for o in outcomes}
        say(said, as_json=as_json)
        return 1 if any(o.error for o in outcomes) else 0

    run(sandbox, work)


@command(
    "refunds", "approve", _REFUNDS,
    click.option("--note", default="", help="A word to the customer."),
    click.option("--amount", callback=as_some_amount, help="Less than the price; needs --because."),
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
            one, actor=operator(), note=note, amount=amount, amount_reason=because
        ),
    )


@command("refunds", "reject", _REFUNDS, because)
def _reject(refund_ids: tuple[str, ...], reason: str, sandbox: str | None, as_json: bool) -> None:
    """The customer hears why; one or many."""
    _each(
        sandbox,
        as_json,
        refund_ids,
        lambda c, one: c.decide_refund().reject(one, actor=operator(), reason=reason),
    )


@command("refunds", "note", _REFUND, click.argument("note"))
def _note_refund(refund_id: str, note: str, sandbox: str | None, as_json: bool) -> None:
    """A word to the customer."""
    perform(sandbox, as_json, lambda c: c.decide_refund().note(RefundId(refund_id), note, actor=operator()))


@command("refunds", "retry", _REFUND, because)
def _retry(refund_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Ask a carrier that keeps the label once more."""
    perform(
        sandbox,
        as_json,
        lambda c: c.decide_refund().retry(RefundId(refund_id), actor=operator(), reason=reason),
    )


@command("refunds", "override", _REFUND, because)
def _override(refund_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """Give the money back at our loss, although the carrier keeps the label or has not told for an hour."""
    perform(
        sandbox,
        as_json,
        lambda c: c.decide_refund().override(RefundId(refund_id), actor=operator(), reason=reason),
    )
