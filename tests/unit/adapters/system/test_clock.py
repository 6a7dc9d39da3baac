"""The real clock and real chance keep the promises of their ports."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from adapters.system.clock import RandomIds, RandomSecrets, SystemClock
from contracts.small_ports import ClockContract, IdSourceContract, SecretSourceContract


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()

    def test_given_the_machines_time_when_asked_then_it_is_that(self, clock: SystemClock) -> None:
        moment = dt.datetime(2031, 4, 7, 12, 0, tzinfo=dt.UTC)
        with time_machine.travel(moment, tick=False):
            told = clock.now()

        assert told == moment


class TestRandomIds(IdSourceContract):
    @pytest.fixture
    def ids(self) -> RandomIds:
        return RandomIds()

    def test_given_a_long_prefix_when_an_id_is_made_then_most_of_it_is_still_chance(
        self, ids: RandomIds
    ) -> None:
        assert len(ids.new("ord").partition("_")[2]) == 20


class TestRandomSecrets(SecretSourceContract):
    @pytest.fixture
    def secrets(self) -> RandomSecrets:
        return RandomSecrets()
