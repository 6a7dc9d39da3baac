"""Opening and closing everything: what was opened is closed, what was begun is finished, within bounds."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any

import uvicorn

from adapters.http_admin.app import create_app
from adapters.telegram.bot import InvalidToken, TelegramError, open_bot
from shipping_bot.container import Container
from shipping_bot.wiring import key_settings
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable

log = logging.getLogger(__name__)

GRACE_S = 20.0
"""How long a stop waits for handlers, purchases and messages under way; a purchase may take a minute, and
what is cut off then is found by the next reconciliation."""
GREET_WITHIN_S = 10.0
RECONCILE_EVERY_S = 30.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WEBHOOK_PATH = "/api/telegram/webhook"
TOKEN_REFUSED = "Telegram refuses the token: change TELEGRAM_BOT_TOKEN"  # noqa: S105 - a sentence


class StartError(Exception):
    """Something outside keeps us from starting; the text says what, and which setting to change."""


@contextlib.asynccontextmanager
async def opened(container: Container) -> AsyncIterator[None]:
    """The bot's connections, open; closed again in reverse order.

    Raises:
        StartError: Telegram refuses the token or cannot be reached, or ShipStation refuses the key.
    """
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(container.telegram_request())
        stack.push_async_callback(container.shipping_http().aclose)
        bot = container.bot()
        stack.push_async_callback(bot.shutdown)
        try:
            await open_bot(bot)
        except GatewayRefused:
            raise StartError(TOKEN_REFUSED) from None
        except GatewayUnavailable as exc:
            raise StartError(
                f"Telegram does not answer ({exc.reason}): check the network and TELEGRAM_API_BASE_URL"
            ) from None
        await _greet_carriers(container)
        await asyncio.to_thread(container.reader().warm_up)
        yield


async def _greet_carriers(container: Container) -> None:
    """A refused key is told now; carriers that are away now may be back when somebody buys."""
    try:
        async with asyncio.timeout(GREET_WITHIN_S):
            await container.shipping().services(container.policy().mode)
    except TimeoutError:
        log.warning("ShipStation does not answer: check the network and SHIPSTATION_BASE_URL")
    except GatewayError as exc:
        if exc.code in {"unauthorized", "no_credentials"}:
            settings = " or ".join(key_settings(container.settings()))
            raise StartError(f"ShipStation refuses the key: change {settings}") from None
        log.warning("ShipStation does not answer as it should (%s): check SHIPSTATION_BASE_URL", exc.code)


async def run(
    container: Container,
    *,
    webhook: bool = False,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    poll_grace_s: float = GRACE_S,
) -> None:
    """Run the bot until `stop` is set, then finish what is under way.

    Raises:
        StartError: it cannot start; nothing is left running.
    """
    settings = container.settings()
    listener = _listen(settings.http.host, settings.http.port)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(listener.close)
        await stack.enter_async_context(opened(container))
        stack.push_async_callback(_drain, container)
        intake = await _intake(container, webhook=webhook, grace_s=poll_grace_s)
        server = _server(container, webhook=webhook)
        tasks = [
            asyncio.create_task(server.serve(sockets=[listener]), name="http"),
            asyncio.create_task(_every(RECONCILE_EVERY_S, reconcile_once(container)), name="reconcile"),
        ]
        if intake is not None:
            tasks.append(asyncio.create_task(intake, name="intake"))
        gc.collect()
        gc.freeze()
        ready()
        try:
            await _until(stop, tasks)
        finally:
            if not webhook:
                container.polling().stop()
            server.should_exit = True
            tasks[1].cancel()
            _, late = await asyncio.wait(tasks, timeout=poll_grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _intake(container: Container, *, webhook: bool, grace_s: float) -> Coroutine[Any, Any, None] | None:
    settings = container.settings()
    if not webhook:
        return container.polling().run(grace_s)
    url = settings.webhook.base_url.rstrip("/") + WEBHOOK_PATH
    try:
        await container.webhook().set_webhook(url, str(settings.telegram.webhook_secret))
    except TelegramError as exc:
        raise StartError(f"Telegram refuses the webhook ({exc}): change WEBHOOK_BASE_URL") from None
    return None


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Wait for `stop`, or for the first part that ends by itself; its error is ours."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done - {stopped}:
        if isinstance(error := task.exception(), InvalidToken):
            raise StartError(TOKEN_REFUSED) from None
        if error is not None:
            raise error


async def _drain(container: Container) -> None:
    await container.lanes().drain(GRACE_S)
    unfinished = await container.converse().drain(GRACE_S)
    if unfinished:
        log.warning("%d purchases or price requests were cut off; reconciliation will find them", unfinished)
    await container.outlet().drain(GRACE_S)


def reconcile_once(container: Container) -> Callable[[], Awaitable[None]]:
    """One round of reconciliation that tells each customer what came of it."""

    async def once() -> None:
        for order in await container.reconcile()():
            await container.converse().settled(order)

    return once


async def _every(pause_s: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(pause_s)
        try:
            await work()
        except Exception:
            log.exception("a background round failed; the next one follows")


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as exc:
        listener.close()
        raise StartError(
            f"cannot listen on {host}:{port} ({exc.strerror}): change HTTP_HOST or HTTP_PORT"
        ) from None
    return listener


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: the bot finishes first."""
        yield


def _server(container: Container, *, webhook: bool) -> _Server:
    settings = container.settings()

    async def ready() -> dict[str, str]:
        return {"store": "ok"}

    app = create_app(
        accept_telegram=container.webhook().accept if webhook else None,
        telegram_secret=str(settings.telegram.webhook_secret) if webhook else None,
        ready=ready,
    )
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=10, http="httptools"
    )
    return _Server(config)


@contextlib.contextmanager
def stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGINT, SIGTERM and SIGHUP (a closed terminal); to be used inside a running loop."""
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
