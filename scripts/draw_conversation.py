"""Draws `docs/conversation.md` from the table of rules; `--check` only compares.

What a rule may lead to is found by walking: the whole conversation is walked through with every kind of
event, and the states that came out are drawn.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from shipping_core.conversation import machine as m  # noqa: E402 - the paths come first
from shipping_core.conversation import states as st  # noqa: E402
from walk import walk  # noqa: E402

TARGET = ROOT / "docs" / "conversation.md"
EVERYWHERE, FEW_RULES = 10, 4
"""An event that so many states know, by so few rules, is listed apart, or the drawing would be all arrows."""

HEAD = """# The conversation

Drawn by `scripts/draw_conversation.py` from the rules in `shipping_core.conversation.machine`; do not edit
it by hand, a test compares. An event that a state does not know changes nothing: the customer is shown the
present card again, and a late answer of the world is dropped.

Of the states, `Buying` alone cannot be cancelled: the carrier has been asked. `Idle`, `Bought` and `Waiting`
have nothing to cancel but a draft that was left behind.
"""

Edges = dict[tuple[type, type], set[type]]


def edges() -> Edges:
    """For every rule, the states it was seen to lead to."""
    found: Edges = defaultdict(set)
    for walked in walk():
        if walked.step is not None:
            found[walked.pair].add(type(walked.step.state))
    return found


def draw() -> str:
    """The whole page."""
    found = edges()
    known = {event: [s for s in m.STATES if (s, event) in m.RULES] for event in m.EVENTS}
    common = [e for e in m.EVENTS if len(known[e]) >= EVERYWHERE and len(_rules(e, known[e])) <= FEW_RULES]
    parts = (HEAD, _diagram(found, common), _everywhere(found, common, known), _table(found, common))
    return "\n".join(parts)


def _diagram(found: Edges, common: list[type]) -> str:
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (state, event), targets in sorted(found.items(), key=lambda edge: _place(*edge[0])):
        for target in sorted(targets - {state}, key=m.STATES.index):
            if event not in common:
                arrows[state.__name__, target.__name__].append(event.__name__)
    lines = [f"    {one} --> {other}: {', '.join(names)}" for (one, other), names in arrows.items()]
    start = f"    [*] --> {st.Idle.__name__}"
    title = "## The way of an order\n\nWithout the events that almost every state knows."
    return "\n".join((title, "", "```mermaid", "stateDiagram-v2", start, *lines, "```", ""))


def _place(state: type, event: type) -> tuple[int, int]:
    return m.STATES.index(state), m.EVENTS.index(event)


def _everywhere(found: Edges, common: list[type], known: dict[type, list[type]]) -> str:
    lines = ["## Almost everywhere", "", "| Event | Rules | Leads to | Not in |", "|---|---|---|---|"]
    for event in common:
        rules = _rules(event, known[event])
        targets = {t for s in known[event] for t in found[s, event]}
        apart = [s for s in m.STATES if s not in known[event]]
        stays = all(found[s, event] == {s} for s in known[event])
        leads = "the same state" if stays else _names(targets)
        lines.append(f"| {event.__name__} | {_code(rules)} | {leads} | {_names(apart) or '—'} |")
    return "\n".join((*lines, ""))


def _table(found: Edges, common: list[type]) -> str:
    lines = ["## State by state", "", "| State | Event | Rule | Leads to |", "|---|---|---|---|"]
    for (state, event), rule in sorted(m.RULES.items(), key=lambda item: _place(*item[0])):
        if event not in common:
            leads = _names(found[state, event])
            lines.append(f"| {state.__name__} | {event.__name__} | `{rule.__name__}` | {leads} |")
    return "\n".join((*lines, ""))


def _names(states: list[type] | set[type]) -> str:
    return ", ".join(s.__name__ for s in sorted(states, key=m.STATES.index))


def _rules(event: type, states: list[type]) -> dict[str, None]:
    return dict.fromkeys(m.RULES[s, event].__name__ for s in states)


def _code(names: dict[str, None]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main() -> int:
    """Write the page, or with `--check` say whether it is as drawn."""
    page = draw()
    if "--check" in sys.argv:
        return 0 if TARGET.exists() and TARGET.read_text(encoding="utf-8") == page else 1
    TARGET.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
