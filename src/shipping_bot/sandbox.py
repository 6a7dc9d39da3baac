"""Start the sandbox's servers as a process of their own, and the settings that point the bot at them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import typed_settings as ts
from attrs import frozen

from shipping_bot.lifecycle import StartError
from shipping_bot.settings import (
    AdminSettings,
    HttpSettings,
    LogSettings,
    MongoSettings,
    OxapaySettings,
    Settings,
    ShipStationSettings,
    TelegramSettings,
)

START_WITHIN_S = 30.0
STOP_WITHIN_S = 5.0
TOKEN = "4000000001:sandbox"  # noqa: S105 - any token opens the emulated Bot API
OFFICE_KEY = "sandbox-office-4f1c7e92b05d8a63e7"
"""Opens the office of a sandbox, whose money is play money, and of nothing else."""
SHOP_PHONE = "+14155550100"


@frozen
class Sandbox:
    """A running sandbox."""

    url: str
    process: Process


@contextlib.asynccontextmanager
async def sandbox(host: str = "127.0.0.1", port: int = 0, parts: str = "all") -> AsyncIterator[Sandbox]:
    """The sandbox, listening; stopped again at the end, and also if we are killed. Port 0 is any free one.

    Raises:
        StartError: it does not come up; its own words say why.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shipping_sandbox", parts, "--host", host, "--port", str(port), "--attached",
        stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        url = await _listening(process)
        reader = asyncio.create_task(_swallow(process))
        try:
            yield Sandbox(url, process)
        finally:
            reader.cancel()
    finally:
        await _stopped(process)


def choose_store(store: str, data: Path, *, fresh: bool) -> tuple[str, str]:
    """MONGO_URL for the sandbox (empty: memory), and a word for people about which store that is.

    Raises:
        StartError: mongo is asked for and there is no mongod, or the folder is not ours to forget.
    """
    from adapters.mongo.embedded import EMBEDDED, find_mongod, forget
    from adapters.mongo.errors import StoreRefused

    if store == "memory":
        return "", "memory: everything is forgotten at exit"
    try:
        find_mongod()
    except StoreRefused as exc:
        if store == "mongo":
            raise StartError(str(exc)) from None
        return "", "memory, since no mongod was found: everything is forgotten at exit"
    if fresh:
        try:
            forget(data)
        except StoreRefused as exc:
            raise StartError(str(exc)) from None
    return f"{EMBEDDED}{data}", f"MongoDB of our own, its data in {data}"


def office_port(port: int) -> int:
    """The port next to the chat page's, so that both can be remembered; any free one where that is taken."""
    from adapters.mongo.embedded import free_port

    return free_port(port + 1) if port else 0


async def _listening(process: Process) -> str:
    out, err = process.stdout, process.stderr
    if out is None or err is None:
        raise StartError("the sandbox has no output")
    try:
        line = (await asyncio.wait_for(out.readline(), START_WITHIN_S)).decode()
    except TimeoutError:
        raise StartError(f"the sandbox did not start within {START_WITHIN_S:.0f} s") from None
    found = re.search(r"http://\S+", line)
    if found is None:
        words = (line + (await err.read()).decode()).strip().splitlines()
        why = words[-1].removeprefix("shipping_sandbox: ") if words else "no word why"
        hint = "; change --host or --port" if "cannot listen" in why else ""
        raise StartError(f"the sandbox did not start: {why}{hint}")
    return found.group().rstrip("/")


async def _swallow(process: Process) -> None:
    """Keep its pipes from filling up."""
    streams = [s for s in (process.stdout, process.stderr) if s is not None]

    async def drop(stream: asyncio.StreamReader) -> None:
        while await stream.read(65536):
            pass

    await asyncio.gather(*(drop(s) for s in streams))


async def _stopped(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()


RUNS = "sandbox.json"
"""In the folder of an embedded store: where the sandbox that uses it listens, while it runs."""
NOBODY = "http://127.0.0.1:9"


@contextlib.contextmanager
def known_in(data: Path, url: str, version: str) -> Iterator[None]:
    """Let commands beside it find the sandbox that uses this folder."""
    note = data / RUNS
    note.write_text(json.dumps({"pid": os.getpid(), "url": url, "version": version}), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def running_in(data: Path) -> tuple[str, str] | None:
    """Address and ShipStation version of the sandbox that uses this folder; None where none runs."""
    try:
        note = json.loads((data / RUNS).read_text(encoding="utf-8"))
        os.kill(note["pid"], 0)
        return str(note["url"]), str(note["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def sandbox_settings(
    url: str,
    *,
    version: str = "v2",
    log_level: str = "warning",
    welcome: str = "50.00",
    http_port: int = 0,
    mongo_url: str = "",
    mongo_database: str = "shipping",
) -> Settings:
    """Settings that point the whole product at a sandbox; nothing is read from the environment."""
    v1 = version == "v1"
    return Settings(
        telegram=TelegramSettings(bot_token=ts.SecretStr(TOKEN), api_base_url=url, messages_per_second=0),
        shipstation=ShipStationSettings(
            api_key=ts.SecretStr("sandbox-key"),
            api_secret=ts.SecretStr("sandbox-secret" if v1 else ""),
            api_version=version,
            test_api_key=ts.SecretStr("" if v1 else "TEST_sandbox"),
            base_url=f"{url}/shipstation" + ("/v1" if v1 else ""),
            requests_per_minute=0,
        ),
        oxapay=OxapaySettings(
            merchant_api_key=ts.SecretStr("sandbox-merchant-key"), base_url=f"{url}/oxapay/v1"
        ),
        mongo=MongoSettings(url=mongo_url, database=mongo_database),
        admin=AdminSettings(api_key=ts.SecretStr(OFFICE_KEY)),
        http=HttpSettings(port=http_port),
        log=LogSettings(level=log_level),
        api_mode="test",
        shipper_phone=SHOP_PHONE,
        welcome_credit=welcome,
    )
