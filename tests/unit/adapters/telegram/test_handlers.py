"""Whatever Telegram brings, the customer gets one clear answer, and never an error."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, evolve, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telegram import Update

from a_shop import Shop, shop
from adapters.memory.alerts import MemoryAlerts
from adapters.memory.clock import MemoryIds
from adapters.memory.shipping import MemoryShipping
from adapters.memory.stores import MemoryDocuments
from adapters.telegram import buttons
from adapters.telegram.alerts import AdminAlerts
from adapters.telegram.handlers import KINDS, Desk, Handlers
from adapters.telegram.notifier import TelegramNotifier
from adapters.telegram.outlet import ChatOutlet, Limits
from adapters.telegram.refund_counter import RefundCounter
from builders import A_WHOLE_ORDER, WRITTEN, as_text
from carriers import ScriptedShipping
from shipping_core.domain.draft import Field
from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.shipment import Label, Tracking
from shipping_core.errors import GatewayUnavailable
from shipping_core.use_cases.asides import Asides
from shipping_core.use_cases.raise_alert import RaiseAlert

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

ANN, BOB, ADMIN = 1001, 1002, 9001
SENT_AT = 1893499200
MENU, STALE = "Shipping labels", "That button no longer works"
PICTURE = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}
FILE = {"file_id": "f", "file_unique_id": "u"}
CONTENTS: dict[str, dict[str, Any]] = {
    "sticker": {"sticker": {**PICTURE, "type": "regular", "is_animated": False, "is_video": False}},
    "photo": {"photo": [PICTURE], "caption": "the parcel"},
    "voice": {"voice": {**FILE, "duration": 3}},
    "document": {"document": FILE},
    "location": {"location": {"latitude": 37.7, "longitude": -122.4}},
    "contact": {"contact": {"phone_number": "+14155550134", "first_name": "Jane"}},
    "dice": {"dice": {"value": 3, "emoji": "🎲"}},
    "nothing-known": {},
}


class Carriers(ScriptedShipping):
    """Carriers that may fail to track a parcel, too."""

    async def track(self, label: Label, mode: Mode) -> Tracking:
        self._stumble("track")
        return await MemoryShipping.track(self, label, mode)


class NoFiles(MemoryDocuments):
    """Keeps no label, so that each is fetched from the carrier."""

    async def get(self, order_id: OrderId) -> None:
        return None


@define
class Chat:
    """The real use cases behind real handlers, and a Bot API that remembers."""

    chats: FakeChats
    shop: Shop
    outlet: ChatOutlet
    handlers: Handlers
    _numbers: itertools.count[int] = field(factory=lambda: itertools.count(1))

    async def gets(self, content: dict[str, Any]) -> list[str]:
        """One update; the texts that came of it, in the order they were sent."""
        before = len(self.chats.sent)
        await self.handlers.handle(Update.de_json({"update_id": next(self._numbers), **content}))
        await self.settles()
        sent = [params for _, params in self.chats.sent[before:]]
        return [text for p in sent if (text := p.get("text") or p.get("caption"))]

    async def settles(self) -> None:
        await self.shop.quiet()
        assert await self.outlet.drain(60) == 0

    async def writes(self, text: str, **more: Any) -> list[str]:
        return await self.gets({"message": a_message(text=text, **more)})

    async def taps(self, data: str, *, user_id: int = ANN, **more: Any) -> list[str]:
        return await self.gets({"callback_query": a_tap(data, user_id, **more)})

    async def buys(self) -> OrderId:
        """Order and pay; the order's id."""
        await self.writes(A_WHOLE_ORDER)
        await self.taps(self.button("$9.12"))
        await self.taps(self.button("Buy"))
        orders = await self.shop.orders.of_user(UserId(str(ANN)), limit=1)
        return orders[0].order_id

    def button(self, label: str) -> str:
        """The data of the newest button with this on it."""
        for _, params in reversed(self.chats.sent):
            for row in params.get("reply_markup", {}).get("inline_keyboard", []):
                for key in row:
                    if label in key["text"]:
                        return str(key["callback_data"])
        raise LookupError(label)


def a_person(user_id: int = ANN, language: str = "en") -> dict[str, Any]:
    return {"id": user_id, "is_bot": False, "first_name": "Ann", "language_code": language}


def a_chat(user_id: int = ANN, kind: str = "private") -> dict[str, Any]:
    return {"id": user_id, "type": kind}


def a_message(user_id: int = ANN, language: str = "en", **content: Any) -> dict[str, Any]:
    frame = {"message_id": 7, "date": SENT_AT, "chat": a_chat(user_id), "from": a_person(user_id, language)}
    return {**frame, **content}


def a_tap(data: str, user_id: int = ANN, **changes: Any) -> dict[str, Any]:
    card = {"message_id": 100, "date": SENT_AT, "chat": a_chat(user_id), "text": "a card"}
    return {
        "id": "tap-1",
        "from": a_person(user_id),
        "chat_instance": "1",
        "data": data,
        "message": card,
        **changes,
    }


def a_shop_door(chats: FakeChats) -> Chat:
    core = shop(shipping=Carriers())
    outlet = ChatOutlet(chats, limits=Limits(chat=None, overall=None))
    alert = RaiseAlert(MemoryAlerts(core.database), AdminAlerts(outlet, (ADMIN,)), core.clock)
    notifier = TelegramNotifier(outlet, alert, MemoryIds())
    send_label = evolve(core.send_label, notifier=notifier, documents=NoFiles(core.database))
    show_refunds = evolve(core.show_refunds, notifier=notifier)
    perform = evolve(core.converse.perform, asides=Asides({"refund": show_refunds.answered}))
    core = evolve(
        core,
        send_label=send_label,
        converse=evolve(core.converse, notifier=notifier, send_label=send_label, perform=perform),
        show_refunds=show_refunds,
        show_orders=evolve(core.show_orders, notifier=notifier),
        quick_quote=evolve(core.quick_quote, notifier=notifier),
    )
    core.letters = evolve(core.letters, notifier=notifier, send_label=send_label, converse=core.converse)
    desk = Desk(core.converse, core.show_orders, send_label, core.quick_quote, core.facts)
    counters = {"refund": RefundCounter(show_refunds)}
    return Chat(chats, core, outlet, Handlers(desk, outlet, notifier, counters=counters))


@pytest.fixture
def chat(chats: FakeChats) -> Chat:
    return a_shop_door(chats)


# What people write.


async def test_given_a_newcomer_when_they_start_then_they_see_the_menu_with_their_balance(chat: Chat) -> None:
    (menu,) = await chat.writes("/start")

    assert MENU in menu
    assert "Balance $100.00" in menu


async def test_given_a_russian_newcomer_when_they_start_then_they_are_spoken_to_in_russian(
    chat: Chat,
) -> None:
    (menu,) = await chat.writes("/start", language="ru")

    assert "Этикетки для посылок" in menu


async def test_given_a_whole_order_when_pasted_priced_and_bought_then_the_label_comes_as_a_pdf(
    chat: Chat,
) -> None:
    await chat.buys()

    assert "sendDocument" in chat.chats.methods()
    assert "Your label is ready." in "".join(chat.chats.texts.values())


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
async def test_given_anything_but_text_when_sent_then_text_is_asked_for(
    chat: Chat, content: dict[str, Any]
) -> None:
    (answer,) = await chat.gets({"message": a_message(**content)})

    assert "I can read text only." in answer


def test_given_the_kinds_we_name_when_compared_with_the_librarys_then_each_is_a_part_of_a_message() -> None:
    assert all(hasattr(Update.de_json({"update_id": 1, "message": a_message()}).message, k) for k in KINDS)


async def test_given_an_edited_message_when_seen_then_a_new_one_is_asked_for(chat: Chat) -> None:
    (answer,) = await chat.gets({"edited_message": a_message(text="changed", edit_date=SENT_AT + 5)})

    assert "send it again as a new one" in answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/help", "How it works"),
        ("/HELP@shop_bot now", "How it works"),
        ("/nonsense", "How it works"),
        ("/", "How it works"),
        ("/orders", "You have no orders yet."),
        ("/language", "Language"),
        ("/quote", "Send two ZIP codes"),
        ("/quote 1", "Send two ZIP codes"),
        ("/new", "New order"),
        ("/cancel", "There is no order to cancel."),
        ("hello <b>", "I found no address"),
    ],
)
async def test_given_a_command_or_a_text_when_sent_then_its_one_answer_comes(
    chat: Chat, text: str, answer: str
) -> None:
    said = await chat.writes(text)

    assert len(said) == 1
    assert answer in said[0]


async def test_given_two_zips_and_a_weight_when_a_quick_quote_is_asked_for_then_prices_come(
    chat: Chat,
) -> None:
    wanted = {f: WRITTEN[f] for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT)}
    (answer,) = await chat.writes("/quote " + as_text(wanted))

    assert "$" in answer
    assert "USPS Ground Advantage" in answer


@pytest.mark.parametrize("command", ["/orders", "/help", "/language", "/nonsense"])
async def test_given_a_question_for_a_field_when_a_command_comes_then_the_question_still_waits(
    chat: Chat, command: str
) -> None:
    await chat.writes("/new")
    await chat.taps(chat.button("Step by step"))
    await chat.writes(command)
    (answer,) = await chat.writes("Jane Doe")

    assert "Step 2 of 18" in answer


@pytest.mark.parametrize("command", ["/help", "/orders", "/quote", "/language"])
async def test_given_a_newcomer_who_speaks_russian_when_looking_around_then_it_is_in_russian(
    chat: Chat, command: str
) -> None:
    (answer,) = await chat.gets({"message": a_message(language="ru", text=command)})

    assert re.search("[а-я]{3}", answer)


async def test_given_a_tapped_state_when_asked_for_it_then_it_is_the_answer(chat: Chat) -> None:
    await chat.writes("/new")
    await chat.taps(chat.button("Step by step"))
    for text in ("Jane Doe", "215 Clayton St", "Apt 2", "San Francisco"):
        await chat.writes(text)
    (answer,) = await chat.taps(chat.button("CA"))

    assert "Sender's ZIP code?" in answer


# Where they write it.


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_given_a_group_when_somebody_writes_then_they_are_asked_into_a_private_chat(
    chat: Chat, kind: str
) -> None:
    (answer,) = await chat.gets({"message": a_message(text="/start", chat=a_chat(-5, kind))})

    assert answer == "Please write to me in a private chat."


@pytest.mark.parametrize(
    "content",
    [
        {"message": a_message(chat=a_chat(-5, "group"), **CONTENTS["sticker"])},
        {"message": a_message(chat=a_chat(-5, "group"), text="see you at eight")},
        {"edited_message": a_message(chat=a_chat(-5, "group"), text="changed", edit_date=SENT_AT)},
        {"channel_post": {"message_id": 7, "date": SENT_AT, "chat": a_chat(-6, "channel"), "text": "news"}},
        {"inline_query": {"id": "1", "from": a_person(), "query": "label", "offset": ""}},
        {"message_reaction": {"chat": a_chat(), "message_id": 7, "date": SENT_AT}},
        {},
    ],
    ids=["group-sticker", "group-talk", "group-edit", "channel", "inline", "reaction", "unknown-kind"],
)
async def test_given_an_update_that_is_not_for_us_when_handled_then_nothing_is_said(
    chat: Chat, content: dict[str, Any]
) -> None:
    assert await chat.gets(content) == []


@pytest.mark.parametrize("status", ["kicked", "member"])
async def test_given_somebody_who_blocks_or_unblocks_us_when_heard_then_the_next_card_is_a_new_message(
    chat: Chat, status: str
) -> None:
    await chat.writes("hello")
    member = {"user": {"id": 5, "is_bot": True, "first_name": "Bot"}, "until_date": 0}
    change = {"chat": a_chat(), "from": a_person(), "date": SENT_AT}
    change |= {
        "old_chat_member": {**member, "status": "member"},
        "new_chat_member": {**member, "status": status},
    }
    silence = await chat.gets({"my_chat_member": change})
    await chat.writes("hello")

    assert silence == []
    assert chat.chats.methods() == ["sendMessage", "sendMessage"]


# What they tap.


async def test_given_a_tap_when_handled_then_it_is_answered_before_anything_else(chat: Chat) -> None:
    await chat.writes("/start")
    before = len(chat.chats.sent)
    await chat.taps(chat.button("New order"))

    assert chat.chats.methods()[before:] == ["answerCallbackQuery", "editMessageText"]


async def test_given_a_slow_telegram_when_a_tap_is_answered_then_the_work_waits_for_it(chat: Chat) -> None:
    await chat.writes("/start")
    chat.chats.latency_s = 2.0
    handling = asyncio.create_task(
        chat.handlers.handle(Update.de_json({"update_id": 90, "callback_query": a_tap("m:new")}))
    )
    await asyncio.sleep(1.0)
    early = chat.chats.methods()[1:]
    await handling
    await chat.settles()

    assert early == ["answerCallbackQuery"]


FORGED = [
    *("", "junk", "e:1:yes", "e:0:rate:free", "e:999999999:price", "b:ord_nobody", "l:zz", "m:go", "x:0:CA"),
    *("o:show:", "o:label:", "o:track:ord_nobody", "o:repeat:", "o:repeat:ord_nobody", "😀" * 16),
]


@pytest.mark.parametrize("data", FORGED, ids=repr)
async def test_given_forged_data_when_tapped_then_it_is_one_calm_answer(chat: Chat, data: str) -> None:
    await chat.writes("/start")
    said = await chat.taps(data)

    assert len(said) == 1
    assert STALE in said[0]


@given(data=st.text(max_size=64) | st.from_regex(r"[embxop]:[\w:.-]{0,40}", fullmatch=True))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_given_any_data_at_all_when_a_stranger_taps_it_then_it_is_never_our_fault(
    chats: FakeChats, data: str
) -> None:
    said = await a_shop_door(chats).taps(data)

    assert said
    assert not any("Sorry" in text for text in said)


@pytest.mark.parametrize("action", sorted(buttons.ORDER_ACTIONS))
async def test_given_somebody_elses_order_when_asked_about_then_it_is_as_if_there_were_none(
    chat: Chat, action: str
) -> None:
    order_id = await chat.buys()
    said = await chat.taps(f"o:{action}:{order_id}", user_id=BOB)

    assert len(said) == 1
    assert STALE in said[0]
    assert "John Smith" not in said[0]


async def test_given_somebody_elses_buy_button_when_tapped_then_nothing_is_bought_or_shown(
    chat: Chat,
) -> None:
    order_id = await chat.buys()
    said = await chat.taps(f"b:{order_id}", user_id=BOB)

    assert len(said) == 1
    assert STALE in said[0]
    assert sum(chat.shop.shipping.purchases.values()) == 1


@pytest.mark.parametrize(
    ("action", "words"),
    [("show", "Order"), ("label", "Tracking:"), ("track", "Waiting for the first scan")],
)
async def test_given_ones_own_order_when_asked_about_then_it_is_shown(
    chat: Chat, action: str, words: str
) -> None:
    order_id = await chat.buys()
    said = await chat.taps(f"o:{action}:{order_id}")

    assert len(said) == 1
    assert words in said[0]


async def test_given_an_order_when_repeated_from_the_menu_then_it_is_one_tap_from_buying(chat: Chat) -> None:
    await chat.buys()
    await chat.writes("/start")
    said = await chat.taps(chat.button("Repeat last: John Smith, $9.12"))

    assert "Price held until" in said[-1]


async def test_given_many_orders_when_the_page_is_turned_then_the_older_ones_come(chat: Chat) -> None:
    for _ in range(6):
        await chat.buys()
    await chat.writes("/orders")
    (older,) = await chat.taps(chat.button("Older"))

    assert older.count("John Smith") == 1


async def test_given_a_message_too_old_to_change_when_its_button_is_tapped_then_the_answer_comes(
    chat: Chat,
) -> None:
    await chat.writes("/start")
    gone = {"message_id": 3, "date": 0, "chat": a_chat()}
    said = await chat.taps("m:new", message=gone)

    assert chat.chats.methods()[1] == "answerCallbackQuery"
    assert "New order" in said[-1]
    assert "New order" in list(chat.chats.texts.values())[-1]


@pytest.mark.parametrize("code", ["en", "ru"])
async def test_given_a_chosen_language_when_tapped_then_the_next_screen_speaks_it(
    chat: Chat, code: str
) -> None:
    await chat.writes("/start", language="ru" if code == "en" else "en")
    (menu,) = await chat.taps(f"l:{code}")

    assert ("Этикетки" in menu) is (code == "ru")


async def test_given_a_tap_without_its_message_when_handled_then_it_is_answered_and_has_its_effect(
    chat: Chat,
) -> None:
    await chat.writes("/start")
    said = await chat.taps("m:new", message=None)

    assert chat.chats.methods()[1] == "answerCallbackQuery"
    assert "New order" in said[-1]


async def test_given_a_button_in_a_group_when_tapped_then_its_spinner_stops_and_nothing_is_said(
    chat: Chat,
) -> None:
    card = {"message_id": 100, "date": SENT_AT, "chat": a_chat(-5, "group"), "text": "a card"}
    said = await chat.taps("m:new", message=card)

    assert said == []
    assert chat.chats.methods() == ["answerCallbackQuery"]


# What goes wrong.


@pytest.mark.parametrize("action", ["label", "track"])
async def test_given_carriers_that_do_not_answer_when_asked_about_an_order_then_it_says_so(
    chat: Chat, action: str
) -> None:
    order_id = await chat.buys()
    chat.shop.shipping.errors = {call: [GatewayUnavailable("a test")] for call in ("document", "track")}
    said = await chat.taps(f"o:{action}:{order_id}")

    assert len(said) == 1
    assert "not answering at the moment" in said[0]


async def test_given_a_fault_of_ours_when_handled_then_customer_admin_and_log_name_one_reference(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    order_id = await chat.buys()
    chat.shop.shipping.errors["track"] = [ZeroDivisionError("Jane Doe")]
    with caplog.at_level(logging.ERROR):
        await chat.taps(f"o:track:{order_id}")
    said = {params["chat_id"]: params["text"] for _, params in chat.chats.sent if "text" in params}

    assert said[ANN].startswith("Sorry, something went wrong on our side.")
    assert "<code>err_1</code>" in said[ANN]
    assert "ZeroDivisionError" in said[ADMIN]
    assert "err_1" in said[ADMIN]
    assert "Jane" not in said[ADMIN]
    (record,) = [r for r in caplog.records if "err_1" in r.getMessage()]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


async def test_given_a_fault_behind_the_conversation_when_it_ends_then_the_customer_hears_of_it(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    chat.shop.shipping.errors["estimate"] = [ZeroDivisionError()]
    wanted = {f: WRITTEN[f] for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT)}
    said = await chat.writes(as_text(wanted))

    assert any(text.startswith("Sorry") and "err_1" in text for text in said)
    assert "err_1" in caplog.text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "That was a lot at once."), ("ru", "Слишком много сообщений сразу.")]
)
async def test_given_a_flood_when_dropped_then_the_sender_hears_of_it(
    chat: Chat, language: str, words: str
) -> None:
    update = Update.de_json({"update_id": 1, "message": a_message(text="x", language=language)})
    chat.handlers.flooded(update)
    await chat.settles()

    assert chat.chats.said()[0].startswith(words)


async def test_given_an_update_without_a_chat_when_flooding_then_nothing_is_said(chat: Chat) -> None:
    chat.handlers.flooded(Update.de_json({"update_id": 1}))
    await chat.settles()

    assert chat.chats.sent == []
