"""Somebody with a phone: writes, taps what is on the screen, reads, opens files."""

from __future__ import annotations

import io
import re
from typing import Any, Protocol

import aiohttp
import pypdf
from attrs import define, field, frozen

BOT = "/sandbox/telegram/bots/default"


class Place(Protocol):
    """A sandbox with a bot, wherever that runs."""

    @property
    def url(self) -> str:
        """Where the sandbox listens."""

    @property
    def http(self) -> aiohttp.ClientSession:
        """The customers' connections."""

    async def get(self, path: str) -> dict[str, Any]:
        """A JSON answer of the sandbox."""

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Act in a chat."""

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do."""


@frozen
class Message:
    """One message of the bot as it stands now; `buttons` are pairs of text and data, or address."""

    message_id: int
    text: str
    buttons: tuple[tuple[str, str], ...]
    file_id: str = ""
    file_name: str = ""
    photo: bool = False


@define
class Chat:
    """One customer's chat; every act waits until the bot has nothing left to do for anybody."""

    shop: Place
    user: int
    language: str = "en"
    operations: int = 0
    messages: list[Message] = field(factory=list)
    """What the bot has said, the latest change last."""

    @property
    def card(self) -> Message:
        """The message that changed last, files and pictures apart."""
        return [m for m in self.messages if not m.file_id and not m.photo][-1]

    @property
    def text(self) -> str:
        """What the card says."""
        return self.card.text

    @property
    def pay_page(self) -> str:
        """The address of the newest payment page."""
        return self.button("Open the payment page")[1]

    @property
    def track_id(self) -> str:
        """The gateway's number of the newest payment page."""
        return self.pay_page.rpartition("/")[2]

    def said(self, words: str) -> bool:
        """Whether any message of the bot says this."""
        return any(words in message.text for message in self.messages)

    @property
    def labels(self) -> list[Message]:
        """The files in the chat."""
        return sorted((m for m in self.messages if m.file_id), key=lambda m: m.message_id)

    def button(self, label: str) -> tuple[int, str]:
        """The message and the data of the newest button that says `label`."""
        for message in reversed(self.messages):
            for text, data in message.buttons:
                if label in text:
                    return message.message_id, data
        raise AssertionError(f"no button says {label!r}; the card: {self.card}")

    def offers(self, label: str) -> bool:
        """Whether the card has a button that says this."""
        return any(label in text for text, _ in self.card.buttons)

    async def writes(self, text: str) -> Chat:
        """Send a text."""
        return await self.sends(text=text)

    async def sends(self, **content: Any) -> Chat:
        """Send a message of any kind."""
        await self.post("messages", {"language_code": self.language, **content})
        return await self.looks()

    async def taps(self, label: str) -> Chat:
        """Tap the newest button that says `label`."""
        return await self.presses(*self.button(label))

    async def presses(self, message_id: int, data: str) -> Chat:
        """Send a button's data, old or forged."""
        await self.post("taps", {"message_id": message_id, "data": data, "language_code": self.language})
        return await self.looks()

    async def post(self, act: str, body: dict[str, Any]) -> dict[str, Any]:
        """Act without waiting for an answer."""
        self.operations += 1
        return await self.shop.post(f"{BOT}/users/{self.user}/{act}", body)

    async def looks(self) -> Chat:
        """Wait until all is quiet, and read the chat."""
        await self.shop.settled()
        return await self.glances()

    async def glances(self) -> Chat:
        """Read the chat as it stands."""
        state = await self.shop.get(f"{BOT}/users/{self.user}/chat")
        self.messages = [_message(m) for m in state["messages"] if m["from"]["is_bot"]]
        return self

    async def opens(self, number: int = -1) -> str:
        """The words of a label, in one line and without their case."""
        return words(await self.fetches(self.labels[number]))

    async def fetches(self, message: Message) -> bytes:
        """A file's bytes."""
        url = f"{self.shop.url}{BOT}/users/{self.user}/files/{message.file_id}"
        async with self.shop.http.get(url) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def chooses(self, price: str = "cheapest") -> Chat:
        """Tap a price; the Buy button comes."""
        return await self.taps(price)

    async def buys(self, order: str, price: str = "cheapest") -> Chat:
        """Paste, tap a price, tap Buy."""
        return await (await (await self.writes(order)).chooses(price)).taps("Buy for")


def words(pdf: bytes) -> str:
    """What a PDF says, in one line and without its case."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages)).casefold()


def _message(raw: dict[str, Any]) -> Message:
    keyboard = raw.get("reply_markup", {}).get("inline_keyboard", [])
    file = raw.get("document", {})
    return Message(
        raw["message_id"],
        raw.get("text") or raw.get("caption") or "",
        tuple((key["text"], key.get("callback_data") or key["url"]) for row in keyboard for key in row),
        file.get("file_id", ""),
        file.get("file_name", ""),
        "photo" in raw,
    )
