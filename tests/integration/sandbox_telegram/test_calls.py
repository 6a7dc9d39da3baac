"""How calls are made and refused."""

import json

import httpx
import pytest

from integration.sandbox_telegram.client import BotSide


@pytest.mark.parametrize("name", ["getMe", "GETME", "getme"])
async def test_given_any_case_when_calling_then_the_method_is_found(bot: BotSide, name: str) -> None:
    me = await bot.call(name)

    assert (me["is_bot"], me["id"]) == (True, int(bot.token.partition(":")[0]))


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [("55:revoked1", 401, "Unauthorized"), ("nonsense", 404, "Not Found"), ("55:", 404, "Not Found")],
    ids=["revoked", "no colon", "no secret"],
)
async def test_given_a_bad_token_when_calling_then_it_is_refused(
    http: httpx.AsyncClient, token: str, status: int, description: str
) -> None:
    answer = await http.get(f"/bot{token}/getMe")

    assert answer.status_code == status
    assert answer.json() == {"ok": False, "error_code": status, "description": description}


async def test_given_an_unknown_method_when_calling_then_404(bot: BotSide) -> None:
    assert (await bot.refusal("sendCarrierPigeon"))["description"] == "Not Found"


async def test_given_one_message_in_four_wrappings_when_sending_then_all_read_alike(bot: BotSide) -> None:
    await bot.person().says("/start")
    keyboard = {"inline_keyboard": [[{"text": "Buy", "callback_data": "b:1"}]]}
    flat = {"chat_id": "1001", "text": "Hällo & «мир»", "reply_markup": json.dumps(keyboard)}
    url = f"/bot{bot.token}/sendMessage"
    answers = [
        await bot.http.get(url, params=flat),
        await bot.http.post(url, data=flat),
        await bot.http.post(url, json={**flat, "chat_id": 1001, "reply_markup": keyboard}),
        await bot.http.post(url, files={name: (None, value) for name, value in flat.items()}),
    ]

    results = [answer.json()["result"] for answer in answers]
    assert [(r["text"], r["reply_markup"]) for r in results] == [("Hällo & «мир»", keyboard)] * 4


async def test_given_a_body_that_is_not_json_when_calling_then_400(bot: BotSide) -> None:
    headers = {"content-type": "application/json"}
    answer = await bot.http.post(f"/bot{bot.token}/getMe", content=b"{", headers=headers)

    assert answer.status_code == 400


async def test_given_a_bot_that_logged_out_when_calling_again_then_it_is_told(bot: BotSide) -> None:
    assert await bot.call("logOut") is True

    assert (await bot.refusal("getMe"))["description"] == "Logged out"


async def test_given_commands_by_language_when_asked_for_a_person_then_his_language_wins(
    bot: BotSide,
) -> None:
    await bot.call("setMyCommands", commands=[{"command": "start", "description": "Menu"}])
    russian = [{"command": "start", "description": "Меню"}]
    await bot.call("setMyCommands", commands=russian, language_code="ru")
    seen = {
        code: (await bot.http.get(f"{bot.control}/commands", params={"language_code": code})).json()
        for code in ("ru", "de")
    }

    assert seen["ru"]["commands"] == russian
    assert seen["de"]["commands"][0]["description"] == "Menu"
    assert await bot.call("getMyCommands", language_code="ru") == russian


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([{"command": "New-Order", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "new", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": f"c{n}", "description": "x"} for n in range(101)], "BOT_COMMANDS_TOO_MUCH"),
    ],
    ids=["name", "description", "too many"],
)
async def test_given_bad_commands_when_setting_them_then_400(
    bot: BotSide, commands: list[dict[str, str]], reason: str
) -> None:
    assert (await bot.refusal("setMyCommands", commands=commands))["description"] == f"Bad Request: {reason}"
