"""What was begun in one mode is finished in it."""

from __future__ import annotations

from attrs import evolve

from a_shop import shop
from builders import ANN, usd
from shipping_core.domain.ids import InvoiceId, Mode
from shipping_core.domain.invoice import InvoiceState


async def test_given_a_top_up_of_the_test_mode_when_paid_after_the_switch_then_it_is_credited_in_test() -> (
    None
):
    made = shop(welcome_credit="0")
    invoice = await made.top_up_by_link(ANN, InvoiceId("inv_1"), usd("25.00"))
    assert invoice.link is not None
    made.payments.pay(invoice.link.track_id)
    switched = evolve(made.notices, policy=evolve(made.policy, mode=Mode.PRODUCTION))
    await switched(*made.payments.notice(invoice.link.track_id))
    await switched.work_off()

    assert (await made.invoices.get(invoice.invoice_id)).state is InvoiceState.CREDITED
    assert (await made.balances.balance(ANN, Mode.TEST)).available == usd("25.00")
    assert (await made.balances.balance(ANN, Mode.PRODUCTION)).posted == usd("0")
