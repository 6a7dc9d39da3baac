"""Whatever a line says, no secret of ours stands in it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import typed_settings as ts

from integration.journeys.shop import logging_kept
from shipping_bot import logs
from shipping_bot.settings import (
    AdminSettings,
    MongoSettings,
    OxapaySettings,
    Settings,
    ShipStationSettings,
    TelegramSettings,
)

CANARIES = {
    "token": "4000000001:canary-token",
    "webhook secret": "canary-webhook-secret",
    "key": "canary-key",
    "key pair's secret": "canary-secret",
    "test key": "TEST_canary",
    "carriers' webhook secret": "canary-hint-secret",
    "office key": "canary-office-key",
    "merchant key": "canary-merchant",
    "merchant key before": "canary-merchant-before",
    "merchant key long before": "canary-merchant-long-before",
    "password": "canary@password",
    "password as written": "canary%40password",
}
SETTINGS = Settings(
    telegram=TelegramSettings(
        bot_token=ts.SecretStr(CANARIES["token"]), webhook_secret=ts.SecretStr(CANARIES["webhook secret"])
    ),
    shipstation=ShipStationSettings(
        api_key=ts.SecretStr(CANARIES["key"]),
        api_secret=ts.SecretStr(CANARIES["key pair's secret"]),
        test_api_key=ts.SecretStr(CANARIES["test key"]),
        webhook_secret=ts.SecretStr(CANARIES["carriers' webhook secret"]),
    ),
    admin=AdminSettings(api_key=ts.SecretStr(CANARIES["office key"])),
    oxapay=OxapaySettings(
        merchant_api_key=ts.SecretStr(CANARIES["merchant key"]),
        previous_keys=ts.SecretStr(
            f"{CANARIES['merchant key before']}, {CANARIES['merchant key long before']}"
        ),
    ),
    mongo=MongoSettings(
        url=f"mongodb://ann:{CANARIES['password as written']}@db.example.com/?replicaSet=rs0"
    ),
)


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    with logging_kept():
        yield


@pytest.mark.parametrize("name", CANARIES)
def test_given_a_secret_in_a_line_when_logged_then_it_is_struck_out(name: str) -> None:
    said = io.StringIO()
    logs.configure(SETTINGS, said)
    logging.getLogger("partner").warning("it answered %s, sorry", CANARIES[name])

    assert "it answered ***, sorry" in said.getvalue()
