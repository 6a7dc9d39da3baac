"""One MongoDB that outlives every bot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.mongo.servers import ReplicaSet, replica_set

ABANDONED_AFTER_S = 3
"""A killed process's transaction locks its customer's balance until the server ends it, after a minute by
default: as much sooner here as everything else is."""


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """A set of one server."""
    with replica_set(tmp_path_factory.mktemp("mongod")) as made:
        with made.servers[0].client() as client:
            client.admin.command({"setParameter": 1, "transactionLifetimeLimitSeconds": ABANDONED_AFTER_S})
        yield made
