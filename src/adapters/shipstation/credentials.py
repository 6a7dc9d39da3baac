"""Which API the configured credentials belong to, and which of them a mode may use."""

from __future__ import annotations

from typing import Literal

from shipping_core.domain.ids import Mode
from shipping_core.errors import GatewayRefused

Version = Literal["v1", "v2"]
TEST_PREFIX = "TEST_"


def is_test_key(api_key: str) -> bool:
    """Whether a V2 key belongs to the vendor's sandbox, where labels are free and worthless."""
    return api_key.startswith(TEST_PREFIX)


def choose_version(version_setting: str | None, api_key: str | None, api_secret: str | None) -> Version:
    """The API these settings mean: an explicit version wins, else a secret means V1, else V2.

    A secret exists only for V1 pairs, and a key that begins with `TEST_` only for V2.

    Raises:
        ValueError: they fit no API; the sentence names the setting to change.
    """
    wanted, key, secret = ((v or "").strip() for v in (version_setting, api_key, api_secret))
    wanted = wanted.casefold()
    if wanted not in {"", "v1", "v2"}:
        raise ValueError("SHIPSTATION_API_VERSION must be v1 or v2, or be left out")
    if not key:
        raise ValueError("SHIPSTATION_API_KEY is missing")
    if wanted == "v1" and is_test_key(key):
        raise ValueError(
            "SHIPSTATION_API_KEY is a TEST_ key, which only V2 knows: set SHIPSTATION_API_VERSION to v2"
        )
    if wanted == "v1" and not secret:
        raise ValueError(
            "SHIPSTATION_API_SECRET is missing: SHIPSTATION_API_VERSION is v1, which needs a key and a secret"
        )
    if wanted == "v1" or (not wanted and secret and not is_test_key(key)):
        return "v1"
    return "v2"


def clean(value: str | None, setting: str) -> str:
    """The configured value without the white space that is so easily pasted along.

    Raises:
        ValueError: it cannot be sent in a header; the sentence names `setting`, never the value.
    """
    text = (value or "").strip()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError(f"{setting} holds characters that no key has")
    return text


def keys_by_mode(api_key: str, test_api_key: str | None) -> dict[Mode, str]:
    """The V2 key of each mode that has one: a `TEST_` key never serves production, no other serves test.

    Raises:
        ValueError: no key at all, or SHIPSTATION_TEST_API_KEY is not a test key.
    """
    main = clean(api_key, "SHIPSTATION_API_KEY")
    test = clean(test_api_key, "SHIPSTATION_TEST_API_KEY")
    if test and not is_test_key(test):
        raise ValueError("SHIPSTATION_TEST_API_KEY must begin with TEST_: any other key buys real labels")
    keys = {
        Mode.TEST: test or (main if is_test_key(main) else ""),
        Mode.PRODUCTION: "" if is_test_key(main) else main,
    }
    found = {mode: key for mode, key in keys.items() if key}
    if not found:
        raise ValueError("SHIPSTATION_API_KEY is missing")
    return found


def no_credentials(operation: str, mode: Mode) -> GatewayRefused:
    """The refusal of a mode that has no key; the other mode's key is never used instead."""
    setting = "SHIPSTATION_TEST_API_KEY" if mode is Mode.TEST else "SHIPSTATION_API_KEY"
    kind = "a TEST_ key" if mode is Mode.TEST else "a key without the TEST_ prefix"
    return GatewayRefused(
        operation, f"{setting} must hold {kind} for {mode.value} mode", code="no_credentials"
    )
