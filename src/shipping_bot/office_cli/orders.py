"""Orders that wait for an operator."""

from __future__ import annotations

import click

from shipping_bot.office_cli.frame import because, operator, perform
from shipping_bot.office_cli.lists import command
from shipping_core.domain.ids import OrderId

_ORDER = click.argument("order_id")


@command("orders", "show", _ORDER)
def _order(order_id: str, sandbox: str | None, as_json: bool) -> None:
    """One order with everything in it."""
    perform(sandbox, as_json, lambda c: c.orders().get(OrderId(order_id)))


@command("orders", "adopt", _ORDER, click.argument("label_id"), because)
def _adopt(order_id: str, label_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A parked order gets this label of the carrier's, and is charged."""
    perform(
        sandbox,
        as_json,
        lambda c: c.decide_parked().adopt(OrderId(order_id), label_id, actor=operator(), reason=reason),
    )


@command("orders", "confirm-not-bought", _ORDER, because)
def _not_bought(order_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A parked order has no label; its money is free again."""
    perform(
        sandbox,
        as_json,
        lambda c: c.decide_parked().confirm_not_bought(OrderId(order_id), actor=operator(), reason=reason),
    )


@command("orders", "void-and-release", _ORDER, because)
def _void(order_id: str, reason: str, sandbox: str | None, as_json: bool) -> None:
    """A parked order's labels go back to the carrier; its money is free again."""
    perform(
        sandbox,
        as_json,
        lambda c: c.decide_parked().void_and_release(OrderId(order_id), actor=operator(), reason=reason),
    )
