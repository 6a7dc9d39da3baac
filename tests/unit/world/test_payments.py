"""Payments in every way and order, told of late, twice, never, or by somebody else; and a clock set back."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable

import pytest
from attrs import evolve

from a_shop import Shop, shop
from adapters.oxapay import notices as oxapay
from builders import ANN, usd
from shipping_core.domain.ids import InvoiceId
from shipping_core.errors import NoticeRefused
from world.faults import Rates
from world.gateway import Way
from world.simulation import World
from world.story import Story
from world.torture import MANY

PAYERS = 100
PARTS = 50
ROUGH = Story(
    customers=0, payers=PAYERS, rates=Rates(partner=0.6, slow=0.05, rerun=0.1, unsure=0.002, crash=0.0005)
)
FORGERIES = 2000
Record = Callable[[str, object], None]


@pytest.mark.parametrize("part", range(PARTS))
def test_given_payments_in_every_way_when_their_notices_come_as_they_like_then_every_credit_is_exact(
    part: int, record_property: Record
) -> None:
    world = World(part + 1, ROUGH).run()
    ways = Counter(world.gateway.ways.values())
    kinds = Counter(t.kind.value for t in world.database.scan("transfers"))
    told = Counter(raw for raw, _ in world.gateway.sent)
    record_property("figure", ("payments: sequences", len(world.gateway.ways)))
    record_property("figure", ("payments: notices", sum(told.values())))
    record_property("figure", ("payments: credits", kinds["topup"]))
    record_property("figure", ("payments: reversals", kinds["reversal"]))
    record_property("figure", ("payments: violations", len(world.trace.findings)))

    assert world.trace.findings == []
    assert len(ways) >= len(Way) - 2
    assert len(world.gateway.ways) >= PAYERS
    assert kinds["topup"] > PAYERS // 5
    assert kinds["reversal"] == sum(world.gateway.payment(t).word == "refunded" for t in credited(world))


def credited(world: World) -> list[str]:
    """The links whose payment was ever a user's."""
    keys = [t.key for t in world.database.scan("transfers") if t.kind.value == "topup"]
    return [key.rpartition(":")[2] for key in keys]


def forgery(rng: random.Random, raw: bytes, signature: str, other: str) -> tuple[bytes, str | None]:
    """An authentic notice, changed in one of the ways of somebody who has no key."""
    said = json.loads(raw)
    flipped = bytearray(raw)
    flipped[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    digits = list(signature)
    at = rng.randrange(len(digits))
    digits[at] = format((int(digits[at], 16) + 1 + rng.randrange(15)) % 16, "x")
    return rng.choice(
        [
            (bytes(flipped), signature),
            (raw + b" ", signature),
            (raw[:-1], signature),
            (json.dumps({**said, "status": "Paid", "n": rng.random()}).encode(), signature),
            (raw, "".join(digits)),
            (raw, signature[:-1]),
            (raw, signature + "0"),
            (raw, signature[:64]),
            (raw, other),
            (raw, None),
            (raw, ""),
            (raw, "\u0660" * 128),
            (raw, "0" * 128),
            (raw, raw.hex()[:128].ljust(128, "0")),
        ]
    )


async def a_paid_link(made: Shop) -> str:
    """A link that was paid in full."""
    await made.top_up_by_link(ANN, InvoiceId("inv_1"), usd("10.00"))
    (track,) = made.payments.track_ids
    made.payments.pay(track)
    return track


async def read(made: Shop, reader: str, raw: bytes, signature: str | None) -> None:
    """Through the whole webhook, or by Oxapay's own reader."""
    if reader == "oxapay":
        oxapay.read(raw, signature, [made.payments.secret])
    else:
        await made.notices(raw, signature)


@pytest.mark.parametrize("reader", ["memory", "oxapay"])
async def test_given_forged_notices_when_they_come_then_each_is_refused_and_nothing_is_written(
    reader: str, record_property: Record
) -> None:
    rng, made = random.Random(reader), shop()
    track = await a_paid_link(made)
    raw, signature = made.payments.notice(track)
    _, other = made.payments.notice(track, "waiting")
    before = dict(made.database.documents("notices")), await made.balances.journal()
    refused: Counter[str] = Counter()
    for _ in range(FORGERIES):
        forged, claimed = forgery(rng, raw, signature, other)
        with pytest.raises(NoticeRefused) as no:
            await read(made, reader, forged, claimed)
        refused[no.value.reason] += 1
    record_property("figure", ("forged notices, each refused", sum(refused.values())))

    assert await made.notices.work_off() == 0
    assert (dict(made.database.documents("notices")), await made.balances.journal()) == before
    assert refused == {"signature": FORGERIES}


async def test_given_the_very_notice_that_was_forged_when_it_is_signed_then_it_is_taken() -> None:
    made = shop()
    track = await a_paid_link(made)
    raw, signature = made.payments.notice(track)
    await made.notices(raw, signature.upper())

    assert await made.notices.work_off() == 1
    assert oxapay.read(raw, signature, [made.payments.secret]).track_id == track
    assert (await made.customer().balance()).available == usd("10.00")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("after_s", [20.0, 120.0, 900.0])
def test_given_a_clock_that_is_set_back_an_hour_when_orders_are_under_way_then_all_end_well(
    seed: int, after_s: float
) -> None:
    story = evolve(MANY, customers=10, orders=2, set_back_at_s=after_s, rest_minutes=95)
    world = World(seed, story).run()

    assert world.trace.findings == []
    assert world.clock.set_back.total_seconds() == 3600
