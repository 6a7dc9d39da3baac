"""From settings to the plain values that adapters take."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import socket
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from attrs import frozen

from adapters.http_admin.problems import Broken
from adapters.oxapay.transport import BASE_URL
from adapters.shipstation.credentials import Version, choose_version, is_test_key
from adapters.shipstation.transport import V1_BASE_URL, V2_BASE_URL
from adapters.telegram.outlet import Limits
from adapters.telegram.pacing import Rate
from shipping_bot.markup import read_rules
from shipping_bot.settings import Settings, problems_of_mode
from shipping_core.domain.access import fingerprint_of
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.broadcast import Broadcast, Segment
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.money import Money
from shipping_core.domain.policy import Policy, RefundRules
from shipping_core.ports.clock import IdSource
from shipping_core.ports.readiness import Readiness
from shipping_core.use_cases.change_settings import Announces
from shipping_core.use_cases.keep_broadcasts import KeepBroadcasts
from shipping_core.use_cases.raise_alert import RaiseAlert

NOTICED_DAYS = 7
"""Customers seen within so many days hear of maintenance."""
OXAPAY_PATH = "/api/oxapay/webhook"
QUOTAS = {"v1": 40, "v2": 200}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
SANDBOX_QUOTA = 20
"""ShipStation's own requests per minute, for each version and for its V2 sandbox."""


@frozen
class ShipStationPlan:
    """Which API to speak, where, and how fast; None is no limit."""

    version: Version
    base_url: str
    api_key: str
    api_secret: str
    test_api_key: str | None
    per_minute: int | None
    test_per_minute: int | None


def shipstation_plan(settings: Settings) -> ShipStationPlan:
    """What the settings mean.

    Raises:
        ValueError: they fit no API; the sentence names the setting.
    """
    ship = settings.shipstation
    key, secret, test_key = str(ship.api_key), str(ship.api_secret), str(ship.test_api_key)
    version = choose_version(ship.api_version, key, secret)
    asked = ship.requests_per_minute
    return ShipStationPlan(
        version=version,
        base_url=ship.base_url or {"v1": V1_BASE_URL, "v2": V2_BASE_URL}[version],
        api_key=key,
        api_secret=secret,
        test_api_key=test_key or (key if is_test_key(key) else None),
        per_minute=QUOTAS[version] if asked < 0 else asked or None,
        test_per_minute=SANDBOX_QUOTA if asked < 0 else asked or None,
    )


def key_settings(settings: Settings, mode: Mode) -> tuple[str, ...]:
    """The variables that hold the key of a mode."""
    if shipstation_plan(settings).version == "v1":
        return ("SHIPSTATION_API_KEY", "SHIPSTATION_API_SECRET")
    if mode is Mode.TEST and str(settings.shipstation.test_api_key):
        return ("SHIPSTATION_TEST_API_KEY",)
    return ("SHIPSTATION_API_KEY",)


def policy_of(settings: Settings) -> Policy:
    """The owner's decisions."""
    return Policy(
        mode=settings.mode,
        welcome_credit=settings.welcome,
        markup=read_rules(settings.markup_rules),
        topup_least=Money.parse(settings.topup.least),
        topup_most=Money.parse(settings.topup.most),
        wallet_floor=Money.parse(settings.wallet_floor),
        refunds=RefundRules(least_age=dt.timedelta(days=settings.refund.min_label_age_days)),
        contact=settings.support_contact,
    )


def staff_of(settings: Settings) -> frozenset[UserId]:
    """The operators as customers: a private chat's id is its user's."""
    return frozenset(UserId(str(chat)) for chat in settings.admins)


@frozen
class SettingsReadiness(Readiness):
    """What the environment has for a mode."""

    settings: Settings

    def problems(self, mode: Mode) -> Sequence[str]:
        found = problems_of_mode(self.settings, mode)
        return [f"{name} {text}" for name, text in found.items()]


def announcer(broadcasts: KeepBroadcasts) -> Announces:
    """What tells the customers of the last days: a broadcast of the system's."""

    async def announce(texts: Mapping[str, str], by: str) -> Broadcast:
        return await broadcasts.announced(texts, Segment(active_days=NOTICED_DAYS), by=by)

    return announce


def bug_alarm(alert: RaiseAlert) -> Broken:
    """Tells of what broke in an answer; the request's id leads to the log."""

    async def broken(what: str, reference: str) -> None:
        await alert(AlertKind.ERROR, what, f"{what}\nReference: {reference}")

    return broken


def payments_kind(settings: Settings) -> str:
    """Which payment gateway: `oxapay`, or `none`."""
    return "oxapay" if settings.sells_top_ups else "none"


def oxapay_base(settings: Settings) -> str:
    """Where Oxapay is."""
    return settings.oxapay.base_url.rstrip("/") or BASE_URL


def oxapay_key(settings: Settings) -> str:
    """The merchant key, in the clear: for the adapter alone."""
    return str(settings.oxapay.merchant_api_key)


def oxapay_previous_keys(settings: Settings) -> tuple[str, ...]:
    """The keys before it."""
    return tuple(key.strip() for key in str(settings.oxapay.previous_keys).split(",") if key.strip())


def oxapay_callback(settings: Settings, listening_on: str) -> str:
    """Where notices come; a gateway on this machine reaches us where we listen. Empty: nowhere."""
    if settings.webhook.base_url:
        return settings.webhook.base_url.rstrip("/") + OXAPAY_PATH
    host = urlsplit(oxapay_base(settings)).hostname
    return listening_on + OXAPAY_PATH if listening_on and host in LOOPBACK else ""


def first_print(settings: Settings) -> str:
    """The fingerprint of the owner's first key; empty without one, which no key has."""
    key = str(settings.admin.api_key)
    return fingerprint_of(key) if key else ""


def cursor_secret(settings: Settings) -> bytes:
    """What signs places in lists: the same in every process, and no key itself."""
    return hmac.digest(str(settings.admin.api_key).encode(), b"cursors", hashlib.sha256)


def worker_name(ids: IdSource) -> str:
    """A name that no other process has, and that tells operators which one it is."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{ids.new('w')}"


def bot_token(settings: Settings) -> str:
    """The token, in the clear: for the library alone."""
    return str(settings.telegram.bot_token)


def bot_url(settings: Settings) -> str:
    """Where this bot's calls go, token included: never to be logged."""
    return f"{telegram_base(settings)}{bot_token(settings)}"


def telegram_base(settings: Settings) -> str:
    """What python-telegram-bot puts before the token."""
    return f"{settings.telegram.api_base_url.rstrip('/')}/bot"


def pace(settings: Settings) -> Limits:
    """How fast messages may leave."""
    per_second = settings.telegram.messages_per_second
    if per_second == 0:
        return Limits(chat=None, overall=None)
    return Limits(overall=Rate(per_second, per_second))


def broadcast_pace(settings: Settings) -> float:
    """How many copies of a broadcast a second: two thirds of everything, the rest is for customers' own."""
    return settings.telegram.messages_per_second * 2 / 3
