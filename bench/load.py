"""The load of `bench.whole_bot`: many people answer the questions of the step-by-step order."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator

from attrs import frozen
from bench.contenders import Contender, asleep, running
from bench.emulator import Emulator, Writing, cpu_s

from shipping_bot.replay.people import plan

STEPS = 17
"""Answers that are followed by one more question; the 18th would bring the summary."""
LAST_QUESTION = "Step 18 of 18"
GIVE_UP_S = 60.0
LOOK_EVERY_S = 0.05
"""Rarely, since looking takes time from the two cores that are measured."""


@frozen
class Result:
    """One round: updates answered a second, processor ms and Telegram calls for each of them."""

    updates_per_s: float
    cpu_ms: float
    calls: float


def one_round(contender: Contender, users: int, command: list[str] | None = None) -> Result:
    """Let one bot answer what `users` people wrote while it stood still; the first tenth is warm-up.

    Every bot gets the same texts in the same order. Ours has asked each person its first question
    before; that is not measured.

    Raises:
        TimeoutError: the bot did not answer everything in a minute.
        AssertionError: our bot did not bring everybody to the last question.
    """
    wanted = users * STEPS
    with Emulator("all") as emulator:
        people = [plan(number).user for number in range(users)]
        with running(command or contender.command(emulator.base_url), emulator.base_url) as bot:
            _until(lambda: emulator.calls("getUpdates") > 0, bot)
            if contender.ours:
                _begin_orders(emulator, people, bot)
            with asleep(bot):
                emulator.write(answers(users))
                before = emulator.all_calls()
            first, began, cpu_began = _answered(emulator, bot, before, wanted // 10)
            last, ended, cpu_ended = _answered(emulator, bot, before, wanted)
            calls = sum(emulator.all_calls().values()) - sum(before.values())
            if contender.ours:
                _check(emulator, people)
    done = last - first
    return Result(done / (ended - began), 1e3 * (cpu_ended - cpu_began) / done, calls / wanted)


def answers(users: int) -> Iterator[Writing]:
    """Everybody's answer to the first question, then everybody's to the second, and so on."""
    plans = [plan(number) for number in range(users)]
    for step in range(STEPS):
        for one in plans:
            yield one.user, one.answers()[step]


def _begin_orders(emulator: Emulator, people: list[int], bot: subprocess.Popen[bytes]) -> None:
    emulator.write((user, "/start") for user in people)
    _until(lambda: emulator.calls("sendMessage") >= len(people), bot)
    emulator.tap(people, "m:steps")
    _until(lambda: emulator.calls("editMessageText") >= len(people), bot)


def _answered(
    emulator: Emulator, bot: subprocess.Popen[bytes], before: dict[str, int], wanted: int
) -> tuple[int, float, float]:
    def sent() -> int:
        return emulator.calls("sendMessage") - before.get("sendMessage", 0)

    _until(lambda: sent() >= wanted, bot)
    return sent(), time.perf_counter(), cpu_s(bot.pid)


def _until(reached: Callable[[], bool], bot: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + GIVE_UP_S
    while not reached():
        if bot.poll() is not None:
            raise RuntimeError(f"the bot ended by itself with {bot.returncode}")
        if time.perf_counter() > deadline:
            raise TimeoutError("the bot did not answer in time")
        time.sleep(LOOK_EVERY_S)


def _check(emulator: Emulator, people: list[int]) -> None:
    texts = emulator.last_texts(people)
    astray = {user: text for user, text in texts.items() if LAST_QUESTION not in text}
    assert not astray, f"{len(astray)} people are not at the last question: {next(iter(astray.values()))!r}"
