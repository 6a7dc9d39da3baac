"""A sandbox that runs is found by its folder, and one that died is not."""

from __future__ import annotations

import json
from pathlib import Path

from shipping_bot.sandbox import RUNS, known_in, running_in

URL = "http://127.0.0.1:8391"


def test_given_a_sandbox_when_it_runs_then_its_folder_tells_where_and_afterwards_nothing(
    tmp_path: Path,
) -> None:
    before = running_in(tmp_path)
    with known_in(tmp_path, URL, "v1"):
        during = running_in(tmp_path)

    assert (before, during, running_in(tmp_path)) == (None, (URL, "v1"), None)
    assert list(tmp_path.iterdir()) == []


def test_given_a_sandbox_that_died_or_a_broken_note_when_looked_for_then_none_runs(tmp_path: Path) -> None:
    for left in (json.dumps({"pid": 2**30, "url": URL, "version": "v2"}), "{", "[]", '{"pid": "x"}'):
        (tmp_path / RUNS).write_text(left)

        assert running_in(tmp_path) is None
