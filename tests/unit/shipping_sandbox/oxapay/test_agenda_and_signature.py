"""Things to do at moments, and the signature against the vectors of RFC 4231."""

from datetime import UTC, datetime, timedelta
from functools import partial

import attrs
import pytest

from shipping_sandbox.kit.clock import Clock
from shipping_sandbox.oxapay_api.agenda import Agenda
from shipping_sandbox.oxapay_api.courier import sign

START = datetime(2031, 4, 5, 10, tzinfo=UTC)


@attrs.define
class StillClock(Clock):
    """Moves only when pushed."""

    def now(self) -> datetime:
        """The start and what was added."""
        return START + timedelta(seconds=self.offset_s)


def after(seconds: float) -> datetime:
    """So long after the start."""
    return START + timedelta(seconds=seconds)


async def test_given_things_to_do_when_time_passes_then_each_once_in_order_with_its_own_moment() -> None:
    clock = StillClock()
    agenda, done = Agenda(clock), list[tuple[str, datetime]]()

    def note(name: str, at: datetime) -> None:
        done.append((name, at))

    for name, seconds in (("late", 30), ("early", 10), ("same", 10), ("later", 31)):
        agenda.at(after(seconds), partial(note, name))
    agenda.catch_up()
    before = list(done)
    clock.advance(30)
    agenda.catch_up()
    agenda.catch_up()

    assert before == []
    assert done == [("early", after(10)), ("same", after(10)), ("late", after(30))]


async def test_given_what_adds_more_when_caught_up_then_that_is_done_too_if_it_is_due() -> None:
    clock, done = StillClock(), list[datetime]()
    agenda = Agenda(clock)

    def again(at: datetime) -> None:
        done.append(at)
        agenda.at(at + timedelta(seconds=10), again)

    agenda.at(after(10), again)
    clock.advance(35)
    agenda.catch_up()

    assert done == [after(10), after(20), after(30)]
    agenda.clear()


async def test_given_a_cancelled_entry_when_its_time_comes_then_nothing() -> None:
    clock, done = StillClock(), list[datetime]()
    agenda = Agenda(clock)
    agenda.at(after(1), done.append).cancel()
    clock.advance(2)
    agenda.catch_up()

    assert done == []


@pytest.mark.parametrize(
    ("key", "text", "begin"),
    [
        ("\x0b" * 20, b"Hi There", "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec278"),
        ("Jefe", b"what do ya want for nothing?", "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"),
    ],
    ids=["case 1", "case 2"],
)
def test_given_the_rfcs_vectors_when_signed_then_the_same_hex(key: str, text: bytes, begin: str) -> None:
    signature = sign(key, text)

    assert signature.startswith(begin)
    assert len(signature) == 128
