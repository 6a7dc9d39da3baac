"""Each safety rule taken out in turn: the world sees red without it, and nothing with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from world.rules import RULES, TRIES

Record = Callable[[str, object], None]


@pytest.mark.parametrize("name", RULES)
def test_given_a_shop_without_this_rule_when_its_story_is_told_then_the_world_sees_red(
    name: str, record_property: Record
) -> None:
    seed, finding = RULES[name].red()
    record_property("figure", ("safety rules taken out, and seen", 1 if seed else 0))

    assert seed, f"nobody noticed that this rule was gone: {name}"
    assert finding


@pytest.mark.parametrize("name", RULES)
def test_given_the_rule_is_there_when_the_same_stories_are_told_then_nothing_is_wrong(name: str) -> None:
    found = [
        finding
        for seed in range(1, TRIES + 1)
        for finding in RULES[name].world(seed, removed=False).trace.findings
    ]

    assert found == []
