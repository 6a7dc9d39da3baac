"""Texts: sending, editing, deleting, and showing that the bot is busy."""

import time

from shipping_sandbox.telegram_api.chats import Chat, StoredMessage
from shipping_sandbox.telegram_api.errors import Json, bad_request
from shipping_sandbox.telegram_api.keyboard import inline_keyboard
from shipping_sandbox.telegram_api.methods.registry import Call, method
from shipping_sandbox.telegram_api.methods.targets import chat_of, editable, message_of, open_chat
from shipping_sandbox.telegram_api.params import Params
from shipping_sandbox.telegram_api.texts import caption_text, message_text

DELETABLE_S = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


@method("sendMessage")
def send_message(call: Call) -> Json:
    """Send a text."""
    return deliver(call, open_chat(call), message_text(call.params))


def deliver(call: Call, chat: Chat, content: Json) -> Json:
    """Put a message with this content into the chat, with what every kind of message may carry.

    Raises:
        ApiError: 400 for a bad keyboard or reply, 429 for haste; nothing was sent.
    """
    extras = _extras(call, chat)
    call.bot.limits.spend(chat.id)
    body = {**call.bot.begin_message(chat, call.bot.user), **content, **extras}
    chat.put(body, from_bot=True)
    return body


def _extras(call: Call, chat: Chat) -> Json:
    extras: Json = {}
    params = call.params
    reply = params.nested("reply_parameters", "reply parameters")
    if isinstance(reply, dict):
        replied = chat.live(Params(reply).integer("message_id") or 0)
        if replied is not None:
            extras["reply_to_message"] = {k: v for k, v in replied.body.items() if k != "reply_to_message"}
        elif not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
    if params.flag("protect_content"):
        extras["has_protected_content"] = True
    preview = params.nested("link_preview_options", "link preview options")
    if isinstance(preview, dict) and preview:
        extras["link_preview_options"] = preview
    keyboard = inline_keyboard(params)
    if keyboard is not None:
        extras["reply_markup"] = keyboard
    return extras


@method("editMessageText")
def edit_message_text(call: Call) -> Json:
    """Replace the text and the keyboard of an own text message."""
    chat, message = editable(call)
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    return change(call, chat, message, message_text(call.params), ("text", "entities"))


@method("editMessageCaption")
def edit_message_caption(call: Call) -> Json:
    """Replace the caption and the keyboard of an own document or photo."""
    chat, message = editable(call)
    if "text" in message.body:
        raise bad_request("there is no caption in the message to edit")
    return change(call, chat, message, caption_text(call.params), ("caption", "caption_entities"))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(call: Call) -> Json:
    """Replace the keyboard of an own message; without a keyboard it vanishes."""
    chat, message = editable(call)
    return change(call, chat, message, {}, ())


def change(call: Call, chat: Chat, message: StoredMessage, content: Json, replaced: tuple[str, ...]) -> Json:
    """Give the message after its `replaced` fields and its keyboard became what the call says.

    Raises:
        ApiError: 400 if that is what it was, 429 for haste.
    """
    keyboard = inline_keyboard(call.params)
    if keyboard is not None:
        content = {**content, "reply_markup": keyboard}
    replaced = (*replaced, "reply_markup")
    if {key: message.body[key] for key in replaced if key in message.body} == content:
        raise bad_request(NOT_MODIFIED)
    call.bot.limits.spend(chat.id)
    kept = {key: value for key, value in message.body.items() if key not in replaced}
    message.body = {**kept, **content, "edit_date": int(time.time())}
    chat.changed(message)
    return message.body


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    """Delete a message of either side that is younger than 48 hours."""
    chat = chat_of(call)
    message = message_of(call, chat, missing="message to delete not found")
    if time.time() - message.body["date"] > DELETABLE_S:
        raise bad_request("message can't be deleted for everyone")
    message.deleted = True
    chat.changed(message)
    return True


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    """Show the person for five seconds what the bot is busy with."""
    chat = open_chat(call)
    action = call.params.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.acting(action)
    return True


@method("getChat")
def get_chat(call: Call) -> Json:
    """Give what is known of a private chat."""
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return {
        **chat_of(call).face(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
