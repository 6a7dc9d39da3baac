"""Our `Notifier` over a Telegram chat."""

from __future__ import annotations

import contextlib
import html
import logging
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final

from attrs import field, frozen

from adapters.telegram.messages import Delivery as Ending
from adapters.telegram.messages import Document, Message
from adapters.telegram.outlet import ChatOutlet
from adapters.telegram.qr import qr_photo
from adapters.telegram.screens import render
from adapters.telegram.texts import DEFAULT, Texts
from shipping_core.conversation.screens import (
    AskAside,
    AskField,
    Facts,
    LabelCaption,
    Menu,
    Note,
    PaymentQr,
    Purchased,
    PurchasePending,
    Review,
    Screen,
)
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Delivery
from shipping_core.domain.order import Order
from shipping_core.errors import OperatorNeeded
from shipping_core.ports.clock import IdSource
from shipping_core.ports.notifier import Notifier
from shipping_core.use_cases.raise_alert import RaiseAlert

log = logging.getLogger(__name__)

REMEMBERED: Final = 10_000
RESTING: Final = (Menu, Purchased, PurchasePending)
"""Screens on which no order is being written."""
ASKING: Final = (AskAside, AskField, Review)
"""Screens that answer a text with a question, which belongs below it."""


@frozen
class TelegramNotifier(Notifier):
    """Shows screens in private chats, where the chat's id is the user's."""

    outlet: ChatOutlet
    alert: RaiseAlert
    ids: IdSource
    _languages: OrderedDict[int, str] = field(factory=OrderedDict, init=False)
    _texted: set[int] = field(factory=set, init=False)
    _beside: set[int] = field(factory=set, init=False)
    _resting: OrderedDict[int, None] = field(factory=OrderedDict, init=False)
    """Chats whose card is not an order in progress: what is written next begins a new card below."""

    def heard_text(self, chat_id: int) -> None:
        """A question that follows a text is asked below it, as in any talk."""
        self._texted.add(chat_id)
        self.outlet.seen_text(chat_id)

    @contextlib.contextmanager
    def tapped_beside(self, chat_id: int) -> Iterator[None]:
        """A button below the card was tapped: what the card shows because of it stands below that."""
        self._beside.add(chat_id)
        try:
            yield
        finally:
            self._beside.discard(chat_id)

    async def show(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        chat_id = self._remember(user_id, facts)
        message = render(screen, facts, note)
        beside, below = chat_id in self._beside, chat_id in self._texted
        self._beside.discard(chat_id)
        self._texted.discard(chat_id)
        rested = chat_id in self._resting
        self._resting.pop(chat_id, None)
        if isinstance(screen, RESTING):
            self._resting[chat_id] = None
            _trim(self._resting)
        if beside or (below and (rested or isinstance(screen, ASKING))):
            self.outlet.fresh_card(chat_id, message)
        else:
            self.outlet.card(chat_id, message)

    async def tell(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        chat_id = self._remember(user_id, facts)
        message = render(screen, facts, note)
        if isinstance(screen, PaymentQr):
            self.outlet.document(chat_id, qr_photo(screen.url, message))
        else:
            self.outlet.say(chat_id, message)

    async def send_label(self, user_id: UserId, order: Order, document: bytes, facts: Facts) -> None:
        self.outlet.document(self._remember(user_id, facts), _label(order, document, facts))

    async def deliver(
        self, user_id: UserId, screen: Screen, facts: Facts, document: bytes | None = None
    ) -> Delivery:
        chat_id = self._remember(user_id, facts)
        if document is not None and isinstance(screen, LabelCaption):
            ended = await self.outlet.document(chat_id, _label(screen.order, document, facts))
        else:
            ended = await self.outlet.say(chat_id, render(screen, facts))
        return _ENDINGS[ended]

    async def alarm(self, error: Exception) -> None:
        if isinstance(error, OperatorNeeded):
            reference = self._logged(error, error.subject)
            await self._tell(error.kind or AlertKind.ERROR, error.subject, str(error), reference)
            return
        operation, code = getattr(error, "operation", "the core"), getattr(error, "code", "")
        where = f"{operation} ({code})" if code else operation
        await self._report(error, where, self._logged(error, where))

    async def apologise(self, user_id: UserId, error: Exception) -> None:
        await self.fault(int(user_id), error, "the conversation")

    async def fault(self, chat_id: int, error: BaseException, where: str) -> None:
        """Log the trace, say one calm sentence, tell the administrators; the reference ties them."""
        reference = self._logged(error, where)
        t = Texts(self._languages.get(chat_id, DEFAULT))
        text = t.gettext(
            "Sorry, something went wrong on our side. What you wrote is kept; please try again in a minute. "
            "If it happens again, tell us this number: {reference}"
        )
        self.outlet.say(chat_id, Message(text.format(reference=f"<code>{html.escape(reference)}</code>")))
        await self._report(error, where, reference)

    def _logged(self, error: BaseException, where: str) -> str:
        reference = self.ids.new("err")
        log.error("fault %s in %s", reference, where, exc_info=error)
        return reference

    async def _report(self, error: BaseException, where: str, reference: str) -> None:
        """Without the error's own text: it may quote a person's data."""
        what = f"{type(error).__qualname__} in {where}"
        await self._tell(AlertKind.ERROR, what, what, reference)

    async def _tell(self, kind: AlertKind, subject: str, text: str, reference: str) -> None:
        await self.alert(kind, subject, f"{text}\nReference: {reference}")

    def _remember(self, user_id: UserId, facts: Facts) -> int:
        chat_id = int(user_id)
        self._languages[chat_id] = facts.language
        self._languages.move_to_end(chat_id)
        _trim(self._languages)
        return chat_id


def _label(order: Order, document: bytes, facts: Facts) -> Document:
    tracking = order.label.tracking_number if order.label else order.order_id
    return Document(f"label-{tracking}.pdf", document, render(LabelCaption(order), facts))


_ENDINGS: Final = {
    Ending.SENT: Delivery.ARRIVED,
    Ending.UNREACHABLE: Delivery.UNREACHABLE,
    Ending.FAILED: Delivery.FAILED,
    Ending.NOT_SENT: Delivery.NOT_SENT,
}


def _trim(table: OrderedDict[int, Any]) -> None:
    if len(table) > REMEMBERED:
        table.popitem(last=False)
