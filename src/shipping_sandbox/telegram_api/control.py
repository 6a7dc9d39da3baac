"""The door for people and tests: `/sandbox/telegram/...` and `/sandbox/faults/telegram`.

| call | body or query | gives |
| --- | --- | --- |
| GET /sandbox/telegram/bots | | `{"bots": [{"id", "username", "first_name", "webhook"}]}` |
| GET, POST /sandbox/telegram/settings | any of `Settings` | all settings |
| POST /sandbox/telegram/reset | | `{"ok": true}` |
| POST {bot}/users/{id}/messages | see `customer.write` | `message_id`, `update_id` |
| POST {bot}/users/{id}/taps | `message_id`, `data` | `callback_query_id`, `update_id` |
| POST {bot}/users/{id}/block, unblock | | `update_id` |
| GET {bot}/users/{id}/chat | `after_event`, `wait` (s) | see `Chat.state` |
| GET {bot}/users/{id}/files/{file_id} | | the bytes |
| POST {bot}/redeliver | `update_id` | `{"ok": true}` |
| GET {bot}/stats | | `calls`, `updates`, `waiting`, `bots`, `users` |
| GET {bot}/commands | `language_code`, `user_id` | `{"commands": [...]}` |
| GET, POST, DELETE /sandbox/faults/telegram | a fault | the faults that wait |

`{bot}` is `/sandbox/telegram/bots/{bot_id}` or `/sandbox/telegram/bots/default`, the first bot seen.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import attrs
import msgspec

from shipping_sandbox.telegram_api import customer
from shipping_sandbox.telegram_api.asgi import Receive, Scope, Send, TooLarge, answer, read_body
from shipping_sandbox.telegram_api.customer import Refused
from shipping_sandbox.telegram_api.errors import ApiError, Json
from shipping_sandbox.telegram_api.files import StoredFile
from shipping_sandbox.telegram_api.world import Bot, World

MAX_BODY = 30 * 1024 * 1024
MAX_WAIT_S = 60.0
BOTS = "/sandbox/telegram/bots"
FAULTS = "/sandbox/faults/telegram"
_encode = msgspec.json.Encoder().encode


class Control:
    """Acts for the people in the chats, and turns the emulator's screws."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one control call; troubles come as `{"error": sentence}` with a 4xx status."""
        try:
            result = await self._result(scope, receive)
        except TooLarge:
            status, result = 413, {"error": "the body is too large"}
        except Refused as refused:
            status, result = refused.status, {"error": str(refused)}
        except ApiError as refused:
            status, result = refused.code, {"error": refused.description}
        except (ValueError, TypeError, msgspec.DecodeError) as wrong:
            status, result = 400, {"error": str(wrong)}
        else:
            status = 200
        if isinstance(result, StoredFile):
            await answer(send, 200, result.data, result.headers())
        else:
            await answer(send, status, _encode(result))

    async def _result(self, scope: Scope, receive: Receive) -> Any:
        body = await read_body(receive, MAX_BODY)
        order = msgspec.json.decode(body) if body else {}
        if not isinstance(order, dict):
            raise Refused(400, "the body must be a JSON object")
        result = self._route(scope["method"], scope["path"], order, scope["query_string"])
        return await result if isinstance(result, Awaitable) else result

    def _route(self, verb: str, path: str, order: Json, query: bytes) -> Any:
        if path.startswith(BOTS + "/"):
            bot_id, _, rest = path[len(BOTS) + 1 :].partition("/")
            return self._bot_route(verb, self._bot(bot_id), rest.split("/"), order, query)
        match verb, path:
            case "GET", "/sandbox/telegram/bots":
                return {"bots": [_card(bot) for bot in self._world.bots.values()]}
            case "GET", "/sandbox/telegram/settings":
                return attrs.asdict(self._world.settings)
            case "POST", "/sandbox/telegram/settings":
                self._world.settings.change(order)
                return attrs.asdict(self._world.settings)
            case "POST", "/sandbox/telegram/reset":
                self._world.reset()
                return {"ok": True}
        return self._faults(verb, path, order)

    def _faults(self, verb: str, path: str, order: Json) -> Json:
        if path != FAULTS:
            raise Refused(404, "no such path")
        if verb == "POST":
            return attrs.asdict(self._world.faults.add(order))
        if verb == "DELETE":
            self._world.faults.waiting.clear()
        return {"faults": [attrs.asdict(fault) for fault in self._world.faults.waiting]}

    def _bot(self, bot_id: str) -> Bot:
        bots = self._world.bots
        if bot_id == "default":
            bot = next(iter(bots.values()), None)
        else:
            bot = bots.get(int(bot_id)) if bot_id.isdigit() else None
        if bot is None:
            raise Refused(404, "no such bot has connected yet")
        return bot

    def _bot_route(self, verb: str, bot: Bot, rest: list[str], order: Json, query: bytes) -> Any:
        match verb, rest:
            case _, ["users", user_id, *what] if user_id.isdigit():
                return self._user_route(verb, bot, int(user_id), what, order, query)
            case "POST", ["redeliver"]:
                if not bot.updates.repeat(int(order.get("update_id", 0))):
                    raise Refused(404, "no such update")
                return {"ok": True}
            case "GET", ["stats"]:
                return self._stats(bot)
            case "GET", ["commands"]:
                asked = dict(parse_qsl(query.decode()))
                reader = int(asked.get("user_id", 0))
                return {"commands": bot.profile.commands_for(reader, asked.get("language_code", ""))}
        raise Refused(404, "no such path")

    def _user_route(
        self, verb: str, bot: Bot, user_id: int, what: list[str], order: Json, query: bytes
    ) -> Any:
        match verb, what:
            case "POST", [action] if action in _ACTIONS:
                return _ACTIONS[action](bot, user_id, order)
            case "GET", ["chat"]:
                asked = dict(parse_qsl(query.decode()))
                wait_s = min(float(asked.get("wait", 0)), MAX_WAIT_S)
                return self._watch(bot, user_id, int(asked.get("after_event", 0)), wait_s)
            case "GET", ["files", file_id]:
                file = bot.files.get(file_id)
                if file is None:
                    raise Refused(404, "no such file")
                return file
        raise Refused(404, "no such path")

    async def _watch(self, bot: Bot, user_id: int, after_event: int, wait_s: float) -> Json:
        if not self._world.closed:
            await bot.chat(user_id).wait(after_event, wait_s)
        chat = bot.chat(user_id)
        return chat.state(after_event if after_event <= chat.event else 0)

    def _stats(self, bot: Bot) -> Json:
        return {
            "calls": dict(bot.calls),
            "updates": bot.updates.made,
            "waiting": len(bot.updates.waiting),
            "bots": len(self._world.bots),
            "users": len(bot.chats),
        }


def _card(bot: Bot) -> Json:
    return {
        "id": bot.id,
        "username": bot.user["username"],
        "first_name": bot.user["first_name"],
        "webhook": bot.webhook is not None,
    }


_ACTIONS: dict[str, Callable[[Bot, int, Json], Json]] = {
    "messages": lambda bot, user_id, order: customer.write(bot, bot.chat(user_id), order),
    "taps": lambda bot, user_id, order: customer.tap(bot, bot.chat(user_id), order),
    "block": lambda bot, user_id, _: customer.set_blocked(bot, bot.chat(user_id), blocked=True),
    "unblock": lambda bot, user_id, _: customer.set_blocked(bot, bot.chat(user_id), blocked=False),
}
