"""Which API, and which key for which mode."""

from __future__ import annotations

import pytest

from adapters.shipstation.credentials import choose_version, clean, keys_by_mode, no_credentials
from shipping_core.domain.ids import Mode


@pytest.mark.parametrize(
    ("setting", "key", "secret", "version"),
    [
        pytest.param(None, "abc", None, "v2", id="a key alone is V2"),
        pytest.param("", "abc", "", "v2", id="empty settings are no settings"),
        pytest.param(None, "abc", "xyz", "v1", id="a secret means V1"),
        pytest.param("v2", "abc", "xyz", "v2", id="an explicit v2 wins over the secret"),
        pytest.param("v1", "abc", "xyz", "v1", id="an explicit v1 with its pair"),
        pytest.param(" V2 ", " abc ", None, "v2", id="white space and case do not matter"),
        pytest.param(None, "TEST_abc", "xyz", "v2", id="a TEST_ key is V2 whatever else is set"),
        pytest.param("v2", "TEST_abc", None, "v2", id="a TEST_ key and v2"),
    ],
)
def test_given_credentials_when_choosing_then_the_version_is_theirs(
    setting: str | None, key: str | None, secret: str | None, version: str
) -> None:
    assert choose_version(setting, key, secret) == version


@pytest.mark.parametrize(
    ("setting", "key", "secret", "names"),
    [
        pytest.param("v3", "abc", None, "SHIPSTATION_API_VERSION", id="no such version"),
        pytest.param(None, None, None, "SHIPSTATION_API_KEY", id="no key"),
        pytest.param(None, "  ", "xyz", "SHIPSTATION_API_KEY", id="a secret without a key"),
        pytest.param("v1", "abc", None, "SHIPSTATION_API_SECRET", id="V1 without a secret"),
        pytest.param("v1", "TEST_abc", "xyz", "SHIPSTATION_API_VERSION", id="V1 with a TEST_ key"),
    ],
)
def test_given_credentials_that_fit_nothing_when_choosing_then_the_sentence_names_the_setting(
    setting: str | None, key: str | None, secret: str | None, names: str
) -> None:
    with pytest.raises(ValueError, match=names) as told:
        choose_version(setting, key, secret)

    assert "abc" not in str(told.value)


@pytest.mark.parametrize(
    ("key", "test_key", "keys"),
    [
        pytest.param("abc", None, {Mode.PRODUCTION: "abc"}, id="no test key, no test mode"),
        pytest.param("abc", "TEST_x", {Mode.PRODUCTION: "abc", Mode.TEST: "TEST_x"}, id="one for each"),
        pytest.param("TEST_abc", None, {Mode.TEST: "TEST_abc"}, id="a test key never sells for real"),
        pytest.param("TEST_abc", "TEST_x", {Mode.TEST: "TEST_x"}, id="the named test key goes first"),
        pytest.param("", "TEST_x", {Mode.TEST: "TEST_x"}, id="a test key alone"),
    ],
)
def test_given_keys_when_sorted_by_mode_then_neither_mode_borrows_the_others(
    key: str, test_key: str | None, keys: dict[Mode, str]
) -> None:
    assert keys_by_mode(key, test_key) == keys


@pytest.mark.parametrize(
    ("key", "test_key", "names"),
    [
        pytest.param("", "", "SHIPSTATION_API_KEY", id="none at all"),
        pytest.param("abc", "abd", "SHIPSTATION_TEST_API_KEY", id="a real key in the test setting"),
        pytest.param("ab\u00e9", None, "SHIPSTATION_API_KEY", id="no key has an accent"),
        pytest.param("abc", "TEST_a b", "SHIPSTATION_TEST_API_KEY", id="no key has a space inside"),
    ],
)
def test_given_keys_that_cannot_be_when_sorted_then_the_sentence_names_the_setting(
    key: str, test_key: str | None, names: str
) -> None:
    with pytest.raises(ValueError, match=names):
        keys_by_mode(key, test_key)


def test_given_a_key_with_a_line_break_when_cleaned_then_it_is_the_key() -> None:
    assert clean(" abc\r\n", "SHIPSTATION_API_KEY") == "abc"


@pytest.mark.parametrize(
    ("mode", "names"), [(Mode.TEST, "SHIPSTATION_TEST_API_KEY"), (Mode.PRODUCTION, "SHIPSTATION_API_KEY")]
)
def test_given_a_mode_without_a_key_when_refused_then_the_setting_is_named(mode: Mode, names: str) -> None:
    refusal = no_credentials("buy", mode)

    assert refusal.code == "no_credentials"
    assert names in refusal.reason
