"""Both sides of an emulated chat over HTTP: the bot's calls and the person's acts."""

import asyncio
import json
from collections import deque
from typing import Any

import attrs
import httpx

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


class Receiver:
    """A webhook on a free port that answers as it is told, 200 when it was told nothing."""

    def __init__(self) -> None:
        self.deliveries: asyncio.Queue[Delivery] = asyncio.Queue()
        self.answers: deque[tuple[str, str, Json | None]] = deque()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Receiver":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        """Give the address to set as webhook."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"

    def will_answer(self, status: str, *, header: str = "", body: Json | None = None) -> None:
        """Plan the next answer."""
        self.answers.append((status, header, body))

    async def next(self) -> Delivery:
        """Give the next delivery, waiting for it."""
        return await asyncio.wait_for(self.deliveries.get(), 5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await self._head(reader):
            lines = dict(_header(line) for line in head.split("\r\n")[1:] if ": " in line)
            body = json.loads(await reader.readexactly(int(lines["content-length"])))
            secret = lines.get("x-telegram-bot-api-secret-token")
            status, header, answer = self.answers.popleft() if self.answers else ("200 OK", "", None)
            text = json.dumps(answer).encode() if answer else b""
            writer.write(f"HTTP/1.1 {status}\r\n{header}content-length: {len(text)}\r\n\r\n".encode() + text)
            await writer.drain()
            self.deliveries.put_nowait(Delivery(secret, body))
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            return ""


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.lower(), value
