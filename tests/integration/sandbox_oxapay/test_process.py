"""The command: alone and with all the others, and its end with webhooks on their way."""

import asyncio
import contextlib
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator

import httpx
import pytest

from integration.receiving import Web
from integration.sandbox_oxapay.client import Shop
from integration.serving import SRC


@contextlib.asynccontextmanager
async def serving(name: str) -> AsyncIterator[tuple[Process, str]]:
    """The running command and the line it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shipping_sandbox", name), cwd=SRC, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    yield process, (await process.stdout.readline()).decode().strip()
    if process.returncode is None:
        process.terminate()
    await process.communicate()


@pytest.mark.parametrize("name", ["oxapay", "all"])
async def test_given_a_webhook_without_an_answer_when_told_to_stop_then_it_ends_at_once(name: str) -> None:
    called = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await reader.read()  # until the sandbox hangs up
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/"
    async with serving(name) as (process, line), httpx.AsyncClient(base_url=line.split()[-1]) as http:
        shop = Shop(http)
        track_id = await shop.sells(callback_url=url)
        await shop.turn(f"invoices/{track_id}/pay", confirm_after_s=0)
        await asyncio.wait_for(called.wait(), 5)
        states = [d["state"] for d in await shop.deliveries(track_id)]
        began = time.monotonic()
        process.terminate()
        code = await asyncio.wait_for(process.wait(), 10)
        took_s = time.monotonic() - began
        errors = await process.stderr.read() if process.stderr else b""
    silent.close()

    assert line.startswith(f"shipping_sandbox {name} on http://127.0.0.1:")
    assert states == ["pending", "pending"]
    assert (code, errors) == (0, b"")
    assert took_s < 4


async def test_given_all_stand_ins_when_oxapay_is_used_then_it_is_there_with_the_others(web: Web) -> None:
    async with serving("all") as (_, line), httpx.AsyncClient(base_url=line.split()[-1]) as http:
        shop = Shop(http)
        made = await shop.makes(callback_url=web.url)
        await shop.pays(made["track_id"])
        pages = [(await http.get(path)).status_code for path in ("/", made["payment_url"])]
        ledger = await http.get("/sandbox/shipstation/ledger")

    assert (pages, ledger.status_code) == ([200, 200], 200)
    assert b'"status":"Paying"' in (await web.arrival()).body
    assert b'"status":"Paid"' in (await web.arrival()).body
