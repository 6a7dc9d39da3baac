"""Small HTML: elements that escape whatever is put into them."""

from collections.abc import Iterable
from html import escape

VOID = frozenset({"img", "input", "meta", "link", "br"})


class Html(str):
    """Text that is mark-up already."""

    __slots__ = ()


def tag(name: str, /, *children: "str | None", **attributes: "str | int | bool | None") -> Html:
    """An element: plain texts are escaped, False and None left out; `class_` is class, `data_x` is data-x."""
    inside = "".join(_safe(child) for child in children if child is not None)
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{written}>" if name in VOID else f"<{name}{written}>{inside}</{name}>")


def together(parts: Iterable["str | None"]) -> Html:
    """Parts one behind the other."""
    return Html("".join(_safe(part) for part in parts if part is not None))


def _safe(child: str) -> str:
    return child if isinstance(child, Html) else escape(child)
