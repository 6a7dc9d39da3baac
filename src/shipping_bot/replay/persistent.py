"""A customer who does not give up: looks at the chat, does what it offers, and repeats what brought nothing.

Bots that are killed lose answers. A person then looks at the chat again and does the last thing once more;
so does this one. What it sees is all it knows: the newest card, its buttons, and the files.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
from attrs import define, field, frozen
from pypdf import PdfReader

from shipping_bot.replay.customer import Lost
from shipping_bot.replay.people import Person, Plan

PATIENCE_S = 4.0
"""How long an answer is waited for before the last act is repeated; each time twice as long."""
LONGEST_PATIENCE_S = 16.0
WARY_S, GLANCE_S = 15.0, 1.5
"""After such a silence, so long, a card is believed only when nothing follows it for a glance."""
FRUITLESS = 3
"""So many waits without an answer, and the customer begins from the menu."""
LAST_STEP = 18
NOT_SOLD = "The carrier did not sell this label"
STALE = "That button no longer works"


@frozen
class Act:
    """Something a person does: a text, or a tap on a message's button."""

    path: str
    body: dict[str, Any]


def text(words: str) -> Act:
    """Write this."""
    return Act("messages", {"text": words, "language_code": "en"})


def tap(message_id: int, data: str) -> Act:
    """Tap this button."""
    return Act("taps", {"message_id": message_id, "data": data})


START = text("/start")


@define
class Card:
    """The newest message of the bot that is no file."""

    message: dict[str, Any]

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.message.get("text") or self.message.get("caption") or "")

    def keys(self) -> Iterator[dict[str, Any]]:
        """Its buttons."""
        for row in self.message.get("reply_markup", {}).get("inline_keyboard", []):
            yield from row

    def find(self, pattern: str) -> Act | None:
        """A tap on the first button whose data is like this."""
        for key in self.keys():
            if re.fullmatch(pattern, key.get("callback_data", "")):
                return tap(self.message["message_id"], key["callback_data"])
        return None

    def link(self) -> str:
        """Where its first button with an address leads."""
        return next((str(key["url"]) for key in self.keys() if key.get("url")), "")


Pays = Callable[[str], Awaitable[None]]


@define
class Wish:
    """One order that a customer wants, and how far it has come, as far as the chat tells."""

    plan: Plan
    path: str
    told: int = 0
    """The last of the 18 questions that was answered."""
    mending: str = ""
    """What to write instead of an address that stands there wrongly."""
    bought: Act | None = None
    """The tap on Buy; from then on nothing is begun anew, or it would be bought twice."""

    def next(self, card: Card) -> Act | None:
        """What the card asks for; None: wait."""
        if (buy := card.find(r"b:.+")) is not None:
            self.bought = buy
            return buy
        if (fund := card.find(r"e:\d+:fund:.+")) is not None:
            order = fund.body["data"].rpartition(":")[2]
            self.bought = tap(card.message["message_id"], f"b:{order}")
            return fund
        if NOT_SOLD in card.text or (STALE in card.text and card.find("m:new") is not None):
            self.bought = None  # the tap on Buy came to nothing, and nothing is on its way
        return self._mend(card) or self._choose(card) or self._answer(card) or self._begin(card)

    def _mend(self, card: Card) -> Act | None:
        """Somebody whose answers crossed with the bot's questions looks at both addresses before paying."""
        if self.mending:
            words, self.mending = self.mending, ""
            return text(words)
        if card.find(r"e:\d+:(price|rate:.+)") is None:
            return None
        for part, person in (("from", self.plan.sender), ("to", self.plan.recipient)):
            edit = card.find(rf"e:\d+:part:{part}")
            if edit is not None and not _stands_there(person, card.text):
                self.mending = f"{part.capitalize()} {person.one_line()}"
                return edit
        return None

    def _choose(self, card: Card) -> Act | None:
        return card.find(r"e:\d+:keep:.+") or card.find(r"e:\d+:rate:.+") or self._price(card)

    def _price(self, card: Card) -> Act | None:
        price = card.find(r"e:\d+:price")
        if price is not None and self.path == "steps" and 0 < self.told < LAST_STEP:
            self.told = LAST_STEP  # one question was never seen: what stands there may be another's answer
            return text(f"{self.plan.pounds} lb, 10x8x6 in")
        return price

    def _answer(self, card: Card) -> Act | None:
        asked = re.search(r"Step (\d+) of 18", card.text)
        if asked is None:
            return None
        number = int(asked.group(1))
        if number > self.told + 1:
            return card.find(r"e:\d+:back")  # a repeated answer was taken for the next question's
        self.told = max(self.told, number)
        return text(self.plan.answers()[number - 1])

    def _begin(self, card: Card) -> Act | None:
        if self.bought is not None or "⏳" in card.text:
            return None
        if (go_on := card.find(r"m:go")) is not None:
            return go_on
        if self.path == "steps":
            return card.find(r"m:steps") or START
        return text(self.plan.pasted())

    def again(self, last: Act, fruitless: int) -> Act | None:
        """What to do when nothing came."""
        if self.bought is not None:
            return self.bought
        if fruitless >= FRUITLESS:
            return START
        return last if fruitless == 1 else None  # more of the same would be taken for more answers


def _stands_there(person: Person, shown: str) -> bool:
    """Whether a card shows this address; a doubt of the reader's stands behind a word as (?)."""
    parts = (person.name, person.street1, person.street2, person.city, person.state, person.postal_code)
    return re.search(r"(?:\(\?\))?,? ".join(re.escape(part) for part in parts), shown) is not None


@define
class Persistent:
    """One person's chat, over HTTP alone; `pays` goes through with a payment, given the page's address."""

    http: aiohttp.ClientSession
    base: str
    user: int
    pays: Pays | None = None
    patience_s: float = PATIENCE_S
    steps_s: list[float] = field(factory=list)
    repeated: int = 0
    files: dict[str, bytes] = field(factory=dict)
    """Every file by its id."""
    messages: dict[int, dict[str, Any]] = field(factory=dict)
    """The bot's messages, the one that changed last at the end."""
    _event: int = 0
    _wary_until: float = 0.0
    _words: dict[str, str] = field(factory=dict)
    _links: set[str] = field(factory=set)

    @property
    def _url(self) -> str:
        return f"{self.base}/users/{self.user}"

    async def buy(self, plan: Plan, path: str, within_s: float) -> bytes:
        """Order this, and come back with its label, whatever happens to the bot meanwhile.

        Raises:
            Lost: it did not come in time; the text says what the chat shows instead.
        """
        wish = Wish(plan, path)
        name = plan.recipient.name.casefold()
        act: Act | None = START
        last, fruitless = START, 0
        deadline = time.monotonic() + within_s
        while (label := self._label(name)) is None:
            if time.monotonic() > deadline:
                raise Lost(f"no label for {plan.recipient.name}; the chat shows {self._shown()!r}")
            if act is not None:
                last = act
                await self._do(act)
            changed = await self._look(min(self.patience_s * 2**fruitless, LONGEST_PATIENCE_S))
            while changed and time.monotonic() < self._wary_until and await self._look(GLANCE_S):
                pass
            await self._pay()
            card = self._card()
            if changed and card is not None:
                act, fruitless = wish.next(card), 0
                continue
            fruitless += 1
            self.repeated += 1
            self._wary_until = time.monotonic() + WARY_S
            act = wish.again(last, fruitless)
        return label

    def words(self) -> list[str]:
        """What each file says, in one line and without its case."""
        return list(self._words.values())

    def _label(self, name: str) -> bytes | None:
        return next((self.files[f] for f, words in self._words.items() if name in words), None)

    def _shown(self) -> str:
        card = self._card()
        return card.text[-200:] if card is not None else ""

    def _card(self) -> Card | None:
        plain = [m for m in self.messages.values() if not m.get("document") and not m.get("photo")]
        return Card(plain[-1]) if plain else None

    async def _pay(self) -> None:
        card = self._card()
        link = card.link() if card is not None else ""
        if link and link not in self._links and self.pays is not None:
            self._links.add(link)
            await self.pays(link)

    async def _do(self, act: Act) -> None:
        async with self.http.post(f"{self._url}/{act.path}", json=act.body) as answer:
            if answer.status >= 300:
                raise Lost(f"{act.path}: HTTP {answer.status}")

    async def _look(self, patience_s: float) -> bool:
        """Wait for a change by the bot; whether there was one."""
        begun = time.monotonic()
        while (left := patience_s - (time.monotonic() - begun)) > 0:
            query = {"after_event": str(self._event), "wait": f"{left:.2f}"}
            async with self.http.get(f"{self._url}/chat", params=query) as answer:
                state = json.loads(await answer.read())
                if answer.status >= 300:
                    raise Lost(f"the chat cannot be read: {state}")
            self._event = state["event"]
            theirs = [m for m in state["messages"] if m.get("from", {}).get("is_bot")]
            for message in theirs:
                self.messages.pop(message["message_id"], None)
                if not message.get("deleted"):
                    self.messages[message["message_id"]] = message
                await self._open(message)
            if theirs:
                self.steps_s.append(time.monotonic() - begun)
                return True
        return False

    async def _open(self, message: dict[str, Any]) -> None:
        file_id = message.get("document", {}).get("file_id")
        if not file_id or file_id in self.files:
            return
        async with self.http.get(f"{self._url}/files/{file_id}") as answer:
            answer.raise_for_status()
            self.files[file_id] = await answer.read()
        self._words[file_id] = await asyncio.to_thread(words, self.files[file_id])


def words(pdf: bytes) -> str:
    """What a file says, in one line and without its case."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages)).casefold()
