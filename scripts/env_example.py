"""Write `.env.example` from the settings themselves: every variable, what it means, its default."""

from __future__ import annotations

import textwrap
from pathlib import Path

from attrs import fields

from shipping_bot.settings import Settings, described

TARGET = Path(__file__).parents[1] / ".env.example"
HEAD = """\
# Every setting of `shipbot`, with its default. Copy to .env and fill in what is required.
# The environment wins over this file.
"""
WIDTH = 100


def defaults() -> dict[str, str]:
    """The default of every variable, as one writes it; secrets have none."""
    settings, found = Settings(), {}
    for option in fields(Settings):
        value = getattr(settings, option.name)
        inner = fields(type(value)) if hasattr(type(value), "__attrs_attrs__") else ()
        for part in inner:
            found[f"{option.name}_{part.name}".upper()] = str(getattr(value, part.name))
        if not inner:
            found[option.name.upper()] = str(value)
    return found


def text() -> str:
    """The whole file."""
    known = defaults()
    blocks = [
        "\n".join([*textwrap.wrap(help_text, WIDTH, initial_indent="# ", subsequent_indent="# "), line])
        for name, help_text in described().items()
        for line in [f"{name}={known[name]}"]
    ]
    return "\n".join([HEAD, *(f"{block}\n" for block in blocks)])


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
