"""Screens reach the chat as a card, as messages of their own, or under a document."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from adapters.memory.alerts import MemoryAlerts
from adapters.memory.clock import MemoryClock, MemoryIds
from adapters.memory.database import Database
from adapters.telegram.alerts import AdminAlerts
from adapters.telegram.notifier import REMEMBERED, TelegramNotifier
from adapters.telegram.outlet import ChatOutlet, Limits
from builders import NOW, a_draft, a_label, an_order
from shipping_core.conversation import screens as sc
from shipping_core.domain.alert import AlertKind
from shipping_core.domain.draft import Field
from shipping_core.domain.ids import Mode, UserId
from shipping_core.errors import GatewayRefused, OperatorNeeded
from shipping_core.use_cases.raise_alert import RaiseAlert

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats

ANN, ADMIN = 1001, 9001
USER = UserId(str(ANN))
FACTS = sc.Facts(3, "en", NOW, Mode.TEST)
QUESTION = sc.AskField(Field.TO_CITY, 11, 18)
ORDER = an_order("ord_1", label=a_label(tracking_number="ZZ000000000042"))


@pytest.fixture
def outlet(chats: FakeChats) -> ChatOutlet:
    return ChatOutlet(chats, limits=Limits(chat=None, overall=None))


@pytest.fixture
def notifier(outlet: ChatOutlet) -> TelegramNotifier:
    alert = RaiseAlert(MemoryAlerts(Database()), AdminAlerts(outlet, (ADMIN,)), MemoryClock())
    return TelegramNotifier(outlet, alert, MemoryIds())


async def test_given_a_card_when_another_screen_is_shown_then_it_is_edited_in_place(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier
) -> None:
    for screen in (sc.Menu(has_draft=False), sc.Review(a_draft(), ())):
        await notifier.show(USER, screen, FACTS)
        await outlet.drain(60)

    assert chats.methods() == ["sendMessage", "editMessageText"]


@pytest.mark.parametrize(
    ("screen", "method"),
    [
        (QUESTION, "sendMessage"),
        (sc.Review(a_draft(), ()), "sendMessage"),
        (sc.OrderCard(a_draft(), (), ()), "editMessageText"),
    ],
    ids=["question", "review", "card"],
)
async def test_given_a_text_when_answered_then_only_a_question_is_asked_below_it(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier, screen: sc.Screen, method: str
) -> None:
    await notifier.show(USER, QUESTION, FACTS)
    await outlet.drain(60)
    notifier.heard_text(ANN)
    await notifier.show(USER, screen, FACTS, sc.Note("busy"))
    await outlet.drain(60)

    assert chats.methods() == ["sendMessage", method]


async def test_given_a_tap_after_a_text_was_answered_when_shown_then_the_question_is_edited(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier
) -> None:
    notifier.heard_text(ANN)
    for note in (None, sc.Note("busy")):
        await notifier.show(USER, QUESTION, FACTS, note)
        await outlet.drain(60)

    assert chats.methods() == ["sendMessage", "editMessageText"]


@pytest.mark.parametrize(
    "before",
    [sc.Menu(has_draft=False), sc.Purchased(ORDER.order_id), sc.PurchasePending(ORDER.order_id)],
    ids=lambda screen: type(screen).__name__,
)
async def test_given_no_order_in_progress_when_a_text_comes_then_a_new_card_begins_below_it(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier, before: sc.Screen
) -> None:
    await notifier.show(USER, before, FACTS)
    await outlet.drain(60)
    for _ in range(2):
        notifier.heard_text(ANN)
        await notifier.show(USER, sc.OrderCard(a_draft(), (), ()), FACTS)
        await outlet.drain(60)

    assert chats.methods() == ["sendMessage", "sendMessage"]


async def test_given_a_page_beside_the_order_when_told_then_the_card_goes_on_above_it(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier
) -> None:
    await notifier.show(USER, sc.Review(a_draft(), ()), FACTS)
    await notifier.tell(USER, sc.Help(), FACTS)
    await outlet.drain(60)
    await notifier.show(USER, sc.ConfirmCancel(a_draft()), FACTS)
    await outlet.drain(60)
    card, page = chats.texts.values()

    assert "Cancel this order?" in card
    assert "How it works" in page


async def test_given_a_label_when_sent_then_the_file_is_named_after_its_tracking_number(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier
) -> None:
    await notifier.send_label(USER, ORDER, b"%PDF-1.4", FACTS)
    await outlet.drain(60)
    method, sent = chats.sent[0]

    assert method == "sendDocument"
    assert sent["document"].filename == "label-ZZ000000000042.pdf"
    assert sent["document"].content == b"%PDF-1.4"
    assert "ZZ000000000042" in sent["caption"]


@pytest.mark.parametrize(
    ("language", "sorry"), [("en", "Sorry, something went wrong"), ("ru", "Извините, у нас что-то")]
)
async def test_given_a_fault_when_apologised_then_customer_admin_and_log_name_one_reference(
    chats: FakeChats,
    outlet: ChatOutlet,
    notifier: TelegramNotifier,
    caplog: pytest.LogCaptureFixture,
    language: str,
    sorry: str,
) -> None:
    await notifier.show(USER, sc.Menu(has_draft=False), evolve(FACTS, language=language))
    with caplog.at_level(logging.ERROR):
        await notifier.apologise(USER, RuntimeError("Jane Doe, 555-0134"))
    await outlet.drain(60)
    said = {params["chat_id"]: params["text"] for _, params in chats.sent}

    assert said[ANN].startswith(sorry)
    assert "<code>err_1</code>" in said[ANN]
    assert "err_1" in said[ADMIN]
    assert "RuntimeError" in said[ADMIN]
    assert not any("Jane" in text for text in said.values())
    (record,) = [r for r in caplog.records if "err_1" in r.getMessage()]
    assert record.exc_info is not None
    assert record.exc_info[0] is RuntimeError


async def test_given_more_people_than_are_remembered_when_shown_then_the_oldest_is_spoken_to_in_english(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier
) -> None:
    russian = evolve(FACTS, language="ru")
    for chat_id in range(1, REMEMBERED + 2):
        notifier._remember(UserId(str(chat_id)), russian)
    for chat_id in (1, 2):
        await notifier.fault(chat_id, RuntimeError(), "a test")
    await outlet.drain(60)
    said = {params["chat_id"]: params["text"] for _, params in chats.sent}

    assert said[1].startswith("Sorry")
    assert said[2].startswith("Извините")


async def test_given_trouble_that_operators_mend_when_alarmed_then_they_read_what_and_where(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier
) -> None:
    await notifier.alarm(GatewayRefused("rates", "the key of Jane Doe", code="unauthorized"))
    await outlet.drain(60)
    (told,) = chats.texts.values()

    assert "GatewayRefused" in told
    assert "rates (unauthorized)" in told
    assert "Jane Doe" not in told


async def test_given_a_parked_order_when_alarmed_then_operators_read_our_words_under_its_own_title(
    chats: FakeChats, outlet: ChatOutlet, notifier: TelegramNotifier
) -> None:
    for reason in ("in doubt", "still in doubt"):
        await notifier.alarm(
            OperatorNeeded(f"ord_1 is parked: {reason}", AlertKind.ORDER_PARKED, "order:ord_1")
        )
    await outlet.drain(60)

    assert list(chats.texts.values()) == [
        "⚠️ <b>Order parked</b>\nord_1 is parked: in doubt\nReference: err_1"
    ]
