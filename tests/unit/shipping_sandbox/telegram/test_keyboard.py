"""What an inline keyboard may hold."""

from typing import Any

import pytest

from shipping_sandbox.telegram_api.errors import ApiError
from shipping_sandbox.telegram_api.keyboard import inline_keyboard
from shipping_sandbox.telegram_api.params import Params

KEY = {"text": "Buy", "callback_data": "b"}
UNREADABLE = "can't parse inline keyboard button: "


def keyboard(*rows: list[Any]) -> Params:
    return Params({"reply_markup": {"inline_keyboard": list(rows)}})


@pytest.mark.parametrize(
    "row",
    [
        [KEY] * 8,
        [{"text": "x", "callback_data": "я" * 32}],
        [{"text": "Pay", "url": "http://127.0.0.1:8080/pay/1", "style": "success"}],
        [{"text": "Copy", "copy_text": {"text": "TRx"}}],
    ],
    ids=["eight", "64 bytes", "url", "copy"],
)
def test_given_a_good_row_when_read_then_it_is_kept(row: list[Any]) -> None:
    assert inline_keyboard(keyboard(row)) == {"inline_keyboard": [row]}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[{"text": "x", "callback_data": "я" * 33}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x", "callback_data": ""}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x"}]], UNREADABLE + "Text buttons are unallowed in the inline keyboard"),
        ([[{**KEY, "url": "https://example.com"}]], UNREADABLE + "exactly one action must be used"),
        ([[{"text": " ", "callback_data": "b"}]], UNREADABLE + 'Field "text" must be a non-empty String'),
        ([["Buy"]], UNREADABLE + "expected an Object"),
        ([[{**KEY, "style": "pink"}]], UNREADABLE + "unknown button style"),
        ([[{"text": "x", "copy_text": {"text": "x" * 257}}]], "BUTTON_COPY_TEXT_INVALID"),
        ([[KEY] * 9], "reply markup is too long"),
        ([[KEY] * 8] * 12 + [[KEY] * 5], "reply markup is too long"),
        (
            [[{"text": "x", "url": "example"}]],
            "inline keyboard button URL 'example' is invalid: Wrong HTTP URL",
        ),
    ],
    ids=["65 bytes", "empty", "none", "two", "blank", "no object", "style", "copy", "nine", "101", "url"],
)
def test_given_a_bad_keyboard_when_read_then_400(rows: list[list[Any]], reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        inline_keyboard(keyboard(*rows))

    assert caught.value.description == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    "markup",
    [None, "", {"remove_keyboard": True}, {"keyboard": [[{"text": "x"}]]}, {"inline_keyboard": []}],
    ids=["none", "empty", "remove", "reply keyboard", "no rows"],
)
def test_given_markup_that_leaves_no_inline_keyboard_when_read_then_nothing(markup: Any) -> None:
    assert inline_keyboard(Params({"reply_markup": markup})) is None
