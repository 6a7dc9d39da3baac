"""What every Shelf promises, for every kind of record, inside and outside of a transaction.

A subclass provides `store`, empty.
"""

from __future__ import annotations

import datetime as dt
import zlib
from abc import abstractmethod
from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

import pytest
from attrs import evolve, frozen

from builders import ANN, BOB, NOW, minutes
from filled import filled
from shipping_core.domain.access import ApiKey, Approval, ApprovalState
from shipping_core.domain.alert import Alert
from shipping_core.domain.broadcast import Broadcast, Copy, CopyState
from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.ids import OrderId
from shipping_core.domain.policy import STANDING, Standing
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.domain.seal import Seal
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.shelves import R, Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork

T = TypeVar("T")
Act = Callable[[Shelf[Any]], Awaitable[T]]


class Shelves(Protocol):
    """A store with shelves."""

    @property
    @abstractmethod
    def unit_of_work(self) -> UnitOfWork:
        """Its transactions."""

    @abstractmethod
    def shelf(self, kind: type[R]) -> Shelf[R]:
        """One of them."""


def a_record(kind: type[Any], name: str = "one", /, **changes: Any) -> Any:
    """A record of this kind, first version; records of two names have nothing in common that is unique."""
    own: dict[type[Any], dict[str, Any]] = {
        Refund: {"refund_id": name, "order_id": name, "state": RefundState.REQUESTED},
        Template: {"template_id": name, "name": name},
        Contact: {"contact_id": name, "nickname": name, "default_sender": False},
        ParcelPreset: {"preset_id": name, "name": name},
        ApiKey: {"key_id": name, "name": name, "fingerprint": name, "previous": "", "revoked_at": None},
        Approval: {"approval_id": name, "facts": {"amount": name}, "state": ApprovalState.WAITING},
        Broadcast: {"broadcast_id": name},
        Copy: {"broadcast_id": name},
        Alert: {"subject": name},
        Seal: {"seal_id": name, "first": zlib.crc32(name.encode())},
        Standing: {},
    }
    usual = {"version": 1, "created_at": NOW, "updated_at": NOW}
    return filled(kind, **{**usual, **own[kind], **changes})


def later(record: R, **changes: Any) -> R:
    """Its next version."""
    at = record.updated_at + minutes(1)
    made: R = evolve(record, version=record.version + 1, updated_at=at, **changes)  # type: ignore[misc]
    return made


KINDS = [Refund, Template, Contact, ParcelPreset, ApiKey, Approval, Broadcast, Copy, Alert, Seal, Standing]
UNIQUE = [
    pytest.param(Refund, {"order_id": OrderId("two")}, {"state": RefundState.CANCELLED}, id="Refund"),
    pytest.param(Template, {"name": "TWO"}, {"name": "other"}, id="Template"),
    pytest.param(Contact, {"nickname": "Two"}, {"nickname": "other"}, id="Contact"),
    pytest.param(ParcelPreset, {"name": "two"}, {"name": "other"}, id="ParcelPreset"),
    pytest.param(ApiKey, {"name": "Two"}, {"revoked_at": NOW}, id="ApiKey by name"),
    pytest.param(ApiKey, {"previous": "two"}, {"fingerprint": "other"}, id="ApiKey by fingerprint"),
    pytest.param(Approval, {"facts": {"amount": "two"}}, {"state": ApprovalState.REFUSED}, id="Approval"),
]
"""A kind, what makes record `one` meet record `two`, and what makes `two` give its word up."""


@frozen
class Door:
    """The way to the shelves: each act alone, or each in a transaction of its own."""

    store: Shelves
    inside: bool

    async def __call__(self, kind: type[Any], act: Act[T]) -> T:
        if not self.inside:
            return await act(self.store.shelf(kind))

        async def body(tx: Transaction) -> T:
            return await act(tx.shelf(kind))

        return await self.store.unit_of_work.run(body)

    async def add(self, *records: Any) -> None:
        """Keep them, one after another."""
        for record in records:
            await self(type(record), lambda shelf, record=record: shelf.add(record))  # type: ignore[misc]

    async def save(self, record: Any) -> None:
        """Replace the version before."""
        await self(type(record), lambda shelf: shelf.save(record))

    async def remove(self, record: Any) -> None:
        """Forget it."""
        await self(type(record), lambda shelf: shelf.remove(record))

    async def get(self, record: Any) -> Any:
        """What is kept under its id."""
        return await self(type(record), lambda shelf: shelf.get(record.record_id))

    async def by_unique(self, kind: type[Any], word: str) -> Any:
        """Who has the word."""
        return await self(kind, lambda shelf: shelf.by_unique(word))

    async def find(self, kind: type[Any], where: Mapping[str, object], **more: Any) -> list[str]:
        """The ids found."""
        found = await self(kind, lambda shelf: shelf.find(where, **more))
        return [record.record_id for record in found]


async def outcomes(*acts: Awaitable[object]) -> list[type]:
    """How each ended, the worst last."""
    got = await gather(*acts, return_exceptions=True)
    return sorted((type(g) for g in got), key=lambda kind: issubclass(kind, Exception))


class ShelfContract:
    """Records of one kind, each saved under its version."""

    @pytest.fixture(params=[False, True], ids=["outside", "inside"])
    def door(self, store: Shelves, request: pytest.FixtureRequest) -> Door:
        return Door(store, request.param)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_given_a_record_when_added_then_it_is_kept_as_it_is_and_nothing_else_is_there(
        self, door: Door, kind: type[Any]
    ) -> None:
        record = a_record(kind)
        with pytest.raises(NotFound):
            await door.get(record)
        await door.add(record)

        assert await door.get(record) == record
        with pytest.raises(NotFound):
            await door(kind, lambda shelf: shelf.get("another"))

    @pytest.mark.parametrize("kind", KINDS)
    async def test_given_a_kept_record_when_its_id_is_added_again_then_it_is_a_conflict_and_the_first_stays(
        self, door: Door, kind: type[Any]
    ) -> None:
        record = a_record(kind)
        await door.add(record)
        with pytest.raises(Conflict):
            await door.add(evolve(record, created_at=NOW + minutes(1)))

        assert await door.get(record) == record

    @pytest.mark.parametrize("kind", KINDS)
    async def test_given_a_record_when_its_next_version_is_saved_then_only_that_one_counts(
        self, door: Door, kind: type[Any]
    ) -> None:
        record = a_record(kind)
        with pytest.raises(NotFound):
            await door.save(later(record))
        await door.add(record)
        await door.save(later(record))
        for wrong in (later(record), later(later(later(record))), record):
            with pytest.raises(Conflict):
                await door.save(wrong)

        assert await door.get(record) == later(record)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_given_a_record_when_removed_then_it_is_gone_and_its_id_and_words_are_free(
        self, door: Door, kind: type[Any]
    ) -> None:
        record = a_record(kind)
        await door.add(record)
        with pytest.raises(Conflict):
            await door.remove(later(record))
        kept = await door.get(record)
        await door.remove(record)
        with pytest.raises(NotFound):
            await door.get(record)
        with pytest.raises(NotFound):
            await door.remove(record)
        found = await door.find(kind, {})
        owners = [await door.by_unique(kind, word) for word in record.unique]
        await door.add(record)

        assert (kept, found, owners) == (record, [], [None] * len(record.unique))
        assert await door.get(record) == record

    @pytest.mark.parametrize(("kind", "meets", "frees"), UNIQUE)
    async def test_given_a_taken_word_when_another_wants_it_then_it_is_a_conflict_until_it_is_free(
        self, door: Door, kind: type[Any], meets: dict[str, Any], frees: dict[str, Any]
    ) -> None:
        one, two = a_record(kind), a_record(kind, "two")
        rival = evolve(a_record(kind, "three"), **meets)
        await door.add(one, two)
        for refused in (door.add(rival), door.save(later(one, **meets))):
            with pytest.raises(Conflict):
                await refused
        kept = await door.get(one)
        await door.save(later(two, **frees))
        await door.save(later(one, **meets))

        assert kept == one
        assert await door.get(one) == later(one, **meets)
        with pytest.raises(Conflict):
            await door.add(rival)
        await door.remove(later(one, **meets))
        await door.add(rival)

    @pytest.mark.parametrize(("kind", "meets", "frees"), UNIQUE)
    async def test_given_a_word_when_asked_for_then_its_owner_of_now_is_found(
        self, door: Door, kind: type[Any], meets: dict[str, Any], frees: dict[str, Any]
    ) -> None:
        one, two = a_record(kind), a_record(kind, "two")
        await door.add(one, two)
        before = {word: await door.by_unique(kind, word) for word in two.unique}
        await door.save(later(two, **frees))
        given_up = set(two.unique) - set(later(two, **frees).unique)

        assert before == dict.fromkeys(two.unique, two)
        assert given_up
        assert [await door.by_unique(kind, word) for word in given_up] == [None] * len(given_up)
        assert await door.by_unique(kind, one.unique[0]) == one
        assert [await door.by_unique(kind, word) for word in ("", "nobody's")] == [None, None]

    async def test_given_two_kinds_when_they_have_one_word_then_they_do_not_meet(self, door: Door) -> None:
        template, preset = a_record(Template), a_record(ParcelPreset)
        await door.add(template, preset)
        (word,) = template.unique

        assert preset.unique == (word,)
        assert await door.by_unique(Template, word) == template
        assert await door.by_unique(ParcelPreset, word) == preset

    async def test_given_a_default_sender_when_another_is_made_the_default_then_the_first_must_stop_first(
        self, door: Door
    ) -> None:
        one, two = a_record(Contact, default_sender=True), a_record(Contact, "two")
        await door.add(one, two, a_record(Contact, "three", user_id=BOB, default_sender=True))
        with pytest.raises(Conflict):
            await door.save(later(two, default_sender=True))

        async def both(shelf: Shelf[Any]) -> None:
            await shelf.save(later(one, default_sender=False))
            await shelf.save(later(two, default_sender=True))

        await door(Contact, both)

        assert (await door.by_unique(Contact, f"default:{one.user_id}")).contact_id == "two"

    @pytest.mark.parametrize("kind", KINDS)
    async def test_given_rivals_at_once_when_they_add_save_or_remove_then_one_of_them_does(
        self, door: Door, kind: type[Any]
    ) -> None:
        record = a_record(kind)
        rivals = [evolve(record, created_at=NOW + minutes(n)) for n in range(4)]
        added = await outcomes(*(door.add(rival) for rival in rivals))
        kept = await door.get(record)
        saved = await outcomes(*(door.save(later(kept, created_at=NOW + minutes(n))) for n in range(4)))
        kept = await door.get(record)
        removed = await outcomes(*(door.remove(kept) for _ in range(4)))

        assert kept.version == 2
        assert added == saved == [type(None), *[Conflict] * 3]
        assert removed == [type(None), *[NotFound] * 3]

    @pytest.mark.parametrize(("kind", "meets", "frees"), UNIQUE)
    async def test_given_rivals_for_one_word_at_once_when_they_add_or_save_then_one_of_them_has_it(
        self, door: Door, kind: type[Any], meets: dict[str, Any], frees: dict[str, Any]
    ) -> None:
        rivals = [a_record(kind, f"rival {n}") for n in range(3)]
        await door.add(*rivals[:2])
        saving = (door.save(later(rival, **meets)) for rival in rivals[:2])
        got = await outcomes(*saving, door.add(evolve(rivals[2], **meets)))
        (word,) = set(a_record(kind, "two").unique) & set(evolve(rivals[2], **meets).unique)

        assert got == [type(None), Conflict, Conflict]
        assert await door.by_unique(kind, word) is not None

    async def test_given_records_when_found_then_those_that_fit_come_with_the_oldest_change_first(
        self, door: Door
    ) -> None:
        def a_copy(user: str, state: CopyState, at: dt.datetime, of: str = "b1") -> Copy:
            return filled(Copy, broadcast_id=of, user_id=user, state=state, updated_at=at, version=1)

        await door.add(
            a_copy("late", CopyState.SENT, NOW + minutes(3)),
            a_copy("b", CopyState.SENDING, NOW),
            a_copy("a", CopyState.SENDING, NOW),
            a_copy("first", CopyState.SENT, NOW - minutes(3)),
            a_copy("never", CopyState.FAILED, NOW),
            a_copy("else", CopyState.SENT, NOW, of="b2"),
        )
        sent = {"broadcast_id": "b1", "state": CopyState.SENT}
        either = {"broadcast_id": "b1", "state": (CopyState.SENT, CopyState.SENDING)}

        assert await door.find(Copy, sent) == ["b1:first", "b1:late"]
        assert await door.find(Copy, dict(reversed(sent.items()))) == ["b1:first", "b1:late"]
        assert await door.find(Copy, either) == ["b1:first", "b1:a", "b1:b", "b1:late"]
        assert await door.find(Copy, either, limit=2) == ["b1:first", "b1:a"]
        assert await door.find(Copy, either, limit=0) == []
        assert await door.find(Copy, either, changed_before=NOW) == ["b1:first"]
        assert await door.find(Copy, {"broadcast_id": ("b2", "b3"), "state": "sent"}) == ["b2:else"]
        assert await door.find(Copy, {"broadcast_id": "b1", "state": ()}) == []
        assert len(await door.find(Copy, {})) == 6

    @pytest.mark.parametrize(
        ("kind", "where", "ids"),
        [
            (Refund, {"state": RefundState.REQUESTED}, ["one"]),
            (Refund, {"order_id": "two"}, ["two"]),
            (Refund, {"user_id": (ANN, BOB)}, ["one", "two"]),
            (Template, {"user_id": BOB}, ["two"]),
            (Contact, {"user_id": BOB}, ["two"]),
            (ParcelPreset, {"user_id": ANN}, ["one"]),
            (Approval, {"state": (ApprovalState.WAITING, ApprovalState.REFUSED)}, ["one", "two"]),
            (Broadcast, {"state": "nothing"}, []),
        ],
        ids=str,
    )
    async def test_given_any_kind_when_found_by_what_it_is_found_by_then_those_come(
        self, door: Door, kind: type[Any], where: dict[str, object], ids: list[str]
    ) -> None:
        one, two = a_record(kind), a_record(kind, "two")
        if hasattr(one, "user_id"):
            one, two = evolve(one, user_id=ANN), evolve(two, user_id=BOB)
        if kind is Refund:
            two = evolve(two, state=RefundState.APPROVED)
        await door.add(one, two)

        assert await door.find(kind, where) == ids

    @pytest.mark.parametrize(
        ("kind", "names"),
        [
            (Refund, ["note"]),
            (Refund, ["state", "user_id"]),
            (Copy, ["broadcast_id"]),
            (ApiKey, ["role"]),
            (Template, ["$where"]),
        ],
        ids=str,
    )
    async def test_given_fields_that_no_index_serves_when_asked_by_then_they_are_refused(
        self, door: Door, kind: type[Any], names: list[str]
    ) -> None:
        with pytest.raises(ValueError, match=names[0].replace("$", r"\$")):
            await door.find(kind, dict.fromkeys(names, "x"))

    async def test_given_a_body_when_it_looks_back_then_it_sees_its_own_acts_and_leaves_nothing_if_it_fails(
        self, store: Shelves
    ) -> None:
        shelf, mine = store.shelf(Template), {"user_id": ANN}
        one = a_record(Template, user_id=ANN)
        two, renamed = a_record(Template, "two", user_id=ANN), later(one, name="renamed")
        await shelf.add(one)

        async def body(tx: Transaction) -> None:
            inside = tx.shelf(Template)
            await inside.save(renamed)
            await inside.add(evolve(two, name="one"))
            assert [t.name for t in await inside.find(mine)] == ["one", "renamed"]
            assert await inside.by_unique(one.unique[0]) == evolve(two, name="one")
            await inside.remove(renamed)
            assert await inside.by_unique(renamed.unique[0]) is None
            raise LookupError

        with pytest.raises(LookupError):
            await store.unit_of_work.run(body)

        assert list(await shelf.find(mine)) == [one]
        assert await shelf.by_unique(one.unique[0]) == one
        await shelf.add(two)

    async def test_given_two_bodies_when_each_wants_to_be_the_only_one_then_one_is(
        self, store: Shelves
    ) -> None:
        async def ask(name: str) -> None:
            async def body(tx: Transaction) -> None:
                await tx.shelf(Refund).add(a_record(Refund, name, order_id=OrderId("ord_1")))

            await store.unit_of_work.run(body)

        got = await outcomes(*(ask(f"r{n}") for n in range(6)))

        assert got == [type(None), *[Conflict] * 5]
        assert len(await store.shelf(Refund).find({"order_id": "ord_1"})) == 1

    async def test_given_run_time_settings_when_kept_then_they_have_one_id(self, store: Shelves) -> None:
        await store.shelf(Standing).add(a_record(Standing))

        assert (await store.shelf(Standing).get(STANDING)).version == 1
