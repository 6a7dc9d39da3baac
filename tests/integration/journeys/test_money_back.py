"""Labels asked back in the chat, decided in the office, and seen in the chat again."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.async_api import expect

from integration.browsing import browsing
from integration.journeys.chat import Chat
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop
from shipping_bot.sandbox import OFFICE_KEY
from shipping_core.domain.order import OrderState

pytestmark = [pytest.mark.asyncio(loop_scope="session")]
PATIENCE_MS = 30_000


async def office(shop: Shop, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Ask the office's API over HTTP."""
    url = f"{shop.container.listening_on()}/api/admin{path}"
    given = {"X-API-Key": OFFICE_KEY, **{k.replace("_", "-"): v for k, v in headers.items()}}
    async with shop.http.request(method, url, json=body, headers=given) as answer:
        found = await answer.json()
        assert answer.status in {200, 201, 202}, found
        return found


@pytest.mark.browser
async def test_given_five_labels_asked_back_when_two_are_accepted_and_approved_then_the_chat_shows_it_all(
    shop: Shop,
) -> None:
    ann, bob = Chat(shop, shop.new_user()), Chat(shop, shop.new_user())
    people = [somebody() for _ in range(4)]
    for person in people[:2]:
        await ann.buys(an_order(person))
    shop.clock.advance(dt.timedelta(days=5))
    await ann.buys(an_order(people[2]))
    await bob.buys(an_order(people[3]))
    fresh, *old = await shop.orders(ann.user)
    (others,) = await shop.orders(bob.user)
    before = (await shop.balance(ann.user)).available
    named: list[str] = [order.order_id for order in (*old, fresh, others)]
    assert old[0].label is not None
    named[0] = old[0].label.tracking_number  # either number will do

    async with browsing(shop.url) as page:
        expect.set_options(timeout=PATIENCE_MS)
        await page.goto(f"/?user={ann.user}")
        message = page.get_by_role("textbox")
        await message.fill("to Rosa Diaz, 742 Harbor Dr Apt 4, Los Angeles CA 90001")
        await message.press("Enter")
        await expect(page.get_by_text("Still missing").last).to_be_visible()
        await message.fill("/refund")
        await message.press("Enter")
        await page.get_by_role("button", name="Send many").last.click()
        await expect(page.get_by_text("Which labels do you want your money back for?").last).to_be_visible()
        await message.fill(f"{named[0]}, {named[1]}\n{named[2]} {named[3]} ord_ffffff")
        await message.press("Enter")

        await expect(page.get_by_text("2 labels are asked back.").last).to_be_visible()
        await expect(page.get_by_text("Too fresh to be asked back").last).to_be_visible()
        await expect(page.get_by_text("I know no label of yours under these numbers").last).to_be_visible()
        await expect(page.get_by_text("Still missing").last).to_be_visible()

        asked = await office(shop, "GET", f"/refunds?user_id={ann.user}&state=requested&order=asc")
        ids = [refund["refund_id"] for refund in asked["items"]]
        body = {"ids": ids, "note": "With our thanks."}
        done = await office(shop, "POST", "/refunds/approve", body, Idempotency_Key=f"approve-{ids[0]}")
        again = await office(shop, "POST", "/refunds/approve", body, Idempotency_Key=f"approve-{ids[0]}")
        await shop.settled()
        gone = re.compile("for this label is back on your balance")

        await expect(page.get_by_text(gone)).to_have_count(2)
        await message.fill("/start")
        await message.press("Enter")
        await expect(page.get_by_role("button", name="Continue your order").last).to_be_visible()
        back = before + old[0].price + old[1].price
        await expect(page.get_by_text(f"${back.amount}").last).to_be_visible()

    assert [one["refund"]["state"] for one in done["outcomes"]] == ["processed"] * 2
    assert again == done
    assert (await shop.balance(ann.user)).available == back
    assert [o.state for o in await shop.orders(ann.user)] == [OrderState.PURCHASED, *[OrderState.VOIDED] * 2]
    assert [(await shop.sold_to(person))[0]["voided"] for person in people] == [True, True, False, False]
    assert await shop.books() == (0, 0)
