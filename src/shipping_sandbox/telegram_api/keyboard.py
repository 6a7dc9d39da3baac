"""Checks reply mark-up: what a keyboard may hold, and what of it stays on the message."""

from typing import Any

from shipping_sandbox.telegram_api.errors import ApiError, Json, bad_request
from shipping_sandbox.telegram_api.params import Params

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_DATA_BYTES = 64
MAX_COPY = 256
ACTIONS = frozenset(
    {
        "callback_data",
        "url",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    }
)
LOOKS = frozenset({"text", "style", "icon_custom_emoji_id"})
STYLES = frozenset({"danger", "success", "primary"})


def inline_keyboard(params: Params) -> Json | None:
    """Give the inline keyboard of a call, or None: other mark-up is accepted and leaves no trace.

    Raises:
        ApiError: 400, the keyboard breaks a rule of the service.
    """
    markup = params.nested("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse reply keyboard markup: Field "inline_keyboard" must be of type Array')
    buttons = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, buttons)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in buttons):
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": buttons} if buttons else None


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise _unreadable("expected an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _unreadable('Field "text" must be a non-empty String')
    actions = ACTIONS & button.keys()
    if not actions:
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unreadable("exactly one action must be used")
    if button.get("style") not in (None, *STYLES):
        raise _unreadable("unknown button style")
    _check_action(button)
    return {key: value for key, value in button.items() if key in ACTIONS or key in LOOKS}


def _check_action(button: Json) -> None:
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in button:
        if not _is_address(button["url"]):
            raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    elif "copy_text" in button:
        copied = button["copy_text"]
        text = copied.get("text") if isinstance(copied, dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= MAX_COPY:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _is_address(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("http://", "https://", "tg://", "ton://"))


def _unreadable(reason: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")
