"""The whole way in a real browser: write an order, be short of money, pay on the pay page, hold the label."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from integration.browsing import browsing
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]
PATIENCE_MS = 30_000


async def test_given_too_little_money_when_paid_on_the_pay_page_then_the_label_comes_into_the_chat(
    shop: Shop,
) -> None:
    recipient = somebody()
    async with browsing(shop.url) as chat:
        expect.set_options(timeout=PATIENCE_MS)
        await chat.goto(f"/?user={shop.new_user()}")
        message = chat.get_by_role("textbox")
        await message.fill(an_order(recipient, box="40 lb, 10x8x6 in"))
        await message.press("Enter")
        await chat.get_by_role("button", name="fastest").click()
        await chat.get_by_role("button", name="and buy").click()
        async with chat.context.expect_page() as opened:
            await chat.get_by_role("link", name="Open the payment page").first.click()
        page = await opened.value
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("button", name="Pay exactly").click()
        await expect(page.get_by_text("You can go back to the chat.", exact=True)).to_be_visible()

        await expect(chat.get_by_text("has arrived. Thank you!").first).to_be_visible()
        await expect(chat.get_by_role("link", name="label-")).to_be_visible()
        await expect(chat.get_by_text("Your label is ready.").first).to_be_visible()
    assert len(await shop.sold_to(recipient)) == 1
