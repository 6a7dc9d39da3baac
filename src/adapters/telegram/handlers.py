"""Update -> use case. Every update is guarded: whatever breaks, the customer hears one calm sentence."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from attrs import field, frozen
from telegram import CallbackQuery, Chat, ChatMember, Message, Update

from adapters.telegram import buttons
from adapters.telegram.counters import Counter
from adapters.telegram.notifier import TelegramNotifier
from adapters.telegram.outlet import ChatOutlet
from adapters.telegram.outlet import Message as Outgoing
from adapters.telegram.texts import Texts, spoken
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import UserId
from shipping_core.errors import GatewayError, NotFound, StoreUnavailable
from shipping_core.use_cases.converse import Converse, Input
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.quick_quote import QuickQuote
from shipping_core.use_cases.send_label import SendLabel
from shipping_core.use_cases.show_orders import ShowOrders

STEPS: Final[dict[str, ev.Customer]] = {
    "start": ev.Started(),
    "new": ev.NewOrder(),
    "cancel": ev.CancelAsked(),
}
"""Commands that are steps of the conversation."""

BESIDE: Final = (buttons.AboutOrder, buttons.OrdersPage, buttons.AtCounter)
"""Buttons below messages that are not the card."""
KINDS: Final = (
    "sticker", "photo", "voice", "video", "video_note", "audio", "document", "animation", "contact",
    "location", "poll", "dice",
)  # fmt: skip


@frozen
class Desk:
    """The use cases a chat can reach."""

    converse: Converse
    orders: ShowOrders
    send_label: SendLabel
    quick_quote: QuickQuote
    facts: GatherFacts


@frozen
class Handlers:
    """Handles one update; when `handle` returns, its effect is stored."""

    desk: Desk
    outlet: ChatOutlet
    notifier: TelegramNotifier
    default_language: str = "en"
    counters: Mapping[str, Counter] = field(factory=dict)
    """By name; each is a command as well."""
    _pages: dict[str, Callable[[UserId, str], Awaitable[None]]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        pages: dict[str, Callable[[UserId, str], Awaitable[None]]] = {
            "orders": lambda user, _: self.desk.orders.page(user),
            "quote": self.desk.quick_quote,
            "language": lambda user, _: self._tell(user, sc.Languages()),
            "help": lambda user, _: self._tell(user, sc.Help()),
        }
        object.__setattr__(self, "_pages", pages)

    async def handle(self, update: Update) -> None:
        """Never raises for anything a customer can send.

        Raises:
            StoreUnavailable: its effect is not stored; the update must come again.
        """
        query = update.callback_query
        if query is not None:
            await self.outlet.answer(query.id)
        # A button under a message that Telegram no longer shows us has no chat; its owner has one with us.
        chat = update.effective_chat or (Chat(query.from_user.id, Chat.PRIVATE) if query else None)
        if chat is None:
            return
        try:
            await self._handle(update, chat)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost guard of the chat
            await self.notifier.fault(chat.id, error, "an update")

    def flooded(self, update: Update) -> None:
        """Somebody sends faster than we can answer."""
        if update.effective_chat is not None:
            t = Texts(self._language(update))
            text = t.gettext("That was a lot at once. I left the last messages out; please send them again.")
            self.outlet.say(update.effective_chat.id, Outgoing(text))

    async def _handle(self, update: Update, chat: Chat) -> None:
        if update.my_chat_member is not None:
            self.outlet.forget_card(chat.id)
            if update.my_chat_member.new_chat_member.status == ChatMember.MEMBER:
                await self.desk.converse.back(UserId(str(chat.id)))
            return
        if chat.type != Chat.PRIVATE:
            if update.message is not None and (update.message.text or "").startswith("/"):
                t = Texts(self._language(update))
                self.outlet.say(chat.id, Outgoing(t.gettext("Please write to me in a private chat.")))
            return
        user_id = UserId(str(chat.id))
        who = update.effective_user
        name, username = (who.full_name, who.username or "") if who else ("", "")
        source = Input(update.update_id, self._language(update), name, username)
        if update.callback_query is not None:
            await self._tapped(user_id, update.callback_query, source)
        elif update.edited_message is not None:
            self.notifier.heard_text(chat.id)
            await self.desk.converse.do(user_id, ev.NotText("edited"), source)
        elif update.message is not None:
            await self._written(user_id, update.message, source)

    async def _written(self, user_id: UserId, message: Message, source: Input) -> None:
        text = message.text
        if text is None:
            self.notifier.heard_text(message.chat_id)
            kind = next((k for k in KINDS if getattr(message, k, None)), "other")
            await self.desk.converse.do(user_id, ev.NotText(kind), source)
        elif text.startswith("/"):
            await self._commanded(user_id, text, source)
        else:
            self.notifier.heard_text(message.chat_id)
            await self.desk.converse.say(user_id, text, source)

    async def _commanded(self, user_id: UserId, text: str, source: Input) -> None:
        word, _, rest = text[1:].partition(" ")
        command = word.partition("@")[0].lower()
        if command in STEPS:
            self.outlet.forget_card(int(user_id))
            await self.desk.converse.do(user_id, STEPS[command], source)
            return
        await self.desk.converse.meet(user_id, source)
        if command in self.counters:
            await self.counters[command].pressed(user_id, "open", rest, source)
            return
        await self._pages.get(command, self._pages["help"])(user_id, rest)

    async def _tapped(self, user_id: UserId, query: CallbackQuery, source: Input) -> None:
        press = buttons.read(query.data or "")
        chat_id, message_id = int(user_id), query.message.message_id if query.message else 0
        beside = isinstance(press, BESIDE) and not self.outlet.is_card(chat_id, message_id)
        if message_id and not isinstance(press, BESIDE):
            self.outlet.seen_tap(chat_id, message_id)
        try:
            with self.notifier.tapped_beside(chat_id) if beside else contextlib.nullcontext():
                await self._pressed(user_id, press, source)
        except NotFound:
            await self._tell(user_id, sc.Remark(), sc.Note("stale"))
        except GatewayError:
            await self._tell(user_id, sc.Remark(), sc.Note("unavailable"))

    async def _pressed(self, user_id: UserId, press: buttons.Press, source: Input) -> None:
        converse = self.desk.converse
        match press:
            case buttons.Step(event, version):
                await converse.tap(user_id, event, version, source)
            case buttons.Offered(text, version):
                await converse.pick(user_id, text, version, source)
            case buttons.OrdersPage(number):
                await self.desk.orders.page(user_id, number)
            case buttons.AboutOrder(action, order_id):
                if action == "repeat":
                    await converse.repeat(user_id, order_id, source)
                elif order_id is None:
                    raise NotFound("order", "")
                elif action == "label":
                    await self.desk.send_label(user_id, order_id)
                elif action == "track":
                    await self.desk.orders.track(user_id, order_id)
                else:
                    await self.desk.orders.details(user_id, order_id)
            case buttons.AtCounter(name, action, subject):
                counter = self.counters.get(name)
                if counter is None:
                    raise NotFound("counter", name)
                await counter.pressed(user_id, action, subject, source)
            case buttons.Unreadable():
                await converse.tap(user_id, ev.Started(), version=-1, source=source)

    async def _tell(self, user_id: UserId, screen: sc.Screen, note: sc.Note | None = None) -> None:
        await self.notifier.tell(user_id, screen, await self.desk.facts(user_id, screen), note)

    def _language(self, update: Update) -> str:
        user = update.effective_user
        return spoken(user.language_code if user else None, self.default_language)
