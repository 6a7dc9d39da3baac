"""Puts the stand-ins together and serves them: one process, one port, a quick and clean end."""

import contextlib
import gc
import importlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from typing import Any

import uvicorn
from litestar import Litestar, Router
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message as LitestarMessage
from litestar.types import Scope as LitestarScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shipping_sandbox import chat_page, telegram_api
from shipping_sandbox.telegram_api.app import PATHS
from shipping_sandbox.telegram_api.asgi import HANG_UP, Receive, Scope, Send

ROUTERS = {
    "shipstation": "shipping_sandbox.shipstation_api",
    "oxapay": "shipping_sandbox.oxapay_api",
}
"""Stand-ins that are a Litestar router: the module and its `create_router()`, loaded when asked for.

A router whose `opt` has `close` is told when the server stops."""

NAMES = ("telegram", *ROUTERS, "all")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class PortTaken(Exception):
    """Nothing can listen at this address; the text says why."""


class Sandbox:
    """The ASGI application of one or all stand-ins.

    The Bot API stands in front of Litestar: it is called thousands of times a second in benchmarks.
    """

    def __init__(self, name: str, settings: telegram_api.Settings | None = None) -> None:
        self._telegram = telegram_api.TelegramApi(settings) if name in ("telegram", "all") else None
        routers: list[Router] = [load_router(part) for part in ROUTERS if name in (part, "all")]
        self._closers: list[Callable[[], None]] = [r.opt["close"] for r in routers if "close" in r.opt]
        if self._telegram is not None:
            routers.append(chat_page.create_router())
        self._pages: Any = Litestar(
            route_handlers=routers,
            before_send=[_security_headers],
            openapi_config=None,
            logging_config=None,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or the lifespan."""
        if self._telegram is not None and scope["type"] == "http" and scope["path"].startswith(PATHS):
            await self._telegram(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def close(self) -> None:
        """End long polls and deliveries now."""
        if self._telegram is not None:
            self._telegram.close()
        for close in self._closers:
            close()


def load_router(part: str) -> Router:
    """Import a stand-in and let it make its routes."""
    router = importlib.import_module(ROUTERS[part]).create_router()
    if not isinstance(router, Router):
        raise TypeError(f"{ROUTERS[part]}.create_router() must give a litestar Router")
    return router


async def _security_headers(message: LitestarMessage, scope: LitestarScope) -> None:  # noqa: ARG001 - litestar passes both
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        headers.setdefault("content-security-policy", CSP)
        headers.setdefault("x-content-type-options", "nosniff")
        headers.setdefault("referrer-policy", "same-origin")


class Protocol(HttpToolsProtocol):
    """HTTP with one addition: a handler may hang up, which is how lost answers are emulated."""

    def on_message_begin(self) -> None:
        """Offer the extension to the application."""
        super().on_message_begin()
        extensions: dict[str, Any] = {HANG_UP: self.transport.close}
        self.scope["extensions"] = extensions


class Server(uvicorn.Server):
    """Says when it listens, ends at SIGTERM or SIGINT with exit code 0, and does not wait for long polls."""

    def __init__(self, sandbox: Sandbox, name: str, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                sandbox,
                http=Protocol,
                loop="uvloop",
                ws="none",
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                date_header=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=2,
            )
        )
        self._sandbox = sandbox
        self._line = "shipping_sandbox {} on http://{}:{}".format(name, *listener.getsockname()[:2])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and print the one line others wait for."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)  # chats only grow: searching them costs more than sending
        sys.stdout.write(self._line + "\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let everybody who waits go, then end."""
        self._sandbox.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Handle the signals without raising them again afterwards: a stop is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """Take a port (0: any free one).

    Raises:
        PortTaken: the address cannot be listened at.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as trouble:
        listener.close()
        reason = getattr(trouble, "strerror", None) or str(trouble)
        raise PortTaken(f"cannot listen on {host}:{port}: {reason}") from trouble
    return listener


def serve(name: str, host: str, port: int, settings: telegram_api.Settings | None = None) -> None:
    """Serve until a signal comes.

    Raises:
        PortTaken: the address cannot be listened at.
    """
    listener = listen(host, port)
    Server(Sandbox(name, settings), name, listener).run([listener])
