"""The drawing in `docs/` is the table's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shipping_core.conversation import machine as m

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "conversation.md").read_text(encoding="utf-8")


def test_given_the_drawing_when_drawn_afresh_then_it_is_the_same() -> None:
    command = [sys.executable, "scripts/draw_conversation.py", "--check"]

    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, "run scripts/draw_conversation.py"


@pytest.mark.parametrize("pair", sorted(m.RULES, key=str), ids=lambda p: f"{p[0].__name__}-{p[1].__name__}")
def test_given_any_rule_when_looked_for_in_the_drawing_then_it_is_named(pair: tuple[type, type]) -> None:
    assert f"`{m.RULES[pair].__name__}`" in PAGE
