"""Answers to pressed buttons."""

from shipping_sandbox.telegram_api.entities import utf16_len
from shipping_sandbox.telegram_api.errors import bad_request
from shipping_sandbox.telegram_api.methods.registry import Call, method

MAX_ANSWER = 200
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@method("answerCallbackQuery")
def answer_callback_query(call: Call) -> bool:
    """Stop the button's spinning, and show up to 200 characters or none."""
    text = call.params.text("text") or ""
    if utf16_len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    url = call.params.text("url")
    if url and not url.startswith(("https://t.me/", "tg://")):
        raise bad_request("URL_INVALID")
    callback_id = call.params.text("callback_query_id") or ""
    chat_id = call.bot.close_callback(callback_id)
    if chat_id is None:
        raise bad_request(TOO_OLD)
    call.bot.chat(chat_id).answered(callback_id, text, show_alert=call.params.flag("show_alert"))
    return True
