"""Book-keeping values."""

from __future__ import annotations

import pytest
from attrs import evolve

from builders import ANN, NOW, minutes, usd
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Balance, Kind, Transfer, account_sums, open_holds
from shipping_core.domain.money import LIMIT_MINOR, Money

HOLD = Transfer("hold:1", Kind.HOLD, book.available(ANN), book.held(ANN), usd("5.00"), Mode.TEST, NOW)
BACK = Transfer(
    "release:1", Kind.RELEASE, book.held(ANN), book.available(ANN), usd("5.00"), Mode.TEST, NOW, "hold:1"
)


def test_given_transfers_when_folded_then_each_account_has_its_sum_and_each_mode_is_apart() -> None:
    real = evolve(HOLD, mode=Mode.PRODUCTION, amount=usd("1.00"))

    assert account_sums([HOLD, BACK, real]) == {
        (Mode.TEST, book.available(ANN)): 0,
        (Mode.TEST, book.held(ANN)): 0,
        (Mode.PRODUCTION, book.available(ANN)): -100,
        (Mode.PRODUCTION, book.held(ANN)): 100,
    }


def test_given_holds_when_resolved_then_only_the_others_are_open() -> None:
    other = evolve(HOLD, key="hold:2")

    assert open_holds([HOLD, other, BACK]) == (other,)


def test_given_the_same_act_later_when_compared_then_only_the_clock_is_forgiven() -> None:
    assert HOLD.same_intention(evolve(HOLD, created_at=NOW + minutes(3)))
    assert not HOLD.same_intention(evolve(HOLD, amount=usd("5.01")))


@pytest.mark.parametrize("minor", [0, -1, LIMIT_MINOR + 1])
def test_given_an_impossible_amount_when_moved_then_it_is_refused(minor: int) -> None:
    with pytest.raises(ValueError, match="transfer"):
        evolve(HOLD, amount=Money(minor))


def test_given_a_balance_when_posted_then_it_is_what_is_free_and_what_is_promised() -> None:
    assert Balance(usd("5.00"), usd("2.50")).posted == usd("7.50")
