"""What is left of an update once it is read."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.telegram.once import read_update

ANN = {"id": 42, "is_bot": False, "first_name": "Ann", "language_code": "ru"}
CHAT = {"id": 42, "type": "private", "first_name": "Ann"}
KEYBOARD = {"inline_keyboard": [[{"text": "Back", "callback_data": "e:1:back"}]]}


def a_message(**more: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1_764_000_000, "chat": CHAT, "from": ANN, **more}


def a_tap(card: dict[str, Any] | None) -> dict[str, Any]:
    query = {"id": "1", "from": ANN, "chat_instance": "9", "data": "e:1:back"}
    return {"update_id": 5, "callback_query": query if card is None else {**query, "message": card}}


def test_given_a_tap_on_a_card_when_read_then_the_tap_its_place_and_its_person_are_known() -> None:
    update = read_update(a_tap(a_message(text="A question", reply_markup=KEYBOARD)), None)

    assert update is not None
    assert update.effective_chat is not None
    assert update.effective_user is not None
    assert update.callback_query is not None
    assert update.callback_query.message is not None
    assert update.callback_query.data == "e:1:back"
    assert update.callback_query.message.message_id == 7
    assert (update.effective_chat.id, update.effective_chat.type) == (42, "private")
    assert (update.effective_user.id, update.effective_user.language_code) == (42, "ru")


@pytest.mark.parametrize(
    ("card", "message_id"),
    [
        pytest.param({"message_id": 7, "date": 0, "chat": CHAT}, 7, id="too old to be shown"),
        pytest.param(None, None, id="without a message"),
    ],
)
def test_given_a_tap_on_a_lost_card_when_read_then_it_is_a_tap_still(
    card: dict[str, Any] | None, message_id: int | None
) -> None:
    update = read_update(a_tap(card), None)

    assert update is not None
    assert update.callback_query is not None
    found = update.callback_query.message
    assert (found.message_id if found is not None else None) == message_id


@pytest.mark.parametrize("kind", ["message", "edited_message"])
def test_given_a_text_that_answers_a_card_when_read_then_the_text_is_whole(kind: str) -> None:
    card = a_message(text="A question", reply_markup=KEYBOARD)
    bold = [{"type": "bold", "offset": 0, "length": 3}]

    update = read_update(
        {"update_id": 5, kind: a_message(text="Ann", entities=bold, reply_to_message=card)}, None
    )

    assert update is not None
    assert update.effective_message is not None
    assert (update.effective_message.text, update.effective_message.message_id) == ("Ann", 7)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"callback_query": "x"}, id="a tap that is none"),
        pytest.param({"callback_query": {"message": 5}}, id="a card that is none"),
        pytest.param({"message": [1]}, id="a message that is none"),
    ],
)
def test_given_an_update_nobody_can_read_when_read_then_only_its_number_is_left(
    content: dict[str, Any],
) -> None:
    update = read_update({"update_id": 5, **content}, None)

    assert update is not None
    assert update.update_id == 5
    assert update.effective_chat is None
