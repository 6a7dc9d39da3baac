"""Both sides of an emulated chat over HTTP: the bot's calls and the person's acts."""

import json
from typing import Any

import attrs
import httpx

from integration.receiving import Web

Json = dict[str, Any]


class BotSide:
    """Calls the emulated Bot API as a bot does; `token` makes it a world of its own."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http = http
        self.token = token
        self.control = f"/sandbox/telegram/bots/{token.partition(':')[0]}"

    async def ask(self, method: str, **params: Any) -> httpx.Response:
        """Call a method with its parameters as a JSON body."""
        return await self.http.post(f"/bot{self.token}/{method}", json=params)

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method and give its result."""
        answer = await self.ask(method, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    async def refusal(self, method: str, **params: Any) -> Json:
        """Call a method that must be refused and give the answer's body."""
        answer = await self.ask(method, **params)
        body: Json = answer.json()
        assert not body["ok"]
        assert answer.status_code == body["error_code"]
        return body

    async def updates(self, **params: Any) -> list[Json]:
        """Fetch what waits."""
        found: list[Json] = await self.call("getUpdates", **params)
        return found

    async def until_polling(self) -> None:
        """Return when a `getUpdates` of this bot has arrived."""
        while True:
            stats = (await self.http.get(f"{self.control}/stats")).json()
            if "getUpdates" in stats["calls"]:
                return

    def person(self, user_id: int = 1001) -> "Person":
        """Give the acting side of a person's chat."""
        return Person(self, user_id)


class Person:
    """Acts in one chat through the sandbox's control side."""

    def __init__(self, bot: BotSide, user_id: int) -> None:
        self.bot = bot
        self.id = user_id
        self.path = f"{bot.control}/users/{user_id}"

    async def post(self, what: str, **body: Any) -> Json:
        """Do something that must work."""
        answer = await self.bot.http.post(f"{self.path}/{what}", json=body)
        assert answer.status_code == 200, answer.text
        done: Json = answer.json()
        return done

    async def says(self, text: str, **more: Any) -> Json:
        """Write a text."""
        return await self.post("messages", text=text, **more)

    async def taps(self, message_id: int, data: str) -> Json:
        """Press a button."""
        return await self.post("taps", message_id=message_id, data=data)

    async def sees(self, after_event: int = 0, wait: float = 0) -> Json:
        """Look at the chat."""
        params = {"after_event": after_event, "wait": wait}
        answer = await self.bot.http.get(f"{self.path}/chat", params=params)
        assert answer.status_code == 200, answer.text
        seen: Json = answer.json()
        return seen


@attrs.define
class Delivery:
    """One request that reached the webhook."""

    secret: str | None
    body: Json


class Receiver(Web):
    """A webhook that reads updates."""

    def will_answer(self, status: str, *, header: str = "", body: Json | None = None) -> None:
        """Plan the next answer; a body makes it a method call."""
        self.plan(status, header=header, body=json.dumps(body).encode() if body else b"")

    async def next(self) -> Delivery:
        """Give the next delivery, waiting for it."""
        arrived = await self.arrival()
        return Delivery(arrived.headers.get("x-telegram-bot-api-secret-token"), json.loads(arrived.body))
