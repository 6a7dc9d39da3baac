"""Draws `docs/roles.md` from the router and the table of roles; `--check` only compares."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from adapters.http_admin.access import PUBLIC  # noqa: E402 - the paths come first
from adapters.http_admin.api import PATH  # noqa: E402
from adapters.http_admin.roles import NEEDED  # noqa: E402
from an_office import an_office, routes_of, whole_app  # noqa: E402
from shipping_core.domain.access import Role  # noqa: E402

TARGET = ROOT / "docs" / "roles.md"

HEAD = """# Who may do what

Drawn by `scripts/draw_roles.py` from the router and `adapters.http_admin.roles`; do not edit it by hand, a
test compares. Every other address is 404, and a route that is not listed here opens to nobody.

"""


def draw() -> str:
    """The whole page."""
    routes = routes_of(whole_app(asyncio.run(an_office()).office))
    lines = ["## With a key", "", _row("Route", "Name", *(role.value for role in Role)), _row(*["---"] * 6)]
    for route in routes:
        needed = NEEDED.get(route.name)
        if route.path.startswith(PATH) and needed is not None:
            marks = ("yes" if role.may(needed) else "" for role in Role)
            lines.append(_row(f"`{route.method} {route.path}`", route.name, *marks))
    lines += ["", "## Without a key", ""]
    lines += [
        f"- `{r.method} {r.path}`" for r in routes if r.handler.opt.get(PUBLIC) and r.method != "OPTIONS"
    ]
    return HEAD + "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Write the page, or with `--check` say whether it is as drawn."""
    page = draw()
    if "--check" in sys.argv:
        return 0 if TARGET.exists() and TARGET.read_text(encoding="utf-8") == page else 1
    TARGET.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
