"""Two operators decide about one parked order; the label and the money never part."""

from __future__ import annotations

import asyncio

import pytest
from attrs import define, field

from a_shop import Shop, shop
from builders import ANN, minutes
from carriers import ScriptedShipping
from shipping_core.domain.ids import Mode
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.shipment import Label
from shipping_core.errors import Conflict, GatewayRefused, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.shipping import VoidAnswer

WHO = {"actor": "olga", "reason": "looked at the carrier's page"}


@define
class WaitingCarrier(ScriptedShipping):
    """Takes its time to take a label back."""

    asked_back: asyncio.Event = field(factory=asyncio.Event, init=False)
    answers: asyncio.Event = field(factory=asyncio.Event, init=False)

    async def void(self, label: Label, mode: Mode) -> VoidAnswer:
        self.asked_back.set()
        await self.answers.wait()
        return await ScriptedShipping.void(self, label, mode)


async def parked(carrier: ScriptedShipping) -> tuple[Shop, Order, str]:
    """A label that was bought, and an order that nobody could look up for an hour."""
    made = shop(shipping=carrier)
    ann = await made.customer().orders()
    carrier.accidents.append(OutcomeUnknown("buy"))
    await ann.buys()
    made.clock.advance(minutes(61))
    carrier.errors["find"] = [GatewayUnavailable("find")]
    await made.reconciled()
    (order,) = await ann.all_orders()
    (label,) = carrier.live_labels
    assert order.state is OrderState.PARKED
    return made, order, label.label_id


async def test_given_a_label_being_given_back_when_another_tab_adopts_it_then_it_is_refused() -> None:
    carrier = WaitingCarrier()
    made, order, label_id = await parked(carrier)
    giving_back = asyncio.create_task(made.decide_parked.void_and_release(order.order_id, **WHO))
    await carrier.asked_back.wait()
    with pytest.raises(Conflict):
        await made.decide_parked.adopt(order.order_id, label_id, **WHO)
    carrier.answers.set()
    ended = await giving_back

    assert (ended.state, ended.label, carrier.live_labels) == (OrderState.FAILED, None, [])
    assert (await made.customer(ANN).balance()).held.minor == 0


async def test_given_both_tabs_at_once_when_they_decide_then_one_wins_and_the_label_is_its() -> None:
    carrier = WaitingCarrier()
    carrier.answers.set()
    made, order, label_id = await parked(carrier)
    acts = (
        made.decide_parked.adopt(order.order_id, label_id, **WHO),
        made.decide_parked.void_and_release(order.order_id, **WHO),
    )
    answers = await asyncio.gather(*acts, return_exceptions=True)
    ended = await made.orders.get(order.order_id)

    assert [isinstance(answer, Conflict) for answer in answers].count(True) == 1
    assert (ended.state is OrderState.PURCHASED) == (len(carrier.live_labels) == 1)


async def test_given_a_carrier_that_keeps_the_label_when_asked_back_then_it_may_be_adopted_after_all() -> (
    None
):
    carrier = ScriptedShipping()
    made, order, label_id = await parked(carrier)
    carrier.voids_approved = False
    with pytest.raises(GatewayRefused):
        await made.decide_parked.void_and_release(order.order_id, **WHO)
    adopted = await made.decide_parked.adopt(order.order_id, label_id, **WHO)

    assert (adopted.state, len(carrier.live_labels)) == (OrderState.PURCHASED, 1)


async def test_given_a_void_without_an_answer_when_asked_again_then_what_was_given_back_is_released() -> None:
    carrier = ScriptedShipping()
    made, order, label_id = await parked(carrier)
    (label,) = carrier.live_labels
    carrier.errors["void"] = [OutcomeUnknown("void")]
    with pytest.raises(OutcomeUnknown):
        await made.decide_parked.void_and_release(order.order_id, **WHO)
    await carrier.void(label, Mode.TEST)
    with pytest.raises(Conflict):
        await made.decide_parked.adopt(order.order_id, label_id, **WHO)
    ended = await made.decide_parked.void_and_release(order.order_id, **WHO)

    assert (ended.state, carrier.live_labels) == (OrderState.FAILED, [])


async def test_given_a_label_voided_by_somebody_else_when_it_is_refused_then_that_is_as_good() -> None:
    carrier = WaitingCarrier()
    made, order, _ = await parked(carrier)
    (label,) = carrier.live_labels
    giving_back = asyncio.create_task(made.decide_parked.void_and_release(order.order_id, **WHO))
    await carrier.asked_back.wait()
    await ScriptedShipping.void(carrier, label, Mode.TEST)
    carrier.answers.set()

    assert (await giving_back).state is OrderState.FAILED
