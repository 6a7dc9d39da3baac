"""The drawing in `docs/` is the table's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from shipping_core.conversation import machine as m

ROOT = Path(__file__).parents[4]


def test_given_the_drawing_when_drawn_afresh_then_it_is_the_same() -> None:
    command = [sys.executable, "scripts/draw_conversation.py", "--check"]

    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, "run scripts/draw_conversation.py"


def test_given_every_rule_when_looked_for_in_the_drawing_then_it_is_named() -> None:
    page = (ROOT / "docs" / "conversation.md").read_text(encoding="utf-8")

    assert [rule.__name__ for rule in m.RULES.values() if f"`{rule.__name__}`" not in page] == []
