"""What `shipbot` says where only the library is installed."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from shipping_bot import entry


def test_given_only_the_library_when_started_then_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def bare(name: str, *rest: Any) -> Any:
        if name == "shipping_bot.cli":
            raise ModuleNotFoundError("No module named 'click'", name="click")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", bare)
    with pytest.raises(SystemExit) as ended:
        entry.main()

    assert str(ended.value) == (
        "shipbot needs click, which the library alone does not: pip install 'shipping-core[all]'"
    )
