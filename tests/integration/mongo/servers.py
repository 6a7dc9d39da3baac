"""Real mongod processes for tests: one, or a set of three; they are killed, never asked to end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from adapters.mongo.embedded import DIES_WITH_US, find_mongod, free_port

SET_NAME = "rs0"
START_S = 30.0
Client = MongoClient[dict[str, Any]]


@define
class Server:
    """One mongod on a port of its own."""

    directory: Path
    arguments: Sequence[str] = ("--replSet", SET_NAME)
    port: int = field(factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> Server:
        """Start it, and wait until it answers."""
        self.launch()
        return self.await_answer()

    def launch(self) -> None:
        """Start it; on Linux it ends with the thread that starts it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        ours = [sys.executable, "-I", "-S", "-c", DIES_WITH_US, str(os.getpid())]
        self.process = subprocess.Popen(
            [
                *(ours if sys.platform == "linux" else []),
                str(find_mongod()),
                *("--dbpath", str(self.directory), "--logpath", str(self.directory / "log"), "--logappend"),
                *("--port", str(self.port), "--bind_ip", "127.0.0.1", "--nounixsocket"),
                *("--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"),
                *("--setParameter", "enableTestCommands=1", "--setParameter", "ttlMonitorSleepSecs=1"),
                *self.arguments,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def await_answer(self) -> Server:
        """Wait until it answers."""
        assert self.process is not None
        with self.client() as client:
            until = time.monotonic() + START_S
            while time.monotonic() < until:
                assert self.process.poll() is None, (self.directory / "log").read_text()[-2000:]
                with contextlib.suppress(PyMongoError):
                    client.admin.command("ping")
                    return self
                time.sleep(0.01)
        raise TimeoutError("mongod does not answer")

    def client(self) -> Client:
        """A client of this one server."""
        return MongoClient("127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=1000)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def remove(self) -> None:
        """End it, and its data with it."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


@define
class ReplicaSet:
    """Some servers that are one store."""

    servers: list[Server]

    @property
    def url(self) -> str:
        """Where the whole set is."""
        return f"mongodb://{','.join(s.address for s in self.servers)}/?replicaSet={SET_NAME}"

    def initiate(self) -> ReplicaSet:
        """Make them one, with elections that do not take long, and wait until all are healthy."""
        members = [{"_id": n, "host": s.address} for n, s in enumerate(self.servers)]
        settings = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 300}
        with self.servers[0].client() as client:
            client.admin.command(
                "replSetInitiate", {"_id": SET_NAME, "members": members, "settings": settings}
            )
        self.await_health()
        return self

    def states(self) -> list[str]:
        """What the members are, as far as one that lives knows."""
        for server in self.servers:
            with contextlib.suppress(PyMongoError), server.client() as client:
                members = client.admin.command("replSetGetStatus")["members"]
                return sorted(m["stateStr"] for m in members)
        return []

    def await_health(self) -> None:
        """Wait until there is a primary and everybody else follows it."""
        healthy = ["PRIMARY"] + ["SECONDARY"] * (len(self.servers) - 1)
        until = time.monotonic() + START_S
        while self.states() != healthy or self.primary() is None:
            if time.monotonic() > until:
                raise TimeoutError(f"the set is {self.states()}")
            time.sleep(0.02)

    def primary(self) -> Server | None:
        """The one that leads now."""
        for server in self.servers:
            with contextlib.suppress(PyMongoError), server.client() as client:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return server
        return None

    def leader(self) -> Server:
        """The primary, once everybody agrees who it is."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            self.await_health()
            found = self.primary()
            if found is not None:
                return found
        raise TimeoutError("nobody leads for long")

    def step_down(self) -> None:
        """The primary gives its office up for a second; in a set of one it has it back at once after that."""
        with self.leader().client() as client, contextlib.suppress(PyMongoError, OperationFailure):
            client.admin.command({"replSetStepDown": 1, "force": True})

    def remove(self) -> None:
        """End them all."""
        for server in self.servers:
            server.remove()


@contextlib.contextmanager
def replica_set(directory: Path, members: int = 1) -> Iterator[ReplicaSet]:
    """A set of so many servers, until the end."""
    made = ReplicaSet([Server(directory / str(n)) for n in range(members)])
    try:
        for server in made.servers:
            server.start()
        yield made.initiate()
    finally:
        made.remove()


@contextlib.contextmanager
def fault(server: Server, point: str = "failCommand", mode: Any = "alwaysOn", **data: Any) -> Iterator[None]:
    """A fail point of the server is on (https://github.com/mongodb/mongo/wiki/The-failCommand-fail-point).

    A failing command fails for the program's clients alone, not for the test's own.
    """
    if point == "failCommand":
        data.setdefault("appName", "shipping-core")
    with server.client() as client:
        client.admin.command({"configureFailPoint": point, "mode": mode, "data": data})
        try:
            yield
        finally:
            client.admin.command({"configureFailPoint": point, "mode": "off"})
