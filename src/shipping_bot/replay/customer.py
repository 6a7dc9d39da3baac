"""A customer made of HTTP: types, taps and reads through the emulated Telegram, and knows nothing else."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from attrs import define, field

from shipping_bot.replay.people import Plan

PATIENCE_S = 90.0
"""How long a customer waits for one answer."""


class Lost(Exception):
    """The answer this customer waited for did not come; the text says which."""


@define
class Customer:
    """One user's view of the chat."""

    http: aiohttp.ClientSession
    base: str
    plan: Plan
    steps_s: list[float] = field(factory=list)
    pdfs: list[bytes] = field(factory=list)
    messages: dict[int, dict[str, Any]] = field(factory=dict)
    _event: int = 0

    @property
    def _url(self) -> str:
        return f"{self.base}/users/{self.plan.user}"

    async def write(self, text: str, until: Callable[[dict[str, Any]], Any]) -> Any:
        """Send a message and wait for an answer that `until` accepts; its result."""
        return await self._step("messages", {"text": text, "language_code": "en"}, until)

    async def tap(self, button: tuple[int, str], until: Callable[[dict[str, Any]], Any]) -> Any:
        """Tap a button, given as message and data, and wait for the answer."""
        message_id, data = button
        return await self._step("taps", {"message_id": message_id, "data": data}, until)

    async def fetch(self, file_id: str) -> bytes:
        """Open a file that the bot sent."""
        async with self.http.get(f"{self._url}/files/{file_id}") as answer:
            answer.raise_for_status()
            return await answer.read()

    async def _step(self, path: str, body: dict[str, Any], until: Callable[[dict[str, Any]], Any]) -> Any:
        begun = time.perf_counter()
        async with self.http.post(f"{self._url}/{path}", json=body) as answer:
            if answer.status >= 300:
                raise Lost(f"{path}: HTTP {answer.status}")
        found = await self._wait(until, begun)
        self.steps_s.append(time.perf_counter() - begun)
        return found

    async def _wait(self, until: Callable[[dict[str, Any]], Any], begun: float) -> Any:
        while (left := PATIENCE_S - (time.perf_counter() - begun)) > 0:
            query = {"after_event": str(self._event), "wait": f"{min(left, 20):.1f}"}
            async with self.http.get(f"{self._url}/chat", params=query) as answer:
                state = json.loads(await answer.read())
            self._event = state["event"]
            for message in state["messages"]:
                self.messages[message["message_id"]] = message
                if message.get("from", {}).get("is_bot") and (found := until(message)):
                    return found
        raise Lost("no answer in time")


def button(pattern: str, older_than: int = -1) -> Callable[[dict[str, Any]], tuple[int, str] | None]:
    """Accepts a message with a button whose data matches; a group in the pattern must exceed `older_than`."""
    compiled = re.compile(pattern)

    def find(message: dict[str, Any]) -> tuple[int, str] | None:
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for key in row:
                match = compiled.fullmatch(key.get("callback_data", ""))
                if match and (not match.groups() or int(match.group(1)) > older_than):
                    return message["message_id"], key["callback_data"]
        return None

    return find


def document(message: dict[str, Any]) -> str | None:
    """Accepts a message with a file; the file's id."""
    file_id = message.get("document", {}).get("file_id")
    return str(file_id) if file_id else None


QUESTION = r"e:(\d+):back"
REVIEW = r"e:\d+:price"
RATE = r"e:\d+:rate:.+"
BUY = r"b:.+"


def _version(found: tuple[int, str]) -> int:
    return int(found[1].split(":")[1])


async def buy_by_steps(customer: Customer, think_s: float) -> None:
    """The 23 operations of the old load test: /start, new order, 18 fields, confirm, rate, pay."""
    way = await customer.write("/start", button(r"m:steps"))
    await asyncio.sleep(think_s)
    asked = await customer.tap(way, button(QUESTION))
    *answers, last = customer.plan.answers()
    for answer in answers:
        await asyncio.sleep(think_s)
        asked = await customer.write(answer, button(QUESTION, older_than=_version(asked)))
    await asyncio.sleep(think_s)
    review = await customer.write(last, button(REVIEW))
    await asyncio.sleep(think_s)
    await _choose_and_pay(customer, await customer.tap(review, button(RATE)), think_s)


async def buy_by_pasting(customer: Customer, think_s: float) -> None:
    """The 3 operations: paste everything, tap a price, tap Buy."""
    await _choose_and_pay(customer, await customer.write(customer.plan.pasted(), button(RATE)), think_s)


async def _choose_and_pay(customer: Customer, rate: tuple[int, str], think_s: float) -> None:
    await asyncio.sleep(think_s)
    buy = await customer.tap(rate, button(BUY))
    await asyncio.sleep(think_s)
    file_id = await customer.tap(buy, document)
    customer.pdfs.append(await customer.fetch(file_id))


PATHS = {"steps": buy_by_steps, "paste": buy_by_pasting}
"""The ways to a label, by name."""
