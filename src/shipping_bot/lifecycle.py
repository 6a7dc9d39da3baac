"""Opening and closing everything: what was opened is closed, what was begun is finished, within bounds."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn
from dependency_injector import providers

from adapters.http_admin.app import create_app
from adapters.telegram.bot import InvalidToken, TelegramError, open_bot
from shipping_bot import jobs
from shipping_bot.container import Container
from shipping_bot.poller import LeasedPoller
from shipping_bot.wiring import bug_alarm, key_settings
from shipping_core.domain.access import Act
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable, StoreUnavailable

log = logging.getLogger(__name__)

GRACE_S = 20.0
"""How long a stop waits for handlers, purchases and messages under way; a purchase may take a minute, and
what is cut off then is found by the next reconciliation."""
GREET_WITHIN_S = 10.0
SAID_WITHIN_S = 5.0
"""How long a command waits for what it still has to say."""
ROLES = ("all", "bot", "admin", "worker")
"""`bot` takes updates, `admin` serves HTTP, `worker` does what goes on in the background."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TAKES_UPDATES = {"all", "bot"}
SERVES_OFFICE = {"all", "admin"}
WEBHOOK_PATH = "/api/telegram/webhook"
TOKEN_REFUSED = "Telegram refuses the token: change TELEGRAM_BOT_TOKEN"  # noqa: S105 - a sentence


class StartError(Exception):
    """Something outside keeps us from starting; the text says what, and which setting to change."""


@contextlib.asynccontextmanager
async def opened(container: Container) -> AsyncIterator[None]:
    """The store and the bot's connections, open; closed again in reverse order.

    Raises:
        StartError: the store cannot be used, Telegram refuses the token or cannot be reached, or ShipStation
            refuses the key.
    """
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(office(container))
        await stack.enter_async_context(container.telegram_request())
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
        await _greet_payments(container)
        await asyncio.to_thread(container.reader().warm_up)
        yield


@contextlib.asynccontextmanager
async def office(container: Container, *, beside: bool = False) -> AsyncIterator[None]:
    """The store and the partners' connections, open; no bot. `beside` joins an embedded store that runs, and
    what must be said to a chat or to the operators is said before the end.

    Raises:
        StartError: the store cannot be used, or the environment does not fit the mode.
    """
    async with contextlib.AsyncExitStack() as stack:
        await _open_store(container, stack, beside=beside)
        await _read_rules(container)
        container.consent().performers.update(
            {
                Act.PRODUCTION: container.change_settings().go_live,
                Act.CREDIT: container.people().adjust_as_granted,
                Act.OVERRIDE: container.decide_refund().override_as_granted,
            }
        )
        stack.push_async_callback(container.shipping_http().aclose)
        if container.payments() is not None:
            stack.push_async_callback(container.payments_http().aclose)
        if beside:
            await stack.enter_async_context(container.telegram_request())
            stack.push_async_callback(container.outlet().drain, SAID_WITHIN_S)
        yield


async def _open_store(container: Container, stack: contextlib.AsyncExitStack, *, beside: bool) -> None:
    settings = container.settings()
    if not settings.keeps:
        return
    from adapters.mongo.embedded import running_beside
    from adapters.mongo.errors import StoreRefused
    from adapters.mongo.store import open_store

    url = (running_beside(settings.mongo.url) if beside else "") or settings.mongo.url
    try:
        store = await stack.enter_async_context(open_store(url, settings.mongo.database))
    except StoreRefused as exc:
        raise StartError(f"the store cannot be used: {exc}") from None
    container.store.override(providers.Object(store))


async def _read_rules(container: Container) -> None:
    """The mode is what operators switched to last; another environment must fit it all the same."""
    mode = (await container.policy().begin()).mode
    problems = container.readiness().problems(mode) if mode is not container.settings().mode else ()
    if problems:
        raise StartError(f"the office has switched to {mode.value} mode, and {'; '.join(problems)}")


async def _greet_carriers(container: Container) -> None:
    """A refused key is told now; carriers that are away now may be back when somebody buys."""
    try:
        async with asyncio.timeout(GREET_WITHIN_S):
            await container.shipping().services(container.policy().now.mode)
    except TimeoutError:
        log.warning("ShipStation does not answer: check the network and SHIPSTATION_BASE_URL")
    except GatewayError as exc:
        if exc.code in {"unauthorized", "no_credentials"}:
            settings = " or ".join(key_settings(container.settings(), container.policy().now.mode))
            raise StartError(f"ShipStation refuses the key: change {settings}") from None
        log.warning("ShipStation does not answer as it should (%s): check SHIPSTATION_BASE_URL", exc.code)


async def _greet_payments(container: Container) -> None:
    """A refused key is told now; a gateway that is away now may be back when somebody pays."""
    payments = container.payments()
    if payments is None:
        return
    try:
        async with asyncio.timeout(GREET_WITHIN_S):
            await payments.currencies(container.policy().now.mode)
    except TimeoutError:
        log.warning("Oxapay does not answer: check the network and OXAPAY_BASE_URL")
    except GatewayError as exc:
        if exc.code == "unauthorized":
            raise StartError("Oxapay refuses the key: change OXAPAY_MERCHANT_API_KEY") from None
        log.warning("Oxapay does not answer as it should (%s): check OXAPAY_BASE_URL", exc.code)


async def run(
    container: Container,
    *,
    webhook: bool = False,
    role: str = "all",
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
        host, port = listener.getsockname()[:2]
        container.listening_on.override(providers.Object(f"http://{host}:{port}"))
        await stack.enter_async_context(opened(container))
        stack.push_async_callback(_drain, container)
        by_webhook = webhook and role in TAKES_UPDATES
        if by_webhook:
            await _set_webhook(container)
        server = _server(container, webhook=by_webhook, office=role in SERVES_OFFICE)
        tasks = [asyncio.create_task(server.serve(sockets=[listener]), name="http")]
        background = jobs.start(container, role)
        poller = None
        if role in TAKES_UPDATES and not webhook:
            poller = _poller(container, poll_grace_s)
            tasks.append(asyncio.create_task(poller.run(), name="intake"))
        gc.collect()
        gc.freeze()
        ready()
        try:
            await _until(stop, [*tasks, *background])
        finally:
            if poller is not None:
                poller.stop()
            server.should_exit = True
            for job in background:
                job.cancel()
            _, late = await asyncio.wait(tasks, timeout=poll_grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, *background, return_exceptions=True)


def _poller(container: Container, grace_s: float) -> LeasedPoller:
    bot_id = str(container.settings().telegram.bot_token).partition(":")[0]
    return LeasedPoller(
        container.leases(),
        container.polling,
        name=f"poller:{bot_id}",
        owner=container.worker(),
        grace_s=grace_s,
    )


async def _set_webhook(container: Container) -> None:
    settings = container.settings()
    url = settings.webhook.base_url.rstrip("/") + WEBHOOK_PATH
    try:
        await container.webhook().set_webhook(url, str(settings.telegram.webhook_secret))
    except TelegramError as exc:
        raise StartError(f"Telegram refuses the webhook ({exc}): change WEBHOOK_BASE_URL") from None


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
    with contextlib.suppress(StoreUnavailable):
        while await container.letters()():
            pass
    if unfinished:
        log.warning("%d purchases or price requests were cut off; reconciliation will find them", unfinished)
    await asyncio.gather(container.outlet().drain(GRACE_S), container.send_broadcasts().drain(GRACE_S))


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # who comes from now on waits until the server is up, instead of being refused
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


def _server(container: Container, *, webhook: bool, office: bool) -> _Server:
    settings = container.settings()

    async def ready() -> dict[str, str]:
        return {"store": await container.store().ready()}

    takes_notices = container.payments() is not None

    app = create_app(
        accept_telegram=container.webhook().accept if webhook else None,
        telegram_secret=str(settings.telegram.webhook_secret) if webhook else None,
        take_oxapay=container.notices() if takes_notices else None,
        take_hint=container.take_hint(),
        shipstation_secret=str(settings.shipstation.webhook_secret),
        office=container.office() if office and str(settings.admin.api_key) else None,
        ready=ready,
        forged=container.watch_doors().refused,
        broken=bug_alarm(container.alert()),
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=10,
        http="httptools",
        proxy_headers=False,  # whose word counts is HTTP_TRUSTED_PROXIES' to say
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
