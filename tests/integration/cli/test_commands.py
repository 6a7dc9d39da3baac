"""The command line: every wrong turn is one sentence that says what to change."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from builders import NOW
from integration.cli.processes import environment, free_port
from integration.journeys.shop import logging_kept
from integration.mongo.servers import Server, replica_set
from shipping_bot.cli import main

SRC = Path(__file__).parents[3] / "src"


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    command = [sys.executable, "-m", "shipping_sandbox", "all", "--port", "0"]
    with subprocess.Popen(command, cwd=SRC, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.fixture(autouse=True)
def nothing_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No `.env` around, and the process's logging as it was."""
    monkeypatch.chdir(tmp_path)
    with logging_kept():
        yield


def shipbot(*arguments: str, **env: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, list(arguments), env=dict(env), catch_exceptions=True)


def run(url: str, *arguments: str, **changes: str) -> Result:
    """`shipbot run` against a sandbox."""
    return shipbot("run", *arguments, **environment(url, **changes))


def assert_said(result: Result, code: int, *words: str) -> None:
    """This exit code, these words, no trace."""
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.stderr


WRONG = {
    "TELEGRAM_BOT_TOKEN": "canary",
    "SHIPSTATION_TEST_API_KEY": "canary",
    "HTTP_PORT": "canary",
    "LOG_LEVEL": "canary",
    "SHIPSTATION_API_VERSION": "canary",
    "API_MODE": "canary",
    "ADMIN_CHAT_IDS": "canary",
    "TELEGRAM_API_BASE_URL": "canary",
}


@pytest.mark.parametrize("name", WRONG)
def test_given_a_wrong_variable_when_run_then_it_is_named_without_its_value_and_the_exit_code_is_2(
    name: str,
) -> None:
    result = run("http://127.0.0.1:1", **{name: WRONG[name]})

    assert_said(result, 2, f"shipbot: {name} ", ".env.example")
    assert "canary" not in result.output


def test_given_many_wrong_variables_when_run_then_every_one_is_named() -> None:
    result = run("http://127.0.0.1:1", "--mode", "webhook", **WRONG)

    assert_said(result, 2, *WRONG, "TELEGRAM_WEBHOOK_SECRET", "WEBHOOK_BASE_URL")


def test_given_a_refused_token_when_run_then_the_setting_is_named_and_the_exit_code_is_1(
    sandbox_url: str,
) -> None:
    result = run(sandbox_url, TELEGRAM_BOT_TOKEN="4000000001:revoked")

    assert_said(result, 1, "TELEGRAM_BOT_TOKEN")
    assert "revoked" not in result.output


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SHIPSTATION_TEST_API_KEY": "TEST_wrong"}, "SHIPSTATION_TEST_API_KEY"),
        (
            {
                "API_MODE": "production",
                "RESALE_PERMISSION_CONFIRMED": "Ann, 2031-04-07",
                "SHIPSTATION_API_KEY": "wrong-key",
                "OXAPAY_MERCHANT_API_KEY": "invented",
                "WEBHOOK_BASE_URL": "https://bot.example.com",
                "MONGO_URL": "embedded:{tmp}",
                "ADMIN_API_KEY": "Zq3hV8nT5xKp2LmWc7RfYd4GbSj9Ue6A",
            },
            "SHIPSTATION_API_KEY",
        ),
        ({"SHIPSTATION_API_KEY": "wrong-key", "SHIPSTATION_API_SECRET": "s"}, "SHIPSTATION_API_SECRET"),
    ],
    ids=["v2-test", "v2-production", "v1"],
)
def test_given_a_key_that_carriers_refuse_when_run_then_the_setting_is_named_and_the_exit_code_is_1(
    sandbox_url: str, changes: dict[str, str], named: str, tmp_path: Path
) -> None:
    changes = {name: value.format(tmp=tmp_path) for name, value in changes.items()}
    v1 = {"SHIPSTATION_BASE_URL": f"{sandbox_url}/shipstation/v1", "SHIPSTATION_TEST_API_KEY": ""}
    result = run(sandbox_url, **changes, **(v1 if "SHIPSTATION_API_SECRET" in changes else {}))

    assert_said(result, 1, "ShipStation refuses the key", named)
    assert "wrong" not in result.output


def test_given_a_key_that_oxapay_refuses_when_run_then_the_setting_is_named_and_the_exit_code_is_1(
    sandbox_url: str,
) -> None:
    httpx.post(f"{sandbox_url}/sandbox/oxapay/settings", json={"keys": ["right"]}).raise_for_status()
    try:
        result = run(
            sandbox_url, OXAPAY_MERCHANT_API_KEY="wrong-key", OXAPAY_BASE_URL=f"{sandbox_url}/oxapay/v1"
        )
    finally:
        httpx.post(f"{sandbox_url}/sandbox/oxapay/settings", json={"keys": None}).raise_for_status()

    assert_said(result, 1, "Oxapay refuses the key", "OXAPAY_MERCHANT_API_KEY")
    assert "wrong" not in result.output


def test_given_no_telegram_when_run_then_the_setting_is_named_and_the_exit_code_is_1() -> None:
    result = run(f"http://127.0.0.1:{free_port()}")

    assert_said(result, 1, "Telegram does not answer", "TELEGRAM_API_BASE_URL")


def test_given_a_taken_port_when_run_then_the_setting_is_named_and_the_exit_code_is_1(
    sandbox_url: str,
) -> None:
    result = run(sandbox_url, HTTP_PORT=sandbox_url.rpartition(":")[2])

    assert_said(result, 1, "cannot listen on 127.0.0.1", "HTTP_PORT")


def test_given_a_webhook_that_telegram_refuses_when_run_then_the_setting_is_named(sandbox_url: str) -> None:
    result = run(
        sandbox_url,
        "--mode",
        "webhook",
        WEBHOOK_BASE_URL="http://bot.example.com",
        TELEGRAM_WEBHOOK_SECRET="invented",
    )

    assert_said(result, 1, "WEBHOOK_BASE_URL")


def test_given_a_taken_port_when_the_sandbox_starts_then_it_says_so_and_the_exit_code_is_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = shipbot("sandbox", "--port", str(taken.getsockname()[1]))

    assert_said(result, 1, "cannot listen on 127.0.0.1", "--port")


def test_given_help_when_asked_then_every_command_and_option_is_explained() -> None:
    top = shipbot("--help").stdout
    commands = list(main.commands)

    assert set(commands) >= {"sandbox", "run", "replay", "quote", "migrate"}
    for name, command in main.commands.items():
        page = shipbot(name, "--help").stdout
        assert name in top
        for option in command.params:
            assert not option.opts or option.opts[0].lstrip("-").casefold() in page.casefold()
    assert shipbot("--version").stdout.strip()


def test_given_two_zips_and_a_weight_when_quoting_then_a_table_of_prices_comes() -> None:
    result = shipbot("quote", "--sandbox", "94117", "90001", "2", "lb")

    assert result.exit_code == 0, result.output
    for word in ("USPS", "UPS", "FedEx", " USD", "cheapest"):
        assert word in result.stdout


def test_given_json_when_quoting_then_machines_get_whole_minor_units_cheapest_first() -> None:
    result = shipbot("quote", "--sandbox", "--json", "94117 90001 2 lb 10x8x6")
    offers = json.loads(result.stdout)

    prices = [offer["price_minor"] for offer in offers]
    assert prices == sorted(prices)
    assert all(isinstance(price, int) and price > 0 for price in prices)
    assert {offer["currency"] for offer in offers} == {"USD"}
    assert [offer["tag"] for offer in offers].count("cheapest") == 1


@pytest.mark.parametrize("text", ["nonsense", "94117", "94117 90001", "00000 90001 2 lb"])
def test_given_too_little_when_quoting_then_an_example_shows_how_and_the_exit_code_is_2(
    sandbox_url: str, text: str
) -> None:
    result = shipbot("quote", text, **environment(sandbox_url))

    assert_said(result, 2, "94117 90001 2 lb")


@pytest.mark.parametrize(
    "arguments",
    [["quote"], ["run", "--mode", "pigeon"], ["replay", "--users", "0"], ["fly"], ["sandbox", "--port", "x"]],
    ids=" ".join,
)
def test_given_wrong_usage_when_called_then_the_exit_code_is_2(arguments: list[str]) -> None:
    assert_said(shipbot(*arguments), 2, "Usage:")


def test_given_no_key_when_quoting_for_real_then_the_setting_is_named() -> None:
    result = shipbot("quote", "94117 90001 2 lb", SHIPSTATION_API_KEY="")

    assert_said(result, 2, "SHIPSTATION_API_KEY is missing")


def test_given_a_carrier_that_is_away_when_quoting_then_it_is_said_and_the_exit_code_is_1() -> None:
    away = environment(f"http://127.0.0.1:{free_port()}")
    result = shipbot("quote", "94117 90001 2 lb", **away)

    assert_said(result, 1, "the carriers gave no price")


@pytest.fixture(scope="module")
def lone_mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is no replica set."""
    server = Server(tmp_path_factory.mktemp("lone"), arguments=()).start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def later_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store that a later version of the program has changed."""
    with replica_set(tmp_path_factory.mktemp("later")) as made:
        with made.servers[0].client() as client:
            client["shipping"]["meta"].insert_one({"_id": "schema", "version": 1000, "at": NOW})
        yield made.url


def assert_refused(url: str, mongo_url: str, *words: str) -> None:
    """`shipbot run`, as a process, ends with 1, one sentence and no trace."""
    env = environment(url, MONGO_URL=mongo_url, STORE="mongo")
    command = [sys.executable, "-m", "shipping_bot.entry", "run"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 1, ended.stderr
    said = [line for line in ended.stderr.splitlines() if line.startswith("shipbot: ")]
    assert len(said) == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    for word in ("the store cannot be used", *words):
        assert word in said[0]


def test_given_nobody_at_mongo_url_when_run_then_one_sentence_names_the_place(sandbox_url: str) -> None:
    port = free_port()

    assert_refused(
        sandbox_url, f"mongodb://127.0.0.1:{port}/?replicaSet=rs0", f"127.0.0.1:{port}", "MONGO_URL"
    )


def test_given_a_standalone_at_mongo_url_when_run_then_one_sentence_says_how_to_mend_it(
    sandbox_url: str, lone_mongod: Server
) -> None:
    assert_refused(sandbox_url, f"mongodb://{lone_mongod.address}/", "standalone", "--replSet")


def test_given_a_store_of_a_later_version_when_run_then_one_sentence_says_so(
    sandbox_url: str, later_store: str
) -> None:
    assert_refused(sandbox_url, later_store, "newer")


def test_given_a_sandbox_when_it_has_started_then_the_office_opens_with_the_key_it_prints() -> None:
    command = [sys.executable, "-m", "shipping_bot.entry", "sandbox", "--store", "memory", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=SRC) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if line.startswith("Office:"))
            page, key = line.split()[1], line.split()[3]
            base = page.removesuffix("/api/docs")
            docs = httpx.get(page)
            orders = httpx.get(f"{base}/api/admin/orders", headers={"X-API-Key": key})
            nobody = httpx.get(f"{base}/api/admin/orders", headers={"X-Forwarded-For": "203.0.113.9"})
        finally:
            process.terminate()

    assert "swagger-ui" in docs.text
    assert orders.json() == {"items": [], "next": None, "resume": None}
    assert nobody.status_code == 401
