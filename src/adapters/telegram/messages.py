"""What goes out, as plain data: callers never build a library's object."""

from __future__ import annotations

import enum
from typing import Any, Final

from attrs import field, frozen

DATA_LIMIT_BYTES: Final = 64
"""https://core.telegram.org/bots/api#inlinekeyboardbutton"""


@frozen
class Button:
    """A button with exactly one action: `data` for us, a `url` to open, or a text to `copy`."""

    text: str
    data: str = ""
    url: str = ""
    copy: str = ""

    def __attrs_post_init__(self) -> None:
        if bool(self.data) + bool(self.url) + bool(self.copy) != 1:
            raise ValueError("a button has exactly one of data, url and copy")
        if len(self.data.encode()) > DATA_LIMIT_BYTES:
            raise ValueError(f"button data is longer than {DATA_LIMIT_BYTES} bytes")


@frozen
class Message:
    """A text in Telegram's HTML, and its buttons row by row."""

    html: str
    buttons: tuple[tuple[Button, ...], ...] = ()


@frozen
class Document:
    """A file with its caption; the file's content stays out of logs. A `photo` is shown, not offered."""

    filename: str
    content: bytes = field(repr=False)
    caption: Message
    media_type: str = "application/pdf"
    photo: bool = False


@frozen
class Typing:
    """A passing sign of life such as `typing` or `upload_document`."""

    action: str


class Delivery(enum.Enum):
    """How a message ended."""

    SENT = "sent"
    UNREACHABLE = "unreachable"
    """The person blocked the bot or is gone; do not write again."""
    FAILED = "failed"
    """Given up; it may have arrived all the same, for Telegram does not always answer."""
    NOT_SENT = "not_sent"
    """Given up; it surely never left."""


def keyboard(buttons: tuple[tuple[Button, ...], ...]) -> dict[str, Any]:
    """The `reply_markup` of a message: https://core.telegram.org/bots/api#inlinekeyboardmarkup"""
    return {"inline_keyboard": [[_button(button) for button in row] for row in buttons]}


def _button(button: Button) -> dict[str, Any]:
    if button.data:
        return {"text": button.text, "callback_data": button.data}
    if button.url:
        return {"text": button.text, "url": button.url}
    return {"text": button.text, "copy_text": {"text": button.copy}}
