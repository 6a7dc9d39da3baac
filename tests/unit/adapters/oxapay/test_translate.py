"""From Oxapay's words to ours: above all, what is money and what is not."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.oxapay import translate, wire
from adapters.oxapay.wire import Unreadable
from builders import minutes, usd
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PayLink, Payment, PaymentStatus
from shipping_core.domain.money import LIMIT_MINOR, Money
from shipping_core.ports.payments import LinkRequest
from unit.adapters.oxapay.payloads import CREATED, a_payment, a_tx

NOW = dt.datetime(2031, 2, 27, 12, 0, tzinfo=dt.UTC)
REQUEST = LinkRequest("inv_7f3a", usd("25.00"), Mode.PRODUCTION, minutes(60), "wallet top-up")


def paid(*txs: dict[str, Any], **changes: Any) -> Payment:
    """What we make of an inquiry's answer."""
    raw = json.dumps(a_payment(*txs, **changes)).encode()
    return translate.payment(wire.decode(raw, wire.Paid))


def body_of(request: LinkRequest, callback_url: str = "") -> dict[str, Any]:
    """The request as it goes over the wire."""
    sent: dict[str, Any] = json.loads(wire.encode(translate.link_request(request, callback_url)))
    return sent


def test_given_a_request_when_sent_then_everything_that_decides_about_paid_is_said() -> None:
    assert body_of(REQUEST) == {
        "amount": 25.0,
        "currency": "USD",
        "lifetime": 60,
        "fee_paid_by_payer": 0,
        "under_paid_coverage": 0,
        "mixed_payment": 0,
        "order_id": "inv_7f3a",
        "description": "wallet top-up",
        "sandbox": False,
    }


def test_given_an_amount_when_sent_then_it_is_a_number_with_its_cents_and_no_float() -> None:
    request = LinkRequest("r", usd("0.10"), Mode.TEST, minutes(60))

    assert b'"amount":0.10,' in wire.encode(translate.link_request(request, ""))


def test_given_the_mode_of_tests_when_sent_then_the_link_is_play() -> None:
    assert body_of(LinkRequest("r", usd("1.00"), Mode.TEST, minutes(60)))["sandbox"] is True


def test_given_nothing_to_say_when_sent_then_nothing_is_null_or_empty() -> None:
    sent = body_of(LinkRequest("r", usd("1.00"), Mode.TEST, minutes(60), "  \n "))

    assert "description" not in sent
    assert "callback_url" not in sent


def test_given_an_address_for_notices_when_sent_then_it_is_in_the_request() -> None:
    assert body_of(REQUEST, "https://shop.example.com/x")["callback_url"] == "https://shop.example.com/x"


@pytest.mark.parametrize(
    ("lasts", "told"),
    [
        (minutes(0), 15),
        (minutes(15), 15),
        (minutes(59.2), 60),
        (minutes(60), 60),
        (minutes(2880), 2880),
        (minutes(2881), 2880),
        (-minutes(5), 15),
    ],
    ids=str,
)
def test_given_a_time_to_pay_when_sent_then_it_is_in_minutes_the_api_takes(
    lasts: dt.timedelta, told: int
) -> None:
    assert body_of(LinkRequest("r", usd("1.00"), Mode.TEST, lasts))["lifetime"] == told


def made(**changes: Any) -> PayLink:
    """What we make of a create's answer."""
    raw = json.dumps({**CREATED, **changes}).encode()
    return translate.link(wire.decode(raw, wire.Link), REQUEST, NOW)


def test_given_a_made_link_when_read_then_it_carries_our_reference_and_its_end() -> None:
    link = made()

    assert (link.track_id, link.order_ref) == ("190000001", "inv_7f3a")
    assert link.url == "https://pay.oxapay.com/12345678/190000001"
    assert link.expires_at == dt.datetime.fromtimestamp(1930003600, dt.UTC)


@pytest.mark.parametrize("track_id", [190000001, "190000001"])
def test_given_a_number_or_a_text_as_id_when_read_then_it_is_one_id(track_id: object) -> None:
    assert made(track_id=track_id).track_id == "190000001"


@pytest.mark.parametrize("end", [None, 0, -1, "", "soon", 1e30, 1930003600000, [], True, "9" * 50])
def test_given_no_usable_end_when_read_then_it_lasts_as_long_as_we_asked(end: object) -> None:
    assert made(expired_at=end).expires_at == NOW + minutes(60)


def test_given_an_end_as_text_when_read_then_it_counts() -> None:
    assert made(expired_at="1930003600").expires_at == dt.datetime.fromtimestamp(1930003600, dt.UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_url": None},
        {"payment_url": ""},
        {"payment_url": "javascript:alert(1)"},
        {"payment_url": "tg://resolve"},
        {"payment_url": "/pay/1"},
        {"payment_url": "https://"},
        {"payment_url": "https://[::1"},
        {"payment_url": "https://pay.example.com/ x"},
        {"payment_url": "https://pay.example.com/\n"},
        {"payment_url": "https://pay.example.com/" + "x" * 2000},
        {"payment_url": 5},
        {"track_id": ""},
        {"track_id": None},
        {"track_id": "a/b"},
        {"track_id": ".."},
        {"track_id": False},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_given_no_usable_id_or_page_when_read_then_it_is_no_link(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        made(**changes)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *((s.value, s) for s in PaymentStatus if s is not PaymentStatus.UNKNOWN),
        ("Paid", PaymentStatus.PAID),
        ("PAYING", PaymentStatus.PAYING),
        (" Manual_Accept ", PaymentStatus.MANUAL_ACCEPT),
        ("manual accept", PaymentStatus.MANUAL_ACCEPT),
        ("Manual-Accept", PaymentStatus.MANUAL_ACCEPT),
        ("Confirming", PaymentStatus.PAYING),
        ("Failed", PaymentStatus.UNKNOWN),
        ("unknown", PaymentStatus.UNKNOWN),
        ("paid!", PaymentStatus.UNKNOWN),
        ("", PaymentStatus.UNKNOWN),
        ("x" * 9999, PaymentStatus.UNKNOWN),
    ],
    ids=lambda x: str(x)[:20],
)
def test_given_a_word_when_read_then_it_means_one_status_in_any_case(
    word: str, status: PaymentStatus
) -> None:
    assert paid(status=word).status is status


def test_given_a_word_when_read_then_it_is_kept_as_it_was_said_but_short() -> None:
    assert paid(status="Manual_Accept").word == "Manual_Accept"
    assert len(paid(status="y" * 999).word) <= 40


@pytest.mark.parametrize("amount", [25, 25.0, "25", "25.00", "25.000000", "2.5e1", "0025"])
def test_given_an_exact_amount_when_read_then_it_is_that_much_money(amount: object) -> None:
    assert paid(amount=amount).amount == usd("25.00")


NO_AMOUNTS = [
    0,
    "0",
    "0.00",
    -1,
    "-25",
    "25.001",
    25.005,
    "0.001",
    1e30,
    "1e30",
    "1e9999",
    "1e-9999",
    "1e99999",
    "NaN",
    "sNaN",
    "Infinity",
    "-inf",
    "",
    " 25",
    "25 USD",
    "1,000.00",
    "0x19",
    "٢٥",
    "1_000",
    None,
    True,
    [],
    {},
    [25],
    "9" * 5000,
    "10000000.01",
]


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=lambda a: str(a)[:20])
def test_given_what_is_not_surely_so_many_cents_when_read_then_it_is_no_money(amount: object) -> None:
    assert paid(amount=amount).amount is None


FRACTIONS = ("25.001", 25.005, "0.001", "1e-9999")
"""No prices, but a transaction may be worth that much."""
NO_NUMBERS = [a for a in NO_AMOUNTS if a not in FRACTIONS]


@pytest.mark.parametrize("amount", NO_NUMBERS, ids=lambda a: str(a)[:20])
def test_given_a_transaction_of_no_such_amount_when_read_then_the_whole_value_is_uncertain(
    amount: object,
) -> None:
    told = paid(a_tx(), a_tx(amount=amount))

    assert (told.received, told.transactions) == (None, 2)


@pytest.mark.parametrize("value", [a for a in NO_NUMBERS if a not in ("", None)], ids=lambda a: str(a)[:20])
def test_given_a_value_that_is_none_when_read_then_the_coins_are_not_counted_in_its_place(
    value: object,
) -> None:
    assert paid(a_tx(value=value)).received is None


def test_given_the_largest_amount_when_read_then_it_is_money_and_one_cent_more_is_not() -> None:
    most = Decimal(LIMIT_MINOR) / 100

    assert paid(amount=str(most)).amount == Money(LIMIT_MINOR)
    assert paid(amount=str(most + Decimal("0.01"))).amount is None


@pytest.mark.parametrize("currency", ["EUR", "USDT", "BTC", "", None, 840, ["USD"]])
def test_given_another_currency_than_ours_when_read_then_neither_amount_nor_value_is_money(
    currency: object,
) -> None:
    told = paid(a_tx(), currency=currency)

    assert (told.amount, told.received) == (None, None)


def test_given_our_currency_in_small_letters_when_read_then_it_is_ours() -> None:
    assert paid(currency="usd").amount == usd("25.00")


@pytest.mark.parametrize(
    ("txs", "received"),
    [
        pytest.param([a_tx()], "25.01", id="one-dollar-coin"),
        pytest.param([a_tx(amount="12.5"), a_tx(amount=12.51, currency="usdc")], "25.01", id="two"),
        pytest.param([a_tx(amount="24.999999")], "24.99", id="rounded-down"),
        pytest.param([a_tx(amount="0.006"), a_tx(amount="0.006")], "0.01", id="rounded-once"),
        pytest.param([a_tx(amount="24." + "9" * 38)], "24.99", id="many-digits"),
        pytest.param(
            [a_tx(amount="12." + "4" * 39), a_tx(amount="12.55" + "5" * 38)], "24.99", id="sum-of-many-digits"
        ),
        pytest.param([a_tx(currency="USD")], "25.01", id="dollars"),
        pytest.param([a_tx(currency="BTC", amount=0.0004, value="25.60")], "25.60", id="value-is-told"),
        pytest.param([a_tx(currency="BTC", amount=0.0004, sent_value=25.6)], "25.60", id="sent-value"),
        pytest.param([a_tx(amount=1, value=2, sent_value="2.00")], "2.00", id="both-agree-and-go-first"),
        pytest.param([a_tx(status="Confirmed")], "25.01", id="in-capitals"),
        pytest.param([a_tx(value=None, sent_value="")], "25.01", id="values-left-empty"),
        pytest.param([], None, id="none"),
        pytest.param([a_tx(value=2, sent_value=3)], None, id="values-differ"),
        pytest.param([a_tx(currency="BTC")], None, id="no-dollar-coin"),
        pytest.param([a_tx(), a_tx(currency="BTC")], None, id="one-uncertain"),
        pytest.param([a_tx(status="confirming")], None, id="not-final"),
        pytest.param([a_tx(), a_tx(status="confirming")], None, id="one-not-final"),
        pytest.param([a_tx(status=None)], None, id="no-status"),
        pytest.param([a_tx(status=1)], None, id="odd-status"),
        pytest.param([a_tx(currency=None)], None, id="no-currency"),
        pytest.param([a_tx(amount="0.004")], None, id="less-than-a-cent"),
        pytest.param([a_tx(amount="9000000"), a_tx(amount="9000000")], None, id="beyond-bounds-together"),
    ],
)
def test_given_transactions_when_read_then_their_value_counts_where_it_is_certain(
    txs: list[dict[str, Any]], received: str | None
) -> None:
    told = paid(*txs)

    assert told.received == (usd(received) if received else None)
    assert told.transactions == len(txs)


@pytest.mark.parametrize(
    ("txs", "flag", "sandbox"),
    [
        pytest.param([], {}, None, id="no-evidence"),
        pytest.param([a_tx()], {}, False, id="real-transaction"),
        pytest.param([a_tx(tx_hash="sandbox")], {}, True, id="hash"),
        pytest.param([a_tx(address="T-SandBox-1")], {}, True, id="address"),
        pytest.param([a_tx(), a_tx(tx_hash="0sandbox1")], {}, True, id="any"),
        pytest.param([a_tx(tx_hash=None, address="")], {}, None, id="transaction-without-traces"),
        pytest.param([a_tx(tx_hash=5, address=[])], {}, None, id="odd-traces"),
        pytest.param([], {"sandbox": True}, True, id="flag"),
        pytest.param([], {"sandbox": 1}, True, id="flag-number"),
        pytest.param([], {"sandbox": "true"}, True, id="flag-text"),
        pytest.param([], {"sandbox": False}, False, id="flag-off"),
        pytest.param([], {"sandbox": "0"}, False, id="flag-off-text"),
        pytest.param([], {"sandbox": None}, None, id="flag-null"),
        pytest.param([], {"sandbox": "perhaps"}, None, id="flag-odd"),
        pytest.param([], {"sandbox": []}, None, id="flag-list"),
        pytest.param([a_tx()], {"sandbox": True}, True, id="flag-wins"),
        pytest.param([a_tx(tx_hash="sandbox")], {"sandbox": False}, True, id="trace-wins"),
    ],
)
def test_given_traces_when_read_then_play_money_is_told_from_real(
    txs: list[dict[str, Any]], flag: dict[str, Any], sandbox: bool | None
) -> None:
    assert paid(*txs, **flag).sandbox is sandbox


@pytest.mark.parametrize("order_id", [None, "", 0])
def test_given_no_reference_when_read_then_it_is_empty(order_id: object) -> None:
    assert paid(order_id=order_id).order_ref == ""


def test_given_missing_details_when_read_then_nothing_is_made_up() -> None:
    told = translate.payment(wire.decode(b'{"track_id": 7, "status": "new"}', wire.Paid))

    assert (told.track_id, told.status) == ("7", PaymentStatus.NEW)
    assert (told.amount, told.received, told.sandbox, told.transactions) == (None, None, None, 0)


def test_given_an_entry_of_the_history_when_read_then_its_page_is_empty_unless_told() -> None:
    def listed(**changes: Any) -> PayLink:
        raw = json.dumps(a_payment(**changes)).encode()
        return translate.listed(wire.decode(raw, wire.Paid), NOW)[0]

    assert listed().url == ""
    assert listed(payment_url="https://pay.example.com/1").url == "https://pay.example.com/1"
    assert listed().expires_at == dt.datetime.fromtimestamp(1930003600, dt.UTC)
    assert listed(expired_at=None).expires_at == NOW


def test_given_symbols_when_read_then_each_comes_once_in_capitals() -> None:
    assert translate.symbols(["usdt", "BTC", " USDT ", ""]) == ("USDT", "BTC")


def test_given_a_moment_when_told_in_seconds_then_a_part_of_one_goes_down_or_up() -> None:
    at = dt.datetime(1970, 1, 1, 0, 0, 5, 1, tzinfo=dt.UTC)

    assert (translate.unix(at), translate.unix(at, up=True)) == (5, 6)


NUMBERS = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.floats().map(str),
    st.integers().map(str),
    st.text("0123456789.eE+-", max_size=50),
    st.text(max_size=10),
)


@given(amounts=st.lists(NUMBERS, max_size=4), asked=NUMBERS)
def test_given_any_numbers_when_read_then_it_never_breaks_and_never_makes_more_money_than_came(
    amounts: list[str], asked: str
) -> None:
    told = paid(*(a_tx(amount=amount) for amount in amounts), amount=asked)

    if told.amount is not None:
        assert told.amount.amount == Decimal(asked)
        assert 0 < told.amount.minor <= LIMIT_MINOR
    if told.received is not None:
        with_all_digits = sum(map(Fraction, amounts), Fraction(0))
        assert 0 <= with_all_digits - Fraction(told.received.amount) < Fraction("0.01")


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_given_any_bytes_when_decoded_then_they_are_an_answer_or_unreadable(raw: bytes) -> None:
    for kind in (wire.Paid, wire.Page, wire.Link, wire.Currencies, wire.Callback):
        try:
            wire.decode(raw, kind)
        except Unreadable:
            continue


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["data", "error", "status", "message", "type", "key", "track_id"]), inner
            )
        ),
        max_leaves=10,
    )
)
def test_given_any_json_when_taken_for_an_envelope_then_it_is_judged_and_never_breaks(value: Any) -> None:
    said = wire.said(msgspec.json.encode(value))

    assert said.reason.isprintable()
    assert len(said.reason) <= wire.MAX_REASON_CHARS
