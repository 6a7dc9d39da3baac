"""Finds the chat and the message that a call means, or says in the service's words why not."""

from shipping_sandbox.telegram_api.chats import Chat, StoredMessage
from shipping_sandbox.telegram_api.errors import bad_request, blocked
from shipping_sandbox.telegram_api.methods.registry import Call


def chat_of(call: Call) -> Chat:
    """Give the chat, whoever may write in it.

    Raises:
        ApiError: 400, it is not named or the person never wrote to the bot.
    """
    chat_id = call.params.integer("chat_id")
    if chat_id is None and not call.params.text("chat_id"):
        raise bad_request("chat_id is empty")
    chat = None if chat_id is None else call.bot.chats.get(chat_id)
    if chat is None or not chat.started:
        raise bad_request("chat not found")
    return chat


def open_chat(call: Call) -> Chat:
    """Give the chat if the bot may write in it.

    Raises:
        ApiError: as `chat_of`, and 403 if the person has blocked the bot.
    """
    chat = chat_of(call)
    if chat.blocked:
        raise blocked()
    return chat


def message_of(call: Call, chat: Chat, *, missing: str) -> StoredMessage:
    """Give the message that is meant.

    Raises:
        ApiError: 400, no message is named, or with the words in `missing` that it is not there.
    """
    message_id = call.params.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    message = chat.live(message_id)
    if message is None:
        raise bad_request(missing)
    return message


def editable(call: Call) -> tuple[Chat, StoredMessage]:
    """Give an own message of the bot.

    Raises:
        ApiError: 400, it is not there or somebody else's; 403 if the person has blocked the bot.
    """
    if call.params.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = open_chat(call)
    message = message_of(call, chat, missing="message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return chat, message
