"""The API's page in a real browser: it needs nobody else, and what it offers works."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from integration.browsing import browsing
from integration.journeys.shop import Shop
from shipping_bot.sandbox import OFFICE_KEY

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]
PATIENCE_MS = 30_000


async def test_given_the_page_when_opened_and_a_list_is_tried_then_it_answers_and_no_other_host_is_asked(
    shop: Shop,
) -> None:
    url = shop.container.listening_on()
    asked: set[str] = set()
    async with browsing(url) as page:
        expect.set_options(timeout=PATIENCE_MS)
        page.on("request", lambda request: asked.add(request.url.split("/")[2]))
        await page.goto("/api/docs")
        await page.get_by_role("button", name="Authorize").click()
        await page.get_by_role("textbox").first.fill(OFFICE_KEY)
        await page.get_by_role("button", name="Apply credentials").click()
        await page.get_by_role("button", name="Close", exact=True).click()
        await page.get_by_text("A page of orders", exact=True).click()
        await page.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Execute").click()

        await expect(page.get_by_text('"items"').first).to_be_visible()
    assert asked == {url.removeprefix("http://")}
