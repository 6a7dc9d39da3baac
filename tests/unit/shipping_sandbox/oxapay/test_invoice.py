"""An invoice without clock, network or JSON."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping_sandbox.oxapay_api.coins import COINS, FIATS, Coin, Network, choices, tidy
from shipping_sandbox.oxapay_api.invoice import Impossible, Invoice, Merchant, Terms

START = datetime(2031, 4, 5, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
USDT = COINS["USDT"]
PRICES = st.decimals("0.01", "100000", places=2)


def an_invoice(amount: str | Decimal = "25", **terms: Any) -> Invoice:
    """Over 25 dollars, for an hour."""
    return Invoice(
        track_id="1",
        merchant=Merchant(key="key", number="1"),
        terms=Terms(amount=Decimal(amount), **terms),
        created_at=START,
        expires_at=START + HOUR,
    )


def paid(invoice: Invoice, amount: Decimal, coin: Coin = USDT, now: datetime = START) -> str | None:
    """Send so many coins, confirmed at once, and give what is told then."""
    invoice.choose(coin, coin.networks[0], now)
    tx = invoice.receive(amount, now)
    invoice.notice(now)
    return invoice.confirm(tx, now)


@given(
    PRICES,
    st.sampled_from([*FIATS, *COINS]),
    st.sampled_from(list(COINS.values())),
    st.integers(0, 1),
    st.decimals(0, 60, places=1),
)
def test_given_any_price_when_exactly_the_due_coins_come_then_paid_and_one_step_less_is_not(
    amount: Decimal, currency: str, coin: Coin, fee: int, coverage: Decimal
) -> None:
    terms = {"currency": currency, "fee_paid_by_payer": fee}
    whole, part = an_invoice(amount, **terms), an_invoice(amount, **terms)
    lenient = an_invoice(amount, **terms, under_paid_coverage=coverage)
    due = whole.due(coin)

    assert paid(whole, due, coin) == "paid"
    assert whole.due(coin) <= 0
    if due > coin.step:
        assert paid(part, due - coin.step, coin) is None
        assert (part.status, part.due(coin)) == ("paying", coin.step)
    assert paid(lenient, due, coin) == "paid"


@given(PRICES, st.lists(st.tuples(st.integers(1, 60), st.sampled_from(list(COINS.values()))), max_size=5))
def test_given_parts_in_any_coins_when_they_come_then_paid_exactly_when_the_price_is_reached(
    amount: Decimal, parts: list[tuple[int, Coin]]
) -> None:
    invoice = an_invoice(amount)
    for percent, coin in parts:
        paid(invoice, coin.amount_for(amount * percent / 100), coin)
    sent = sum((tx.usd for tx in invoice.txs), Decimal(0))

    assert (invoice.status == "paid") == (bool(parts) and sent >= amount)


def test_given_money_in_flight_when_the_time_ends_then_it_decides_when_it_is_confirmed() -> None:
    for amount, end in ((Decimal(25), "paid"), (Decimal(24), "underpaid")):
        invoice = an_invoice()
        invoice.choose(USDT, USDT.networks[0], START)
        tx = invoice.receive(amount, START)
        invoice.notice(START)

        assert invoice.lapse(START + HOUR) is None
        assert invoice.confirm(tx, START + HOUR) == end


def test_given_the_same_status_twice_when_it_comes_then_it_is_told_once_and_the_history_has_it_once() -> None:
    invoice = an_invoice()

    assert invoice.force("odd", START) == "odd"
    assert invoice.force("odd", START) is None
    assert [c.status for c in invoice.changes] == ["new", "odd"]


def test_given_a_chosen_coin_when_chosen_again_then_its_address_stays() -> None:
    invoice = an_invoice()

    assert invoice.choose(USDT, USDT.networks[0], START) == "waiting"
    address = invoice.address
    assert invoice.choose(USDT, USDT.networks[0], START) is None
    assert invoice.address == address
    assert invoice.choose(USDT, USDT.networks[1], START) is None
    assert invoice.address != address


def test_given_no_coin_when_money_is_sent_then_it_is_impossible() -> None:
    with pytest.raises(Impossible, match="no coin"):
        an_invoice().receive(Decimal(1), START)


@pytest.mark.parametrize("sandbox", [True, False])
@pytest.mark.parametrize(("coin", "network"), [*choices()], ids=lambda x: x.name)
def test_given_any_network_when_an_address_is_made_then_nobody_can_send_money_there(
    coin: Coin, network: Network, sandbox: bool
) -> None:
    invoice = an_invoice(sandbox=sandbox)
    invoice.choose(coin, network, START)

    assert invoice.address.startswith(f"{network.prefix}0{'sandbox' if sandbox else 'invented'}")
    assert "0" in invoice.address.removeprefix("0x")  # no base58 address has it
    assert not set(invoice.address.removeprefix("0x")) <= set("0123456789abcdef")  # nor is it hexadecimal


@given(st.decimals("-1e12", "1e12", places=8))
def test_given_any_number_when_tidied_then_it_is_the_same_without_zeros_behind(number: Decimal) -> None:
    short = tidy(number)

    assert short == number
    assert "E+" not in str(short)
    assert not ("." in f"{short:f}" and f"{short:f}".endswith("0"))
