"""One message on its way: which call it needs, and what to do with each of Telegram's answers.

The answers are matched by fragments of their text, the only way to tell them apart; the texts are
those of Telegram's own server: https://github.com/tdlib/telegram-bot-api
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any, Final

from attrs import define, frozen
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from adapters.telegram import html_text
from adapters.telegram.calls import BotCalls, retry_after_s
from adapters.telegram.cards import Card, Cards
from adapters.telegram.messages import Delivery, Document, Message, Typing, keyboard
from adapters.telegram.pacing import Pace
from adapters.telegram.request import NeverSent, Upload

log = logging.getLogger(__name__)

_UNCHANGED: Final = ("message is not modified",)
_NO_SUCH_CARD: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NO_SUCH_CHAT: Final = ("chat not found", "user not found", "peer_id_invalid")
_BROKEN_MARKUP: Final = ("can't parse entities",)


class Unreachable(Exception):
    """The chat takes no messages from us any more."""


@frozen
class Patience:
    """How often a call is repeated, and how long to pause before, in seconds, doubling each time."""

    first_s: float = 0.5
    longest_s: float = 8.0
    unsent: int = 5
    """Calls that surely never left."""
    harmless: int = 4
    """Edits and documents: twice is as good as once, or nearly."""
    text: int = 1
    """Plain messages with an unknown outcome; each repeat may show one twice."""
    floods: int = 10
    """Times Telegram may say "too fast" to one message."""


@define(eq=False)
class Job:
    """One thing to deliver; `content` may be replaced by a newer one until the job ends."""

    content: Message | Document | Typing
    delivered: asyncio.Future[Delivery]
    card: bool = False
    fresh: bool = False
    broken: Message | None = None

    def settle(self, delivery: Delivery) -> None:
        """Tell how it ended, unless nobody listens any more."""
        if not self.delivered.done():
            self.delivered.set_result(delivery)


class Sender:
    """Delivers jobs through `calls` and keeps `cards` right."""

    def __init__(self, calls: BotCalls, cards: Cards, chat: Pace, overall: Pace, patience: Patience) -> None:
        self._calls = calls
        self._cards = cards
        self._chat_pace = chat
        self._overall_pace = overall
        self._patience = patience
        self._quiet_until_s = 0.0
        """By the loop's clock: Telegram has said "too fast" to the whole bot."""

    async def deliver(self, chat_id: int, job: Job) -> Delivery:
        """Send the job's content, and any newer one that replaces it meanwhile.

        Raises:
            Unreachable: the person blocked the bot, or is gone.
        """
        tries = floods = 0
        while True:
            content = job.content
            try:
                await self._send(chat_id, job, content)
            except Forbidden as error:
                raise Unreachable from error
            except RetryAfter as error:
                floods += 1
                if floods > self._patience.floods:
                    return _give_up(error)
                until_s = asyncio.get_running_loop().time() + retry_after_s(error)
                self._quiet_until_s = max(self._quiet_until_s, until_s)
            except BadRequest as error:
                if not self._mend(chat_id, job, content, error):
                    return _give_up(error)
            except NetworkError as error:
                tries += 1
                if tries > self._repeats(chat_id, job, error):
                    return _give_up(error)
                await asyncio.sleep(self._pause_s(tries))
            except TelegramError as error:
                return _give_up(error)
            else:
                if job.content is content:
                    return Delivery.SENT
                tries = 0

    async def _send(self, chat_id: int, job: Job, content: Message | Document | Typing) -> None:
        if isinstance(content, Typing):
            await self._show_typing(chat_id, content)
            return
        await self._wait_for_turn(chat_id)
        if isinstance(content, Document):
            await self._send_document(chat_id, job, content)
        elif job.card:
            await self._show_card(chat_id, job, content)
        else:
            await self._call("sendMessage", {"chat_id": chat_id, **_text(content, job)})
            self._bury(chat_id)

    async def _show_card(self, chat_id: int, job: Job, content: Message) -> None:
        card = None if job.fresh else self._cards.get(chat_id)
        if card is not None and not card.buried:
            await self._edit(chat_id, job, content, card)
            return
        answer = await self._call("sendMessage", {"chat_id": chat_id, **_text(content, job)})
        job.fresh = False
        self._cards.put(chat_id, _message_id(answer), content)
        if card is not None:
            await self._delete(chat_id, card.message_id)

    async def _edit(self, chat_id: int, job: Job, content: Message, card: Card) -> None:
        if card.shown == content:
            return
        card.shown = None  # until the answer is here nobody knows what it shows
        params = {"chat_id": chat_id, "message_id": card.message_id, **_text(content, job)}
        try:
            await self._call("editMessageText", params)
        except BadRequest as error:
            if not _says(error, _UNCHANGED):
                raise
        card.shown = content

    async def _send_document(self, chat_id: int, job: Job, document: Document) -> None:
        params: dict[str, object] = {"chat_id": chat_id, **_caption(document.caption, job)}
        file = Upload(document.filename, document.content, document.media_type)
        method, name = ("sendPhoto", "photo") if document.photo else ("sendDocument", "document")
        await self._call(method, params, {name: file})
        self._bury(chat_id)

    async def _show_typing(self, chat_id: int, typing: Typing) -> None:
        try:
            await self._call("sendChatAction", {"chat_id": chat_id, "action": typing.action})
        except Forbidden:
            raise
        except TelegramError as error:
            log.debug("a sign of life was lost: %s", error)

    async def _delete(self, chat_id: int, message_id: int) -> None:
        try:
            await self._call("deleteMessage", {"chat_id": chat_id, "message_id": message_id})
        except TelegramError as error:
            log.debug("an old card stays: %s", error)

    def _bury(self, chat_id: int) -> None:
        if card := self._cards.get(chat_id):
            card.below += 1

    def _mend(self, chat_id: int, job: Job, content: Message | Document | Typing, error: BadRequest) -> bool:
        """Whether another try makes sense after this refusal."""
        if _says(error, _NO_SUCH_CHAT):
            raise Unreachable from error
        if _says(error, _NO_SUCH_CARD):
            self._cards.drop(chat_id)
            return True
        caption = content.caption if isinstance(content, Document) else content
        if _says(error, _BROKEN_MARKUP) and isinstance(caption, Message) and job.broken is not caption:
            log.warning("broken mark-up in a message; sent as plain text")
            job.broken = caption
            return True
        return False

    def _repeats(self, chat_id: int, job: Job, error: NetworkError) -> int:
        if isinstance(error, NeverSent):
            return self._patience.unsent
        edit = job.card and not job.fresh and self._cards.get(chat_id) is not None
        return self._patience.harmless if edit or isinstance(job.content, Document) else self._patience.text

    def _pause_s(self, tries: int) -> float:
        pause_s = min(self._patience.first_s * 2.0 ** (tries - 1), self._patience.longest_s)
        return pause_s * random.uniform(1.0, 1.5)  # noqa: S311 -- jitter, not a secret

    async def _wait_for_turn(self, chat_id: int) -> None:
        await self._wait_for_quiet()  # first, or all who wait would leave at once after it
        for pace, key in ((self._chat_pace, chat_id), (self._overall_pace, 0)):
            if (pause_s := pace.reserve(key)) > 0:
                await asyncio.sleep(pause_s)
        await self._wait_for_quiet()

    async def _wait_for_quiet(self) -> None:
        while (quiet_s := self._quiet_until_s - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110 - it may grow
            await asyncio.sleep(quiet_s)

    async def _call(
        self, method: str, params: dict[str, object], files: dict[str, Upload] | None = None
    ) -> Any:
        return await self._calls.call(method, params, files=files)


def _give_up(error: TelegramError) -> Delivery:
    log.error("a message was given up: %s", error)
    return Delivery.NOT_SENT if isinstance(error, NeverSent) else Delivery.FAILED


def _says(error: TelegramError, fragments: tuple[str, ...]) -> bool:
    text = str(error).lower()
    return any(fragment in text for fragment in fragments)


def _message_id(answer: Any) -> int:
    if not isinstance(answer, dict) or not isinstance(answer.get("message_id"), int):
        raise NetworkError("unreadable answer")
    return int(answer["message_id"])


def _text(message: Message, job: Job) -> dict[str, object]:
    params = _body("text", message, job, html_text.MESSAGE_LIMIT)
    return {**params, "link_preview_options": {"is_disabled": True}}


def _caption(message: Message, job: Job) -> dict[str, object]:
    return _body("caption", message, job, html_text.CAPTION_LIMIT) if message.html else _buttons(message)


def _body(name: str, message: Message, job: Job, limit: int) -> dict[str, object]:
    if not html_text.fits(message.html, limit):
        log.error("a %s is too long and was shortened", name)
        shortened = html_text.shorten(html_text.plain(message.html), limit)
        return {name: shortened, **_buttons(message)}
    if job.broken is message:
        return {name: html_text.plain(message.html), **_buttons(message)}
    return {name: message.html, "parse_mode": "HTML", **_buttons(message)}


def _buttons(message: Message) -> dict[str, object]:
    return {"reply_markup": keyboard(message.buttons)} if message.buttons else {}
