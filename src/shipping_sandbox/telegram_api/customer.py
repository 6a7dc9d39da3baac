"""What people do in their chats: write, tap buttons, block the bot. Each becomes an update."""

import base64
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

from shipping_sandbox.telegram_api.chats import Chat
from shipping_sandbox.telegram_api.entities import found_in, utf16_len
from shipping_sandbox.telegram_api.errors import Json
from shipping_sandbox.telegram_api.texts import MAX_CAPTION, MAX_TEXT
from shipping_sandbox.telegram_api.world import Bot

MAX_CALLBACK_BYTES = 64


class Refused(Exception):
    """A person cannot do this; `status` is the HTTP status that says so."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def write(bot: Bot, chat: Chat, order: Json) -> Json:
    """Send a message of any kind and give its `message_id` and `update_id` (None: the bot does not want it).

    Raises:
        Refused: 400 for an order that makes no message, 409 if the person has blocked the bot.
    """
    _introduce(chat, order)
    kind = order.get("kind", "text")
    if kind == "edited":
        return edit(bot, chat, order)
    build = _CONTENT.get(kind)
    if build is None:
        raise Refused(400, f"kind must be one of {', '.join((*_CONTENT, 'edited'))}")
    content = build(bot, order)
    chat.started = True
    body = {**bot.begin_message(chat, chat.user), **content}
    chat.put(body, from_bot=False)
    return {"message_id": body["message_id"], "update_id": _update(bot, chat, "message", body)}


def edit(bot: Bot, chat: Chat, order: Json) -> Json:
    """Change an own text; without a `message_id` the last one.

    Raises:
        Refused: 400, there is no such text of this person.
    """
    own = [m for m in chat.messages.values() if not m.from_bot and not m.deleted and "text" in m.body]
    wanted = order.get("message_id")
    message = next((m for m in reversed(own) if wanted in (None, m.body["message_id"])), None)
    if message is None:
        raise Refused(400, "there is no such text to edit")
    kept = {key: value for key, value in message.body.items() if key not in ("text", "entities")}
    message.body = {**kept, "edit_date": int(time.time()), **_text(bot, order)}
    chat.changed(message)
    update_id = _update(bot, chat, "edited_message", message.body)
    return {"message_id": message.body["message_id"], "update_id": update_id}


def tap(bot: Bot, chat: Chat, order: Json) -> Json:
    """Press a button; the data and the message may be forged, as a modified client would.

    Raises:
        Refused: 400 for data no client could send, 409 if the person has blocked the bot.
    """
    _introduce(chat, order)
    message_id, data = order.get("message_id"), order.get("data")
    if not isinstance(message_id, int) or not isinstance(data, str):
        raise Refused(400, "message_id must be a number and data a text")
    if not 1 <= len(data.encode()) <= MAX_CALLBACK_BYTES:
        raise Refused(400, "data must have 1 to 64 bytes")
    message = chat.live(message_id)
    callback_id = bot.open_callback(chat.id)
    query = {
        "id": callback_id,
        "from": chat.user,
        "message": message.body if message else {"message_id": message_id, "date": 0, "chat": chat.face()},
        "chat_instance": str(-chat.id),
        "data": data,
    }
    ttl_s = bot.settings.callback_ttl_s
    update_id = bot.updates.add("callback_query", query, lane=f"taps:{chat.id}", ttl_s=max(ttl_s, 1.0))
    return {"callback_query_id": callback_id, "update_id": update_id}


def set_blocked(bot: Bot, chat: Chat, *, blocked: bool) -> Json:
    """Block or unblock the bot; doing it twice changes nothing."""
    if chat.blocked == blocked:
        return {"update_id": None}
    chat.blocked = blocked
    chat.started = True
    away: Json = {"status": "kicked", "user": bot.user, "until_date": 0}
    here: Json = {"status": "member", "user": bot.user}
    change = {
        "chat": chat.face(),
        "from": chat.user,
        "date": int(time.time()),
        "old_chat_member": here if blocked else away,
        "new_chat_member": away if blocked else here,
    }
    return {"update_id": _update(bot, chat, "my_chat_member", change)}


def _introduce(chat: Chat, order: Json) -> None:
    if chat.blocked:
        raise Refused(409, "the user has blocked the bot")
    news = {
        name: order[name]
        for name in ("first_name", "last_name", "username", "language_code")
        if order.get(name)
    }
    if any(chat.user.get(name) != value for name, value in news.items()):
        chat.user = {**chat.user, **news}


def _update(bot: Bot, chat: Chat, kind: str, payload: Json) -> int | None:
    return bot.updates.add(kind, payload, lane=f"chat:{chat.id}", ttl_s=bot.settings.update_ttl_s)


def _text(_: Bot, order: Json) -> Json:
    text = str(order.get("text") or "").strip()
    if not text:
        raise Refused(400, "text is empty")
    if utf16_len(text) > MAX_TEXT:
        raise Refused(400, f"text is longer than {MAX_TEXT}: a client sends it in parts")
    entities = found_in(text, [])
    return {"text": text, "entities": entities} if entities else {"text": text}


def _caption(order: Json) -> Json:
    text = str(order.get("caption") or "").strip()
    if utf16_len(text) > MAX_CAPTION:
        raise Refused(400, f"caption is longer than {MAX_CAPTION}")
    return {"caption": text} if text else {}


def _sticker(bot: Bot, order: Json) -> Json:
    file = bot.files.add("stickers", "sticker.webp", "image/webp", b"RIFF\x00\x00\x00\x00WEBP")
    looks = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return {"sticker": {**file.reference(), **looks, "emoji": str(order.get("emoji") or "\N{PACKAGE}")}}


def _photo(bot: Bot, order: Json) -> Json:
    data = _bytes(order) or tiny_png()
    file = bot.files.add("photos", "photo.png", "image/png", data)
    return {"photo": file.photo(), **_caption(order)}


def _voice(bot: Bot, order: Json) -> Json:
    file = bot.files.add("voice", "voice.oga", "audio/ogg", b"OggS")
    return {
        "voice": {**file.reference(), "duration": int(order.get("duration", 3)), "mime_type": "audio/ogg"}
    }


def _document(bot: Bot, order: Json) -> Json:
    name = str(order.get("file_name") or "file.txt")
    data = _bytes(order) or str(order.get("text") or "").encode()
    if not data:
        raise Refused(400, "document needs content_base64 or text")
    file = bot.files.add("documents", name, str(order.get("mime_type") or ""), data)
    return {"document": file.document(), **_caption(order)}


def _bytes(order: Json) -> bytes:
    try:
        return base64.b64decode(str(order.get("content_base64") or ""), validate=True)
    except ValueError:
        raise Refused(400, "content_base64 is not base64") from None


def tiny_png() -> bytes:
    """Make the smallest grey picture that is a real PNG, one pixel by one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")


_CONTENT: dict[Any, Callable[[Bot, Json], Json]] = {
    "text": _text,
    "sticker": _sticker,
    "photo": _photo,
    "voice": _voice,
    "document": _document,
}
