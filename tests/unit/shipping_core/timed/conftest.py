"""These tests run on a loop whose clock jumps: waiting costs nothing and is exact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"virtual-time": VirtualTimeLoop}
