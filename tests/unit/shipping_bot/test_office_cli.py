"""The office's commands, as far as they need no store: what cannot be used is said in one line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from shipping_bot.office_cli.lists import GROUPS


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("orders list --state nonsense", "--state: It is none of"),
        ("users list --blocked maybe", "--blocked: It is none of true, false"),
        ("orders list --since 2031-04-08 --until 2031-04-07", "--until: It must be later"),
        ("orders list --since 0001-01-01", "--since: Its year must be"),
        (
            "orders list --sort price.minor --state purchased",
            "--sort: orders by price_minor are not",
        ),
        ("""orders list --after [5,"y"]""", "--after: It is no place in this list"),
        ("orders list --after nonsense", "--after is not what a list said"),
    ],
)
def test_given_what_a_list_cannot_be_asked_when_asked_then_one_line_says_so(words: str, said: str) -> None:
    group, *rest = words.split()
    result = CliRunner().invoke(GROUPS[group], rest)

    assert result.exit_code == 2
    assert said in result.output
