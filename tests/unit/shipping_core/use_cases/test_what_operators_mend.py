"""Refusals that are the shop's own trouble: the customer is calmed, the operators are told."""

from __future__ import annotations

import pytest

from a_shop import shop
from builders import A_WHOLE_ORDER, usd
from shipping_core.conversation import screens as sc
from shipping_core.errors import GatewayRefused

OURS = ["unauthorized", "no_credentials", "insufficient_funds"]


@pytest.mark.parametrize("code", OURS)
async def test_given_trouble_of_ours_when_prices_are_asked_then_the_operators_hear_of_it(code: str) -> None:
    made = shop()
    made.shipping.errors["rates"] = [GatewayRefused("rates", code=code)]
    ann = await made.customer().says(A_WHOLE_ORDER)

    assert (type(ann.screen), ann.note) == (sc.Review, "closed")
    assert [str(e) for e in made.notifier.alarms] == ["rates"]


@pytest.mark.parametrize("code", OURS)
async def test_given_trouble_of_ours_when_buying_then_the_money_is_free_and_the_operators_hear_of_it(
    code: str,
) -> None:
    made = shop(welcome_credit="50.00")
    ann = await made.customer().says(A_WHOLE_ORDER)
    made.shipping.accidents.append(GatewayRefused("buy", code=code))
    await ann.chooses()
    await ann.buys()

    assert (type(ann.screen), ann.note) == (sc.Review, "closed")
    assert [str(e) for e in made.notifier.alarms] == ["buy"]
    assert (await ann.balance()).available == usd("50.00")


async def test_given_a_refusal_of_the_parcel_when_buying_then_no_operator_is_woken() -> None:
    made = shop()
    ann = await made.customer().says(A_WHOLE_ORDER)
    made.shipping.accidents.append(GatewayRefused("buy", code="invalid_address"))
    await ann.chooses()
    await ann.buys()

    assert (ann.note, made.notifier.alarms) == ("not_bought", [])
