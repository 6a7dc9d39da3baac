"""One text to many: refused when it is broken, sent to each at most once, steered while it goes."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from a_broadcast import OLA, TEXTS, a_station, announce
from adapters.memory.notifier import MemoryNotifier
from adapters.memory.shelves import MemoryShelf
from builders import minutes
from shipping_core.domain.broadcast import BroadcastState, Copy, CopyState, Progress, Segment
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.letter import Delivery
from shipping_core.domain.policy import SecondPerson
from shipping_core.errors import Conflict, InvalidInput, NotFound, StoreUnavailable
from shipping_core.use_cases.send_broadcasts import CHUNK

CROWD = tuple(f"u{n:03}" for n in range(2 * CHUNK + 5))


async def test_given_a_started_broadcast_when_sent_then_each_reads_it_once_in_their_language() -> None:
    made = await a_station("ann", "bob", "ru1")
    broadcast = await made.started()
    await made.sent()

    assert made.read == [("ann", TEXTS["en"]), ("bob", TEXTS["en"]), ("ru1", TEXTS["ru"])]
    assert await made.keep.progress(broadcast.broadcast_id) == Progress(3, 3, 0, 0, 0)
    assert (await made.keep.broadcasts.get(broadcast.broadcast_id)).state is BroadcastState.DONE
    assert await made.audited(broadcast.broadcast_id) == [
        ("created", OLA), ("started", OLA), ("done", "system"),
    ]  # fmt: skip


async def test_given_somebody_whose_language_has_no_text_when_sent_then_they_read_the_first_there_is() -> (
    None
):
    made = await a_station("ann")
    await made.shop.users.speak(UserId("ann"), "de")
    await made.started()
    await made.sent()

    assert made.read == [("ann", TEXTS["en"])]


async def test_given_a_segment_of_one_language_when_created_then_its_text_alone_is_enough() -> None:
    made = await a_station("ann", "ru1")
    await made.started(texts={"ru": "Привет"}, segment=Segment(language="ru"))
    await made.sent()

    assert made.read == [("ru1", "Привет")]


@pytest.mark.parametrize(
    ("texts", "segment", "field"),
    [
        ({"en": "<b>x", "ru": "y"}, Segment(), "texts.en"),
        ({"en": "x", "ru": "<u>"}, Segment(), "texts.ru"),
        ({"en": "x"}, Segment(), "texts.ru"),
        ({"en": "x"}, Segment(language="ru"), "texts.ru"),
        ({"en": "x", "ru": "y", "de": "z"}, Segment(), "texts.de"),
        (TEXTS, Segment(active_days=0), "segment.active_days"),
        (TEXTS, Segment(language="de"), "segment.language"),
    ],
    ids=["broken", "russian broken", "missing", "segment", "unknown", "days", "language"],
)
async def test_given_what_cannot_be_sent_when_written_then_it_is_refused_and_nothing_changes(
    texts: dict[str, str], segment: Segment, field: str
) -> None:
    made = await a_station("ann")
    draft = await made.keep.create(TEXTS, Segment(), by=OLA)
    for act in (
        made.keep.create(texts, segment, by=OLA),
        announce(made.keep, texts, segment, by=OLA),
        made.keep.edit(draft.broadcast_id, 1, texts=texts, segment=segment, by=OLA),
    ):
        with pytest.raises(InvalidInput) as refused:
            await act
        assert refused.value.field == field

    assert list(made.shop.database.scan("Broadcast")) == [draft]
    assert len(list(made.shop.database.scan("audit"))) == 1


async def test_given_a_draft_when_edited_then_the_older_version_can_be_neither_edited_nor_started() -> None:
    made = await a_station("ann")
    draft = await made.keep.create(TEXTS, Segment(), by=OLA)
    edited = await made.keep.edit(draft.broadcast_id, 1, texts={"en": "New", "ru": "Новое"}, by=OLA)
    for act in (
        made.keep.edit(draft.broadcast_id, 1, segment=Segment(), by=OLA),
        made.keep.start(draft.broadcast_id, 1, by=OLA),
    ):
        with pytest.raises(Conflict):
            await act
    await made.keep.start(draft.broadcast_id, edited.version, by=OLA)
    await made.sent()

    assert made.read == [("ann", "New")]


async def test_given_a_started_broadcast_when_edited_or_started_again_then_it_is_a_conflict() -> None:
    made = await a_station("ann")
    started = await made.started()
    for act in (
        made.keep.edit(started.broadcast_id, started.version, texts=TEXTS, by=OLA),
        made.keep.start(started.broadcast_id, started.version, by=OLA),
        made.keep.resume(started.broadcast_id, by=OLA),
    ):
        with pytest.raises(Conflict):
            await act


async def test_given_a_draft_when_previewed_then_one_chat_reads_every_language_and_it_is_on_record() -> None:
    made = await a_station("ann", "bob")
    draft = await made.keep.create(TEXTS, Segment(), by=OLA)

    assert await made.keep.preview(draft.broadcast_id, UserId("bob"), by=OLA) is Delivery.ARRIVED
    assert made.read == [("bob", TEXTS["en"]), ("bob", TEXTS["ru"])]
    assert await made.audited(draft.broadcast_id) == [("created", OLA), ("previewed", OLA)]
    with pytest.raises(NotFound):
        await made.keep.preview(draft.broadcast_id, UserId("nobody"), by=OLA)


async def test_given_segments_when_counted_then_blocked_and_idle_people_are_left_out() -> None:
    made = await a_station("ann", "bob", "ru1", "ru2")
    blocked = await made.shop.users.get(UserId("bob"))
    await made.shop.users.save(blocked.changed(blocked=True))
    await made.shop.top_up("5.00", UserId("ru1"))
    made.clock.advance(minutes(60 * 24 * 10))
    await made.shop.users.seen(UserId("ann"), made.clock.now())
    segments = (Segment(), Segment(language="ru"), Segment(with_balance=True), Segment(active_days=7))

    assert [await made.keep.count(s) for s in segments] == [3, 2, 1, 1]


async def test_given_twenty_a_second_when_sent_to_a_crowd_then_no_second_sees_more() -> None:
    made = await a_station(*CROWD)
    at_s: list[float] = []

    class Timed(MemoryNotifier):
        async def deliver(self, *_args: object, **_more: object) -> Delivery:
            at_s.append(made.clock.monotonic_s())
            return Delivery.ARRIVED

    made.send = evolve(made.send, notifier=Timed())
    await made.started()
    await made.sent()

    assert len(at_s) == len(CROWD)
    assert max(sum(s <= other < s + 1 for other in at_s) for s in at_s) <= 21
    assert at_s[-1] - at_s[0] == pytest.approx((len(CROWD) - 1) / 20, abs=0.2)


async def test_given_a_pause_when_the_chunk_under_way_has_left_then_nothing_does_until_it_goes_on() -> None:
    made = await a_station(*CROWD)
    broadcast_id = (await made.started()).broadcast_id
    assert await made.send()
    await made.keep.pause(broadcast_id, by=OLA)
    await made.sent()
    paused = len(made.read)
    await made.keep.resume(broadcast_id, by=OLA)
    await made.sent()

    assert paused == CHUNK
    assert [user for user, _ in made.read] == list(CROWD)


async def test_given_a_stop_during_a_chunk_when_it_ends_then_the_rest_never_leaves() -> None:
    made = await a_station(*CROWD)
    broadcast_id = (await made.started()).broadcast_id
    sending = asyncio.create_task(made.sent())
    await asyncio.sleep(0.42)
    await made.keep.stop(broadcast_id, by=OLA)
    await sending
    progress = await made.keep.progress(broadcast_id)

    assert len(made.read) == progress.sent == CHUNK
    with pytest.raises(Conflict):
        await made.keep.resume(broadcast_id, by=OLA)
    assert (await made.audited(broadcast_id))[-1] == ("stopped", OLA)


async def test_given_people_out_of_reach_when_sent_then_the_figures_tell_and_the_others_read_it() -> None:
    made = await a_station("ann", "bob", "cid")
    broadcast = await made.started()
    made.shop.notifier.deliveries[:] = [Delivery.UNREACHABLE, Delivery.FAILED]
    await made.sent()

    assert [user for user, _ in made.read] == ["cid"]
    assert await made.keep.progress(broadcast.broadcast_id) == Progress(3, 1, 1, 1, 0)


async def test_given_an_outage_when_a_chunk_does_not_leave_then_it_is_paused_and_all_read_it_later() -> None:
    made = await a_station(*CROWD)
    broadcast = await made.started()
    assert await made.send()
    made.shop.notifier.deliveries[:] = [Delivery.NOT_SENT] * CHUNK
    await made.sent()
    paused = await made.keep.broadcasts.get(broadcast.broadcast_id)
    copies = len(list(made.shop.database.scan("Copy")))
    await made.keep.resume(broadcast.broadcast_id, by=OLA)
    await made.sent()

    assert (paused.state, copies) == (BroadcastState.PAUSED, CHUNK)
    assert [str(a) for a in made.shop.notifier.alarms] == [
        f"{broadcast.broadcast_id} is paused: nothing of it leaves; resume it when Telegram answers"
    ]
    assert [user for user, _ in made.read] == list(CROWD)
    assert await made.keep.progress(broadcast.broadcast_id) == Progress(len(CROWD), len(CROWD), 0, 0, 0)
    assert (await made.audited(broadcast.broadcast_id))[2:] == [
        ("paused", "system"), ("resumed", OLA), ("done", "system"),
    ]  # fmt: skip


async def test_given_an_outage_that_answers_nothing_when_a_whole_chunk_fails_then_the_others_are_spared() -> (
    None
):
    made = await a_station(*CROWD)
    broadcast = await made.started()
    made.shop.notifier.deliveries[:] = [Delivery.FAILED] * CHUNK
    await made.sent()
    await made.keep.resume(broadcast.broadcast_id, by=OLA)
    await made.sent()

    assert [user for user, _ in made.read] == list(CROWD[CHUNK:])
    assert (await made.keep.progress(broadcast.broadcast_id)).failed == CHUNK


async def test_given_some_that_surely_did_not_leave_when_others_did_then_they_are_sent_and_nobody_twice() -> (
    None
):
    made = await a_station("ann", "bob", "cid", "dan")
    await made.started()
    ends = (Delivery.ARRIVED, Delivery.NOT_SENT, Delivery.ARRIVED, Delivery.NOT_SENT)
    made.shop.notifier.deliveries[:] = ends
    await made.sent()

    assert [user for user, _ in made.read] == ["ann", "cid", "bob", "dan"]


async def test_given_a_segment_with_money_when_the_mode_is_switched_meanwhile_then_it_stays_the_same() -> (
    None
):
    made = await a_station(*CROWD)
    for name in CROWD:
        await made.shop.top_up("5.00", UserId(name))
    await made.shop.rules.begin()
    await made.started(segment=Segment(with_balance=True))
    assert await made.send()
    standing, _ = await made.shop.settings.now()
    rules = SecondPerson(production=False)
    standing = await made.shop.settings.change(
        {"second_person": rules}, version=standing.version, actor=OLA, reason="alone"
    )
    await made.shop.settings.switch_mode(
        Mode.PRODUCTION, typed="PRODUCTION", version=standing.version, actor=OLA, reason="ready"
    )
    made.send = evolve(made.send, policy=made.shop.rules)
    await made.sent()

    assert [user for user, _ in made.read] == list(CROWD)


async def test_given_a_chat_that_makes_the_notifier_fall_when_sent_then_it_failed_and_operators_hear() -> (
    None
):
    made = await a_station("ann", "bob")

    class Falling(MemoryNotifier):
        async def deliver(self, user_id: UserId, *_args: object, **_more: object) -> Delivery:
            if user_id == "ann":
                raise ZeroDivisionError
            return Delivery.ARRIVED

    falling = Falling()
    made.send = evolve(made.send, notifier=falling)
    broadcast = await made.started()
    await made.sent()

    assert await made.keep.progress(broadcast.broadcast_id) == Progress(2, 1, 0, 1, 0)
    assert [type(a) for a in falling.alarms] == [ZeroDivisionError]


async def test_given_two_workers_when_both_send_then_one_has_it_and_nobody_reads_twice() -> None:
    made = await a_station(*CROWD)
    other = evolve(made.send, worker="w2")
    await made.started()
    await asyncio.gather(made.sent(), other())
    await other()

    assert [user for user, _ in made.read] == list(CROWD)


async def test_given_workers_that_both_believe_to_hold_the_lease_when_sent_then_nobody_reads_twice() -> None:
    made = await a_station(*CROWD)
    broadcast = await made.started()
    rival = evolve(made.send, worker="w2")
    await asyncio.gather(made.send._chunk(broadcast), rival._chunk(broadcast), return_exceptions=True)
    await made.sent()

    assert sorted(user for user, _ in made.read) == list(CROWD)


async def test_given_a_long_broadcast_when_a_notice_is_announced_then_it_overtakes() -> None:
    made = await a_station(*CROWD)
    await made.started()
    assert await made.send()
    await asyncio.sleep(1)
    notice = await announce(made.keep, {"en": "Back soon", "ru": "Скоро"}, Segment(), by="system")
    await made.sent()
    words = [text for _, text in made.read]

    assert words[CHUNK : CHUNK + len(CROWD)] == ["Back soon"] * len(CROWD)
    assert len(words) == 2 * len(CROWD)
    assert await made.audited(notice.broadcast_id) == [("announced", "system"), ("done", "system")]


async def test_given_a_stop_of_the_process_when_copies_are_under_way_then_they_arrive_and_are_marked() -> (
    None
):
    made = await a_station(*CROWD)

    class Slow(MemoryNotifier):
        async def deliver(self, *_args: object, **_more: object) -> Delivery:
            await asyncio.sleep(3)
            return Delivery.ARRIVED

    made.send = evolve(made.send, notifier=Slow())
    broadcast = await made.started()
    sending = asyncio.create_task(made.sent())
    await asyncio.sleep(0.22)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    assert await made.send.drain(1) == 5
    assert await made.send.drain(10) == 0
    await asyncio.sleep(130)
    assert await made.keep.progress(broadcast.broadcast_id) == Progress(len(CROWD), 5, 0, 0, 0)


async def test_given_a_store_that_is_away_when_a_copy_is_marked_then_it_is_uncertain_and_not_sent_again() -> (
    None
):
    made = await a_station("ann", "bob")
    lost = ["ann"]

    class Forgetful(MemoryShelf[Copy]):
        async def save(self, record: Copy) -> None:
            if record.user_id in lost:
                lost.remove(record.user_id)
                raise StoreUnavailable("away")
            await super().save(record)

    made.send = evolve(made.send, copies=Forgetful(made.shop.database, Copy))
    broadcast = await made.started()
    with pytest.raises(StoreUnavailable):
        await made.sent()
    await made.sent()
    await asyncio.sleep(130)

    assert [user for user, _ in made.read] == ["ann", "bob"]
    assert await made.keep.progress(broadcast.broadcast_id) == Progress(2, 1, 0, 0, 1)
    assert (await made.send.copies.get(f"{broadcast.broadcast_id}:ann")).state is CopyState.SENDING
