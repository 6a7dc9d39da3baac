"""Top-ups in all the ways they go, for the tests of what comes after."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from a_shop import Shop
from builders import ANN, minutes, usd
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import InvoiceId, Mode, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.ledger import Kind, Transfer, account_sums
from shipping_core.domain.money import Money
from shipping_core.errors import OutcomeUnknown

INVOICE = InvoiceId("inv_1")
ASKED = usd("25.00")


async def a_top_up(made: Shop, invoice_id: InvoiceId = INVOICE, user_id: UserId = ANN) -> str:
    """Somebody's wish for $25.00; the track id of its link."""
    invoice = await made.top_up_by_link(user_id, invoice_id, ASKED)
    assert invoice.link is not None
    return invoice.link.track_id


async def a_lost_link(made: Shop, invoice_id: InvoiceId = INVOICE) -> str:
    """A link that was made, and nobody heard of it."""
    made.payments.accidents["create"].append(OutcomeUnknown("create", "read timeout"))
    with pytest.raises(OutcomeUnknown):
        await made.top_up_by_link(ANN, invoice_id, ASKED)
    return made.payments.track_ids[-1]


async def two_links(made: Shop) -> tuple[str, str]:
    """The lost link of an invoice, which the history did not show in time, and its second one."""
    lost = await a_lost_link(made)
    made.payments.misreport(lost, amount=usd("0.01"))
    second = await a_top_up(made)
    made.payments.misreport(lost, amount=ASKED)
    return lost, second


async def settled(made: Shop, track_id: str) -> Invoice:
    """The gateway is asked about this link."""
    invoice = await made.settle_invoice(track_id, made.policy.mode)
    assert invoice is not None
    return invoice


async def swept(made: Shop, after: float) -> Invoice:
    """One round of the sweep, so many minutes later, and every letter of it brought."""
    made.clock.advance(minutes(after))
    await made.sweep()
    await made.quiet()
    return await made.invoices.get(INVOICE)


async def lines(made: Shop, kind: Kind) -> list[Transfer]:
    """The journal's lines of this kind."""
    return [t for t in await made.balances.journal() if t.kind is kind]


async def available(made: Shop, user_id: UserId = ANN) -> Money:
    """What somebody may spend."""
    return (await made.balances.balance(user_id, made.policy.mode)).available


def in_suspense(journal: Sequence[Transfer], mode: Mode = Mode.TEST) -> Money:
    """What waits for an operator, by the book."""
    return Money(account_sums(journal).get((mode, book.SUSPENSE), 0))


def words(made: Shop, user_id: UserId = ANN) -> list[str]:
    """What letters told somebody."""
    return made.customer(user_id).remarks


def alarms(made: Shop) -> list[str]:
    """What the operators were told."""
    return [str(alarm) for alarm in made.notifier.alarms]
