"""Every object the emulator makes has the fields the published reference lists, and no others."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shipping_sandbox.telegram_api import customer
from shipping_sandbox.telegram_api.bot_api import BotApi
from shipping_sandbox.telegram_api.methods import METHODS
from shipping_sandbox.telegram_api.multipart import Upload
from shipping_sandbox.telegram_api.params import Params
from shipping_sandbox.telegram_api.world import Bot, World

REFERENCE = json.loads((Path(__file__).parents[3] / "reference" / "telegram-bot-api.json").read_text())
SCALARS: dict[str, type] = {"Integer": int, "String": str, "Boolean": bool, "True": bool}
KEYBOARD = {
    "inline_keyboard": [[{"text": "Buy", "callback_data": "b"}, {"text": "?", "url": "https://example.com"}]]
}


def faults_of(value: Any, kind: str, place: str) -> Iterator[str]:
    """Name each way in which a value is not of a documented type."""
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{place}: not a list"
            return
        for number, item in enumerate(value):
            yield from faults_of(item, kind.removeprefix("Array of "), f"{place}[{number}]")
    elif kind in SCALARS:
        if type(value) is not SCALARS[kind]:
            yield f"{place}: not {kind}"
    else:
        yield from faults_of_object(value, REFERENCE["types"][kind], place)


def faults_of_object(value: Any, described: dict[str, Any], place: str) -> Iterator[str]:
    """Name each way in which a value is not this documented object."""
    if "subtypes" in described:
        yield from least_faults(value, described["subtypes"], place)
        return
    if not isinstance(value, dict):
        yield f"{place}: not an object"
        return
    fields = {field["name"]: field for field in described["fields"]}
    yield from (f"{place}.{name}: unknown" for name in value.keys() - fields.keys())
    for name, field in fields.items():
        if name in value:
            yield from least_faults(value[name], field["types"], f"{place}.{name}")
        elif field["required"]:
            yield f"{place}.{name}: missing"


def least_faults(value: Any, kinds: list[str], place: str) -> list[str]:
    """Judge by the alternative that fits best."""
    return min((list(faults_of(value, kind, place)) for kind in kinds), key=len)


def a_bot() -> Bot:
    return World().bot_of("42:invented")


async def result_of(bot: Bot, method: str, **params: Any) -> Any:
    status, body = await BotApi(World()).run(bot, method, Params(params))
    assert status == 200, body
    return json.loads(body)["result"]


def test_given_the_reference_when_compared_then_every_emulated_method_is_in_it() -> None:
    assert {method.name for method in METHODS.values()} <= REFERENCE["methods"].keys()


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("getMe", {}),
        ("getChat", {"chat_id": 1}),
        ("getWebhookInfo", {}),
        ("getMyCommands", {}),
        ("getMyName", {}),
        ("getMyDescription", {}),
        ("getMyShortDescription", {}),
        ("getChatMenuButton", {}),
        ("setMyName", {"name": "Sandbox"}),
        ("sendChatAction", {"chat_id": 1, "action": "typing"}),
        ("sendMessage", {"chat_id": 1, "text": "/a <b>x</b> https://example.com", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": KEYBOARD, "protect_content": True}),
        ("sendMessage", {"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": True}}),
        (
            "sendDocument",
            {"chat_id": 1, "document": Upload("a.pdf", "application/pdf", b"%PDF"), "caption": "x"},
        ),
        ("sendPhoto", {"chat_id": 1, "photo": Upload("a.png", "image/png", customer.tiny_png())}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
async def test_given_a_call_when_answered_then_the_result_is_as_documented(
    method: str, params: dict[str, Any]
) -> None:
    bot = a_bot()
    customer.write(bot, bot.chat(1), {"text": "/start"})
    await result_of(bot, "setMyCommands", commands=[{"command": "start", "description": "x"}])
    result = await result_of(bot, method, **params)

    assert least_faults(result, REFERENCE["methods"][method]["returns"], method) == []


async def test_given_edits_replies_and_files_when_answered_then_they_are_as_documented() -> None:
    bot = a_bot()
    first = customer.write(bot, bot.chat(1), {"text": "/start"})
    reply = {"message_id": first["message_id"]}
    sent = await result_of(bot, "sendMessage", chat_id=1, text="x", reply_parameters=reply)
    target = {"chat_id": 1, "message_id": sent["message_id"]}
    edited = await result_of(bot, "editMessageText", **target, text="y", reply_markup=KEYBOARD)
    upload = Upload("a.pdf", "application/pdf", b"%PDF")
    document = (await result_of(bot, "sendDocument", chat_id=1, document=upload))["document"]
    file = await result_of(bot, "getFile", file_id=document["file_id"])

    assert sent["reply_to_message"]["message_id"] == first["message_id"]
    assert least_faults(sent, ["Message"], "sent") == []
    assert least_faults(edited, ["Message"], "edited") == []
    assert least_faults(file, ["File"], "file") == []


async def test_given_all_that_people_do_when_fetched_then_every_update_is_as_documented() -> None:
    bot = a_bot()
    chat = bot.chat(1)
    for kind in ("text", "sticker", "photo", "voice", "document", "edited"):
        customer.write(bot, chat, {"kind": kind, "text": "/x", "caption": "x", "username": "ann"})
    content = base64.b64encode(b"x").decode()
    customer.write(bot, chat, {"kind": "document", "file_name": "a.csv", "content_base64": content})
    sent = await result_of(bot, "sendMessage", chat_id=1, text="x")
    customer.tap(bot, chat, {"message_id": sent["message_id"], "data": "b"})
    customer.tap(bot, chat, {"message_id": 5, "data": "b"})
    customer.set_blocked(bot, chat, blocked=True)
    customer.set_blocked(bot, chat, blocked=False)
    updates = await result_of(bot, "getUpdates")

    assert len(updates) == 11
    assert [len(update) for update in updates] == [2] * 11
    assert least_faults(updates, ["Array of Update"], "updates") == []


def test_given_wrong_objects_when_judged_then_the_judge_notices() -> None:
    assert least_faults({"id": 1, "first_name": "x"}, ["User"], "u") == ["u.is_bot: missing"]
    assert least_faults({"id": "1", "type": "private", "x": 1}, ["Chat"], "c") == [
        "c.x: unknown",
        "c.id: not Integer",
    ]
