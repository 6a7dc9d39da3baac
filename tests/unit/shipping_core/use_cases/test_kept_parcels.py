"""Parcels kept under names, the last used first."""

from __future__ import annotations

import pytest
from attrs import evolve

from a_shop import Shop, shop
from adapters.reader.reader import OfflineReader
from builders import ANN, BOB, WRITTEN, as_text, minutes
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.desk import ParcelPreset, as_part
from shipping_core.domain.draft import Field
from shipping_core.errors import InvalidAddress, NotFound

NO_SIZE = "parcel.length parcel.width parcel.height"
BOX = {f: v for f, v in WRITTEN.items() if f.part == "parcel"}


async def a_parcel(made: Shop, weight: str = "35 oz") -> ParcelPreset:
    """A parcel of Ann's."""
    text = as_text({**BOX, Field.WEIGHT: weight})
    return await made.desk.parcels.write(ANN, f"par_{weight.partition(' ')[0]}", text)


async def test_given_a_bought_order_when_its_parcel_is_saved_twice_then_one_is_kept_and_named_by_itself() -> (
    None
):
    made = shop()
    order = await made.customer().bought()
    kept = await made.desk.parcels.from_order(ANN, order.order_id)

    assert await made.desk.parcels.from_order(ANN, order.order_id) == kept
    assert kept.name == "2 lb 3 oz, 10×8×6 in"
    assert {f.what: v for f, v in BOX.items()} == {what: e.value for what, e in kept.entries.items()}


async def test_given_one_message_when_a_parcel_is_written_and_renamed_then_it_is_kept() -> None:
    made = shop()
    ann = await made.customer().is_asked("parcel_new", "par_1", as_text(BOX))
    await ann.is_asked("parcel_name", "par_1", "Shoe box")
    (kept,) = await made.desk.parcels.all(ANN)

    assert kept.name == "Shoe box"
    assert ann.page == ds.ParcelDetails(kept)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("hello", sc.Note("parcel_unread")),
        (
            as_text({Field.WEIGHT: "8 oz"}),
            sc.Note("lacks", {"detail": "parcel.length parcel.width parcel.height"}),
        ),
        (as_text({**BOX, Field.WEIGHT: "heavy"}), sc.Note("reason:not_a_weight")),
    ],
    ids=["nothing", "no-size", "no-weight"],
)
async def test_given_no_whole_parcel_when_written_then_it_says_why_and_keeps_nothing(
    text: str, note: sc.Note
) -> None:
    made = shop()
    ann = await made.customer().is_asked("parcel_new", "par_1", text)

    assert ann.card.note == note
    assert await made.desk.parcels.all(ANN) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("999 lb", "too_heavy"),
        ("10x8x6 in, 999 lb", "too_heavy"),
        ("5 lb, 200x10x10 in", "too_large"),
        ("5 lb", "missing"),
        ("big", "nothing_found"),
    ],
)
async def test_given_more_than_carriers_take_when_a_parcel_is_written_then_the_readers_reason_is_told(
    text: str, reason: str
) -> None:
    made = shop()
    with pytest.raises(InvalidAddress) as refused:
        await evolve(made.desk.parcels, reader=OfflineReader()).write(ANN, "par_1", text)

    assert refused.value.reason == reason
    assert await made.desk.parcels.all(ANN) == []


async def test_given_parcels_when_one_is_used_then_the_order_has_it_and_it_is_offered_first() -> None:
    made = shop()
    order = await made.customer().bought()
    for weight in ("8 oz", "16 oz", "24 oz"):
        await a_parcel(made, weight)
        made.clock.advance(minutes(1))
    ann = await made.customer().does(ev.NewOrder())
    kept = await made.desk.parcels.use(ANN, "par_16")
    await made.converse.put(ANN, as_part(kept.entries, "parcel"))
    await made.quiet()
    await ann.taps(ev.PartEdited("parcel"))

    assert (await ann.session()).draft.get(Field.WEIGHT) == "16 oz"
    assert [p.preset_id for p in ann.card.facts.parcels] == ["par_16", "par_24", "par_8"]
    assert ann.card.facts.last_order == order
    assert [p.preset_id for p in await made.desk.parcels.all(ANN)] == ["par_16", "par_24", "par_8"]


async def test_given_an_order_when_its_parcel_is_wanted_again_then_it_is_the_last() -> None:
    made = shop()
    assert await made.desk.parcels.last(ANN) is None
    await made.customer().bought()
    last = await made.desk.parcels.last(ANN)

    assert last is not None
    assert {what: e.value for what, e in last.items()} == {f.what: v for f, v in BOX.items()}


async def test_given_somebody_elses_parcel_when_anything_is_done_with_it_then_it_is_not_found() -> None:
    made = shop()
    order = await made.customer().bought()
    kept = await a_parcel(made)
    keep = made.desk.parcels
    acts = [
        keep.own.get(BOB, kept.preset_id),
        keep.own.drop(BOB, kept.preset_id),
        keep.rename(BOB, kept.preset_id, "Mine"),
        keep.use(BOB, kept.preset_id),
        keep.from_order(BOB, order.order_id),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            await act

    assert await keep.all(ANN) == [kept]
    assert await keep.all(BOB) == []
