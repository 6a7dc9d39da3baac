"""The merchant API's paths, and what happens around every call: key, limit, ordered accidents."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import attrs
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from shipping_sandbox.kit.accidents import suffer
from shipping_sandbox.kit.answers import Answer, LostAnswer, Refusal
from shipping_sandbox.kit.control import Method
from shipping_sandbox.oxapay_api import envelope, history, reading, views
from shipping_sandbox.oxapay_api.cashier import Cashier
from shipping_sandbox.oxapay_api.coins import COINS, Coin
from shipping_sandbox.oxapay_api.faults import Fault
from shipping_sandbox.oxapay_api.invoice import Merchant
from shipping_sandbox.oxapay_api.world import World

ROOT = "/oxapay/v1"
KEY_HEADER = "merchant_api_key"
_EDGE_PAGE = b"<!doctype html><html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>"
_METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "DELETE")
_NOBODY = Merchant(key="", number="0")
_WITHDRAWALS_IN_DEPOSITS = 10  # how many times the least deposit the least withdrawal is


@attrs.frozen(kw_only=True)
class Call:
    """Everything an operation may look at."""

    merchant: Merchant
    home: str  # scheme and host the client used, for the link to the pay page
    path: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes = attrs.field(repr=False)

    def body(self) -> Any:
        """The JSON sent, with decimals for fractions.

        Raises:
            Refusal: 400, it is no JSON.
        """
        try:
            return json.loads(self.raw, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise envelope.invalid("body", "the body must be a JSON object") from None


@attrs.frozen(kw_only=True)
class Route:
    """One path of the API; an open one needs no key and counts against no limit."""

    method: Method
    path: str
    operation: Literal["create", "inquire", "history", "currencies", "monitor"]
    act: Callable[[Call], Answer]
    open: bool = False


class Api:
    """The operations over one world."""

    def __init__(self, world: World, cashier: Cashier) -> None:
        self._world = world
        self._cashier = cashier

    def handlers(self) -> list[HTTPRouteHandler]:
        """The handlers of all paths, and one for the paths that are none."""
        routes = (
            Route(method="POST", path="/payment/invoice", operation="create", act=self._create),
            Route(method="GET", path="/payment", operation="history", act=self._history),
            Route(
                method="GET", path="/payment/accepted-currencies", operation="currencies", act=self._accepted
            ),
            Route(method="GET", path="/payment/{track_id:str}", operation="inquire", act=self._inquire),
            Route(
                method="GET",
                path="/common/currencies",
                operation="currencies",
                act=self._coins,
                open=True,
            ),
            Route(method="GET", path="/common/monitor", operation="monitor", act=self._monitor, open=True),
        )
        lost = [_lost(route.path, [m for m in _METHODS if m != route.method]) for route in routes]
        return [*(self._handler(route) for route in routes), *lost, _lost("/{rest:path}", _METHODS)]

    def _create(self, call: Call) -> Answer:
        terms = reading.terms(call.body(), self._world.settings)
        invoice = self._cashier.create(call.merchant, terms, call.home)
        return self._done(
            {
                "track_id": invoice.track_id,
                "payment_url": invoice.payment_url,
                "expired_at": views.seconds(invoice.expires_at),
                "date": views.seconds(invoice.created_at),
            }
        )

    def _inquire(self, call: Call) -> Answer:
        invoice = self._world.invoices.get(call.path["track_id"])
        if invoice is None or invoice.merchant != call.merchant:
            raise envelope.unknown("track_id", "no payment has this track_id")
        return self._done(views.payment(invoice))

    def _history(self, call: Call) -> Answer:
        own = (i for i in self._world.invoices.values() if i.merchant == call.merchant)
        page = history.search(own, call.query)
        meta = {"page": page.number, "last_page": page.last, "total": page.total}
        return self._done({"list": [views.payment(i) for i in page.invoices], "meta": meta})

    def _accepted(self, call: Call) -> Answer:  # noqa: ARG002 - the same for every merchant
        accepted = self._world.settings.accepted
        return self._done({"list": list(COINS) if accepted is None else accepted})

    def _coins(self, call: Call) -> Answer:  # noqa: ARG002 - public
        return self._done({symbol: _currency(coin) for symbol, coin in COINS.items()})

    def _monitor(self, call: Call) -> Answer:  # noqa: ARG002 - public
        return self._done({"status": "OK"})

    def _done(self, data: Any) -> Answer:
        return envelope.done(data, self._world.settings.decimals)

    def _handler(self, route: Route) -> HTTPRouteHandler:
        async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
            return await self._serve(route, request)

        return HTTPRouteHandler(ROOT + route.path, http_method=route.method)(handle)

    async def _serve(self, route: Route, request: Request[Any, Any, Any]) -> ASGIResponse:
        world = self._world
        world.agenda.catch_up()
        try:
            merchant = _NOBODY if route.open else self._admit(request)
        except Refusal as refusal:
            return refusal.answer.response()
        call = Call(
            merchant=merchant,
            home=str(request.base_url).rstrip("/"),
            path={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params.items()),
            raw=await request.body(),
        )
        world.calls[route.operation] += 1
        text = f"{request.url.path}?{request.url.query} {call.raw.decode('utf-8', errors='replace')}"
        fault = world.faults.take(lambda f: f.fits(route.operation, text))
        act = partial(_run, route, call)
        answer = await suffer(fault.fault, fault.delay_s, act, _instead(fault)) if fault else act()
        return LostAnswer() if answer is None else answer.response()

    def _admit(self, request: Request[Any, Any, Any]) -> Merchant:
        merchant = self._world.merchant(request.headers.get(KEY_HEADER, ""))
        if merchant is None:
            raise Refusal(envelope.wrong_key())
        limit = self._world.settings.requests_per_minute
        if limit is not None:
            window = self._world.windows.admit(merchant.number, limit, self._world.clock.now())
            if not window.allowed:
                raise Refusal(envelope.too_fast(window.reset_s))
        return merchant


def _run(route: Route, call: Call) -> Answer:
    try:
        return route.act(call)
    except Refusal as refusal:
        return refusal.answer


def _instead(fault: Fault) -> dict[str, Callable[[], Answer]]:
    wire = fault.wire_status
    broken = partial(envelope.failed, fault.status, "server_error", "", "Try again later", wire_status=wire)
    refused = partial(envelope.failed, 400, "invalid_request", fault.key, "refused by order")
    page_status = fault.status if fault.status != 500 else 502
    return {
        "401": partial(envelope.wrong_key, wire_status=wire),
        "429": partial(envelope.too_fast, fault.retry_after),
        "5xx": broken,
        "refuse": partial(refused, wire_status=wire),
        "html": lambda: Answer(page_status, _EDGE_PAGE, media_type="text/html"),
    }


def _lost(path: str, methods: Sequence[Method]) -> HTTPRouteHandler:
    async def handle() -> ASGIResponse:
        return envelope.failed(404, "not_found", "path", "there is no such path").response()

    return HTTPRouteHandler(ROOT + path, http_method=methods, status_code=404)(handle)


def _currency(coin: Coin) -> dict[str, Any]:
    return {
        "symbol": coin.symbol,
        "name": coin.name,
        "status": True,
        "networks": {
            network.name: {
                "network": network.name,
                "name": network.name,
                "keys": list(network.names),
                "required_confirmations": network.confirmations,
                "deposit_min": coin.deposit_min,
                "withdraw_min": coin.deposit_min * _WITHDRAWALS_IN_DEPOSITS,
                "withdraw_fee": coin.deposit_min,
                "static_fixed_fee": 0,
            }
            for network in coin.networks
        },
    }
