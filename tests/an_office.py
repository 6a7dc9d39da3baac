"""`an_office()`: the office's API over a shop in memory, with one key for each role."""

from __future__ import annotations

from typing import Any

import httpx
from attrs import define, evolve, frozen
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from a_shop import Shop, shop
from adapters.http_admin.app import create_app
from adapters.http_admin.office import Office
from adapters.memory.clock import MemorySecrets
from adapters.memory.stores import MemoryStore
from shipping_core.domain.access import ApiKey, Role, fingerprint_of
from shipping_core.domain.alert import Alert
from shipping_core.domain.broadcast import Broadcast, Copy
from shipping_core.domain.refund import Refund
from shipping_core.use_cases.keep_broadcasts import KeepBroadcasts
from shipping_core.use_cases.keep_keys import KeepKeys
from shipping_core.use_cases.open_office import OpenOffice
from shipping_core.use_cases.take_on_alert import TakeOnAlert

FIRST_KEY = "the-first-key-of-all-0123456789abcdef"
CURSOR_SECRET = b"cursors"


@define
class Desk:
    """An API under test, and the shop behind it."""

    shop: Shop
    store: MemoryStore
    office: Office
    app: Litestar
    secrets: dict[Role | None, str]

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role | None = Role.OWNER,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        peer: str = "192.0.2.7",
        **more: Any,
    ) -> httpx.Response:
        """Call a route of `/api/admin` (or any other, from `/` on) with the key of a role, or none."""
        given = key if key is not None else self.secrets.get(role, "")
        head = {**({"X-API-Key": given} if given else {}), **(headers or {})}
        transport = httpx.ASGITransport(self._asgi, raise_app_exceptions=False, client=(peer, 1))
        url = path if path.startswith(("/api", "/health")) else f"/api/admin{path}"
        async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
            return await client.request(method, url, headers=head, **more)

    @property
    def _asgi(self) -> Any:
        return self.app

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Read."""
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Act."""
        return await self.ask("POST", path, json=body, **more)

    async def pay(self, path: str, body: Any, *, once: str = "first-try", **more: Any) -> httpx.Response:
        """Act with money."""
        return await self.post(path, body, headers={"Idempotency-Key": once}, **more)


async def an_office(a: Shop | None = None, **changes: Any) -> Desk:
    """The API over this shop; `changes` are of `Office`."""
    a = a or shop()
    store = MemoryStore(a.database, a.clock)
    shelf = store.shelf(ApiKey)
    keep_keys = KeepKeys(shelf, store.unit_of_work, a.clock, a.ids, MemorySecrets())
    office = Office(
        open_office=OpenOffice(shelf, store.guesses, a.clock, fingerprint_of(FIRST_KEY)),
        keep_keys=keep_keys,
        decide_parked=a.decide_parked,
        resolve_review=a.resolve_review,
        request_refunds=a.request_refunds,
        decide_refund=a.decide_refund,
        people=a.people,
        settings=a.settings,
        consent=a.consent,
        keep_broadcasts=KeepBroadcasts(
            store.shelf(Broadcast),
            store.shelf(Copy),
            a.users,
            store.segments,
            a.work,
            a.notifier,
            a.rules,
            a.clock,
            a.ids,
        ),
        users=a.users,
        sessions=a.sessions,
        take_on_alert=TakeOnAlert(store.shelf(Alert), store.unit_of_work, a.clock),
        orders=a.orders,
        invoices=a.invoices,
        refunds=store.shelf(Refund),
        keys=shelf,
        audit=store.audit,
        lists=store.lists,
        statistics=store.statistics,
        answers=store.answers,
        clock=a.clock,
        policy=a.rules,
        cursor_secret=CURSOR_SECRET,
    )
    await a.rules.begin()
    office = evolve(office, **changes)
    secrets: dict[Role | None, str] = {
        role: (await keep_keys.make(role.value, role, by="owner"))[1] for role in Role
    }
    return Desk(a, store, office, an_app(office), secrets)


async def _ready() -> dict[str, str]:
    return {"store": "ok"}


def an_app(office: Office | None) -> Litestar:
    """The web application around an office."""
    return create_app(accept_telegram=None, telegram_secret=None, ready=_ready, office=office)


def whole_app(office: Office) -> Litestar:
    """The same with every webhook."""

    async def take(*_: Any) -> Any:
        return None

    return create_app(
        accept_telegram=take,
        telegram_secret="telegram",
        take_oxapay=take,
        take_hint=take,
        shipstation_secret="shipstation-secret",
        ready=_ready,
        office=office,
    )


@frozen
class Route:
    """One method of one path."""

    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def name(self) -> str:
        """Its operation id, or nothing."""
        return str(self.handler.operation_id or "")


def routes_of(app: Litestar) -> list[Route]:
    """Everything the router knows, in the order of paths."""
    found = [
        Route(method, route.path_format, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in sorted(handler.http_methods)
    ]
    return sorted(found, key=lambda r: (r.path, r.method))
