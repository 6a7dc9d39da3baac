from __future__ import annotations

import pytest

from adapters.reader import OfflineReader


@pytest.fixture(scope="session")
def reader() -> OfflineReader:
    reader = OfflineReader()
    reader.warm_up()
    return reader
