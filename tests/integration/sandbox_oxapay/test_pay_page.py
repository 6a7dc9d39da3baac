"""The pay page: its forms without a script, and the whole of it in a real browser."""

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from integration.browsing import browsing
from integration.receiving import Web
from integration.sandbox_oxapay.client import Shop

NASTY = '<img src=x onerror="document.title=1">'


async def press(shop: Shop, track_id: str, act: str, **form: Any) -> str:
    """Send a form as a browser without a script does, and give the page after it."""
    answer = await shop.http.post(f"/pay/{track_id}/{act}", data=form)
    assert answer.status_code == 303, answer.text
    return await look(shop, answer.headers["location"])


async def look(shop: Shop, path: str) -> str:
    """The page's text."""
    answer = await shop.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def buttons(page: str) -> list[str]:
    """What can be pressed."""
    return re.findall(r'class="button[^"]*"[^>]*>([^<]+)</button>', page)


async def test_given_an_invoice_when_opened_then_what_for_how_much_and_that_it_is_no_real_money(
    shop: Shop,
) -> None:
    made = await shop.makes(amount="25.5", description=f"Top-up {NASTY}", thanks_message="Bye")
    page = await look(shop, made["payment_url"])

    assert "Top-up &lt;img src=x onerror=&quot;document.title=1&quot;&gt;" in page
    assert NASTY not in page
    assert "25.50 USD" in page
    assert "No real money moves" in page
    assert buttons(page) == ["Continue", "Let it expire", "Manual accept"]
    assert page.count("<option ") >= 15
    assert '<option value="USDT:TRC20" selected>' in page


async def test_given_a_coin_when_chosen_then_amount_address_and_a_qr_code_of_it(shop: Shop) -> None:
    track_id = await shop.sells()
    page = await press(shop, track_id, "choose", pick="TRX:TRC20")
    picture = await shop.http.get(f"/pay/{track_id}/qr.svg")
    address = re.search(r"<code>(.+?)</code>", page)

    assert address is not None
    assert address[1].startswith("T0sandbox")
    assert "<b>100</b> TRX" in page
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert buttons(page)[1:] == [
        *("Pay exactly", "Pay too little (60%)", "Pay too much (120%)", "Expire, then pay late"),
        *("Let it expire", "Manual accept"),
    ]


PAID = "You can go back to the chat."
ACTS: list[tuple[list[tuple[str, dict[str, str]]], str, str]] = [
    ([("pay", {"how": "exact"})], "paid", PAID),
    ([("pay", {"how": "much"})], "paid", PAID),
    ([("pay", {"how": "little"})], "paying", "The rest is still missing."),
    ([("pay", {"how": "little"}), ("expire", {})], "underpaid", "a part is missing"),
    ([("pay", {"late": "true"})], "expired", "The money came after that"),
    ([("pay", {"late": "true", "late_counts": "true"})], "paid", PAID),
    ([("expire", {})], "expired", "The time to pay is over."),
    ([("expire", {}), ("pay", {"late": "true"})], "expired", "The money came after that"),
    ([("expire", {}), ("accept", {})], "manual_accept", PAID),
    ([("accept", {})], "manual_accept", PAID),
    ([("pay", {"how": "exact"}), ("refund", {})], "refunding", "sends your money back"),
    ([("pay", {"how": "exact"}), ("pay", {"how": "again"})], "paid", PAID),
]


@pytest.mark.parametrize(("acts", "status", "words"), ACTS, ids=str)
async def test_given_a_coin_when_buttons_are_pressed_then_the_page_and_the_api_tell_the_same(
    shop: Shop, acts: list[tuple[str, dict[str, str]]], status: str, words: str
) -> None:
    await shop.turn("settings", confirm_after_s=0)
    track_id = await shop.sells()
    await press(shop, track_id, "choose", pick="USDT:TRC20")
    for act, form in acts:
        page = await press(shop, track_id, act, **form)

    assert f'data-status="{status}"' in page
    assert words in page
    assert await shop.status(track_id) == status


async def test_given_a_return_url_and_thanks_when_paid_then_both_are_there(shop: Shop) -> None:
    await shop.turn("settings", confirm_after_s=0)
    track_id = await shop.sells(return_url="http://127.0.0.1:8080/?a=1&b=2", thanks_message="Enjoy <3")
    page = await press(shop, track_id, "pay")

    assert 'href="http://127.0.0.1:8080/?a=1&amp;b=2"' in page
    assert "Enjoy &lt;3" in page


async def test_given_the_box_is_ticked_when_paid_then_the_webhook_is_lost(shop: Shop, web: Web) -> None:
    await shop.turn("settings", confirm_after_s=0)
    track_id = await shop.sells(callback_url=web.url)
    page = await press(shop, track_id, "pay", lose_webhook="true")

    assert page.count("lost, as you wished") == 2
    assert web.arrivals.empty()


async def test_given_webhooks_when_they_fail_or_arrive_then_the_page_says_it(shop: Shop, web: Web) -> None:
    web.plan("500 X", body=b"broken")
    track_id = await shop.sells(callback_url=web.url)
    await shop.pays(track_id)
    page = await look(shop, f"/pay/{track_id}")

    assert re.search(r"paying: HTTP 500 &#x27;broken&#x27;, next attempt at \d\d:\d\d:\d\d UTC", page)
    assert "paid: delivered" in page


async def test_given_an_act_that_does_not_fit_when_pressed_then_the_page_says_why(shop: Shop) -> None:
    track_id = await shop.sells()
    answers = [
        await shop.http.post(f"/pay/{track_id}/refund"),
        await shop.http.post(f"/pay/{track_id}/pay", data={"how": "gladly"}),
        await shop.http.post(f"/pay/{track_id}/choose", data={"pick": "GOLD:X"}),
    ]

    assert [a.status_code for a in answers] == [409, 409, 409]
    assert all('role="alert"' in a.text for a in answers)
    assert await shop.status(track_id) == "new"


async def test_given_no_such_invoice_or_act_when_asked_then_404(shop: Shop) -> None:
    track_id = await shop.sells()
    answers = [
        await shop.http.get("/pay/1"),
        await shop.http.get("/pay/1/state"),
        await shop.http.get(f"/pay/{track_id}/qr.svg"),  # no coin, no address
        await shop.http.post("/pay/1/pay"),
        await shop.http.post(f"/pay/{track_id}/steal"),
        await shop.http.get("/pay/static/../routes.py"),
        await shop.http.get("/pay/static/pay.html"),
    ]

    assert {a.status_code for a in answers} == {404}


async def test_given_the_page_when_served_then_its_policy_allows_only_its_own_files(shop: Shop) -> None:
    answer: httpx.Response = await shop.http.get(f"/pay/{await shop.sells()}")

    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*src=)|style=|onclick=|javascript:", answer.text)


async def test_given_time_passes_when_the_state_is_read_then_it_counts_down_and_changes(shop: Shop) -> None:
    track_id = await shop.sells(lifetime=15)
    first = (await shop.http.get(f"/pay/{track_id}/state")).json()
    await shop.later(60)
    second = (await shop.http.get(f"/pay/{track_id}/state")).json()
    await shop.later(15 * 60)
    third = (await shop.http.get(f"/pay/{track_id}/state")).json()

    assert 890 <= first["seconds_left"] <= 900
    assert 830 <= second["seconds_left"] <= 840
    assert (third["status"], third["seconds_left"]) == ("expired", 0)
    assert first["version"] == second["version"] != third["version"]


@pytest.mark.browser
async def test_given_a_payer_in_a_browser_when_paying_then_the_page_follows_without_a_reload(
    shop: Shop, web: Web
) -> None:
    await shop.turn("settings", confirm_after_s=0.3)
    made = await shop.makes(description=NASTY, callback_url=web.url)
    async with browsing(str(shop.http.base_url)) as page:
        await page.goto(made["payment_url"])
        await expect(page.get_by_role("heading", level=1)).to_have_text("25.00 USD")
        await page.evaluate("document.body.dataset.same = 'yes'")
        await page.get_by_role("button", name="Continue").click()
        qr = page.get_by_alt_text("QR code of the address")
        assert await qr.evaluate("async (i) => (await i.decode(), i.naturalWidth)") > 100
        await page.get_by_text("Pay with another coin").click()
        await page.get_by_label("Coin and network").select_option("TRX:TRC20")
        await page.get_by_role("button", name="Take this one").click()
        await expect(page.get_by_text("100 TRX")).to_be_visible()
        await page.get_by_role("button", name="Pay too little").click()
        await expect(page.get_by_text("A part has arrived")).to_be_visible()
        await page.get_by_role("button", name="Pay exactly").click()

        await expect(page.get_by_text(PAID).first).to_be_visible()
        await expect(page.locator(".status")).to_have_attribute("data-status", "paid")
        await expect(page.get_by_text("paid: delivered")).to_be_visible()
        assert await page.evaluate("document.body.dataset.same") == "yes"
        assert await page.title() == "25.00 USD – Paid – sandbox payment"


@pytest.mark.browser
async def test_given_an_open_page_when_the_merchant_or_time_acts_then_it_shows_by_itself(shop: Shop) -> None:
    track_id = await shop.sells()
    async with browsing(str(shop.http.base_url)) as page:
        await page.goto(f"/pay/{track_id}")
        await page.get_by_label("Lose the webhook").check()
        await shop.act(track_id, "choose")
        await expect(page.get_by_role("button", name="Pay exactly")).to_be_visible()
        await expect(page.get_by_label("Lose the webhook")).to_be_checked()
        await shop.later(61 * 60)

        await expect(page.locator(".status")).to_contain_text("Expired")
        await expect(page.get_by_role("status")).to_contain_text("Expired")
