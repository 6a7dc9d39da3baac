"""Carriers whose prepaid wallets run empty are not sold for a while."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from a_shop import Shop, shop
from builders import A_WHOLE_ORDER, NOW, a_quote, minutes, usd
from money_in import alarms
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import RateId
from shipping_core.errors import GatewayRefused, GatewayUnavailable
from shipping_core.ports.shipping import Wallet
from shipping_core.use_cases.sales_gate import PAUSED_FOR

ALL = {"usps", "ups", "fedex"}


def watched(**balances: str) -> Shop:
    """A shop that pauses a carrier with less than twenty dollars in its wallet."""
    made = shop(wallet_floor=usd("20.00"))
    fill(made, **balances)
    return made


def fill(made: Shop, **balances: str) -> None:
    """What lies in the wallets from now on."""
    made.shipping.wallet.update({code: usd(balance) for code, balance in balances.items()})


async def sold(made: Shop) -> set[str]:
    """The carriers whose prices a customer is shown."""
    ann = await made.customer().does(ev.Started())
    await ann.does(ev.DraftDropped())
    await ann.says(A_WHOLE_ORDER)
    return {r.carrier_code for r in ann.prices.rates} if isinstance(ann.screen, sc.RateList) else set()


async def test_given_an_almost_empty_wallet_when_watched_then_its_carrier_is_paused_with_one_alarm() -> None:
    made = watched(usps="19.99", ups="20.00")
    for _ in range(3):
        await made.watch_wallets()

    assert await sold(made) == {"ups", "fedex"}
    assert alarms(made) == ["the usps wallet holds 19.99 USD: its sales are paused"]


async def test_given_a_paused_carrier_when_its_wallet_is_filled_then_it_is_sold_again_with_one_word() -> None:
    made = watched(usps="0")
    await made.watch_wallets()
    fill(made, usps="500.00")
    for _ in range(2):
        await made.watch_wallets()

    assert await sold(made) == ALL
    assert alarms(made)[1:] == ["the usps wallet holds 500.00 USD: its sales go on"]


async def test_given_a_pause_when_nobody_renews_it_then_it_ends_by_itself() -> None:
    made = watched(usps="0")
    await made.watch_wallets()
    made.clock.advance(PAUSED_FOR)

    assert await sold(made) == ALL


async def test_given_two_wallets_of_one_carrier_when_one_is_empty_then_it_is_paused_with_one_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = watched()

    async def wallets(*_: object) -> Sequence[Wallet]:
        return [Wallet("ups", usd("1.00")), Wallet("ups", usd("99.00"))]

    monkeypatch.setattr(type(made.shipping), "wallets", wallets)
    for _ in range(3):
        await made.watch_wallets()

    assert (await sold(made), len(alarms(made))) == ({"usps", "fedex"}, 1)


async def test_given_every_wallet_empty_when_prices_are_asked_then_sales_are_closed_with_an_alarm() -> None:
    made = watched(usps="0", ups="0", fedex="0")
    await made.watch_wallets()
    ann = await made.customer().says(A_WHOLE_ORDER)

    assert (type(ann.screen), ann.note) == (sc.Review, "closed")
    assert isinstance(made.notifier.alarms[-1], GatewayRefused)


async def test_given_a_paused_carrier_when_estimated_then_it_is_left_out_as_it_is_of_the_prices() -> None:
    made = watched(usps="0")
    await made.watch_wallets()
    ann = await made.customer().says("from.zip: 94117\nto.zip: 90012\nparcel.weight: 35 oz")

    assert isinstance(ann.screen, sc.OrderCard)
    assert {rate.carrier_code for rate in ann.screen.estimate} == {"ups", "fedex"}


async def test_given_a_carrier_that_does_not_answer_when_watched_then_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = watched(usps="0")
    await made.watch_wallets()

    async def away(*_: object) -> None:
        raise GatewayUnavailable("wallets")

    monkeypatch.setattr(type(made.shipping), "wallets", away)
    await made.watch_wallets()

    assert (await sold(made), len(alarms(made))) == ({"ups", "fedex"}, 1)


async def test_given_no_floor_when_watched_then_nobody_is_asked_and_nothing_paused() -> None:
    made = shop()
    fill(made, usps="0")
    await made.watch_wallets()

    assert (await sold(made), alarms(made)) == (ALL, [])


async def test_given_a_purchase_refused_for_an_empty_wallet_when_ordering_again_then_its_carrier_rests() -> (
    None
):
    made = shop()
    ann = await made.customer().orders()
    carrier = ann.confirmation.rate.carrier_code
    made.shipping.accidents = [GatewayRefused("buy", code="insufficient_funds")]
    await ann.buys()
    refused = ann.note

    assert (refused, await sold(made)) == ("closed", ALL - {carrier})
    assert made.gate.paused(carrier, NOW + PAUSED_FOR - minutes(1))
    made.clock.advance(PAUSED_FOR)
    assert await sold(made) == ALL


async def test_given_a_rate_that_is_no_offer_of_a_quote_when_paused_for_then_everything_is_sold() -> None:
    made = shop()
    made.quotes.pause(RateId("forged"), a_quote())

    assert await sold(made) == ALL
