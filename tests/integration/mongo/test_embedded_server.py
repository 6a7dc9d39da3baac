"""How our own server is set up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from adapters.mongo.embedded import embedded_server
from adapters.mongo.scope import ACT_TIMEOUT_S


async def test_given_our_own_server_when_asked_then_it_ends_abandoned_transactions_soon_after_ours_would_end(
    tmp_path: Path,
) -> None:
    async with embedded_server(tmp_path / "home") as url:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url)
        async with client:
            asked = {"getParameter": 1, "transactionLifetimeLimitSeconds": 1}
            limit_s = (await client.admin.command(asked))["transactionLifetimeLimitSeconds"]

    assert ACT_TIMEOUT_S < limit_s <= 2 * ACT_TIMEOUT_S
