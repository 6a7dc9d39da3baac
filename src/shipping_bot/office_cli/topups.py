"""Payments in review."""

from __future__ import annotations

import click

from shipping_bot.office_cli.frame import as_amount, because, operator, perform
from shipping_bot.office_cli.lists import command
from shipping_core.domain.ids import InvoiceId
from shipping_core.domain.money import Money


@command("topups", "show", click.argument("invoice_id"))
def _topup(invoice_id: str, sandbox: str | None, as_json: bool) -> None:
    """One top-up with its links and reviews."""
    perform(sandbox, as_json, lambda c: c.invoices().get(InvoiceId(invoice_id)))


@command(
    "topups", "credit", click.argument("invoice_id"), click.argument("track_id"),
    click.argument("amount", callback=as_amount), because,
)  # fmt: skip
def _credit(
    invoice_id: str, track_id: str, amount: Money, reason: str, sandbox: str | None, as_json: bool
) -> None:
    """A payment in review: the customer gets this much of it."""
    perform(
        sandbox,
        as_json,
        lambda c: c.resolve_review().credit(
            InvoiceId(invoice_id), track_id, amount, actor=operator(), reason=reason
        ),
    )


@command("topups", "close", click.argument("invoice_id"), click.argument("track_id"), because)
def _close(invoice_id: str, track_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A payment in review: the customer gets nothing of it."""
    perform(
        sandbox,
        as_json,
        lambda c: c.resolve_review().close(InvoiceId(invoice_id), track_id, actor=operator(), reason=reason),
    )
