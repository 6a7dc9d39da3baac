"""Nothing is invented about people, and nothing about them is written down."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from attrs import evolve
from dependency_injector import providers

from adapters.reader import OfflineReader
from integration.journeys.chat import Chat, words
from integration.journeys.orders import an_order, somebody
from integration.journeys.shop import Shop, logging_kept, open_shop
from shipping_bot import logs
from shipping_bot.container import Container
from shipping_bot.sandbox import OFFICE_KEY, SHOP_PHONE, TOKEN
from shipping_bot.settings import LogSettings
from shipping_core.domain.ids import UserId

pytestmark = pytest.mark.asyncio(loop_scope="session")

CANARIES = {
    "sender": "Quillon Featherby",
    "recipient": "Zebulon Marrowgate",
    "sender's street": "4711 Canarywharf St",
    "recipient's street": "815 Budgerigar Ave",
    "sender's phone": "415 555 0134",
    "recipient's phone": "303 555 0178",
    "what was typed": "parakeetpassphrase",
    "an operator's note": "Budgiefancier",
    "a reason": "cockatoo-reason",
    "a guessed key": "cockatielguess-0123456789",
    "a broken body": "macawfragment",
    "a name in the address book": "Nymphensittich",
}
ORDER = (
    "From Quillon Featherby, 4711 Canarywharf St, San Francisco CA 94117, 415 555 0134\n"
    "To Zebulon Marrowgate, 815 Budgerigar Ave, Denver CO 80202, 303 555 0178\n"
    "2 lb 3 oz, 10x8x6 in"
)
CAUSE_TROUBLE = "parakeetpassphrase"


class BreakingReader(OfflineReader):
    """Trips over one word, and quotes it, as careless code does."""

    def read(self, text: str, **more: Any) -> Any:
        if CAUSE_TROUBLE in text:
            try:
                raise KeyError(text)
            except KeyError as exc:
                raise RuntimeError(f"cannot read {text} of {CANARIES['sender']}") from exc
        return super().read(text, **more)


def with_a_breaking_reader(container: Container) -> None:
    container.reader.override(providers.Singleton(BreakingReader))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fragile() -> AsyncIterator[Shop]:
    async with open_shop(prepare=with_a_breaking_reader) as running:
        yield running


async def everything_that_can_happen(shop: Shop, chat: Chat) -> None:
    """A journey along every door that writes to the log, accidents included."""
    await chat.writes("/start")
    await chat.writes(f"{CAUSE_TROUBLE} {ORDER}")
    assert "something went wrong on our side" in chat.text
    await chat.writes(ORDER)
    await shop.accident("buy_label", "refuse")
    await chat.chooses()
    await chat.taps("Buy for")
    await shop.accident("rates", "truncated")
    await chat.taps("Yes, show prices")
    await chat.chooses()
    await shop.accident("buy_label", "lose_answer")
    await chat.taps("Buy for")
    await shop.post("/sandbox/faults/telegram", {"method": "sendMessage", "fault": "5xx", "count": 1})
    await chat.writes("/orders")
    await chat.taps("1")
    await chat.presses(chat.card.message_id, "o:label:Zebulon")
    await chat.sends(kind="edited", text=ORDER)
    await chat.writes("/addresses")
    await chat.taps("New address")
    await chat.writes(f"{CANARIES['a name in the address book']}, 815 Budgerigar Ave, Denver CO 80202")


async def everything_in_the_office(shop: Shop, chat: Chat) -> str:
    """A walk through the office with words that must not be written down; the secret of a key made there."""
    users = f"/users/{chat.user}"
    calls = [
        ("POST", f"{users}/notes", {"text": CANARIES["an operator's note"]}, OFFICE_KEY),
        ("POST", f"{users}/block", {"reason": CANARIES["a reason"]}, OFFICE_KEY),
        ("POST", f"{users}/notes", {"text": {"$gt": CANARIES["a broken body"]}}, OFFICE_KEY),
        ("GET", f"/orders?q={CANARIES['recipient'].split()[0]}", None, OFFICE_KEY),
        ("GET", f"{users}/../{CANARIES['a broken body']}", None, OFFICE_KEY),
        ("GET", users, None, CANARIES["a guessed key"]),
        ("POST", f"{users}/export", None, OFFICE_KEY),
        ("POST", "/keys", {"name": f"panel {chat.user}", "role": "viewer"}, OFFICE_KEY),
    ]
    for method, path, body, key in calls:
        url = f"{shop.container.listening_on()}/api/admin{path}"
        async with shop.http.request(method, url, json=body, headers={"X-API-Key": key}) as answer:
            found = await answer.json()
    await shop.settled()
    secret: str = found["secret"]
    return secret


@pytest.mark.parametrize("form", ["json", "console"])
async def test_given_planted_names_and_keys_when_everything_happens_then_no_log_line_holds_any(
    fragile: Shop, form: str
) -> None:
    stream, chat = io.StringIO(), Chat(fragile, fragile.new_user())
    settings = fragile.container.settings()
    with logging_kept():
        logs.configure(evolve(settings, log=LogSettings(level="debug", format=form)), stream)
        await everything_that_can_happen(fragile, chat)
        made = await everything_in_the_office(fragile, chat)
    log = stream.getvalue()

    assert "fault err_" in log
    assert "RuntimeError" in log
    assert "KeyError" in log
    assert "shipstation buy" in log
    assert CANARIES["an operator's note"] in str(
        (await fragile.container.users().get(UserId(str(chat.user)))).notes
    )
    secrets = {
        made,
        OFFICE_KEY,
        TOKEN,
        TOKEN.replace(":", "%3A"),
        *(s for s in logs.secrets_of(settings) if s),
    }
    planted = (
        secrets | set(CANARIES.values()) | {w for c in CANARIES.values() for w in c.split() if len(w) > 6}
    )
    digits = {re.sub(r"\D", "", c) for c in CANARIES.values() if "555" in c}
    assert {c for c in planted if c.casefold() in log.casefold()} == set()
    assert {d for d in digits if d in re.sub(r"[ ().+-]", "", log)} == set()


async def carriers_view(shop: Shop, shipment_id: str) -> dict[str, Any]:
    """A shipment as the carrier stored it."""
    url = f"{shop.bench.url}/shipstation/v2/shipments/{shipment_id}"
    async with shop.bench.http.get(url, headers={"API-Key": "TEST_sandbox"}) as answer:
        answer.raise_for_status()
        found: dict[str, Any] = await answer.json()
        return found


async def test_given_no_phone_when_a_label_is_bought_then_none_is_invented_for_anybody(
    shop: Shop, chat: Chat
) -> None:
    await chat.buys(an_order(somebody()))
    label = (await shop.orders(chat.user))[0].label
    assert label is not None
    stored = await carriers_view(shop, label.shipment_ref)

    assert not stored["ship_to"].get("phone")
    assert stored["ship_from"].get("phone") == SHOP_PHONE, "the shop's own, which V2 insists on"
    printed = words(await chat.fetches(chat.labels[0]))
    assert set(re.findall(r"\+\d{8,}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}", printed)) == set()
    chat_text = " ".join(m.text for m in chat.messages)
    assert SHOP_PHONE not in chat_text


async def test_given_both_phones_when_a_label_is_bought_then_just_those_are_given(
    shop: Shop, chat: Chat
) -> None:
    await chat.buys(ORDER)
    label = (await shop.orders(chat.user))[0].label
    assert label is not None
    stored = await carriers_view(shop, label.shipment_ref)

    assert (stored["ship_from"]["phone"], stored["ship_to"]["phone"]) == ("+14155550134", "+13035550178")
