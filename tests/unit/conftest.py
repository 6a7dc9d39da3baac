"""A unit test touches no network: a socket that is connected or bound fails it."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: socket.socket, address: Any, *__: Any) -> NoReturn:
        raise AssertionError(f"a unit test reached for the network: {address}")

    for act in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, act, refuse)
