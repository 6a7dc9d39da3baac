"""Other people's files in the tree are those of their manifest, and all that our page names is there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from adapters.http_admin.docs import ASSETS, PAGE

ROOT = Path(__file__).parents[4]


def test_given_the_files_we_ship_when_hashed_then_they_are_those_of_their_manifest() -> None:
    vendor = runpy.run_path(str(ROOT / "scripts" / "vendor.py"))

    assert vendor["differences"]() == []
    assert len(vendor["packages"]()) == 1


def test_given_the_page_when_read_then_it_names_our_own_files_alone_and_each_is_there() -> None:
    named = re.findall(r'(?:src|href)="([^"]+)"', PAGE)

    assert {name for name in named if name != "data:,"} == {f"/api/docs/{name}" for name in ASSETS}
    assert all((ROOT / "src/adapters/http_admin/static" / path).is_file() for path, _ in ASSETS.values())
