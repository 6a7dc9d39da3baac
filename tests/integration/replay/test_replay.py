"""The load test passes when all is well, and fails for each fault that it is there to see."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner

from integration.journeys.shop import logging_kept
from integration.replay import faults
from shipping_bot.cli import main
from shipping_bot.container import Container
from shipping_bot.replay import report, runner

KEYS = [
    "users", "operations", "labels", "purchases", "captures", "holds_left", "journal_sum_minor", "conflicts",
    "errors", "wall_s", "step_p50_ms", "step_p95_ms", "order_p50_ms", "order_p95_ms", "telegram_calls",
    "carrier_calls", "violations",
]  # fmt: skip


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    with logging_kept():
        yield


@pytest.mark.parametrize(
    ("version", "path", "operations"), [("v2", "paste", 3), ("v2", "steps", 23), ("v1", "paste", 3)]
)
async def test_given_a_sound_bot_when_replayed_then_every_customer_has_one_label_and_no_rule_is_broken(
    version: str, path: str, operations: int
) -> None:
    outcome = await runner.replay(users=5, path=path, version=version)
    figures = report.as_dict(outcome)

    assert list(figures) == KEYS
    assert figures["violations"] == []
    assert figures["operations"] == 5 * operations
    assert [figures[name] for name in ("labels", "purchases", "captures")] == [5, 5, 5]
    assert [figures[n] for n in ("holds_left", "journal_sum_minor", "conflicts", "errors")] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("plant", "seen"),
    [
        (
            faults.gateway(faults.BuysTwice),
            r"2 purchase requests for |the carrier sold 6 labels, customers hold 3",
        ),
        (faults.leak, r"was neither captured nor released"),
        (faults.gateway(faults.SwapsAddresses), r"label names the recipient as the sender"),
        (faults.gateway(faults.MixesCustomers), r"sees data of user"),
        (faults.one_file, r"customers got the same file"),
        (faults.rival, r"Telegram answered Conflict \d+ times"),
    ],
    ids=[
        "buys twice",
        "leaks a hold",
        "swaps the addresses",
        "mixes customers",
        "one file for all",
        "a rival poller",
    ],
)
async def test_given_a_planted_fault_when_replayed_then_the_load_test_sees_it(
    plant: Callable[[Container], None], seen: str
) -> None:
    outcome = await runner.replay(users=3, path="paste", prepare=plant)

    assert [text for text in outcome.violations if re.search(seen, text)] != []


def test_given_a_sound_bot_when_the_command_runs_then_it_prints_the_figures_and_exits_0() -> None:
    result = CliRunner().invoke(main, ["replay", "--users", "2", "--path", "paste", "--json"])

    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)) == KEYS


def test_given_a_planted_fault_when_the_command_runs_then_it_lists_the_violations_and_exits_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planted = functools.partial(runner.replay, prepare=faults.leak)
    monkeypatch.setattr(runner, "replay", planted)
    result = CliRunner().invoke(main, ["replay", "--users", "2", "--path", "paste"])

    assert result.exit_code == 1
    assert "was neither captured nor released" in result.stdout
