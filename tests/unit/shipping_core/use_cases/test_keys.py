"""Keys to the office: what opens, what does not, and what guessing costs."""

from __future__ import annotations

import datetime as dt

import pytest
from attrs import define, field

from adapters.memory.answers import MemoryGuesses
from adapters.memory.clock import MemoryClock, MemoryIds, MemorySecrets
from adapters.memory.database import Database
from adapters.memory.stores import MemoryStore
from builders import NOW, minutes
from shipping_core.domain.access import ApiKey, Operator, Role, fingerprint_of
from shipping_core.errors import Conflict, InvalidInput, NotFound, StaleVersion, TooFast
from shipping_core.use_cases.keep_keys import KeepKeys
from shipping_core.use_cases.open_office import OpenOffice

FIRST = "the-owners-first-key-0123456789abcdef"
HOME, AWAY = "192.0.2.0/24", "198.51.100.0/24"


@define
class Gate:
    """Keys and the door they open, over memory."""

    clock: MemoryClock = field(factory=lambda: MemoryClock(NOW))
    store: MemoryStore = field(init=False)
    keys: KeepKeys = field(init=False)
    door: OpenOffice = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.store = MemoryStore(Database(), self.clock)
        shelf = self.store.shelf(ApiKey)
        self.keys = KeepKeys(shelf, self.store.unit_of_work, self.clock, MemoryIds(), MemorySecrets())
        self.door = OpenOffice(shelf, MemoryGuesses(self.store.database), self.clock, fingerprint_of(FIRST))

    async def guess(self, times: int, network: str = AWAY) -> None:
        for n in range(times):
            assert await self.door(f"guess-{n}", network) is None


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def test_given_the_first_key_when_shown_then_the_owner_stands_there(gate: Gate) -> None:
    assert await gate.door(FIRST, HOME) == Operator("owner", Role.OWNER)


async def test_given_a_made_key_when_shown_then_it_opens_with_its_role_and_no_secret_is_kept(
    gate: Gate,
) -> None:
    key, secret = await gate.keys.make("ola", Role.FINANCE, by="owner")

    assert await gate.door(secret, HOME) == Operator("key:ola", Role.FINANCE, key.key_id)
    assert secret.startswith("sck_")
    kept = await gate.store.shelf(ApiKey).get(key.key_id)
    assert secret not in repr(kept)
    assert kept.hint == secret[:8]


@pytest.mark.parametrize("name", ["", " ola", "o" * 41, "o\nla", "о́ля", "=ola"])
async def test_given_a_name_that_cannot_be_used_when_made_then_the_field_is_named(
    gate: Gate, name: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await gate.keys.make(name, Role.VIEWER, by="owner")

    assert refused.value.field == "name"


async def test_given_a_name_in_use_when_made_again_then_it_is_refused_until_the_first_is_revoked(
    gate: Gate,
) -> None:
    key, _ = await gate.keys.make("ola", Role.VIEWER, by="owner")
    with pytest.raises(Conflict):
        await gate.keys.make("OLA", Role.VIEWER, by="owner")
    await gate.keys.revoke(key.key_id, by="owner", reason="left")

    assert (await gate.keys.make("Ola", Role.VIEWER, by="owner"))[0].name == "Ola"


@pytest.mark.parametrize(
    ("after", "opens"), [(dt.timedelta(hours=1, milliseconds=-1), True), (dt.timedelta(hours=1), False)]
)
async def test_given_a_rotated_key_when_both_are_shown_then_the_old_one_opens_until_its_time_is_over(
    gate: Gate, after: dt.timedelta, opens: bool
) -> None:
    key, old = await gate.keys.make("ola", Role.VIEWER, by="owner")
    _, new = await gate.keys.rotate(key.key_id, by="owner", overlap=dt.timedelta(hours=1))
    gate.clock.advance(after)

    assert await gate.door(new, HOME) is not None
    assert (await gate.door(old, HOME) is not None) is opens


async def test_given_a_key_rotated_twice_when_the_first_is_shown_then_it_opens_no_more(gate: Gate) -> None:
    key, oldest = await gate.keys.make("ola", Role.VIEWER, by="owner")
    await gate.keys.rotate(key.key_id, by="owner")
    await gate.keys.rotate(key.key_id, by="owner")

    assert await gate.door(oldest, HOME) is None


@pytest.mark.parametrize("minutes_", [-1, 43201])
async def test_given_an_overlap_out_of_bounds_when_rotated_then_it_is_refused(
    gate: Gate, minutes_: int
) -> None:
    key, _ = await gate.keys.make("ola", Role.VIEWER, by="owner")

    with pytest.raises(InvalidInput):
        await gate.keys.rotate(key.key_id, by="owner", overlap=minutes(minutes_))


async def test_given_a_revoked_key_when_shown_or_changed_then_nothing_comes_of_it(gate: Gate) -> None:
    key, secret = await gate.keys.make("ola", Role.VIEWER, by="owner")
    await gate.keys.revoke(key.key_id, by="owner", reason="left")

    assert await gate.door(secret, HOME) is None
    with pytest.raises(Conflict):
        await gate.keys.rotate(key.key_id, by="owner")
    with pytest.raises(Conflict):
        await gate.keys.revoke(key.key_id, by="owner", reason="again")


async def test_given_no_reason_when_revoked_then_it_is_refused(gate: Gate) -> None:
    key, _ = await gate.keys.make("ola", Role.VIEWER, by="owner")

    with pytest.raises(InvalidInput):
        await gate.keys.revoke(key.key_id, by="owner", reason=" ")


async def test_given_the_last_owners_key_when_they_revoke_it_themselves_then_it_stays(gate: Gate) -> None:
    mine, _ = await gate.keys.make("ola", Role.OWNER, by="owner")
    with pytest.raises(Conflict):
        await gate.keys.revoke(mine.key_id, by="key:ola", reason="mistake")
    await gate.keys.make("bo", Role.OWNER, by="owner")

    assert (await gate.keys.revoke(mine.key_id, by="key:ola", reason="leaving")).revoked_at == NOW


async def test_given_a_stale_version_when_changed_then_nothing_is(gate: Gate) -> None:
    key, _ = await gate.keys.make("ola", Role.VIEWER, by="owner")
    await gate.keys.rotate(key.key_id, by="owner", version=1)

    with pytest.raises(StaleVersion):
        await gate.keys.rotate(key.key_id, by="owner", version=1)
    with pytest.raises(StaleVersion):
        await gate.keys.revoke(key.key_id, by="owner", reason="left", version=1)


async def test_given_no_such_key_when_changed_then_it_is_not_found(gate: Gate) -> None:
    with pytest.raises(NotFound):
        await gate.keys.revoke("key_9", by="owner", reason="left")


async def test_given_every_act_when_done_then_one_audit_row_says_who_did_it(gate: Gate) -> None:
    key, _ = await gate.keys.make("ola", Role.VIEWER, by="owner")
    await gate.keys.rotate(key.key_id, by="key:bo")
    await gate.keys.revoke(key.key_id, by="owner", reason="left")

    rows = await gate.store.audit.of(f"key:{key.key_id}")
    assert [(row.action, row.actor, row.reason) for row in rows] == [
        ("made", "owner", ""),
        ("rotated", "key:bo", ""),
        ("revoked", "owner", "left"),
    ]


async def test_given_a_key_in_use_when_it_opens_then_that_is_noted_once_an_hour(gate: Gate) -> None:
    key, secret = await gate.keys.make("ola", Role.VIEWER, by="owner")
    seen = []
    for _ in range(3):
        await gate.door(secret, HOME)
        seen.append((await gate.store.shelf(ApiKey).get(key.key_id)).used_at)
        gate.clock.advance(minutes(30))

    assert seen == [NOW, NOW, NOW + minutes(60)]


async def test_given_five_guesses_when_the_right_key_follows_then_it_has_to_wait_there_and_nowhere_else(
    gate: Gate,
) -> None:
    await gate.guess(5)

    with pytest.raises(TooFast) as refused:
        await gate.door(FIRST, AWAY)
    assert refused.value.retry_after_s == 60
    assert await gate.door(FIRST, HOME) is not None


async def test_given_four_guesses_when_the_right_key_opens_then_the_fifth_guess_is_one_all_the_same(
    gate: Gate,
) -> None:
    await gate.guess(4)
    assert await gate.door(FIRST, AWAY) is not None
    await gate.guess(1)

    with pytest.raises(TooFast):
        await gate.door(FIRST, AWAY)


async def test_given_more_guesses_after_each_wait_when_counted_then_each_wait_is_twice_as_long_up_to_an_hour(
    gate: Gate,
) -> None:
    await gate.guess(5)
    waits = []
    for _ in range(9):
        with pytest.raises(TooFast) as refused:
            await gate.door("x", AWAY)
        waits.append(round(refused.value.retry_after_s / 60))
        gate.clock.advance(dt.timedelta(seconds=refused.value.retry_after_s))
        await gate.guess(1)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_given_five_guesses_over_more_than_15_minutes_when_the_key_is_shown_then_it_opens(
    gate: Gate,
) -> None:
    await gate.guess(4)
    gate.clock.advance(minutes(15))
    await gate.guess(1)

    assert await gate.door(FIRST, AWAY) is not None


async def test_given_ten_thousand_guesses_when_counted_then_one_small_thing_is_kept_of_them(
    gate: Gate,
) -> None:
    waited = 0
    for n in range(10_000):
        try:
            await gate.door(f"guess-{n}", AWAY)
        except TooFast:
            waited += 1

    assert waited == 9_995
    assert len(list(gate.store.database.scan("guesses"))) == 1


async def test_given_guesses_from_many_networks_when_their_time_is_over_then_they_are_forgotten(
    gate: Gate,
) -> None:
    for n in range(200):
        await gate.guess(1, f"10.0.{n}.0/24")
    gate.clock.advance(minutes(15))
    await gate.guess(1)

    assert len(list(gate.store.database.scan("guesses"))) == 1
