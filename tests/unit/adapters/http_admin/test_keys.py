"""Keys over HTTP: a secret shown once, versions as ETags."""

from __future__ import annotations

from typing import Any

import pytest

from an_office import Desk, an_office


@pytest.fixture
async def desk() -> Desk:
    return await an_office()


async def made(desk: Desk) -> Any:
    return (await desk.post("/keys", {"name": "ola", "role": "support"})).json()


async def test_given_a_new_key_when_made_then_its_secret_is_shown_once_and_opens(desk: Desk) -> None:
    answer = await desk.post("/keys", {"name": "ola", "role": "support"})
    key, secret = answer.json()["key"], answer.json()["secret"]
    shown = await desk.get(f"/keys/{key['key_id']}")

    assert (answer.status_code, key["role"], key["created_by"]) == (201, "support", "key:owner")
    assert secret not in shown.text
    assert (await desk.get("/orders", key=secret)).status_code == 200
    assert (await desk.get("/keys", key=secret)).status_code == 403


async def test_given_a_name_in_use_when_made_again_then_409(desk: Desk) -> None:
    await made(desk)

    assert (await desk.post("/keys", {"name": "Ola", "role": "owner"})).status_code == 409


@pytest.mark.parametrize(
    ("act", "body"),
    [("rotate", {"overlap_minutes": 0}), ("revoke", {"reason": "left"})],
    ids=["rotate", "revoke"],
)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 428),
        ({"If-Match": '"7"'}, 412),
        ({"If-Match": "1"}, 412),
        ({"If-Match": "*"}, 412),
        ({"If-Match": 'W/"1"'}, 412),
        ({"If-Match": '"1"'}, 200),
    ],
    ids=["none", "stale", "no-quotes", "any", "weak", "the-one-read"],
)
async def test_given_a_version_when_a_key_is_changed_then_only_the_one_that_was_read_counts(
    desk: Desk, act: str, body: Any, headers: dict[str, str], status: int
) -> None:
    key = (await made(desk))["key"]
    answer = await desk.post(f"/keys/{key['key_id']}/{act}", body, headers=headers)
    after = await desk.get(f"/keys/{key['key_id']}")

    assert answer.status_code == status
    assert after.headers["etag"] == ('"2"' if status == 200 else '"1"')


async def test_given_a_rotated_key_when_the_old_secret_is_shown_then_it_is_over_after_the_overlap(
    desk: Desk,
) -> None:
    first = await made(desk)
    path = f"/keys/{first['key']['key_id']}/rotate"
    second = (await desk.post(path, {"overlap_minutes": 0}, headers={"If-Match": '"1"'})).json()

    assert (await desk.get("/orders", key=first["secret"])).status_code == 401
    assert (await desk.get("/orders", key=second["secret"])).status_code == 200
