"""Everything that goes out to chats: in order for each chat, within Telegram's limits, once where it can be.

Calls return at once. A chat's worker exists while the chat has something to send; what is left behind
is the id of its card, for an hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from attrs import define, field, frozen
from telegram.error import BadRequest, TelegramError

from adapters.telegram import html_text
from adapters.telegram.calls import BotCalls
from adapters.telegram.cards import Cards
from adapters.telegram.messages import Button, Delivery, Document, Message, Typing
from adapters.telegram.pacing import TO_EVERYBODY, TO_ONE_CHAT, Pace, Rate
from adapters.telegram.sender import Job, Patience, Sender, Unreachable

__all__ = ["Button", "ChatOutlet", "Delivery", "Document", "Limits", "Message", "Patience", "Rate"]

log = logging.getLogger(__name__)

ANSWER_LIMIT = 200
"""Characters of a callback answer: https://core.telegram.org/bots/api#answercallbackquery"""


@frozen
class Limits:
    """The pace of messages; None switches a limit off, which suits an emulator only."""

    chat: Rate | None = TO_ONE_CHAT
    overall: Rate | None = TO_EVERYBODY


@define(eq=False)
class _Line:
    jobs: deque[Job] = field(factory=deque)


class ChatOutlet:
    """Sends and edits through `calls`; `on_unreachable` hears of chats that blocked the bot.

    The futures returned tell how a message ended and may be ignored; they never hold an error.
    """

    def __init__(
        self,
        calls: BotCalls,
        *,
        limits: Limits | None = None,
        patience: Patience | None = None,
        on_unreachable: Callable[[int], None] | None = None,
        cards: Cards | None = None,
    ) -> None:
        limits = limits or Limits()
        self._calls = calls
        self._cards = Cards() if cards is None else cards
        self._sender = Sender(
            calls, self._cards, Pace(limits.chat), Pace(limits.overall), patience or Patience()
        )
        self._on_unreachable = on_unreachable
        self._lines: dict[int, _Line] = {}
        self._workers: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> int:
        """How many chats have something to send now."""
        return len(self._lines)

    def card(self, chat_id: int, message: Message) -> asyncio.Future[Delivery]:
        """Show `message` on the chat's card, editing it in place, or sending it if there is none.

        Only the newest content counts: one that waits to be sent is replaced.
        """
        line = self._lines.get(chat_id)
        if line is not None:
            waiting = next((job for job in reversed(line.jobs) if job.card), None)
            if waiting is not None:
                waiting.content = message
                return waiting.delivered
        return self._add(chat_id, message, card=True)

    def fresh_card(self, chat_id: int, message: Message) -> asyncio.Future[Delivery]:
        """Send `message` at the bottom; it becomes the card, and the old one stays as it is."""
        return self._add(chat_id, message, card=True, fresh=True)

    def say(self, chat_id: int, message: Message) -> asyncio.Future[Delivery]:
        """Send a message of its own; a long one goes out in pieces, the buttons under the last."""
        *first, last = html_text.split(message.html)
        for piece in first:
            self._add(chat_id, Message(piece))
        return self._add(chat_id, Message(last, message.buttons))

    def document(self, chat_id: int, document: Document) -> asyncio.Future[Delivery]:
        """Send a file with its caption; repeated when in doubt, so it may arrive twice."""
        return self._add(chat_id, document)

    def typing(self, chat_id: int, action: str = "typing") -> None:
        """Show a sign of life, unless one waits already; it may be lost."""
        line = self._lines.get(chat_id)
        if line is None or not any(isinstance(job.content, Typing) for job in line.jobs):
            self._add(chat_id, Typing(action))

    async def answer(self, callback_query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Stop the button's spinner, with a short text where given; a failure is logged, not raised."""
        params: dict[str, object] = {"callback_query_id": callback_query_id}
        if text:
            params |= {"text": text[:ANSWER_LIMIT], "show_alert": alert}
        try:
            await self._calls.call("answerCallbackQuery", params)
        except BadRequest as error:
            log.debug("a button press was answered too late: %s", error)
        except TelegramError as error:
            log.warning("a button press could not be answered: %s", error)

    def seen_tap(self, chat_id: int, message_id: int) -> None:
        """The message whose button was tapped is the card from now on."""
        card = self._cards.get(chat_id)
        if card is None or card.message_id != message_id:
            self._cards.put(chat_id, message_id, None)

    def is_card(self, chat_id: int, message_id: int) -> bool:
        """Whether this message is the card, as far as is known."""
        card = self._cards.get(chat_id)
        return card is not None and card.message_id == message_id

    def seen_text(self, chat_id: int) -> None:
        """The person wrote something, so one more message stands below the card."""
        if card := self._cards.get(chat_id):
            card.below += 1

    def forget_card(self, chat_id: int) -> None:
        """The next `card` is sent as a new message; the old one stays as it is."""
        self._cards.drop(chat_id)

    async def drain(self, timeout_s: float) -> int:
        """Wait until everything is sent, for at most `timeout_s`; how many messages were given up."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self._workers and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._workers, timeout=left)
        lost = sum(not isinstance(job.content, Typing) for line in self._lines.values() for job in line.jobs)
        for worker in tuple(self._workers):
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if lost:
            log.error("%d messages were not sent before the end", lost)
        return lost

    def _add(
        self, chat_id: int, content: Message | Document | Typing, *, card: bool = False, fresh: bool = False
    ) -> asyncio.Future[Delivery]:
        loop = asyncio.get_running_loop()
        job = Job(content, loop.create_future(), card, fresh)
        line = self._lines.get(chat_id)
        if line is None:
            line = self._lines[chat_id] = _Line()
            worker = loop.create_task(self._work(chat_id, line))
            self._workers.add(worker)
            worker.add_done_callback(self._worker_ended)
        line.jobs.append(job)
        return job.delivered

    async def _work(self, chat_id: int, line: _Line) -> None:
        ending = Delivery.FAILED
        try:
            while line.jobs:
                job = line.jobs[0]
                delivery = await self._sender.deliver(chat_id, job)
                line.jobs.popleft()
                job.settle(delivery)
        except Unreachable:
            ending = Delivery.UNREACHABLE
            self._cards.drop(chat_id)
            if self._on_unreachable is not None:
                self._on_unreachable(chat_id)
        finally:
            del self._lines[chat_id]
            for job in line.jobs:
                job.settle(ending)

    def _worker_ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (error := worker.exception()):
            log.error("a chat's messages were lost", exc_info=error)
