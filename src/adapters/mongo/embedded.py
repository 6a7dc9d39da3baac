"""A MongoDB of our own: one private server on this machine, a replica set of one, with its data in a folder.

`MONGO_URL=embedded:DIR` starts it. It listens on a free port of 127.0.0.1 alone, ends with us (also when we
are killed, on Linux), and opens the same data again however the last run ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from adapters.mongo.errors import StoreRefused

EMBEDDED = "embedded:"
SET_NAME = "shipping"
START_S, STOP_S, TURN_S = 60.0, 20.0, 0.02
ROOM_BYTES = 512 * 2**20
"""A new server lays out about 300 MB."""
ABANDONED_AFTER_S = 15
"""A killed process's open transaction locks its customer's balance until the server ends it; a minute by
default (https://www.mongodb.com/docs/manual/core/transactions-production-consideration/), while none of ours
lasts longer than `scope.ACT_TIMEOUT_S`."""
ADDRESS_IN_USE = 48
"""mongod's exit code when its port is taken (https://www.mongodb.com/docs/manual/reference/exit-codes/)."""
DIES_WITH_US = (
    "import ctypes, os, signal, sys; ctypes.CDLL(None).prctl(1, signal.SIGTERM); "
    "os.getppid() == int(sys.argv[1]) or sys.exit(1); os.execv(sys.argv[2], sys.argv[2:])"
)
"""Asks Linux to end mongod when we end (prctl(2), PR_SET_PDEATHSIG), then becomes mongod.

It is the starting *thread* whose end counts, so the event loop starts it, not a worker thread.
"""


def find_mongod() -> Path:
    """The server's program: on PATH, or in the wheel of the extra `embedded-mongo`.

    Raises:
        StoreRefused: there is none, or it may not be run.
    """
    on_path = shutil.which("mongod")
    if on_path is not None:
        return Path(on_path)
    wheel = importlib.util.find_spec("fiftyone")
    for place in (wheel.submodule_search_locations or ()) if wheel is not None else ():
        program = Path(place) / "db" / "bin" / "mongod"
        if program.is_file():
            return _runnable(program)
    raise StoreRefused(
        "no mongod was found: install shipping-core[embedded-mongo], put mongod on PATH, or set MONGO_URL."
    )


def _runnable(program: Path) -> Path:
    if not os.access(program, os.X_OK):
        try:
            program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        except OSError as exc:
            raise StoreRefused(f"{program} may not be run: give it its run bit (chmod +x).") from exc
    return program


def free_port(wanted: int = 0) -> int:
    """`wanted` if nobody listens there, else a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return free_port()
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def embedded_server(directory: Path) -> AsyncIterator[str]:
    """The address of a server with its data in `directory`, which runs until the end.

    Raises:
        StoreRefused: the folder cannot be used, or there is no server to start.
    """
    mongod = await asyncio.to_thread(find_mongod)
    home = _Home(await asyncio.to_thread(directory.resolve))
    with contextlib.ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, home.occupied())
        await asyncio.to_thread(home.end_previous)
        process, port = await _start(mongod, home)
        try:
            await _lead(process, port, home)
            yield f"mongodb://127.0.0.1:{port}/?replicaSet={SET_NAME}"
        finally:
            await asyncio.shield(_stop(process))


@frozen
class _Home:
    """The folder a server lives in."""

    directory: Path

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "mongod.log"

    @property
    def record(self) -> Path:
        return self.directory / "server.json"

    @contextlib.contextmanager
    def occupied(self) -> Iterator[None]:
        """Nobody else uses the folder meanwhile; the lock goes with our process, however it ends."""
        import fcntl

        try:
            self.data.mkdir(parents=True, exist_ok=True)
            lock = (self.directory / "lock").open("ab")
        except OSError as exc:
            raise StoreRefused(
                f"{self.directory} cannot be written ({exc.strerror}): choose another folder in MONGO_URL."
            ) from exc
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as exc:
                raise StoreRefused(
                    f"{self.directory} is in use by another process: stop that one, or choose another folder."
                ) from exc
            fresh = not any(self.data.iterdir())
            if fresh and shutil.disk_usage(self.directory).free < ROOM_BYTES:
                raise StoreRefused(f"{self.directory} lies on a full disk: make 512 MB of room there.")
            yield

    def recorded(self) -> dict[str, Any]:
        """What the last start wrote down."""
        try:
            found = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def remember(self, pid: int, port: int) -> None:
        """Write down which server is ours."""
        beside = self.record.with_suffix(".new")
        beside.write_text(json.dumps({"pid": pid, "port": port}), encoding="utf-8")
        beside.replace(self.record)

    def end_previous(self) -> None:
        """End a server that outlived us; only a mongod that serves this very folder is ever touched."""
        pid = self.recorded().get("pid")
        if not isinstance(pid, int) or not self.serves(pid):
            return
        for end in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, end)
            if self._gone(pid):
                return
        raise StoreRefused(f"the old server of {self.directory} does not end: stop process {pid}.")

    def serves(self, pid: int) -> bool:
        """Whether this process is the folder's server."""
        words = _command_of(pid)
        return bool(words) and Path(words[0]).name == "mongod" and str(self.data) in words

    def _gone(self, pid: int) -> bool:
        until = time.monotonic() + STOP_S
        while time.monotonic() < until:
            if not self.serves(pid):
                return True
            time.sleep(TURN_S)
        return False


def _command_of(pid: int) -> list[str]:
    """The command line of a running process; empty when it has ended."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []
    asked = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    return told.stdout.split()


async def _start(mongod: Path, home: _Home) -> tuple[Process, int]:
    """A running mongod, on the last port where that is free."""
    wanted = home.recorded().get("port")
    port = free_port(wanted if isinstance(wanted, int) else 0)
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            *_with_us(),
            str(mongod),
            *("--dbpath", str(home.data), "--logpath", str(home.log), "--logappend"),
            *("--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"),
            *("--replSet", SET_NAME, "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25"),
            *("--setParameter", f"transactionLifetimeLimitSeconds={ABANDONED_AFTER_S}"),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,  # so that Ctrl-C reaches us first, and we end it
        )
        await asyncio.to_thread(home.remember, process.pid, port)
        if await _answers(process, port):
            return process, port
        if process.returncode != ADDRESS_IN_USE:
            break
        port = free_port()
    await _stop(process)
    raise StoreRefused(f"mongod ended with {process.returncode} at its start: its reason is in {home.log}.")


def _with_us() -> list[str]:
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", DIES_WITH_US, str(os.getpid())]


def _direct(port: int) -> AsyncMongoClient[dict[str, Any]]:
    return AsyncMongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000)


async def _answers(process: Process, port: int) -> bool:
    """Whether it came up; False when it ended instead."""
    async with asyncio.timeout(START_S), _direct(port) as client:
        while process.returncode is None:
            with contextlib.suppress(PyMongoError):
                await client.admin.command("ping")
                return True
            await asyncio.sleep(TURN_S)
    return False


async def _lead(process: Process, port: int, home: _Home) -> None:
    """Make it the primary of its set of one; its port may have changed since the set was made."""
    me = f"127.0.0.1:{port}"
    async with asyncio.timeout(START_S), _direct(port) as client:
        config = await client["local"]["system.replset"].find_one()
        while process.returncode is None:
            with contextlib.suppress(OperationFailure):
                if (await client.admin.command("hello")).get("isWritablePrimary"):
                    return
                config = await _initiated(client, config, me)
            await asyncio.sleep(TURN_S)
    raise StoreRefused(f"mongod ended at its start: its reason is in {home.log}.")


async def _initiated(
    client: AsyncMongoClient[dict[str, Any]], config: dict[str, Any] | None, me: str
) -> dict[str, Any]:
    """The set's configuration with this address in it.

    The server refuses a new one while it looks for itself at the old address; it is asked again then.
    """
    if config is None:
        config = {"_id": SET_NAME, "version": 1, "members": [{"_id": 0, "host": me}]}
        await client.admin.command("replSetInitiate", config)
    elif config["members"][0]["host"] != me:
        moved = {
            **config,
            "version": config["version"] + 1,
            "members": [{**config["members"][0], "host": me}],
        }
        await client.admin.command("replSetReconfig", moved, force=True)
        return moved
    return config


async def _stop(process: Process) -> None:
    """End it cleanly, or at last by force; its journal survives either."""
    for end in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(end)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_S)


def running_beside(url: str) -> str:
    """The address of the server that another program of ours runs for `embedded:DIR`; empty: none does."""
    home = _Home(Path(url.removeprefix(EMBEDDED)).resolve())
    if not url.startswith(EMBEDDED) or not home.directory.is_dir():
        return ""
    known = home.recorded()
    pid, port = known.get("pid"), known.get("port")
    if not isinstance(pid, int) or not home.serves(pid):
        return ""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={SET_NAME}"


OURS = {"data", "mongod.log", "lock", "server.json", "server.new", "sandbox.json"}


def forget(directory: Path) -> None:
    """Remove an embedded server's folder with all its data.

    Raises:
        StoreRefused: it holds something else, or a process uses it.
    """
    if not directory.exists():
        return
    if not {entry.name for entry in directory.iterdir()} <= OURS:
        raise StoreRefused(f"{directory} holds something else than our data: choose another folder.")
    folder = _Home(directory)
    with folder.occupied():
        folder.end_previous()
        shutil.rmtree(directory)
