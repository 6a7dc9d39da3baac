"""A carrier's flat-rate box in the place of a size, from the list to the label and beyond."""

from __future__ import annotations

import pytest

from a_shop import Shop, shop
from adapters.memory.shipping import BOX, BOX_CENTS
from builders import ANN, WRITTEN, as_text
from carriers import ScriptedShipping
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.domain.desk import as_part
from shipping_core.domain.draft import SIZES, STEPS, Field
from shipping_core.domain.shipment import CarrierBox
from shipping_core.errors import GatewayUnavailable, NotFound

WITHOUT_SIZE = {f: v for f, v in WRITTEN.items() if f not in SIZES}
SIZE = {f: WRITTEN[f] for f in SIZES}


def a_shop_with(offers: int = 1, shipping: ScriptedShipping | None = None) -> Shop:
    """A shop whose carriers offer so many services."""
    carriers = shipping or ScriptedShipping()
    carriers.offers = offers
    return shop(shipping=carriers)


async def boxed(made: Shop) -> None:
    """Ann picks the box from the list."""
    await made.converse.put(ANN, as_part(await made.desk.parcels.box(BOX.box_id), "parcel"))
    await made.quiet()


async def test_given_the_carriers_list_when_looked_at_then_it_shows_their_boxes() -> None:
    made = a_shop_with()
    await made.desk.box_list(ANN)

    assert made.notifier.told[-1].screen == ds.BoxList((BOX,))


async def test_given_carriers_away_when_their_boxes_are_wanted_then_it_is_said() -> None:
    class Away(ScriptedShipping):
        async def boxes(self, mode: object) -> list[CarrierBox]:
            raise GatewayUnavailable("services")

    made = a_shop_with(shipping=Away())
    await made.desk.box_list(ANN)

    assert made.notifier.told[-1].note == sc.Note("unavailable")


async def test_given_a_box_that_no_carrier_has_when_picked_then_it_is_not_found() -> None:
    with pytest.raises(NotFound):
        await shop().desk.parcels.box("0123456789abcdef")


async def test_given_a_box_and_no_size_when_bought_then_its_one_price_is_paid_and_the_order_knows_it() -> (
    None
):
    made = a_shop_with()
    ann = await made.customer().says(as_text(WITHOUT_SIZE))
    await boxed(made)
    assert [r.price.minor for r in ann.prices.rates] == [BOX_CENTS]
    await (await ann.chooses()).buys()
    order = (await ann.all_orders())[0]

    assert order.shipment.parcel.box == BOX
    assert order.shipment.parcel.size is None
    assert order.charged is not None
    assert order.charged.minor == BOX_CENTS


async def test_given_a_box_when_a_size_is_written_then_the_size_counts_and_the_other_way_round() -> None:
    made = a_shop_with()
    ann = await made.customer().says(as_text(WRITTEN))
    await boxed(made)
    draft = (await ann.session()).draft
    assert not any(draft.get(f) for f in SIZES)
    await ann.says(as_text(SIZE))

    assert (await ann.session()).draft.get(Field.BOX) == ""
    assert ann.prices.rates[0].price.minor != BOX_CENTS


async def test_given_a_box_when_only_the_weight_is_written_again_then_it_stays() -> None:
    made = a_shop_with()
    ann = await made.customer().says(as_text(WITHOUT_SIZE))
    await boxed(made)
    await ann.says(as_text({Field.WEIGHT: "16 oz"}))

    assert (await ann.session()).draft.get(Field.BOX) == BOX.entry


async def test_given_a_box_when_going_step_by_step_then_no_side_is_asked_for() -> None:
    made = a_shop_with()
    ann = await made.customer().does(ev.NewOrder())
    await boxed(made)
    await ann.does(ev.NewOrder(guided=True))
    for field in STEPS:
        if field in SIZES:
            continue
        assert (await ann.session()).state == st.Guided(field)
        await (ann.does(ev.FieldSkipped()) if field.optional else ann.says(WRITTEN[field]))

    assert (await ann.session()).state == st.Reviewing()


async def test_given_a_boxed_order_when_kept_as_template_or_parcel_then_the_box_comes_along() -> None:
    made = a_shop_with()
    ann = await made.customer().says(as_text(WITHOUT_SIZE))
    await boxed(made)
    await (await ann.chooses()).buys()
    order = (await ann.all_orders())[0]
    template = await made.desk.templates.from_order(ANN, order.order_id)
    kept = await made.desk.parcels.from_order(ANN, order.order_id)
    await ann.does(ev.NewOrder())
    await made.converse.put(ANN, as_part(kept.entries, "parcel"))
    await made.quiet()

    assert kept.name == "2 lb 3 oz, USPS Medium Flat Rate Box"
    assert template.draft.get(Field.BOX) == BOX.entry
    assert (await ann.session()).draft.get(Field.BOX) == BOX.entry
