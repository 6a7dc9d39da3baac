"""What every OrderRepository promises; a subclass provides `orders`, empty."""

from __future__ import annotations

from asyncio import gather
from typing import Any

import pytest
from attrs import evolve

from builders import ANN, BOB, NOW, a_label, a_rate, an_order, minutes, usd
from shipping_core.domain.ids import Mode, OrderId
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.orders import OrderRepository


def a_long_life() -> Order:
    """An order with every field set."""
    order = an_order(
        rate=a_rate("9.80", cost=usd("8.80"), carrier_reference="se-1"),
        mode=Mode.PRODUCTION,
        kept_as_entered=("from", "to"),
    )
    asked = order.claimed(NOW + minutes(1), carrier_order="shipment-1")
    unknown = asked.unknown("no answer", NOW + minutes(2)).looked_up(NOW + minutes(3))
    return evolve(unknown.purchased(a_label("8.00", tracking_url="x"), NOW + minutes(4)), version=1)


class OrderRepositoryContract:
    """Orders by id, saved under their version."""

    @pytest.mark.parametrize("order", [an_order(), a_long_life()], ids=["new", "with every field"])
    async def test_given_an_added_order_when_got_then_it_is_the_same_in_every_field(
        self, orders: OrderRepository, order: Order
    ) -> None:
        await orders.add(order)

        assert await orders.get(order.order_id) == order

    async def test_given_nobody_when_got_then_it_is_not_found(self, orders: OrderRepository) -> None:
        with pytest.raises(NotFound):
            await orders.get(OrderId("ord_nobody"))

    async def test_given_a_taken_id_when_added_then_it_is_a_conflict_and_the_first_stays(
        self, orders: OrderRepository
    ) -> None:
        first = an_order()
        await orders.add(first)
        with pytest.raises(Conflict):
            await orders.add(an_order(first.order_id, user_id=BOB))

        assert await orders.get(first.order_id) == first
        assert list(await orders.of_user(BOB)) == []

    async def test_given_a_taken_reference_when_added_then_it_is_a_conflict_and_nothing_is_kept(
        self, orders: OrderRepository
    ) -> None:
        first, second = an_order(), an_order()
        await orders.add(first)
        with pytest.raises(Conflict):
            await orders.add(evolve(second, reference=first.reference))
        with pytest.raises(NotFound):
            await orders.get(second.order_id)

        assert list(await orders.of_user(ANN)) == [first]

    async def test_given_the_next_version_when_saved_then_it_replaces_the_old(
        self, orders: OrderRepository
    ) -> None:
        order = an_order()
        await orders.add(order)
        claimed = order.claimed(NOW + minutes(1), carrier_order="shipment-1")
        await orders.save(claimed)

        assert await orders.get(order.order_id) == claimed

    @pytest.mark.parametrize("version", [1, 3], ids=["the same", "one too far"])
    async def test_given_another_version_when_saved_then_it_is_a_conflict_and_nothing_changed(
        self, orders: OrderRepository, version: int
    ) -> None:
        order = an_order()
        await orders.add(order)
        with pytest.raises(Conflict):
            await orders.save(evolve(order, version=version, failure="lost"))

        assert await orders.get(order.order_id) == order

    async def test_given_no_such_order_when_saved_then_it_is_not_found(self, orders: OrderRepository) -> None:
        with pytest.raises(NotFound):
            await orders.save(evolve(an_order(), version=2))

    async def test_given_two_workers_when_both_claim_then_exactly_one_is_saved(
        self, orders: OrderRepository
    ) -> None:
        order = an_order()
        await orders.add(order)
        claims = [order.claimed(NOW, carrier_order=f"worker-{n}") for n in range(6)]
        got = await gather(*(orders.save(c) for c in claims), return_exceptions=True)

        assert [type(g) for g in got].count(Conflict) == 5
        assert await orders.get(order.order_id) == claims[got.index(None)]

    async def test_given_many_orders_when_listed_then_ones_own_come_newest_first_and_in_pages(
        self, orders: OrderRepository
    ) -> None:
        mine = [
            an_order(created_at=NOW + minutes(n), updated_at=NOW + minutes(n), user_id=ANN) for n in range(5)
        ]
        for order in (*mine, an_order(user_id=BOB)):
            await orders.add(order)

        assert list(await orders.of_user(ANN)) == mine[::-1]
        assert list(await orders.of_user(ANN, limit=2)) == [mine[4], mine[3]]
        assert list(await orders.of_user(ANN, limit=2, skip=3)) == [mine[1], mine[0]]
        assert list(await orders.of_user(ANN, skip=5)) == []

    async def test_given_many_orders_when_those_begun_lately_are_counted_then_others_do_not_hide_or_join_them(
        self, orders: OrderRepository
    ) -> None:
        failed = [
            an_order(state=OrderState.FAILED, created_at=NOW + minutes(9), updated_at=NOW + minutes(9))
            for _ in range(30)
        ]
        counted = [an_order(created_at=NOW + minutes(n)) for n in (1, 2)]
        others = [
            an_order(created_at=NOW),
            an_order(created_at=NOW + minutes(3), mode=Mode.PRODUCTION),
            an_order(created_at=NOW + minutes(3), user_id=BOB),
        ]
        for order in (*counted, *others, *failed):
            await orders.add(order)

        assert await orders.begun_since(ANN, NOW, Mode.TEST, but={OrderState.FAILED}) == 2
        assert await orders.begun_since(ANN, NOW, Mode.TEST) == 32
        assert await orders.begun_since(ANN, NOW + minutes(9), Mode.TEST) == 0

    async def test_given_a_saved_change_when_listed_then_the_list_shows_it_in_its_old_place(
        self, orders: OrderRepository
    ) -> None:
        old = an_order(created_at=NOW)
        new = an_order(created_at=NOW + minutes(1))
        await orders.add(old)
        await orders.add(new)
        failed = old.failed("refused", NOW + minutes(9))
        await orders.save(failed)

        assert list(await orders.of_user(ANN)) == [new, failed]

    async def test_given_orders_in_many_states_when_due_ones_are_wanted_then_oldest_change_comes_first(
        self, orders: OrderRepository
    ) -> None:
        reserved = an_order(updated_at=NOW)
        failed = evolve(an_order(), state=OrderState.FAILED)
        late = an_order(updated_at=NOW + minutes(2))
        middle = evolve(an_order(updated_at=NOW + minutes(1)), state=OrderState.UNKNOWN)
        for order in (late, failed, middle, reserved):
            await orders.add(order)
        wanted = {OrderState.RESERVED, OrderState.UNKNOWN}

        assert list(await orders.in_states(wanted, before=NOW + minutes(9))) == [reserved, middle, late]
        assert list(await orders.in_states(wanted, before=NOW + minutes(9), limit=1)) == [reserved]

    async def test_given_an_order_changed_just_then_when_due_ones_are_wanted_then_it_is_not_among_them(
        self, orders: OrderRepository
    ) -> None:
        await orders.add(an_order(updated_at=NOW))

        assert list(await orders.in_states({OrderState.RESERVED}, before=NOW)) == []
        assert len(await orders.in_states({OrderState.RESERVED}, before=NOW + minutes(0.01))) == 1

    async def test_given_orders_of_one_moment_when_listed_then_the_last_added_comes_first(
        self, orders: OrderRepository
    ) -> None:
        mine = [an_order(name) for name in ("ord_b", "ord_a", "ord_c")]
        for order in mine:
            await orders.add(order)

        assert list(await orders.of_user(ANN)) == mine[::-1]
        assert list(await orders.of_user(ANN, limit=0)) == []

    async def test_given_watched_orders_when_their_time_has_come_then_the_longest_overdue_comes_first(
        self, orders: OrderRepository
    ) -> None:
        late, due = (evolve(an_order(), watch_at=NOW - minutes(n), stray=a_label()) for n in (9, 0))
        for order in (due, an_order(), evolve(an_order(), watch_at=NOW + minutes(0.01)), late):
            await orders.add(order)

        assert list(await orders.to_watch(NOW)) == [late, due]
        assert list(await orders.to_watch(NOW, limit=1)) == [late]
        assert list(await orders.to_watch(NOW, limit=0)) == []

    async def test_given_a_watched_order_when_nobody_looks_any_more_then_it_is_not_due(
        self, orders: OrderRepository
    ) -> None:
        order = evolve(an_order(), watch_at=NOW)
        await orders.add(order)
        await orders.save(order.strayed(a_label(), NOW))

        assert list(await orders.to_watch(NOW)) == []

    async def test_given_tracking_numbers_when_looked_for_then_ones_own_labels_come_and_no_others(
        self, orders: OrderRepository
    ) -> None:
        first, second = (
            an_order(state=OrderState.PURCHASED, label=a_label(tracking_number=f"ZZ{n}")) for n in (1, 2)
        )
        others = an_order(state=OrderState.PURCHASED, label=a_label(tracking_number="ZZ1"), user_id=BOB)
        for order in (first, second, others, an_order()):
            await orders.add(order)

        assert list(await orders.by_tracking(ANN, {"ZZ1", "ZZ3", ""})) == [first]
        assert {o.order_id for o in await orders.by_tracking(ANN, ["ZZ1", "ZZ2"])} == {
            first.order_id,
            second.order_id,
        }
        assert list(await orders.by_tracking(BOB, {"ZZ2"})) == []
        assert list(await orders.by_tracking(ANN, ())) == []

    async def test_given_bought_orders_when_reminders_are_due_then_untold_ones_of_the_time_come_oldest_first(
        self, orders: OrderRepository
    ) -> None:
        def bought(minute: float, **changes: Any) -> Order:
            at = NOW + minutes(minute)
            return an_order(state=OrderState.PURCHASED, label=a_label(), created_at=at, **changes)

        ups = a_rate(carrier_code="ups")
        early, late, other = bought(1), bought(3), bought(2, rate=ups)
        told, failed = bought(2, closing_told=True), evolve(bought(2), state=OrderState.VOIDED)
        for order in (late, bought(0), early, other, told, failed, bought(3.01)):
            await orders.add(order)
        time = NOW, NOW + minutes(3)

        assert list(await orders.to_remind(*time)) == [early, other, late]
        assert list(await orders.to_remind(*time, only=("ups",))) == [other]
        assert list(await orders.to_remind(*time, but=("ups", "fedex"))) == [early, late]
        assert list(await orders.to_remind(*time, limit=1)) == [early]
        await orders.save(early.reminded(NOW))
        assert list(await orders.to_remind(*time, but=("ups",))) == [late]
