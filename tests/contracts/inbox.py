"""What every NoticeInbox promises; a subclass provides `inbox`, empty."""

from __future__ import annotations

from asyncio import gather

from attrs import evolve

from builders import NOW, minutes
from shipping_core.ports.inbox import NoticeInbox
from shipping_core.ports.payments import Notice

NOTICE = Notice("digest-1", "7001", "Paid", legacy=True)


def notices(count: int) -> list[Notice]:
    """So many different ones."""
    return [Notice(f"digest-{n}", f"70{n}", "paying") for n in range(count)]


class NoticeInboxContract:
    """Each notice once, until it is done."""

    async def test_given_a_new_notice_when_put_then_it_is_pending_in_every_field(
        self, inbox: NoticeInbox
    ) -> None:
        assert await inbox.put(NOTICE, NOW)
        assert list(await inbox.pending()) == [NOTICE]

    async def test_given_the_same_bytes_when_put_again_then_nothing_changes(self, inbox: NoticeInbox) -> None:
        await inbox.put(NOTICE, NOW)

        assert not await inbox.put(evolve(NOTICE, word="other"), NOW + minutes(1))
        assert list(await inbox.pending()) == [NOTICE]

    async def test_given_the_same_bytes_many_times_at_once_when_put_then_one_is_new(
        self, inbox: NoticeInbox
    ) -> None:
        got = await gather(*(inbox.put(NOTICE, NOW) for _ in range(6)))

        assert sorted(got) == [False] * 5 + [True]

    async def test_given_many_when_pending_then_the_oldest_comes_first_and_equals_as_they_came(
        self, inbox: NoticeInbox
    ) -> None:
        first, second, third, early = notices(4)
        for notice, at in ((first, NOW), (second, NOW), (third, NOW), (early, NOW - minutes(1))):
            await inbox.put(notice, at)

        assert list(await inbox.pending()) == [early, first, second, third]
        assert list(await inbox.pending(limit=2)) == [early, first]
        assert list(await inbox.pending(limit=0)) == []

    async def test_given_a_notice_that_is_done_when_it_comes_again_then_it_stays_done(
        self, inbox: NoticeInbox
    ) -> None:
        one, other = notices(2)
        await inbox.put(one, NOW)
        await inbox.put(other, NOW)
        await inbox.done(one.digest, "credited")

        assert not await inbox.put(one, NOW)
        assert list(await inbox.pending()) == [other]

    async def test_given_an_unknown_notice_when_done_then_nothing_happens(self, inbox: NoticeInbox) -> None:
        await inbox.done("digest-of-nobody", "unmatched")

        assert list(await inbox.pending()) == []
        assert await inbox.put(Notice("digest-of-nobody", "1", "Paid"), NOW)
