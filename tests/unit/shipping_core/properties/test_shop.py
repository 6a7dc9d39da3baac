"""Money and labels under any interleaving; and proof that the watcher would see what it must.

`HYPOTHESIS_PROFILE=thorough` runs many more and longer stories than the suite has time for.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from a_shop import Shop, shop
from builders import usd
from shipping_core.domain.ids import OrderId, RateId, UserId
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.shipment import Quote
from shipping_core.errors import OutcomeUnknown
from shipping_core.ports.shipping import Bought, Prepared
from shipping_core.ports.unit_of_work import Transaction
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.settle_order import SettleOrder
from shop_machine import LaggingShipping, ShopMachine

CALM = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
PROFILES = {
    "quick": settings(max_examples=200, stateful_step_count=40, **CALM),  # type: ignore[arg-type] # one mapping
    "thorough": settings(max_examples=3000, stateful_step_count=80, **CALM),  # type: ignore[arg-type] # the same
}
PROFILE = PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "quick")]
REACHED = set(OrderState) - {OrderState.VOID_REQUESTED, OrderState.VOIDED}
CONTROL = settings(PROFILES["quick"], max_examples=1000, phases=[Phase.generate], report_multiple_bugs=False)


@pytest.mark.timeout(7200 if PROFILE is PROFILES["thorough"] else 120)
def test_given_anything_that_can_happen_when_it_happens_in_any_order_then_money_and_labels_agree() -> None:
    run_state_machine_as_test(ShopMachine, settings=PROFILE)

    assert ShopMachine.ever_seen >= REACHED


class RetryingShipping(LaggingShipping):
    """Control: a client that repeats a purchase that was not answered."""

    async def buy(self, prepared: Prepared) -> Bought:
        try:
            return await LaggingShipping.buy(self, prepared)
        except OutcomeUnknown:
            return await LaggingShipping.buy(self, prepared)


class RetryingMachine(ShopMachine):
    carrier = RetryingShipping


@frozen
class ForgetfulSettle(SettleOrder):
    """Control: a failed order whose hold is never released."""

    async def _released(self, order: Order, ended: Order, **_: Any) -> Order:
        async def body(tx: Transaction) -> None:
            await tx.orders.save(ended)

        await self.unit_of_work.run(body)
        return ended


class LeakingMachine(ShopMachine):
    def open(self) -> Shop:
        return shop(welcome_credit="40.00", shipping=self.shipping, settle_with=ForgetfulSettle)


@frozen
class GreedyBuy(BuyLabel):
    """Control: a purchase that takes a dollar more than was shown."""

    def _new_order(
        self, user_id: UserId, order_id: OrderId, quote: Quote, rate_id: RateId, kept: tuple[str, ...]
    ) -> Order:
        order = BuyLabel._new_order(self, user_id, order_id, quote, rate_id, kept)
        return evolve(order, price=order.price + usd("1.00"))


class GreedyMachine(ShopMachine):
    def open(self) -> Shop:
        return shop(welcome_credit="40.00", shipping=self.shipping, buy_with=GreedyBuy)


@frozen
class HastyBuy(BuyLabel):
    """Control: an answer that comes after a look-up is given up instead of recorded."""

    async def _recorded(self, order: Order, act: Callable[[Order], Awaitable[Order]]) -> Order:
        return await act(order)


class HastyMachine(ShopMachine):
    def open(self) -> Shop:
        return shop(welcome_credit="40.00", shipping=self.shipping, buy_with=HastyBuy)


@pytest.mark.parametrize(
    ("broken", "seen"),
    [
        (RetryingMachine, "bought twice"),
        (LeakingMachine, "a hold leaked"),
        (GreedyMachine, "another price than shown"),
        (HastyMachine, "not bought, it was said"),
    ],
    ids=["a second purchase on retry", "a leaked hold", "a charge above the shown price", "a false denial"],
)
def test_given_a_shop_broken_on_purpose_when_watched_then_it_is_seen(
    broken: type[ShopMachine], seen: str
) -> None:
    with pytest.raises(AssertionError, match=seen):
        run_state_machine_as_test(broken, settings=CONTROL)
