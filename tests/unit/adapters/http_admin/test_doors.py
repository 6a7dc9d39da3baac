"""Every door of the web application, asked without a key, with a wrong one, and with each role's."""

from __future__ import annotations

import re
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from adapters.http_admin.access import network_of
from adapters.http_admin.api import PATH
from adapters.http_admin.roles import NEEDED
from an_office import FIRST_KEY, Desk, Route, an_office, routes_of, whole_app
from shipping_core.domain.access import Role

ROOT = Path(__file__).parents[4]
WRONG = "sck_" + "x" * 43
OPEN = {
    "GET /api/docs",
    "GET /api/docs/{name}",
    "GET /api/openapi.json",
    "GET /health/live",
    "GET /health/ready",
    "POST /api/oxapay/webhook",
    "POST /api/shipstation/webhook",
    "POST /api/telegram/webhook",
}
"""Everything that answers without a key."""


@pytest.fixture
async def desk() -> Desk:
    return await an_office()


def path_of(route: Route) -> str:
    return re.sub(r"\{[a-z_]+\}", "x_1", route.path)


def routes(desk: Desk) -> list[Route]:
    return routes_of(whole_app(desk.office))


async def test_given_every_route_of_the_router_when_asked_without_a_key_then_only_the_open_ones_answer(
    desk: Desk,
) -> None:
    desk.app = whole_app(desk.office)
    answered = {
        f"{route.method} {route.path}"
        for route in routes(desk)
        if (answer := await desk.ask(route.method, path_of(route), role=None)).status_code != 401
        or not answer.headers["content-type"].startswith("application/problem+json")
    }

    assert answered == OPEN


async def test_given_every_route_of_the_office_when_asked_with_a_wrong_key_then_it_is_401(desk: Desk) -> None:
    for number, route in enumerate(routes(desk)):
        if route.path.startswith(PATH):
            answer = await desk.ask(route.method, path_of(route), key=WRONG, peer=f"10.0.{number}.1")

            assert answer.status_code == 401, route
            assert WRONG not in answer.text


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
async def test_given_every_route_of_the_office_when_asked_with_a_roles_key_then_only_what_it_may_is_no_403(
    desk: Desk, role: Role
) -> None:
    for route in routes(desk):
        if not route.path.startswith(PATH):
            continue
        answer = await desk.ask(route.method, path_of(route), role=role)
        needed = NEEDED.get(route.name)

        assert (answer.status_code == 403) is not (needed is not None and role.may(needed)), route
        if answer.status_code == 403 and needed is not None:
            assert needed.value in answer.json()["detail"]
        assert answer.status_code < 500, (route, answer.text)


async def test_given_every_route_of_the_office_when_the_table_is_read_then_each_has_one_role(
    desk: Desk,
) -> None:
    named = [r.name for r in routes(desk) if r.path.startswith(PATH) and r.method != "OPTIONS"]

    assert sorted(named) == sorted(NEEDED)


async def test_given_a_revoked_key_when_shown_then_it_is_401(desk: Desk) -> None:
    key, secret = await desk.office.keep_keys.make("gone", Role.OWNER, by="owner")
    await desk.office.keep_keys.revoke(key.key_id, by="owner", reason="left")

    assert (await desk.get("/orders", key=secret)).status_code == 401


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Token", "Cookie"])
async def test_given_the_key_anywhere_else_when_asked_then_nobody_looks_there(
    desk: Desk, header: str
) -> None:
    answer = await desk.get("/orders", role=None, headers={header: FIRST_KEY})

    assert answer.status_code == 401
    assert (await desk.get(f"/orders?key={FIRST_KEY}", role=None)).status_code == 401


async def test_given_a_key_that_is_no_text_when_shown_then_it_is_401_like_any(desk: Desk) -> None:
    for key in ("é" * 40, "x" * 5000, "a b"):
        assert (
            await desk.get("/orders", role=None, headers={"X-API-Key": key.encode("latin-1")})
        ).status_code == 401


async def test_given_five_wrong_keys_when_the_right_one_follows_then_it_waits_there_and_opens_elsewhere(
    desk: Desk,
) -> None:
    for _ in range(5):
        await desk.get("/orders", key=WRONG, peer="198.51.100.7")
    here = await desk.get("/orders", key=FIRST_KEY, peer="198.51.100.99")
    elsewhere = await desk.get("/orders", key=FIRST_KEY, peer="198.51.101.7")

    assert (here.status_code, here.headers["retry-after"]) == (429, "60")
    assert elsewhere.status_code == 200


async def test_given_requests_without_any_key_when_counted_then_they_are_no_guesses(desk: Desk) -> None:
    for _ in range(20):
        await desk.get("/orders", role=None)

    assert (await desk.get("/orders")).status_code == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "network"),
    [
        pytest.param("198.51.100.7", [], [], "198.51.100.0/24", id="v4"),
        pytest.param("2001:db8:1:2:3::4", [], [], "2001:db8:1:2::/64", id="v6"),
        pytest.param("::ffff:198.51.100.7", [], [], "198.51.100.0/24", id="v4-in-v6"),
        pytest.param("127.0.0.1", ["203.0.113.9"], [], "127.0.0.0/24", id="nobody-is-trusted"),
        pytest.param("10.1.1.1", ["203.0.113.9"], ["10.0.0.0/8"], "203.0.113.0/24", id="our-proxy"),
        pytest.param(
            "10.1.1.1", ["1.1.1.1, 203.0.113.9, 10.2.2.2"], ["10.0.0.0/8"], "203.0.113.0/24", id="two-proxies"
        ),
        pytest.param(
            "10.1.1.1", ["1.1.1.1", "203.0.113.9"], ["10.0.0.0/8"], "203.0.113.0/24", id="two-headers"
        ),
        pytest.param("203.0.113.9", ["1.1.1.1"], ["10.0.0.0/8"], "203.0.113.0/24", id="a-stranger-says-so"),
        pytest.param("10.1.1.1", ["<script>"], ["10.0.0.0/8"], "10.1.1.0/24", id="no-address"),
        pytest.param("", [], [], "unknown", id="no-peer"),
    ],
)
def test_given_a_peer_and_what_it_forwards_when_placed_then_only_our_proxies_are_believed(
    peer: str, forwarded: list[str], trusted: list[str], network: str
) -> None:
    assert network_of(peer, forwarded, tuple(map(ip_network, trusted))) == network


async def test_given_more_requests_than_a_key_may_make_when_asked_then_it_waits_and_others_do_not() -> None:
    desk = await an_office(per_minute=3)
    answers = [await desk.get("/orders", role=Role.VIEWER) for _ in range(4)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert 0 < int(answers[3].headers["retry-after"]) <= 60
    assert (await desk.get("/orders", role=Role.OWNER)).status_code == 200


def test_given_the_router_when_drawn_then_the_page_of_roles_is_what_it_draws() -> None:
    command = [sys.executable, "scripts/draw_roles.py", "--check"]

    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, "run scripts/draw_roles.py"
