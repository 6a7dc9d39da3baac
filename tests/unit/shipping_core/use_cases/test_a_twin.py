"""The same parcel to the same address, twice in ten minutes."""

from __future__ import annotations

import datetime as dt

import pytest

from a_shop import Customer, shop
from builders import A_WHOLE_ORDER, BOB
from shipping_core.domain.policy import Policy

WITHIN = Policy().twin_within


async def chosen(ann: Customer) -> Customer:
    """A price is chosen for the usual parcel."""
    await ann.says(A_WHOLE_ORDER)
    return await ann.chooses()


@pytest.mark.parametrize(
    ("later", "asked"),
    [(dt.timedelta(0), True), (WITHIN - dt.timedelta(seconds=1), True), (WITHIN, False)],
    ids=["at-once", "just-within", "after"],
)
async def test_given_a_bought_label_when_the_same_parcel_is_chosen_again_then_a_twin_is_shown(
    later: dt.timedelta, asked: bool
) -> None:
    made = shop()
    ann = await chosen(made.customer())
    before = ann.card.facts.twin
    await ann.buys()
    made.clock.advance(later)
    await chosen(ann)

    assert before is None
    assert (ann.card.facts.twin is not None) == asked


async def test_given_a_twin_when_buy_is_tapped_all_the_same_then_the_second_label_is_sold() -> None:
    ann = await chosen(shop().customer())
    await ann.buys()
    await chosen(ann)
    await ann.buys()

    assert len(ann.labels) == 2


async def test_given_somebody_elses_label_when_the_same_parcel_is_chosen_then_it_is_no_twin() -> None:
    made = shop()
    await (await chosen(made.customer())).buys()
    bob = await chosen(made.customer(BOB))

    assert bob.card.facts.twin is None
