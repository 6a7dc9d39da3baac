"""Top-ups that a crash, a lost race or a slow answer met at a bad moment."""

from __future__ import annotations

import pytest
from attrs import frozen

from a_shop import shop
from builders import ANN, minutes, usd
from shipping_core.domain.ids import InvoiceId
from shipping_core.domain.invoice import InvoiceState
from shipping_core.errors import StoreUnavailable
from shipping_core.use_cases.top_up import TopUp

INVOICE = InvoiceId("inv_1")


@frozen
class DyingTopUp(TopUp):
    """Its process dies when the invoice is kept and no link was asked for yet."""

    async def _link(self, invoice: object) -> object:  # type: ignore[override] # it never answers
        raise StoreUnavailable("gone")


async def test_given_a_crash_before_the_first_link_was_asked_for_when_its_time_is_over_then_it_ends() -> None:
    made = shop()
    dying = DyingTopUp(made.invoices, made.balances, made.payments, made.work, made.clock, made.policy)
    with pytest.raises(StoreUnavailable):
        await dying(ANN, INVOICE, usd("10.00"))
    made.clock.advance(made.policy.invoice_lasts + minutes(2))
    await made.sweep()

    assert (await made.invoices.get(INVOICE)).state is InvoiceState.EXPIRED
