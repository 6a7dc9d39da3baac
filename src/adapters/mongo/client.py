"""The driver's client with our figures, and a plain word on why a server cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.uri_parser import parse_uri
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    InvalidName,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)
from pymongo.monitoring import _EventListener

from adapters.mongo.errors import StoreRefused
from adapters.mongo.scope import Document

SELECTION_TIMEOUT_S = 10.0
"""How long a primary is waited for: an election takes its time, and three seconds were too few."""
OLDEST_SERVER = (6, 0)
OPTIONS: dict[str, Any] = {
    "maxPoolSize": 20,
    "minPoolSize": 2,
    "maxIdleTimeMS": 30_000,
    "connectTimeoutMS": 3_000,
    "waitQueueTimeoutMS": 3_000,
    "heartbeatFrequencyMS": 1_000,  # a server once believed lost is found again well within an act's time
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "retryWrites": True,
    "retryReads": True,
    "tz_aware": True,
    "appname": "shipping-core",
}
SAFE: dict[str, tuple[str, set[Any]]] = {
    "w": ("majority", {"majority"}),
    "journal": ("true", {True}),
    "readconcernlevel": ("majority", {"majority", "snapshot", "linearizable"}),
    "readpreference": ("primary", {"primary"}),
    "retrywrites": ("true", {True}),
}
"""What the address may say of these, if it says anything: the mend, and what is accepted."""
UNAUTHORIZED, AUTHENTICATION_FAILED, OUT_OF_DISK = 13, 18, 14031

Client = AsyncMongoClient[Document]


async def make_client(
    url: str,
    *,
    selection_timeout_s: float = SELECTION_TIMEOUT_S,
    listeners: Sequence[_EventListener] = (),
) -> Client:
    """A client that has not connected yet.

    Raises:
        StoreRefused: the address cannot be read, or asks for less safety than money needs.
    """
    try:
        asked = {name.lower(): value for name, value in (await parse_uri(url))["options"].items()}
        for name, (mend, accepted) in SAFE.items():
            if name in asked and asked[name] not in accepted:
                raise StoreRefused(
                    f"MONGO_URL asks for {name}={asked[name]}: leave it out or say {name}={mend}."
                )
        return AsyncMongoClient(
            url,
            serverSelectionTimeoutMS=round(selection_timeout_s * 1000),
            event_listeners=list(listeners),
            **OPTIONS,
        )
    except (InvalidURI, ConfigurationError, ValueError) as exc:
        raise StoreRefused("MONGO_URL is not a MongoDB address: mend it (mongodb://host:port/).") from exc


async def check_server(client: Client) -> None:
    """Meet the server and look whether it is one that money can be kept on.

    Raises:
        StoreRefused: it is not, and how to mend that.
        PyMongoError: it did not answer; see `refusal`.
    """
    hello = await client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise StoreRefused(
            "MongoDB is a standalone without transactions: start it with --replSet and run rs.initiate()."
        )
    if not hello.get("isWritablePrimary"):
        raise StoreRefused("MONGO_URL leads to a secondary only: name the whole set, with replicaSet=.")
    version = (await client.admin.command("buildInfo"))["versionArray"]
    if tuple(version[:2]) < OLDEST_SERVER:
        raise StoreRefused(f"MongoDB {version[0]}.{version[1]} is too old: upgrade it to 6.0 or later.")


def refusal(error: PyMongoError, client: Client) -> StoreRefused:
    """Why a store could not be opened, in one sentence that names the mend."""
    code = error.code if isinstance(error, OperationFailure) else None
    if isinstance(error, ServerSelectionTimeoutError):
        return StoreRefused(_nobody(client))
    if isinstance(error, InvalidName):
        return StoreRefused("the database's name cannot be used: take letters and digits.")
    if code == AUTHENTICATION_FAILED:
        return StoreRefused("MongoDB does not accept the user or the password of MONGO_URL: mend them.")
    if code == UNAUTHORIZED:
        return StoreRefused("the user of MONGO_URL may not write: grant it readWrite on the database.")
    if code == OUT_OF_DISK:
        return StoreRefused("MongoDB's disk is full: make room on it.")
    if isinstance(error, WTimeoutError):
        return StoreRefused("no majority of the set confirms writes: start its missing members.")
    if isinstance(error, AutoReconnect):
        return StoreRefused("MongoDB broke the connection off: look at its log, and start again.")
    return StoreRefused(f"MongoDB refused ({type(error).__name__} {code or ''}): look at its log.")


def _nobody(client: Client) -> str:
    servers = client.topology_description.server_descriptions()
    places = ", ".join(sorted(f"{host}:{port}" for host, port in servers)) or "the named set"
    kinds = {description.server_type_name for description in servers.values()}
    if kinds & {"RSSecondary", "RSArbiter", "RSOther"}:
        return f"the set at {places} has no primary: start its missing members."
    if "RSGhost" in kinds:
        return f"the set at {places} was never initiated: run rs.initiate()."
    if not servers or "Standalone" in kinds:
        return "no member of the named replica set answers: start MongoDB with --replSet, or mend MONGO_URL."
    return f"nobody answers at {places}: start MongoDB there, or mend MONGO_URL."
