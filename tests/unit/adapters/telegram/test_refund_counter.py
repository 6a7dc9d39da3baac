"""Refunds by buttons, by command and by answer, as a customer sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import WRITTEN, as_text, minutes
from labels_back import FIVE_DAYS
from shipping_core.domain.ids import UserId
from shipping_core.domain.refund import RefundState
from shipping_core.errors import GatewayUnavailable
from unit.adapters.telegram.test_handlers import ANN, BOB, STALE, Chat, a_shop_door

if TYPE_CHECKING:
    from unit.adapters.telegram.conftest import FakeChats


@pytest.fixture
def chat(chats: FakeChats) -> Chat:
    return a_shop_door(chats)


async def test_given_a_fresh_label_when_cancelled_by_its_own_button_then_the_money_is_back(
    chat: Chat,
) -> None:
    await chat.buys()
    (offer,) = await chat.taps(chat.button("Cancel label"))
    told = await chat.taps(chat.button("Cancel label"))

    assert "This label is fresh: you can cancel it now." in offer
    assert any("$9.12 for this label is back on your balance." in text for text in told)
    assert any("please do not use it" in text for text in told)
    assert (
        await chat.shop.balances.balance(UserId(str(ANN)), chat.shop.policy.mode)
    ).available.minor == 10000


async def test_given_an_old_label_when_asked_back_by_buttons_then_it_waits_and_may_be_taken_back(
    chat: Chat,
) -> None:
    await chat.buys()
    chat.shop.clock.advance(FIVE_DAYS)
    (desk,) = await chat.writes("/refund")
    await chat.taps(chat.button("1"))
    (asked,) = await chat.taps(chat.button("Ask my money back"))
    (mine,) = await chat.taps(chat.button("My refunds"))
    (shown,) = await chat.taps(chat.button("1"))
    (taken_back,) = await chat.taps(chat.button("Take it back"))
    (refund,) = await chat.shop.refunds.find({})

    assert "John Smith, Los Angeles CA · $9.12 · until Mon, May 5 12:00 UTC" in desk
    assert "1 label is asked back." in asked
    assert "waiting for our decision" in mine
    assert "Asked for: Sat, Apr 12 12:00 UTC" in shown
    assert "Your refund is taken back, as you wished." in taken_back
    assert refund.state is RefundState.CANCELLED


async def test_given_numbers_behind_the_command_when_sent_then_they_are_asked_for_at_once(chat: Chat) -> None:
    order_id = await chat.buys()
    (fresh,) = await chat.writes(f"/refund {order_id}, nonsense <b>")
    chat.shop.clock.advance(FIVE_DAYS)
    (asked,) = await chat.writes("/refund ZZ000000000001")

    assert f"<code>{order_id}</code> · John Smith · from Sat, Apr 12 12:00 UTC until Sun, May 4" in fresh
    assert "I know no label of yours" in fresh
    assert "<code>&lt;b&gt;</code>" in fresh
    assert "<code>zz" not in asked
    assert "1 label is asked back." in asked


async def test_given_an_order_in_progress_when_many_are_sent_aside_then_it_goes_on_afterwards(
    chat: Chat,
) -> None:
    order_id = await chat.buys()
    chat.shop.clock.advance(FIVE_DAYS)
    await chat.writes(as_text({f: v for f, v in WRITTEN.items() if f.part == "from"}))
    await chat.writes("/refund")
    asking = await chat.taps(chat.button("Send many"))
    told = await chat.writes(f"{order_id}\nZZ000000000009")

    assert any("as many as 50 at once" in text for text in (*asking, *chat.chats.texts.values()))
    assert any("1 label is asked back." in text and "ZZ000000000009" in text for text in told)
    await chat.writes(as_text({f: v for f, v in WRITTEN.items() if f.part != "from"}))
    assert "Jane Doe" in "".join(chat.chats.texts.values())
    assert chat.button("$9.12")


async def test_given_somebody_elses_label_or_a_made_up_button_when_tapped_then_it_is_stale(
    chat: Chat,
) -> None:
    order_id = await chat.buys()
    await chat.writes("/start", user_id=BOB)

    for data in (f"k:refund:about:{order_id}", f"k:refund:cancel:{order_id}"):
        assert STALE in (await chat.taps(data, user_id=BOB))[0]
    for data in ("k:refund:show:ref_nobody", "k:refund:everything:", "k:refund:drop:x"):
        assert STALE in (await chat.taps(data))[0]
    assert len(chat.shop.shipping.live_labels) == 1


@pytest.mark.parametrize("page", ["0", "7", "99999999999999", "minus"])
async def test_given_any_page_when_turned_to_then_there_is_an_answer(chat: Chat, page: str) -> None:
    await chat.buys()

    assert "Refunds" in (await chat.taps(f"k:refund:page:{page}"))[0]
    assert "My refunds" in (await chat.taps(f"k:refund:mine:{page}"))[0]


async def test_given_a_carrier_that_is_away_when_a_label_is_cancelled_then_nothing_is_lost(
    chat: Chat,
) -> None:
    order_id = await chat.buys()
    chat.shop.shipping.errors["track"] = [GatewayUnavailable("track")]
    (told,) = await chat.taps(f"k:refund:cancel:{order_id}")

    assert "The carriers are not answering at the moment." in told
    assert list(await chat.shop.refunds.find({})) == []


async def test_given_a_decision_when_made_then_the_notice_and_the_balance_come_into_the_chat(
    chat: Chat,
) -> None:
    order_id = await chat.buys()
    chat.shop.clock.advance(FIVE_DAYS)
    await chat.writes(f"/refund {order_id}")
    (refund,) = await chat.shop.refunds.find({})
    before = len(chat.chats.sent)
    await chat.shop.decide_refund.approve(refund.refund_id, actor="eve", note="Sorry <for> that.")
    await chat.settles()
    told = [str(params.get("text")) for _, params in chat.chats.sent[before:]]

    assert "Your refund is approved" in told[0]
    assert "Our note: Sorry &lt;for&gt; that." in told[0]
    assert "$9.12 for this label is back on your balance." in told[1]
    assert "Balance $100.00" in told[1]
    assert "the money is back" in (await chat.taps(chat.button("Show the refund")))[0]


async def test_given_a_label_nobody_used_when_its_last_day_comes_near_then_a_letter_leads_to_asking(
    chat: Chat,
) -> None:
    await chat.buys()
    chat.shop.clock.advance(5 * FIVE_DAYS + minutes(1))
    await chat.shop.remind_refunds()
    await chat.settles()
    told = str(chat.chats.sent[-1][1].get("text"))
    (offer,) = await chat.taps(chat.button("Ask my money back"))

    assert "If you have not used this label" in told
    assert "until Mon, May 5 12:00 UTC: after that" in told
    assert "until Mon, May 5 12:00 UTC" in offer
    assert "1 label is asked back." in (await chat.taps(chat.button("Ask my money back")))[0]
