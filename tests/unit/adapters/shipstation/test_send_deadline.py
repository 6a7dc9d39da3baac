"""A purchase leaves soon after its claim, or not at all."""

from __future__ import annotations

from adapters.shipstation.limiter import Urgency
from adapters.shipstation.transport import PURCHASE_PATIENCE_S
from shipping_core.use_cases.buy_label import SEND_WITHIN_S


def test_given_every_wait_of_a_purchase_when_added_up_then_it_stays_below_the_claims_time() -> None:
    assert Urgency.PURCHASE.value + PURCHASE_PATIENCE_S < SEND_WITHIN_S
