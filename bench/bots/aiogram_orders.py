"""The 23 steps of an order on aiogram 3, its FSM and its MongoDB storage, as its documentation shows them.

    python aiogram_orders.py BASE_URL TOKEN MONGO_URL DATABASE COUNTS default|isolated

A state for each question, a handler for each state, `update_data` for each answer. It asks what our bot asks,
in as many messages with as many buttons; the data on the buttons is ours, so that the same customers can use
both. The carrier is asked for prices and sells a label, in three plain calls; no money moves, no address is
checked, no input is judged, and nothing is kept of what was bought.
`isolated` handles one update of a user at a time, which aiogram leaves to whoever asks for it.
"""

import asyncio
import base64
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseEventIsolation
from aiogram.fsm.storage.memory import DisabledEventIsolation, SimpleEventIsolation
from aiogram.fsm.storage.pymongo import PyMongoStorage
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
)
from bench.bots.counting import Commands

router = Router()
SHOWN = 3
OPTIONS = {"label_format": "pdf", "label_layout": "4x6", "label_download_type": "inline"}


class Order(StatesGroup):  # type: ignore[misc]
    from_name = State()
    from_street1 = State()
    from_street2 = State()
    from_city = State()
    from_state = State()
    from_zip = State()
    from_phone = State()
    to_name = State()
    to_street1 = State()
    to_street2 = State()
    to_city = State()
    to_state = State()
    to_zip = State()
    to_phone = State()
    weight = State()
    length = State()
    width = State()
    height = State()
    reviewing = State()
    choosing = State()
    confirming = State()


QUESTIONS = {
    Order.from_name: "Who sends the parcel? Full name.",
    Order.from_street1: "Sender's street and house number?",
    Order.from_street2: "Sender's apartment or suite?\n\nYou may skip this.",
    Order.from_city: "Sender's city?",
    Order.from_state: "Sender's state?",
    Order.from_zip: "Sender's ZIP code?",
    Order.from_phone: "Sender's phone?\n\nYou may skip this.",
    Order.to_name: "Who gets the parcel? Full name.",
    Order.to_street1: "Recipient's street and house number?",
    Order.to_street2: "Recipient's apartment or suite?\n\nYou may skip this.",
    Order.to_city: "Recipient's city?",
    Order.to_state: "Recipient's state?",
    Order.to_zip: "Recipient's ZIP code?",
    Order.to_phone: "Recipient's phone?\n\nYou may skip this.",
    Order.weight: "How heavy is the parcel? For example: 2 lb 3 oz, or 1.2 kg.",
    Order.length: "How long is the box? In inches, or write cm after the number.",
    Order.width: "How wide is the box?",
    Order.height: "How tall is the box?",
}
FIELDS = list(QUESTIONS)


def address(data: dict[str, Any], side: str) -> dict[str, Any]:
    """As ShipStation wants it."""
    return {
        "name": data[f"{side}_name"],
        "phone": data[f"{side}_phone"],
        "address_line1": data[f"{side}_street1"],
        "address_line2": data[f"{side}_street2"],
        "city_locality": data[f"{side}_city"],
        "state_province": data[f"{side}_state"],
        "postal_code": data[f"{side}_zip"],
        "country_code": "US",
        "address_residential_indicator": "unknown",
    }


@dataclass(frozen=True)
class Carrier:
    """ShipStation's API, in plain calls."""

    http: aiohttp.ClientSession
    accounts: list[str]

    async def rates(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """The cheapest offers."""
        size = {name: float(data[name]) for name in ("length", "width", "height")}
        package = {
            "weight": {"value": float(data["weight"].split()[0]), "unit": "pound"},
            "dimensions": {**size, "unit": "inch"},
        }
        body = {
            "rate_options": {"carrier_ids": self.accounts},
            "shipment": {
                "ship_from": address(data, "from"),
                "ship_to": address(data, "to"),
                "packages": [package],
            },
        }
        async with self.http.post("v2/rates", json=body) as answer:
            found: list[dict[str, Any]] = (await answer.json())["rate_response"]["rates"]
        return sorted(found, key=lambda rate: float(rate["shipping_amount"]["amount"]))[:SHOWN]

    async def buy(self, rate_id: str) -> bytes:
        """The label's file."""
        async with self.http.post(f"v2/labels/rates/{rate_id}", json=OPTIONS) as answer:
            href = str((await answer.json())["label_download"]["href"])
        return base64.b64decode(href.partition("base64,")[2])


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=text, callback_data=data) for text, data in row] for row in rows
        ]
    )


def question(number: int) -> tuple[str, InlineKeyboardMarkup]:
    text = f"<b>Step {number + 1} of 18</b>\n\n{QUESTIONS[FIELDS[number]]}"
    return text, keyboard([("◀️ Back", f"e:{number + 1}:back"), ("✖️ Cancel", "m:cancel")])


def summary(data: dict[str, Any]) -> str:
    """The order so far."""
    sides = {"From": "from", "To": "to"}
    lines = [
        f"<b>{title}</b>  {data[f'{side}_name']}, {data[f'{side}_street1']} {data[f'{side}_street2']}, "
        f"{data[f'{side}_city']} {data[f'{side}_state']} {data[f'{side}_zip']}, {data[f'{side}_phone']}"
        for title, side in sides.items()
    ]
    size = f"{data['length']}×{data['width']}×{data['height']} in"
    return "\n".join([*lines, f"<b>Parcel</b>  {data['weight']}, {size}"])


async def start(message: Message, state: FSMContext) -> None:
    await state.clear()
    text = "<b>Shipping labels</b>\n\nBalance $50.00\n\nPaste the whole order. Or tap a button."
    rows = keyboard(
        [("📦 New order", "m:new"), ("Step by step", "m:steps")],
        [("My orders", "p:0"), ("💰 Top up", "m:topup")],
    )
    await message.answer(text, reply_markup=rows)


async def begin(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await state.set_state(FIELDS[0])
    text, rows = question(0)
    if isinstance(query.message, Message):
        await query.message.edit_text(text, reply_markup=rows)


def keeps(number: int) -> Callable[[Message, FSMContext], Awaitable[None]]:
    """The handler of one question: keep the answer, ask the next."""
    field = str(FIELDS[number].state).rpartition(":")[2]

    async def answered(message: Message, state: FSMContext) -> None:
        await state.update_data({field: message.text})
        await state.set_state(FIELDS[number + 1])
        text, rows = question(number + 1)
        await message.answer(text, reply_markup=rows)

    return answered


async def last(message: Message, state: FSMContext) -> None:
    data = await state.update_data(height=message.text)
    await state.set_state(Order.reviewing)
    rows = keyboard(
        [("✅ Yes, show prices", "e:19:price")],
        [("✏️ From", "e:19:part:from"), ("✏️ To", "e:19:part:to"), ("✏️ Parcel", "e:19:part:parcel")],
        [("✖️ Cancel", "m:cancel")],
    )
    await message.answer(f"{summary(data)}\n\nIs everything right?", reply_markup=rows)


async def prices(query: CallbackQuery, state: FSMContext, carrier: Carrier) -> None:
    await query.answer()
    data = await state.get_data()
    found = await carrier.rates(data)
    offers = {
        str(rate["rate_id"]): f"{rate['service_type']} · ${rate['shipping_amount']['amount']}"
        for rate in found
    }
    await state.update_data(offers=offers)
    await state.set_state(Order.choosing)
    rows = keyboard(
        *([(text, f"e:20:rate:{rate_id}")] for rate_id, text in offers.items()), [("✖️ Cancel", "m:cancel")]
    )
    if isinstance(query.message, Message):
        await query.message.edit_text(f"{summary(data)}\n\nBalance $50.00", reply_markup=rows)


async def chosen(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    rate_id = str(query.data).rpartition(":")[2]
    data = await state.update_data(rate_id=rate_id)
    await state.set_state(Order.confirming)
    rows = keyboard([("✅ Buy", "b:order")], [("◀️ Other prices", "e:21:back")], [("✖️ Cancel", "m:cancel")])
    if isinstance(query.message, Message):
        await query.message.edit_text(f"{summary(data)}\n\n{data['offers'][rate_id]}", reply_markup=rows)


async def buy(query: CallbackQuery, state: FSMContext, carrier: Carrier) -> None:
    await query.answer()
    data = await state.get_data()
    label = await carrier.buy(data["rate_id"])
    await state.clear()
    if isinstance(query.message, Message):
        offer = data["offers"][data["rate_id"]]
        await query.message.edit_text(f"✅ <b>Your label is ready.</b>\n\n{offer}\n\nBalance $41.59")
        await query.message.answer_document(BufferedInputFile(label, "label.pdf"), caption=offer)


# A table instead of decorators, which mypy cannot see through where aiogram is not installed.
router.message.register(start, Command("start"))
for _number, _field in enumerate(FIELDS[:-1]):
    router.message.register(keeps(_number), _field, F.text)
router.callback_query.register(begin, F.data == "m:steps")
router.message.register(last, Order.height, F.text)
router.callback_query.register(prices, Order.reviewing, F.data == "e:19:price")
router.callback_query.register(chosen, Order.choosing, F.data.startswith("e:20:rate:"))
router.callback_query.register(buy, Order.confirming, F.data == "b:order")


async def main(base_url: str, token: str, mongo_url: str, database: str, counts: str, how: str) -> None:
    isolation: BaseEventIsolation = SimpleEventIsolation() if how == "isolated" else DisabledEventIsolation()
    storage = PyMongoStorage.from_url(mongo_url, {"event_listeners": [Commands(counts)]}, db_name=database)
    dispatcher = Dispatcher(storage=storage, events_isolation=isolation)
    dispatcher.include_router(router)
    properties = DefaultBotProperties(parse_mode="HTML", link_preview=LinkPreviewOptions(is_disabled=True))
    session = AiohttpSession(api=TelegramAPIServer.from_base(base_url))
    async with aiohttp.ClientSession(
        f"{base_url}/shipstation/", headers={"API-Key": "TEST_bench"}, raise_for_status=True
    ) as http:
        async with http.get("v2/carriers") as answer:
            accounts = [str(one["carrier_id"]) for one in (await answer.json())["carriers"]]
        await dispatcher.start_polling(
            Bot(token, session=session, default=properties),
            allowed_updates=["message", "callback_query"],
            carrier=Carrier(http, accounts),
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
