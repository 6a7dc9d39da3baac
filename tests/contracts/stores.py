"""What every UserRepository and every LabelDocuments promises; a subclass provides `users` or `documents`."""

from __future__ import annotations

import datetime as dt
from asyncio import gather

import pytest
from attrs import evolve

from builders import ANN, BOB, NOW, minutes
from shipping_core.domain.ids import OrderId
from shipping_core.domain.user import Limits, OperatorNote, User
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.documents import KEPT_FOR, LabelDocuments
from shipping_core.ports.users import UserRepository

USER = User(ANN, NOW, "ru")


class UserRepositoryContract:
    """Users, each added once."""

    async def test_given_a_new_user_when_added_then_it_is_kept(self, users: UserRepository) -> None:
        assert await users.add(USER)
        assert await users.get(ANN) == USER

    async def test_given_a_known_user_when_added_then_nothing_changes(self, users: UserRepository) -> None:
        await users.add(USER)

        assert not await users.add(evolve(USER, joined_at=NOW + minutes(1), language="en"))
        assert await users.get(ANN) == USER

    async def test_given_a_stranger_when_got_then_it_is_not_found(self, users: UserRepository) -> None:
        await users.add(USER)

        with pytest.raises(NotFound):
            await users.get(BOB)

    async def test_given_the_same_user_many_times_at_once_when_added_then_one_is_new(
        self, users: UserRepository
    ) -> None:
        assert sorted(await gather(*(users.add(USER) for _ in range(6)))) == [False] * 5 + [True]

    async def test_given_a_chosen_language_when_spoken_then_it_is_remembered_and_nothing_else_changes(
        self, users: UserRepository
    ) -> None:
        await users.add(USER)
        await users.add(evolve(USER, user_id=BOB))
        await users.speak(ANN, "en")

        assert await users.get(ANN) == evolve(USER, language="en")
        assert await users.get(BOB) == evolve(USER, user_id=BOB)

    async def test_given_a_stranger_when_spoken_then_nobody_is_made(self, users: UserRepository) -> None:
        await users.speak(BOB, "ru")

        with pytest.raises(NotFound):
            await users.get(BOB)

    async def test_given_a_user_when_seen_then_only_when_and_how_they_are_called_changes(
        self, users: UserRepository
    ) -> None:
        await users.add(USER)
        await users.add(evolve(USER, user_id=BOB))
        await users.seen(ANN, NOW, name="Ann Lee", username="ann")
        await users.seen(ANN, NOW + minutes(1))
        named = await users.get(ANN)
        await users.seen(ANN, NOW + minutes(1), name="Ann Lee-Smith")

        assert named == evolve(USER, seen_at=NOW + minutes(1), name="Ann Lee", username="ann")
        assert await users.get(ANN) == evolve(named, name="Ann Lee-Smith", username="")
        assert await users.get(BOB) == evolve(USER, user_id=BOB)

    async def test_given_a_stranger_or_an_erased_one_when_seen_then_nothing_is_kept_of_them(
        self, users: UserRepository
    ) -> None:
        gone = evolve(USER, erased_at=NOW)
        await users.add(gone)
        for user_id in (ANN, BOB):
            await users.seen(user_id, NOW, name="Ann Lee", username="ann")

        assert await users.get(ANN) == gone
        with pytest.raises(NotFound):
            await users.get(BOB)

    async def test_given_a_user_when_saved_then_what_they_themselves_changed_meanwhile_stays(
        self, users: UserRepository
    ) -> None:
        await users.add(USER)
        decided = USER.changed(blocked=True, blocked_why="fraud", limits=Limits(orders_a_day=3), name="old")
        await users.seen(ANN, NOW, name="Ann Lee", username="ann")
        await users.speak(ANN, "en")
        await users.save(decided)
        mine = {"seen_at": NOW, "name": "Ann Lee", "username": "ann", "language": "en"}

        assert await users.get(ANN) == evolve(decided, **mine)  # type: ignore[arg-type] # by name

    async def test_given_a_user_when_saved_as_erased_then_all_of_it_is_as_the_caller_says(
        self, users: UserRepository
    ) -> None:
        await users.add(USER)
        await users.seen(ANN, NOW, name="Ann Lee", username="ann")
        erased = USER.changed(
            erased_at=NOW + minutes(1), notes=(OperatorNote(NOW, "key:ola", "asked to go"),)
        )
        await users.save(erased)

        assert await users.get(ANN) == erased

    async def test_given_another_version_or_a_stranger_when_saved_then_it_is_refused_and_nothing_changes(
        self, users: UserRepository
    ) -> None:
        with pytest.raises(NotFound):
            await users.save(USER.changed())
        await users.add(USER)
        for wrong in (USER, USER.changed().changed()):
            with pytest.raises(Conflict):
                await users.save(wrong)

        assert await users.get(ANN) == USER

    async def test_given_operators_at_once_when_they_save_then_one_of_them_does(
        self, users: UserRepository
    ) -> None:
        await users.add(USER)
        rivals = [USER.changed(blocked_why=str(n)) for n in range(5)]
        got = await gather(*(users.save(rival) for rival in rivals), return_exceptions=True)

        assert sorted(type(g).__name__ for g in got) == [*["Conflict"] * 4, "NoneType"]
        assert await users.get(ANN) == rivals[got.index(None)]


class LabelDocumentsContract:
    """One file per order."""

    async def test_given_no_file_when_got_then_there_is_none(self, documents: LabelDocuments) -> None:
        assert await documents.get(OrderId("ord_1")) is None

    @pytest.mark.parametrize(
        "content", [b"%PDF-1.4\x00\xff\n", b"", bytes(300_000)], ids=["binary", "empty", "large"]
    )
    async def test_given_a_file_when_got_then_it_is_the_same_to_the_byte(
        self, documents: LabelDocuments, content: bytes
    ) -> None:
        await documents.put(OrderId("ord_1"), content, NOW)

        assert await documents.get(OrderId("ord_1")) == content
        assert await documents.get(OrderId("ord_2")) is None

    async def test_given_a_second_file_when_put_then_it_replaces_the_first(
        self, documents: LabelDocuments
    ) -> None:
        await documents.put(OrderId("ord_1"), b"first", NOW)
        await documents.put(OrderId("ord_1"), b"second", NOW)

        assert await documents.get(OrderId("ord_1")) == b"second"

    async def test_given_many_at_once_when_put_then_one_of_them_is_kept_whole(
        self, documents: LabelDocuments
    ) -> None:
        rivals = [bytes([n]) * 50_000 for n in range(6)]
        await gather(*(documents.put(OrderId("ord_1"), content, NOW) for content in rivals))

        assert await documents.get(OrderId("ord_1")) in rivals

    async def test_given_a_file_of_long_ago_when_put_anew_then_its_time_begins_again(
        self, documents: LabelDocuments
    ) -> None:
        for at in (NOW - KEPT_FOR, NOW):
            await documents.put(OrderId("ord_1"), b"the same", at)
        await documents.put(OrderId("ord_2"), b"other", NOW + dt.timedelta(microseconds=1234))

        assert await documents.get(OrderId("ord_1")) == b"the same"
        assert await documents.get(OrderId("ord_2")) == b"other"
