"""The chat page in a real browser."""

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
import segno
from playwright.async_api import Page, expect

from integration.browsing import browsing
from integration.sandbox_telegram.client import BotSide

pytestmark = pytest.mark.browser

NASTY = '<img src=x onerror="document.title=1"> & <b>not bold</b>'


@pytest.fixture
async def page(bot: BotSide) -> AsyncIterator[Page]:
    async with browsing(str(bot.http.base_url)) as page:
        yield page


async def a_tap(bot: BotSide) -> dict[str, Any]:
    """The newest update, once it is a tap: the page sends it after the click, not with it."""
    for _ in range(100):
        newest = await bot.updates(offset=-1, timeout=5)
        if newest and "callback_query" in newest[-1]:
            return newest[-1]
        await asyncio.sleep(0.05)
    raise AssertionError("nobody tapped")


async def test_given_a_person_at_the_page_when_ordering_then_the_chat_lives(bot: BotSide, page: Page) -> None:
    ann = bot.person(1001)
    await bot.call("setMyCommands", commands=[{"command": "start", "description": "Main menu"}])
    await page.goto(f"/?bot={bot.token.partition(':')[0]}")
    await page.get_by_role("button", name="Start", exact=True).click()
    await ann.sees(wait=5)
    keyboard = {"inline_keyboard": [[{"text": "Buy for $7.42", "callback_data": "buy"}]]}
    text = "<b>Card</b> &lt;i&gt;"
    card = await bot.call("sendMessage", chat_id=1001, text=text, parse_mode="HTML", reply_markup=keyboard)
    await page.get_by_role("button", name="Buy for $7.42").click()
    tapped = await a_tap(bot)
    answer = {"callback_query_id": tapped["callback_query"]["id"], "text": "Bought"}
    await bot.call("answerCallbackQuery", **answer)
    target = {"chat_id": 1001, "message_id": card["message_id"]}
    await bot.call("editMessageText", **target, text="Here is your label")

    await expect(page.locator(".toast")).to_have_text("Bought")
    await expect(page.locator(".message:not(.own)")).to_have_count(1)
    await expect(page.locator(".message:not(.own) .text")).to_have_text("Here is your label")
    await expect(page.get_by_role("button", name="Buy for $7.42")).to_have_count(0)
    await page.get_by_role("button", name="Commands").click()
    await expect(page.get_by_text("Main menu")).to_be_visible()


async def test_given_markup_in_a_text_when_shown_then_it_is_only_text(bot: BotSide, page: Page) -> None:
    await page.goto(f"/?bot={bot.token.partition(':')[0]}")
    field = page.get_by_role("textbox", name="Message")
    await field.fill("one")
    await field.press("Shift+Enter")
    await field.press_sequentially(NASTY)
    await field.press("Enter")
    shown = page.locator(".message.own .text")

    await expect(shown).to_have_text(f"one\n{NASTY}")
    await expect(page.locator(".messages img, .messages b")).to_have_count(0)
    await expect(field).to_have_value("")


async def test_given_two_people_and_an_alert_when_shown_then_each_has_his_own(
    bot: BotSide, page: Page
) -> None:
    await page.goto(f"/?bot={bot.token.partition(':')[0]}&user=1001&user=1002")
    second = page.get_by_role("region", name="Chat of Ben")
    await second.get_by_role("button", name="Start", exact=True).click()
    await bot.person(1002).sees(wait=5)
    keyboard = {"inline_keyboard": [[{"text": "Press", "callback_data": "p"}]]}
    await bot.call("sendMessage", chat_id=1002, text="x", reply_markup=keyboard)
    await second.get_by_role("button", name="Press").click()
    update = await a_tap(bot)
    query_id = update["callback_query"]["id"]
    await bot.call("answerCallbackQuery", callback_query_id=query_id, text="Too late", show_alert=True)

    await expect(page.get_by_role("dialog")).to_contain_text("Too late")
    await page.get_by_role("button", name="OK").press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("region", name="Chat of Ann").locator(".message")).to_have_count(0)


async def test_given_a_picture_to_pay_from_when_sent_then_it_shows_with_caption_and_a_link_to_the_page(
    bot: BotSide, page: Page
) -> None:
    await page.goto(f"/?bot={bot.token.partition(':')[0]}")
    await page.get_by_role("button", name="Start", exact=True).click()
    await bot.person(1001).sees(wait=5)
    link = f"{bot.http.base_url}pay/1"
    rows = [
        [{"text": "Open the pay page", "url": link}],
        [{"text": "I have paid", "callback_data": "paid:1"}],
    ]
    picture = BytesIO()
    segno.make("T0sandbox", micro=False).save(picture, kind="png", scale=8)
    sent = await bot.http.post(
        f"/bot{bot.token}/sendPhoto",
        data={
            "chat_id": "1001",
            "caption": "Send <b>25 USDT</b>",
            "parse_mode": "HTML",
            "reply_markup": json.dumps({"inline_keyboard": rows}),
        },
        files={"photo": ("qr.png", picture.getvalue(), "image/png")},
    )
    message = page.locator(".message:not(.own)")

    assert sent.status_code == 200, sent.text
    await expect(message.locator("strong")).to_have_text("25 USDT")
    shown = await message.locator("img.photo").evaluate("async (i) => (await i.decode(), i.naturalWidth)")
    assert shown == 8 * (21 + 8)
    opener = message.get_by_role("link", name="Open the pay page")
    await expect(opener).to_have_attribute("href", link)
    await expect(opener).to_have_attribute("target", "_blank")
    await message.get_by_role("button", name="I have paid").click()
    update = await a_tap(bot)
    assert update["callback_query"]["data"] == "paid:1"
