"""Top-ups that a crash, a lost race or a slow answer met at a bad moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from attrs import define, evolve, field, frozen

from a_shop import Shop, shop
from adapters.memory.clock import MemoryClock
from adapters.memory.stores import MemoryUnitOfWork
from builders import ANN, minutes, usd
from shipping_core.domain.ids import InvoiceId, Mode
from shipping_core.domain.invoice import InvoiceState, PaymentStatus
from shipping_core.errors import StoreUnavailable
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.settle_invoice import SettleInvoice
from shipping_core.use_cases.top_up import TopUp

T = TypeVar("T")
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


@define
class ClockOutside(MemoryClock):
    """Refuses to be asked inside a transaction's body, which may run twice."""

    inside: bool = field(default=False, init=False)

    def now(self) -> object:  # type: ignore[override] # the same moment
        assert not self.inside, "the body asks for the time"
        return MemoryClock.now(self)


@frozen
class Marking(MemoryUnitOfWork):
    """Tells the clock when a body runs."""

    clock: ClockOutside

    async def run(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        self.clock.inside = True
        try:
            return await MemoryUnitOfWork.run(self, body)
        finally:
            self.clock.inside = False


async def settled(made: Shop) -> SettleInvoice:
    """A top-up with a link, and the settling of it by a clock that watches."""
    await made.top_up_by_link(ANN, INVOICE, usd("10.00"))
    clock = ClockOutside(made.clock.moment)
    work = Marking(made.database, clock)
    return evolve(made.settle_invoice, unit_of_work=work, clock=clock)


@pytest.mark.parametrize(
    ("received", "statuses"),
    [
        ("4.00", [PaymentStatus.UNDERPAID]),
        ("12.00", [PaymentStatus.PAID]),
        ("4.00", [PaymentStatus.UNDERPAID, PaymentStatus.PAID]),
        ("4.00", [PaymentStatus.UNDERPAID, PaymentStatus.REFUNDED]),
        ("12.00", [PaymentStatus.PAID, PaymentStatus.REFUNDED]),
    ],
    ids=["put aside", "a surplus put aside", "credited out of it", "given back", "reversed with its surplus"],
)
async def test_given_money_in_suspense_when_settled_then_no_body_asks_for_the_time(
    received: str, statuses: list[PaymentStatus]
) -> None:
    made = shop()
    settle = await settled(made)
    (track,) = made.payments.track_ids
    made.payments.pay(track, usd(received), statuses[0])
    for status in statuses:
        made.payments.say(track, status)
        settled_invoice = await settle(track, Mode.TEST)

    assert settled_invoice is not None
