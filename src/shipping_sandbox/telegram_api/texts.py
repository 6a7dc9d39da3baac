"""Texts and captions as a bot sends them: parsed, trimmed, marked and measured."""

from shipping_sandbox.telegram_api.entities import found_in, given, in_order, trimmed, utf16_len
from shipping_sandbox.telegram_api.errors import Json, bad_request
from shipping_sandbox.telegram_api.markup import read_html
from shipping_sandbox.telegram_api.params import Params

MAX_TEXT = 4096
MAX_CAPTION = 1024


def message_text(params: Params) -> Json:
    """Give `text` and, if there are any, `entities`: 1 to 4096 UTF-16 units after parsing.

    Raises:
        ApiError: 400, empty, too long or broken mark-up.
    """
    text, entities = _marked(params, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if len(text) > MAX_TEXT // 2 and utf16_len(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_text(params: Params) -> Json:
    """Give `caption` and `caption_entities`, or nothing: up to 1024 UTF-16 units after parsing.

    Raises:
        ApiError: 400, too long or broken mark-up.
    """
    text, entities = _marked(params, "caption", "caption_entities")
    if utf16_len(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def _marked(params: Params, name: str, marks: str) -> tuple[str, list[Json]]:
    source = (params.text(name) or "").replace("\r", "")
    mode = (params.text("parse_mode") or "").lower()
    if mode == "html":
        text, entities = read_html(source)
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        text, entities = source, given(params.nested(marks, "entities"))
    text, entities = trimmed(text, entities)
    found = found_in(text, entities)
    return text, in_order(entities + found) if found or len(entities) > 1 else entities
