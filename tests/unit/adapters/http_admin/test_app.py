"""Health, default deny, and headers on every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from httpx import Response
from litestar import get
from litestar.params import FromPath
from litestar.testing import AsyncTestClient

from adapters.http_admin.app import create_app
from adapters.http_admin.health import health_routes
from shipping_core.errors import NotFound

Ready = Callable[[], Awaitable[dict[str, str]]]


async def all_well() -> dict[str, str]:
    return {"store": "ok", "telegram": "ok"}


async def store_down() -> dict[str, str]:
    return {"store": "down", "telegram": "ok"}


async def broken() -> dict[str, str]:
    raise RuntimeError("password=hunter2")


async def ask(path: str, ready: Ready = all_well) -> Response:
    app = create_app(accept_telegram=None, telegram_secret=None, ready=ready, routes=[bursting])
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        return await client.get(path)


@get("/bursting", opt={"public": True})
async def bursting() -> None:
    raise RuntimeError("password=hunter2")


@pytest.mark.parametrize(
    ("ready", "status"),
    [(all_well, 200), (store_down, 503), (broken, 503)],
    ids=["all-well", "one-part-down", "question-fails"],
)
async def test_given_the_parts_when_asking_for_readiness_then_only_all_ok_is_200(
    ready: Ready, status: int
) -> None:
    answer = await ask("/health/ready", ready)

    assert answer.status_code == status
    assert "hunter2" not in answer.text


async def test_given_a_part_that_is_down_when_asking_for_readiness_then_it_is_named() -> None:
    answer = await ask("/health/ready", store_down)

    assert answer.json() == {"store": "down", "telegram": "ok"}


async def test_given_a_part_that_hangs_when_asking_for_readiness_then_the_answer_comes_all_the_same() -> None:
    async def hangs() -> dict[str, str]:
        await asyncio.Event().wait()
        return {}

    app = create_app(accept_telegram=None, telegram_secret=None, ready=all_well)
    for route in health_routes(hangs, patience_s=0.01):
        route.paths = {f"/slow{path}" for path in route.paths}
        app.register(route)
    async with AsyncTestClient(app) as client:
        answer = await client.get("/slow/health/ready")

    assert answer.status_code == 503


async def test_given_a_system_that_is_not_ready_when_asking_for_life_then_it_lives() -> None:
    answer = await ask("/health/live", store_down)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "/health", "/api", "/api/admin/users", "/admin", "/docs", "/schema"])
async def test_given_a_path_nobody_owns_when_asked_then_404(path: str) -> None:
    answer = await ask(path)

    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/nowhere", "/bursting"])
async def test_given_any_answer_when_it_leaves_then_it_carries_the_security_headers(path: str) -> None:
    answer = await ask(path)

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@get("/things/{name:str}", opt={"public": True})
async def refusing(name: FromPath[str]) -> None:
    raise NotFound("thing", name)


@pytest.mark.parametrize(
    ("path", "heard"),
    [
        ("/bursting", ["RuntimeError in GET /bursting"]),
        ("/things/hunter2", []),
        ("/nowhere", []),
        ("/health/live", []),
    ],
)
async def test_given_any_request_when_it_ends_in_a_bug_then_it_is_heard_of_with_its_id_and_no_data(
    path: str, heard: list[str]
) -> None:
    told: list[tuple[str, str]] = []

    async def broken(what: str, reference: str) -> None:
        told.append((what, reference))

    app = create_app(
        accept_telegram=None,
        telegram_secret=None,
        ready=all_well,
        routes=[bursting, refusing],
        broken=broken,
    )
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        answer = await client.get(path)

    assert [what for what, _ in told] == heard
    assert all(reference == answer.headers["x-request-id"] for _, reference in told)


async def test_given_a_handler_that_fails_when_asked_then_the_answer_keeps_the_reason_back() -> None:
    answer = await ask("/bursting")

    assert answer.status_code == 500
    assert "hunter2" not in answer.text
