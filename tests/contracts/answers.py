"""What every GuessLog and every AnswerLog promises; a subclass provides `guesses` or `answers`."""

from __future__ import annotations

import datetime as dt
from asyncio import gather

import pytest

from builders import NOW, minutes
from shipping_core.domain.access import Guesses
from shipping_core.errors import BeingAnswered, InvalidInput
from shipping_core.ports.answers import ANSWERED_WITHIN, KEPT_FOR, Answer, AnswerLog
from shipping_core.ports.guesses import GuessLog

NET = "192.0.2.0/24"
MS = dt.timedelta(milliseconds=1)
DONE = Answer(200, b'{"state":"failed"}', "application/json", '"7"')


class GuessLogContract:
    """Counts by network."""

    async def test_given_no_guess_when_asked_then_nothing_is_remembered(self, guesses: GuessLog) -> None:
        assert await guesses.of(NET) is None

    async def test_given_guesses_when_counted_then_each_network_has_its_own(self, guesses: GuessLog) -> None:
        await guesses.add(NET, NOW)
        await guesses.add(NET, NOW + minutes(1))
        await guesses.add("198.51.100.0/24", NOW)

        assert await guesses.of(NET) == Guesses(NET, 2, NOW, NOW + minutes(1))

    @pytest.mark.parametrize("times", [1, 4, 5, 6, 12])
    @pytest.mark.parametrize("after", [-MS, MS * 0], ids=["just-before", "then"])
    async def test_given_any_number_when_one_more_comes_around_the_end_then_it_counts_as_the_rule_says(
        self, guesses: GuessLog, times: int, after: dt.timedelta
    ) -> None:
        expected = Guesses(NET, 1, NOW, NOW)
        await guesses.add(NET, NOW)
        for n in range(1, times):
            expected = expected.one_more(NOW + minutes(n / 10))
            assert await guesses.add(NET, NOW + minutes(n / 10)) == expected
        at = expected.until + after

        assert await guesses.add(NET, at) == expected.one_more(at)
        assert await guesses.of(NET) == expected.one_more(at)

    async def test_given_many_guesses_at_once_when_counted_then_none_is_lost(self, guesses: GuessLog) -> None:
        await gather(*(guesses.add(NET, NOW) for _ in range(20)))

        assert await guesses.of(NET) == Guesses(NET, 20, NOW, NOW)


class AnswerLogContract:
    """Answers by key."""

    async def test_given_a_new_request_when_begun_then_it_is_the_callers(self, answers: AnswerLog) -> None:
        assert await answers.begin("k", "hash", NOW) is None

    async def test_given_many_of_one_request_at_once_when_begun_then_one_is_to_answer(
        self, answers: AnswerLog
    ) -> None:
        begun = await gather(*(answers.begin("k", "hash", NOW) for _ in range(10)), return_exceptions=True)

        assert begun.count(None) == 1
        assert [type(b) for b in begun].count(BeingAnswered) == 9

    async def test_given_an_answer_when_asked_again_then_it_is_given_again(self, answers: AnswerLog) -> None:
        await answers.begin("k", "hash", NOW)
        await answers.finish("k", DONE)

        assert await answers.begin("k", "hash", NOW + KEPT_FOR - MS) == DONE

    @pytest.mark.parametrize("answered", [True, False])
    async def test_given_another_request_under_a_known_key_when_begun_then_it_is_refused(
        self, answers: AnswerLog, answered: bool
    ) -> None:
        await answers.begin("k", "hash", NOW)
        if answered:
            await answers.finish("k", DONE)

        with pytest.raises(InvalidInput):
            await answers.begin("k", "another", NOW + minutes(30))

    async def test_given_an_answer_a_day_old_when_asked_again_then_it_is_forgotten(
        self, answers: AnswerLog
    ) -> None:
        await answers.begin("k", "hash", NOW)
        await answers.finish("k", DONE)

        assert await answers.begin("k", "another", NOW + KEPT_FOR) is None

    async def test_given_somebody_who_died_when_their_time_is_over_then_one_other_takes_over(
        self, answers: AnswerLog
    ) -> None:
        await answers.begin("k", "hash", NOW)
        with pytest.raises(BeingAnswered):
            await answers.begin("k", "hash", NOW + ANSWERED_WITHIN - MS)
        later = NOW + ANSWERED_WITHIN
        begun = await gather(*(answers.begin("k", "hash", later) for _ in range(5)), return_exceptions=True)

        assert begun.count(None) == 1

    async def test_given_a_forgotten_request_when_it_comes_again_then_it_is_new(
        self, answers: AnswerLog
    ) -> None:
        await answers.begin("k", "hash", NOW)
        await answers.forget("k")

        assert await answers.begin("k", "another", NOW) is None
