"""The carrier's door: whoever knows the secret makes us look sooner, and nothing more."""

from __future__ import annotations

import asyncio

import pytest
from litestar.testing import AsyncTestClient

from adapters.http_admin.app import create_app
from adapters.http_admin.webhooks import MAX_NOTICE_BYTES, SHIPSTATION_PATH
from adapters.memory.answers import MemoryAnswers
from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from builders import NOW
from shipping_core.errors import StoreUnavailable
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.take_hint import TakeHint

SECRET = "carrier-secret-0123456789"
BODY = b'{"resource_url":"http://evil.example/","resource_type":"API_TRACK"}'


class World:
    """A shop as far as hints go."""

    def __init__(self) -> None:
        self.database, self.bell = Database(), Bell()
        self.take = TakeHint(MemoryAnswers(self.database), MemoryClock(NOW), self.bell)

    async def send(
        self, body: bytes = BODY, headers: dict[str, str] | None = None, query: str = "", secret: str = SECRET
    ) -> int:
        async def ready() -> dict[str, str]:
            return {}

        app = create_app(
            accept_telegram=None,
            telegram_secret=None,
            ready=ready,
            take_hint=self.take,
            shipstation_secret=secret,
        )
        async with AsyncTestClient(app, raise_server_exceptions=False) as client:
            given = {"X-Webhook-Secret": SECRET} if headers is None else headers
            return (await client.post(SHIPSTATION_PATH + query, content=body, headers=given)).status_code

    async def rang(self) -> bool:
        try:
            async with asyncio.timeout(0.01):
                await self.bell.wait(60)
        except TimeoutError:
            return False
        return True

    @property
    def kept(self) -> int:
        return len(list(self.database.scan("answers")))


async def test_given_a_hint_when_it_comes_twice_then_it_is_kept_and_rung_once() -> None:
    world = World()

    assert await world.send() == 200
    assert await world.rang()
    assert await world.send() == 200
    assert not await world.rang()
    assert world.kept == 1


async def test_given_a_v1_webhook_that_sends_no_header_when_its_address_has_the_secret_then_it_is_taken() -> (
    None
):
    world = World()

    assert await world.send(headers={}, query=f"?secret={SECRET}") == 200
    assert world.kept == 1


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, ""),
        ({"X-Webhook-Secret": "wrong"}, ""),
        ({"X-Webhook-Secret": ""}, "?secret="),
        ({"X-Webhook-Secret": "wrong"}, f"?secret={SECRET}"),
        ({}, "?secret=wrong"),
    ],
)
async def test_given_no_proof_when_delivered_then_401_and_nothing_is_kept(
    headers: dict[str, str], query: str
) -> None:
    world = World()

    assert await world.send(headers=headers, query=query) == 401
    assert world.kept == 0


async def test_given_no_secret_in_the_settings_when_delivered_then_there_is_no_such_route() -> None:
    assert await World().send(secret="") == 404


async def test_given_a_body_too_large_when_delivered_then_413_and_nothing_is_kept() -> None:
    world = World()

    assert await world.send(b"x" * (MAX_NOTICE_BYTES + 1)) == 413
    assert world.kept == 0


async def test_given_a_store_that_does_not_answer_when_delivered_then_it_is_to_come_again() -> None:
    world = World()

    async def away(_: bytes) -> None:
        raise StoreUnavailable("db7")

    world.take = away  # type: ignore[assignment]
    assert await world.send() == 503
