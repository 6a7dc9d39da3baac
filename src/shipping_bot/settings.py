"""The environment, read once, checked whole, and frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import typed_settings as ts
from attrs import field, fields, frozen
from attrs.validators import ge, in_, le
from typed_settings.loaders import DotEnvLoader, EnvLoader, Loader

from adapters.shipstation.credentials import choose_version, clean, keys_by_mode, no_credentials
from shipping_bot.markup import read_rules
from shipping_core.domain.ids import Mode
from shipping_core.domain.money import Money

HELP: Final = "help"
SHORTEST_KEY: Final = 32
SHORTEST_HINT_SECRET: Final = 16
DEFAULT_LOOKS: Final = ("changeme", "change-me", "change_me", "admin", "password", "example", "secret")
"""What no key made by chance has in it."""


class SettingsError(Exception):
    """Every setting that is wrong, each with the sentence that says what to change."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in problems.items()))
        self.problems = dict(problems)


def _says(text: str) -> dict[str, str]:
    return {HELP: text}


def _secret() -> Any:
    return ts.SecretStr("")


@frozen
class TelegramSettings:
    """The bot."""

    bot_token: ts.SecretStr = field(
        factory=_secret, metadata=_says("The bot's token from @BotFather. Required.")
    )
    api_base_url: str = field(
        default="https://api.telegram.org",
        metadata=_says("The Bot API's address; another server that speaks it will do."),
    )
    webhook_secret: ts.SecretStr = field(
        factory=_secret,
        metadata=_says(
            "1 to 256 of A-Z a-z 0-9 _ -; proves that a webhook call is Telegram's. For --mode webhook."
        ),
    )
    messages_per_second: int = field(
        default=30,
        validator=[ge(0), le(1000)],
        metadata=_says("Messages per second to all chats together; 0 is no limit, for an emulator only."),
    )


@frozen
class ShipStationSettings:
    """The carriers."""

    api_key: ts.SecretStr = field(factory=_secret, metadata=_says("ShipStation's API key. Required."))
    api_secret: ts.SecretStr = field(
        factory=_secret, metadata=_says("The secret of a V1 key pair; V2 keys have none.")
    )
    api_version: str = field(
        default="",
        validator=in_(("", "v1", "v2")),
        metadata=_says("v1 or v2; left out: v1 with a secret, else v2."),
    )
    test_api_key: ts.SecretStr = field(
        factory=_secret, metadata=_says("A V2 sandbox key (TEST_...), used in test mode.")
    )
    webhook_secret: ts.SecretStr = field(
        factory=_secret,
        metadata=_says(
            "16 characters or more; proves that a webhook call is ShipStation's. Without one there is none."
        ),
    )
    base_url: str = field(default="", metadata=_says("Another server that speaks the same API."))
    requests_per_minute: int = field(
        default=-1,
        validator=[ge(-1), le(10_000)],
        metadata=_says("Calls per minute; -1 is ShipStation's own quota, 0 no limit, for an emulator only."),
    )


@frozen
class OxapaySettings:
    """Top-ups in crypto."""

    merchant_api_key: ts.SecretStr = field(
        factory=_secret,
        metadata=_says("Oxapay's merchant key; without it nobody can top up. Required in production."),
    )
    previous_keys: ts.SecretStr = field(
        factory=_secret,
        metadata=_says("Older merchant keys, separated by commas, whose notices are still believed."),
    )
    base_url: str = field(default="", metadata=_says("Another server that speaks the same API."))


@frozen
class TopupSettings:
    """How much may be topped up."""

    least: str = field(default="1.00", metadata=_says("The smallest top-up, in dollars and cents."))
    most: str = field(default="1000.00", metadata=_says("The largest top-up, in dollars and cents."))


@frozen
class RefundSettings:
    """When labels may be asked back."""

    min_label_age_days: int = field(
        default=5,
        validator=[ge(0), le(60)],
        metadata=_says("Full days a label must be old before its refund can be asked for."),
    )


@frozen
class MongoSettings:
    """Where everything is kept."""

    url: str = field(
        default="",
        metadata=_says(
            "mongodb://... of a replica set, or embedded:DIR for a server of our own with its data in DIR."
        ),
    )
    database: str = field(default="shipping", metadata=_says("The database's name."))


@frozen
class AdminSettings:
    """The operators."""

    chat_ids: str = field(
        default="", metadata=_says("Telegram ids, separated by commas, that are told about errors.")
    )
    api_key: ts.SecretStr = field(
        factory=_secret,
        metadata=_says(
            "The owner's first key to the office's API, 32 characters or more; without one the office stays "
            "shut. Required in production."
        ),
    )
    requests_per_minute: int = field(
        default=600,
        validator=[ge(1), le(100_000)],
        metadata=_says("Requests each key may make of the office's API in a minute."),
    )


@frozen
class WebhookSettings:
    """Where the world reaches us."""

    base_url: str = field(
        default="",
        metadata=_says("Our public address, https://..., for --mode webhook and Oxapay's notices."),
    )


@frozen
class HttpSettings:
    """Our own web server."""

    host: str = field(default="127.0.0.1", metadata=_says("The address to listen on."))
    port: int = field(
        default=8081,
        validator=[ge(0), le(65535)],
        metadata=_says("The port to listen on; 0 is any free one."),
    )
    trusted_proxies: str = field(
        default="",
        metadata=_says(
            "Addresses or networks of our own proxies, separated by commas, whose X-Forwarded-For is "
            "believed. Left out: nobody's."
        ),
    )

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The proxies of ours."""
        return tuple(ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())


@frozen
class LogSettings:
    """What is written down."""

    level: str = field(
        default="info",
        validator=in_(("debug", "info", "warning", "error")),
        metadata=_says("debug, info, warning or error."),
    )
    format: str = field(
        default="console", validator=in_(("json", "console")), metadata=_says("json or console.")
    )


@frozen
class Settings:
    """Everything the environment decides."""

    telegram: TelegramSettings = field(factory=TelegramSettings)
    shipstation: ShipStationSettings = field(factory=ShipStationSettings)
    oxapay: OxapaySettings = field(factory=OxapaySettings)
    topup: TopupSettings = field(factory=TopupSettings)
    refund: RefundSettings = field(factory=RefundSettings)
    mongo: MongoSettings = field(factory=MongoSettings)
    admin: AdminSettings = field(factory=AdminSettings)
    webhook: WebhookSettings = field(factory=WebhookSettings)
    http: HttpSettings = field(factory=HttpSettings)
    log: LogSettings = field(factory=LogSettings)
    api_mode: str = field(
        default="test",
        validator=in_(("test", "production")),
        metadata=_says("test or production: whether labels and money are real."),
    )
    resale_permission_confirmed: str = field(
        default="",
        metadata=_says("Who confirmed, and when, that these labels may be resold. Required in production."),
    )
    store: str = field(
        default="",
        validator=in_(("", "mongo", "memory")),
        metadata=_says(
            "mongo, or memory: everything is forgotten at exit. Left out: mongo where MONGO_URL is set."
        ),
    )
    markup_rules: str = field(
        default="",
        metadata=_says(
            'Added to the carrier\'s price: a JSON list of rules such as {"percent": "10", "fixed": "0.50", '
            '"min": "1.00", "cap": "5.00", "carrier": "usps", "service": "", "user": ""}; each part may '
            "be left out, and the most particular rule counts."
        ),
    )
    wallet_floor: str = field(
        default="0.00",
        metadata=_says("Sales of a carrier pause while its prepaid wallet holds fewer dollars; 0 never."),
    )
    default_language: str = field(
        default="en",
        validator=in_(("en", "ru")),
        metadata=_says("en or ru, for customers whose own language we do not speak."),
    )
    shipper_phone: str = field(
        default="",
        metadata=_says(
            "Your own phone, E.164; given to V2 carriers where a sender has none. Never shown as theirs."
        ),
    )
    support_contact: str = field(
        default="",
        metadata=_says(
            "Where customers reach a person: a Telegram name or an e-mail address. Shown by /contact."
        ),
    )
    welcome_credit: str = field(
        default="0.00",
        metadata=_says("Dollars a new customer starts with, as an operator's adjustment; for the sandbox."),
    )

    @property
    def mode(self) -> Mode:
        """Test or production."""
        return Mode(self.api_mode)

    @property
    def keeps(self) -> bool:
        """Whether anything outlives the process."""
        return self.store == "mongo" or (not self.store and bool(self.mongo.url))

    @property
    def sells_top_ups(self) -> bool:
        """Whether customers can top up."""
        return bool(str(self.oxapay.merchant_api_key))

    @property
    def welcome(self) -> Money:
        """The welcome credit."""
        return Money.parse(self.welcome_credit)

    @property
    def admins(self) -> tuple[int, ...]:
        """The chats of the operators."""
        return tuple(int(part) for part in self.admin.chat_ids.split(",") if part.strip())


def read(environment_file: Path | None = None) -> tuple[Settings, dict[str, str]]:
    """The settings of this process, the environment first, then `.env`; and what cannot be used in them.

    A value that cannot be used is named by its variable, never quoted: it may be a secret in the wrong
    place. Its default stands in for it, so that everything else can be judged as well.
    """
    loaders: list[Loader] = [DotEnvLoader("", environment_file or Path(".env")), EnvLoader("")]
    judge = _Judge()
    return ts.load_settings(Settings, loaders, processors=[judge]), judge.problems


class _Judge:
    """Puts defaults in the place of values that cannot be used, and remembers their names."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def __call__(self, settings_dict: Any, settings_cls: Any, options: Any) -> Any:  # noqa: ARG002 - its shape
        for option in options:
            *groups, name = option.path.split(".")
            group = settings_dict
            for part in groups:
                group = group.get(part, {})
            attribute = getattr(fields(option.parent_cls), name)
            if name in group and not _usable(option.cls, attribute, group[name]):
                group[name] = attribute.default
                variable = option.path.replace(".", "_").upper()
                self.problems[variable] = f"cannot be used. {attribute.metadata[HELP]}"
        return settings_dict


def _usable(kind: type, attribute: Any, value: Any) -> bool:
    try:
        converted = int(value) if kind is int else value
        if attribute.validator is not None:
            attribute.validator(None, attribute, converted)
    except ValueError:
        return False
    return True


def _is_group(kind: object) -> bool:
    return getattr(kind, "__name__", str(kind)).endswith("Settings")


def described() -> dict[str, str]:
    """Every variable with its help, in the order of the classes."""
    found: dict[str, str] = {}
    for option in fields(ts.resolve_types(Settings)):
        if _is_group(option.type) and option.type is not None:
            for inner in fields(option.type):
                found[f"{option.name}_{inner.name}".upper()] = inner.metadata[HELP]
        else:
            found[option.name.upper()] = option.metadata[HELP]
    return found


def problems_of_run(settings: Settings, *, webhook: bool) -> dict[str, str]:
    """What keeps these settings from running a bot, by variable; empty when nothing does."""
    found: dict[str, str] = {}
    token = str(settings.telegram.bot_token)
    if not token:
        found["TELEGRAM_BOT_TOKEN"] = "is missing: ask @BotFather for one"
    elif not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token):
        found["TELEGRAM_BOT_TOKEN"] = "does not look like a token (digits, a colon, letters)"
    found |= _url_problems(settings)
    found |= _shipstation_problems(settings)
    found |= _text_problems(settings)
    found |= _office_problems(settings)
    if webhook:
        secret = str(settings.telegram.webhook_secret)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            found["TELEGRAM_WEBHOOK_SECRET"] = "must be 1 to 256 characters of A-Z a-z 0-9 _ -"
        if not settings.webhook.base_url:
            found["WEBHOOK_BASE_URL"] = "is missing: --mode webhook needs our public address"
    if settings.keeps:
        found |= problems_of_store(settings)
    return found | problems_of_mode(settings, settings.mode)


def problems_of_mode(settings: Settings, mode: Mode) -> dict[str, str]:
    """What keeps these settings from working in a mode, by variable."""
    found = _key_problems(settings, mode)
    return found | _production_problems(settings) if mode is Mode.PRODUCTION else found


def _production_problems(settings: Settings) -> dict[str, str]:
    found: dict[str, str] = {}
    if not settings.resale_permission_confirmed:
        found["RESALE_PERMISSION_CONFIRMED"] = "is missing: production needs the carrier's permission"
    if not settings.keeps:
        found["MONGO_URL"] = "is missing: in production nothing may be forgotten at exit"
    if not settings.sells_top_ups:
        found["OXAPAY_MERCHANT_API_KEY"] = "is missing: in production customers pay with it"
    if not settings.webhook.base_url:
        found["WEBHOOK_BASE_URL"] = "is missing: Oxapay's notices are sent there"
    if not str(settings.admin.api_key):
        found["ADMIN_API_KEY"] = "is missing: without the office nobody can mend what goes wrong"
    return found


def _office_problems(settings: Settings) -> dict[str, str]:
    found: dict[str, str] = {}
    key, hint = str(settings.admin.api_key), str(settings.shipstation.webhook_secret)
    if key and (len(key) < SHORTEST_KEY or len(set(key)) < SHORTEST_KEY // 3):
        found["ADMIN_API_KEY"] = f"must be {SHORTEST_KEY} characters or more, made by chance"
    elif not re.fullmatch(r"[!-~]*", key):
        found["ADMIN_API_KEY"] = "must be of letters, digits and signs without spaces"
    elif any(word in key.casefold() for word in DEFAULT_LOOKS):
        found["ADMIN_API_KEY"] = "looks like a default: make one of your own by chance"
    if hint and len(hint) < SHORTEST_HINT_SECRET:
        found["SHIPSTATION_WEBHOOK_SECRET"] = f"must be {SHORTEST_HINT_SECRET} characters or more"
    try:
        _ = settings.http.proxies
    except ValueError:
        found["HTTP_TRUSTED_PROXIES"] = "must be addresses or networks such as 10.0.0.0/8"
    return found


def problems_of_store(settings: Settings) -> dict[str, str]:
    """What keeps these settings from opening MongoDB."""
    if re.match(r"mongodb(\+srv)?://.|embedded:.", settings.mongo.url):
        return {}
    return {"MONGO_URL": "must be mongodb://... or embedded:DIR"}


def problems_of_quote(settings: Settings) -> dict[str, str]:
    """What keeps these settings from asking carriers for prices."""
    return _url_problems(settings) | _shipstation_problems(settings)


def _url_problems(settings: Settings) -> dict[str, str]:
    urls = {
        "TELEGRAM_API_BASE_URL": settings.telegram.api_base_url,
        "SHIPSTATION_BASE_URL": settings.shipstation.base_url,
        "OXAPAY_BASE_URL": settings.oxapay.base_url,
        "WEBHOOK_BASE_URL": settings.webhook.base_url,
    }
    return {
        name: "must be an address such as https://host/path"
        for name, url in urls.items()
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname)
    }


def _shipstation_problems(settings: Settings) -> dict[str, str]:
    ship = settings.shipstation
    try:
        choose_version(ship.api_version, str(ship.api_key), str(ship.api_secret))
        clean(str(ship.api_key), "SHIPSTATION_API_KEY")
        clean(str(ship.api_secret), "SHIPSTATION_API_SECRET")
    except ValueError as exc:
        name, _, text = str(exc).partition(" ")
        return {name: text}
    return _key_problems(settings, settings.mode)


def _key_problems(settings: Settings, mode: Mode) -> dict[str, str]:
    ship = settings.shipstation
    key, secret = str(ship.api_key), str(ship.api_secret)
    try:
        version = choose_version(ship.api_version, key, secret)
        if version == "v2" and mode not in keys_by_mode(key, str(ship.test_api_key)):
            raise ValueError(no_credentials("", mode).reason)
    except ValueError as exc:
        name, _, text = str(exc).partition(" ")
        return {name: text}
    return {}


def _text_problems(settings: Settings) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        _ = settings.admins
    except ValueError:
        found["ADMIN_CHAT_IDS"] = "must be numbers separated by commas"
    amounts = {
        "WELCOME_CREDIT": settings.welcome_credit,
        "WALLET_FLOOR": settings.wallet_floor,
        "TOPUP_LEAST": settings.topup.least,
        "TOPUP_MOST": settings.topup.most,
    }
    for name, text in amounts.items():
        try:
            if Money.parse(text).minor < 0:
                found[name] = "must not be negative"
        except ValueError:
            found[name] = "must be dollars and cents, such as 50.00"
    if not {"TOPUP_LEAST", "TOPUP_MOST"} & found.keys():
        least, most = Money.parse(settings.topup.least), Money.parse(settings.topup.most)
        if not 0 < least.minor <= most.minor:
            found["TOPUP_MOST"] = "must not be below TOPUP_LEAST, and both above zero"
    try:
        read_rules(settings.markup_rules)
    except ValueError as exc:
        found["MARKUP_RULES"] = str(exc)
    if settings.shipper_phone and not re.fullmatch(r"\+[0-9]{8,15}", settings.shipper_phone):
        found["SHIPPER_PHONE"] = "must be in E.164, such as +14155550100"
    return found
