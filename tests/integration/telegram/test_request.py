"""The library's bot over our HTTP back-end, against the emulator and against silence."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from telegram import Bot, InputFile
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.request import AiohttpRequest, Limits, NeverSent, NeverSentInTime, Upload

if TYPE_CHECKING:
    from integration.telegram.conftest import People

ANN = 1001
SECRET = "TESTtoken"


@pytest.fixture
async def bot(people: People, request_: AiohttpRequest) -> AsyncIterator[Bot]:
    base, _, token = people.base_url.rpartition("/bot")
    async with Bot(token, base_url=f"{base}/bot", request=request_, get_updates_request=request_) as bot:
        yield bot


@pytest.fixture
async def deaf_port() -> AsyncIterator[int]:
    """A port that takes connections and never answers."""
    release = asyncio.Event()

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    release.set()
    server.close()
    await server.wait_closed()


@pytest.fixture
async def closed_port() -> int:
    """A port where nobody listens."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    return port


async def test_given_a_bot_when_it_writes_and_uploads_then_the_person_sees_text_and_file(
    bot: Bot, people: People
) -> None:
    await people.write(ANN, "/start")
    await bot.send_message(ANN, "Grüße, <b>Ann</b> & Co", parse_mode=None)
    await bot.send_document(ANN, InputFile(b"%PDF-1.4 \x00\xff", "Etikett №1.pdf"), caption="Ваша этикетка")
    text, document = await people.bot_messages(ANN)

    assert text["text"] == "Grüße, <b>Ann</b> & Co"
    assert (document["document"]["file_name"], document["caption"]) == ("Etikett №1.pdf", "Ваша этикетка")
    assert await people.file(ANN, document["document"]["file_id"]) == b"%PDF-1.4 \x00\xff"


async def test_given_a_file_name_that_holds_a_line_break_when_uploaded_then_it_stays_a_name(
    bot: Bot, people: People, calls: HttpBotCalls
) -> None:
    await people.write(ANN, "/start")
    name = 'a"\r\nX-Evil: 1\r\n\r\n.pdf'
    await bot.send_document(ANN, InputFile(b"%PDF", name))
    await calls.call("sendDocument", {"chat_id": ANN}, files={"document": Upload(name, b"%PDF")})
    documents = await people.bot_messages(ANN)

    assert {one["document"]["file_name"].strip('"') for one in documents} == {'a"__X-Evil: 1____.pdf'}
    assert [await people.file(ANN, one["document"]["file_id"]) for one in documents] == [b"%PDF"] * 2


async def test_given_a_quiet_bot_when_polling_longer_than_the_read_limit_then_it_is_no_time_out(
    people: People,
) -> None:
    base, _, token = people.base_url.rpartition("/bot")
    async with AiohttpRequest(limits=Limits(read_s=0.3)) as request:
        bot = Bot(token, base_url=f"{base}/bot", request=request, get_updates_request=request)
        updates = await bot.get_updates(timeout=1)

    assert updates == ()


async def test_given_one_connection_in_use_when_another_call_waits_too_long_then_it_was_never_sent(
    deaf_port: int,
) -> None:
    limits = Limits(connect_s=0.1, read_s=5.0, queue_s=0.1)
    async with AiohttpRequest(connections=1, limits=limits) as request:
        url = f"http://127.0.0.1:{deaf_port}/bot1:{SECRET}/getMe"
        hanging = asyncio.create_task(request.send_json(url, {}))
        await asyncio.sleep(0)
        with pytest.raises(NeverSentInTime):
            await request.send_json(url, {})
        hanging.cancel()


async def test_given_no_answer_when_calling_then_it_is_a_time_out_of_unknown_outcome(deaf_port: int) -> None:
    async with AiohttpRequest(limits=Limits(read_s=0.1)) as request:
        calls = HttpBotCalls(f"http://127.0.0.1:{deaf_port}/bot1:{SECRET}", request)
        with pytest.raises(TimedOut) as caught:
            await calls.call("sendMessage", {"chat_id": 1, "text": "hi"})

    assert not isinstance(caught.value, NeverSent)


async def by_the_library(base: str, token: str, request: AiohttpRequest) -> None:
    await Bot(token, base_url=base, request=request).get_me()


async def by_a_thin_call(base: str, token: str, request: AiohttpRequest) -> None:
    await HttpBotCalls(base + token, request).call("getMe", {})


@pytest.mark.parametrize("ask", [by_the_library, by_a_thin_call])
async def test_given_nobody_listening_when_calling_then_it_was_never_sent_and_the_token_stays_secret(
    closed_port: int, ask: Callable[[str, str, AiohttpRequest], Awaitable[None]]
) -> None:
    async with AiohttpRequest() as request:
        with pytest.raises(NeverSent) as caught:
            await ask(f"http://127.0.0.1:{closed_port}/bot", f"1:{SECRET}", request)

    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "fault", ["lose_answer", "refuse", "truncated", "5xx"], ids=["lost", "refused", "cut-short", "502"]
)
async def test_given_trouble_on_the_wire_when_calling_then_it_is_a_network_error_without_the_token(
    people: People, calls: HttpBotCalls, fault: str
) -> None:
    await people.write(ANN, "/start")
    await people.fault("sendMessage", fault, chat_id=ANN)
    with pytest.raises(NetworkError) as caught:
        await calls.call("sendMessage", {"chat_id": ANN, "text": "hi"})

    assert not isinstance(caught.value, BadRequest | NeverSent)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


async def test_given_telegrams_refusals_when_calling_then_each_is_the_librarys_own_error(
    people: People, calls: HttpBotCalls, request_: AiohttpRequest
) -> None:
    await people.write(ANN, "/start")
    await people.fault("sendMessage", "429", chat_id=ANN, retry_after=14)
    with pytest.raises(RetryAfter):
        await calls.call("sendMessage", {"chat_id": ANN, "text": "hi"})
    await people.block(ANN)
    with pytest.raises(Forbidden):
        await calls.call("sendMessage", {"chat_id": ANN, "text": "hi"})
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await calls.call("sendMessage", {"chat_id": 999_999, "text": "hi"})
    with pytest.raises(InvalidToken):
        await HttpBotCalls(people.base_url + "revoked", request_).call("getMe", {})


async def test_given_a_closed_session_when_calling_then_it_says_so_and_can_be_opened_again(
    people: People,
) -> None:
    request = AiohttpRequest()
    calls = HttpBotCalls(people.base_url, request)
    with pytest.raises(NeverSent):
        await calls.call("getMe", {})
    async with request:
        me = await calls.call("getMe", {})

    assert me["id"] == people.bot_id
