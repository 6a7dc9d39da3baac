"""The environment: read once, named where it is wrong, never shown where it is secret."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import typed_settings as ts

from shipping_bot.settings import (
    Settings,
    ShipStationSettings,
    TelegramSettings,
    described,
    problems_of_run,
    read,
)

ROOT = Path(__file__).parents[3]
GOOD = {
    "TELEGRAM_BOT_TOKEN": "1234:token",
    "SHIPSTATION_API_KEY": "live-key",
    "SHIPSTATION_TEST_API_KEY": "TEST_key",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and no `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in described():
        monkeypatch.delenv(name, raising=False)


def judged(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], *, webhook: bool = False
) -> dict[str, str]:
    """What `shipbot run` finds wrong with this environment."""
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings, unusable = read()
    return problems_of_run(settings, webhook=webhook) | unusable


WRONG = {
    "TELEGRAM_BOT_TOKEN": ["", "abc", "1234", "1234:tok en"],
    "TELEGRAM_API_BASE_URL": ["nonsense", "ftp://telegram.example.com", "https://"],
    "TELEGRAM_MESSAGES_PER_SECOND": ["many", "-1", "1.5", "100000"],
    "SHIPSTATION_API_KEY": ["", "ключ", "two words"],
    "SHIPSTATION_TEST_API_KEY": ["live", ""],
    "SHIPSTATION_API_VERSION": ["v3", "2"],
    "SHIPSTATION_BASE_URL": ["ship.example.com"],
    "SHIPSTATION_REQUESTS_PER_MINUTE": ["-2", "fast"],
    "ADMIN_CHAT_IDS": ["me", "1;2"],
    "HTTP_PORT": ["x", "65536", "-1"],
    "LOG_LEVEL": ["loud"],
    "LOG_FORMAT": ["xml"],
    "API_MODE": ["fast"],
    "STORE": ["paper"],
    "DEFAULT_LANGUAGE": ["xx"],
    "SHIPPER_PHONE": ["12", "call me", "4155550100"],
    "WELCOME_CREDIT": ["abc", "-5.00", "1.999"],
    "WALLET_FLOOR": ["x", "-1.00"],
    "TOPUP_LEAST": ["x", "-1.00", "0.001"],
    "TOPUP_MOST": ["", "1e30", "NaN"],
    "OXAPAY_BASE_URL": ["oxapay"],
    "ADMIN_API_KEY": [
        "changeme",
        "Zq3hV8nT5xKp2LmWc7RfYd4GbSj9Ue6",
        "changeme-Zq3hV8nT5xKp2LmWc7RfYd4GbSj9Ue6A",
        "ADMIN-Zq3hV8nT5xKp2LmWc7RfYd4GbSj9Ue6A",
        "a" * 32,
        "12" * 32,
        "Zq3hV8nT5xKp2LmWc7RfYd4GbSj9 Ue6A",
        "Zq3hV8nT5xKp2LmWc7RfYd4GbSj9éUe6A",
    ],
    "ADMIN_REQUESTS_PER_MINUTE": ["0", "many"],
    "HTTP_TRUSTED_PROXIES": ["everybody", "10.0.0.1/8", "10.0.0.0/8, x"],
    "SHIPSTATION_WEBHOOK_SECRET": ["short"],
    "MARKUP_RULES": ["10%", "{}", '[{"percent": "x"}]', '[{"fixed": "-1"}]', '[{"share": 1}]', '["usps"]'],
}
REAL = {
    "API_MODE": "production",
    "RESALE_PERMISSION_CONFIRMED": "Ada, 2031-04-07",
    "SHIPSTATION_API_KEY": "live-key",
    "OXAPAY_MERCHANT_API_KEY": "invented",
    "WEBHOOK_BASE_URL": "https://bot.example.com",
    "MONGO_URL": "mongodb://db.example.com/?replicaSet=rs0",
    "ADMIN_API_KEY": "Zq3hV8nT5xKp2LmWc7RfYd4GbSj9Ue6A",
}
"""What production needs besides a bot's token."""


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG.items() for value in values],
    ids=lambda text: text or "empty",
)
def test_given_one_wrong_value_when_judged_then_just_that_variable_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    problems = judged(monkeypatch, {**GOOD, name: value})

    assert set(problems) == {name}
    assert not value or f"'{value}'" not in problems[name]


def test_given_many_wrong_values_when_judged_then_all_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {name: values[0] for name, values in WRONG.items() if name != "SHIPSTATION_TEST_API_KEY"}

    assert set(judged(monkeypatch, {**GOOD, **wrong})) == set(wrong)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({**REAL, "RESALE_PERMISSION_CONFIRMED": ""}, "RESALE_PERMISSION_CONFIRMED"),
        ({**REAL, "MONGO_URL": ""}, "MONGO_URL"),
        ({**REAL, "STORE": "memory"}, "MONGO_URL"),
        ({**REAL, "OXAPAY_MERCHANT_API_KEY": ""}, "OXAPAY_MERCHANT_API_KEY"),
        ({**REAL, "WEBHOOK_BASE_URL": ""}, "WEBHOOK_BASE_URL"),
        ({**REAL, "ADMIN_API_KEY": ""}, "ADMIN_API_KEY"),
        ({"STORE": "mongo"}, "MONGO_URL"),
        ({"MONGO_URL": "localhost:27017"}, "MONGO_URL"),
        ({"TOPUP_LEAST": "10.00", "TOPUP_MOST": "5.00"}, "TOPUP_MOST"),
        ({"SHIPSTATION_API_VERSION": "v1"}, "SHIPSTATION_API_SECRET"),
        ({"SHIPSTATION_API_VERSION": "v1", "SHIPSTATION_API_KEY": "TEST_key"}, "SHIPSTATION_API_KEY"),
        (
            {**REAL, "SHIPSTATION_API_KEY": "TEST_x"},
            "SHIPSTATION_API_KEY",
        ),
    ],
    ids=[
        "no permission",
        "nothing kept",
        "memory in production",
        "no payments",
        "no address for notices",
        "no key to the office",
        "mongo without an address",
        "no address of mongo",
        "limits the wrong way round",
        "half a V1 pair",
        "a test key for V1",
        "a test key in production",
    ],
)
def test_given_settings_that_do_not_fit_together_when_judged_then_the_one_to_change_is_named(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    assert set(judged(monkeypatch, {**GOOD, **changes})) == {named}


@pytest.mark.parametrize("secret", ["", "with space", "x" * 257])
def test_given_webhook_mode_when_secret_or_address_is_wrong_then_both_are_named(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    problems = judged(monkeypatch, {**GOOD, "TELEGRAM_WEBHOOK_SECRET": secret}, webhook=True)

    assert set(problems) == {"TELEGRAM_WEBHOOK_SECRET", "WEBHOOK_BASE_URL"}


def test_given_good_settings_when_judged_then_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(monkeypatch, GOOD) == {}


def test_given_a_dotenv_file_when_reading_then_the_environment_wins_over_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=9000\nLOG_LEVEL=debug\n", encoding="utf-8")
    monkeypatch.setenv("HTTP_PORT", "9001")
    settings, problems = read()

    assert (settings.http.port, settings.log.level, problems) == (9001, "debug", {})


def test_given_secrets_when_settings_are_shown_then_none_is_seen() -> None:
    secrets = {name: f"canary-{name}" for name in ("token", "webhook", "key", "secret", "test_key")}
    hidden = {name: ts.SecretStr(value) for name, value in secrets.items()}
    settings = Settings(
        telegram=TelegramSettings(bot_token=hidden["token"], webhook_secret=hidden["webhook"]),
        shipstation=ShipStationSettings(
            api_key=hidden["key"], api_secret=hidden["secret"], test_api_key=hidden["test_key"]
        ),
    )

    for shown in (repr(settings), str(settings), f"{settings}", repr(settings.telegram)):
        assert "canary" not in shown


def test_given_the_settings_when_the_example_is_generated_then_the_committed_file_is_equal() -> None:
    spec = importlib.util.spec_from_file_location("env_example", ROOT / "scripts" / "env_example.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    assert (ROOT / ".env.example").read_text(encoding="utf-8") == script.text(), "run `make texts`"


def test_given_the_example_when_read_as_environment_then_every_default_is_usable(tmp_path: Path) -> None:
    settings, problems = read(ROOT / ".env.example")

    assert problems == {}
    assert settings == Settings()
