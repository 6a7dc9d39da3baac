"""The webhook's promises: only Telegram gets in, and 200 means stored."""

from __future__ import annotations

import pytest
from litestar.testing import AsyncTestClient

from adapters.http_admin.app import create_app
from adapters.http_admin.webhooks import MAX_BODY_BYTES, TELEGRAM_PATH

SECRET = "correct-horse_7"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Door:
    """An intake that remembers what it was given and answers as told."""

    def __init__(self, answer: bool | Exception = True) -> None:
        self.bodies: list[bytes] = []
        self.answer = answer

    async def accept(self, body: bytes) -> bool:
        self.bodies.append(body)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def deliver(
    door: Door, body: bytes = b'{"update_id":1}', headers: dict[str, str] | None = None
) -> tuple[int, str]:
    async def ready() -> dict[str, str]:
        return {}

    app = create_app(accept_telegram=door.accept, telegram_secret=SECRET, ready=ready)
    async with AsyncTestClient(app) as client:
        answer = await client.post(
            TELEGRAM_PATH, content=body, headers={HEADER: SECRET} if headers is None else headers
        )
    return answer.status_code, answer.text


async def test_given_the_secret_when_an_update_is_stored_then_200() -> None:
    door = Door()
    status, _ = await deliver(door, b'{"update_id":7}')

    assert status == 200
    assert door.bodies == [b'{"update_id":7}']


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="missing"),
        pytest.param({HEADER: ""}, id="empty"),
        pytest.param({HEADER: SECRET[:-1]}, id="shorter"),
        pytest.param({HEADER: SECRET + "x"}, id="longer"),
        pytest.param({HEADER: SECRET.upper()}, id="other-case"),
        pytest.param({"X-API-Key": SECRET}, id="other-header"),
    ],
)
async def test_given_a_wrong_secret_when_delivering_then_401_unread_and_without_details(
    headers: dict[str, str],
) -> None:
    door = Door()
    status, text = await deliver(door, headers=headers)

    assert (status, text) == (401, "")
    assert door.bodies == []


async def test_given_a_wrong_secret_when_the_body_is_huge_then_still_401() -> None:
    door = Door()
    status, _ = await deliver(door, b"x" * (MAX_BODY_BYTES + 1), headers={})

    assert status == 401


@pytest.mark.parametrize(
    ("extra", "expected"),
    [pytest.param(0, 200, id="at-the-limit"), pytest.param(1, 413, id="one-byte-more")],
)
async def test_given_a_body_around_the_limit_when_delivered_then_only_the_small_one_passes(
    extra: int, expected: int
) -> None:
    door = Door()
    status, _ = await deliver(door, b"x" * (MAX_BODY_BYTES + extra))

    assert status == expected
    assert len(door.bodies) == (expected == 200)


async def test_given_something_that_is_no_update_when_delivered_then_400() -> None:
    status, _ = await deliver(Door(answer=False), b"not json")

    assert status == 400


@pytest.mark.parametrize("error", [RuntimeError("store is down"), TimeoutError(), OSError("no route")])
async def test_given_an_update_that_could_not_be_stored_when_delivered_then_503_without_details(
    error: Exception,
) -> None:
    status, text = await deliver(Door(answer=error))

    assert (status, text) == (503, "")


@pytest.mark.parametrize("secret", [None, "", "with space", "ключ", "a" * 257, "semi;colon", "line\n"])
def test_given_a_secret_telegram_would_refuse_when_building_then_the_setting_is_named(
    secret: str | None,
) -> None:
    async def ready() -> dict[str, str]:
        return {}

    with pytest.raises(ValueError, match="TELEGRAM_WEBHOOK_SECRET"):
        create_app(accept_telegram=Door().accept, telegram_secret=secret, ready=ready)


async def test_given_a_bot_that_polls_when_somebody_delivers_then_there_is_no_such_route() -> None:
    async def ready() -> dict[str, str]:
        return {}

    app = create_app(accept_telegram=None, telegram_secret=None, ready=ready)
    async with AsyncTestClient(app) as client:
        answer = await client.post(TELEGRAM_PATH, headers={HEADER: SECRET}, content=b"{}")

    assert answer.status_code == 404
