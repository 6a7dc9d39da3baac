"""The knobs and gauges for tests, under /sandbox; Oxapay has nothing like them.

| call, below /sandbox/oxapay | body or query | gives |
| --- | --- | --- |
| GET, POST /settings | any of `Settings` | all settings |
| POST /clock | `advance_s`, `wait` | `now` |
| POST /reset | | 204 |
| GET /ledger | | `invoices`, `deliveries`, `calls` |
| GET /invoices/{track_id} | | one invoice |
| POST /invoices/{track_id}/choose, pay, expire, accept, refund, status | see `cashier.KINDS` | the invoice |
| GET /deliveries | `track_id` | `deliveries` |
| POST /deliveries | see `Odd` | the delivery |
| POST /deliveries/{id}/repeat | `wait` | a new delivery of the same bytes |
| POST /deliveries/release | `order`, `ids`, `wait` | the `deliveries` released |

GET, POST, DELETE /sandbox/faults/oxapay: the accidents to come, see `faults.Fault`.
A refused control answers 400, 404 or 409 with a `detail`.
"""

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import attrs
import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.kit.control import Advance, asking, command, fault_handlers, plain
from shipping_sandbox.oxapay_api import views
from shipping_sandbox.oxapay_api.cashier import KINDS, Act, Cashier
from shipping_sandbox.oxapay_api.courier import ATTEMPTS, Delivery, sign
from shipping_sandbox.oxapay_api.envelope import encode
from shipping_sandbox.oxapay_api.faults import Fault
from shipping_sandbox.oxapay_api.invoice import Impossible, Invoice
from shipping_sandbox.oxapay_api.settings import Shape
from shipping_sandbox.oxapay_api.world import World

_ROOT = "/sandbox/oxapay"
_INVOICE = f"{_ROOT}/invoices/{{track_id:str}}"
_DELIVERIES = f"{_ROOT}/deliveries"


class Jump(Advance, forbid_unknown_fields=True, kw_only=True):
    """A jump of the clock; with `wait`, the answer comes when the webhook attempts it began are over."""

    wait: bool = False


class Odd(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A delivery on order: any status, forged, changed, or no JSON at all."""

    track_id: str = ""
    status: str | None = None  # None: the invoice's own
    shape: Shape | None = None
    changes: dict[str, Any] = msgspec.field(default_factory=dict)  # fields of the body put over the true ones
    raw: str | None = None  # this text as the body instead
    raw_base64: str | None = None  # these bytes as the body instead
    signature: str = "good"  # good, bad, missing, or any text to send as it is
    key: str | None = None  # signs instead of the merchant's
    url: str | None = None  # goes there instead of the callback_url
    attempts: int = 1
    wait: bool = True


class Again(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One more delivery of the same bytes."""

    wait: bool = True


class Release(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which held deliveries go out, in which order; all of them by default."""

    order: Literal["given", "reversed"] = "given"
    ids: list[int] | None = None
    wait: bool = True


def control_handlers(world: World, cashier: Cashier) -> list[HTTPRouteHandler]:
    """The handlers of all controls over one world."""
    control = _Control(world, cashier)
    return [
        *fault_handlers("/sandbox/faults/oxapay", Fault, lambda: world.faults),
        plain("GET", f"{_ROOT}/settings", control.settings),
        command(f"{_ROOT}/settings", dict[str, Any], control.change),
        command(f"{_ROOT}/clock", Jump, control.advance),
        plain("POST", f"{_ROOT}/reset", control.reset),
        plain("GET", f"{_ROOT}/ledger", control.ledger),
        *(command(f"{_INVOICE}/{name}", kind, control.doer(name)) for name, kind in KINDS.items()),
        asking("GET", _INVOICE, control.invoice),
        asking("GET", _DELIVERIES, control.list_deliveries),
        command(_DELIVERIES, Odd, control.deliver),
        command(f"{_DELIVERIES}/release", Release, control.release),
        command(f"{_DELIVERIES}/{{delivery_id:int}}/repeat", Again, control.repeat),
    ]


class _Control:
    def __init__(self, world: World, cashier: Cashier) -> None:
        self._world = world
        self._cashier = cashier

    def settings(self) -> Answer:
        return in_json(self._world.settings)

    def change(self, wish: dict[str, Any]) -> Answer:
        try:
            self._world.change(self._world.settings.changed(wish))
        except msgspec.ValidationError as bad:
            return _refused(str(bad))
        return self.settings()

    async def advance(self, wish: Jump) -> Answer:
        try:
            self._world.clock.advance(wish.advance_s)
        except ValueError as backwards:
            return _refused(str(backwards))
        self._world.agenda.catch_up()
        await self._settle(wait=wish.wait)
        return in_json({"now": self._world.clock.now().isoformat()})

    def reset(self) -> Answer:
        self._world.reset()
        return Answer(204)

    def ledger(self) -> Answer:
        self._world.agenda.catch_up()
        return in_json(
            {
                "invoices": [_entry(invoice) for invoice in self._world.invoices.values()],
                "deliveries": [_told(d) for d in self._world.courier.deliveries.values()],
                "calls": dict(self._world.calls),
            }
        )

    def doer(self, name: str) -> Callable[..., Any]:
        async def do(wish: Act, track_id: str) -> Answer:
            self._world.agenda.catch_up()
            invoice = self._world.invoices.get(track_id)
            if invoice is None:
                return _missing("invoice", track_id)
            try:
                self._cashier.do(invoice, name, wish)
            except Impossible as why:
                return _refused(str(why), 409)
            await self._settle(wait=wish.wait)
            return in_json(_entry(invoice))

        return do

    def invoice(self, request: Request[Any, Any, Any]) -> Answer:
        self._world.agenda.catch_up()
        track_id = str(request.path_params["track_id"])
        invoice = self._world.invoices.get(track_id)
        return in_json(_entry(invoice)) if invoice else _missing("invoice", track_id)

    def list_deliveries(self, request: Request[Any, Any, Any]) -> Answer:
        self._world.agenda.catch_up()
        wanted, courier = request.query_params.get("track_id"), self._world.courier
        found = courier.deliveries.values() if wanted is None else courier.of(wanted)
        return in_json({"deliveries": [_told(d) for d in found]})

    async def deliver(self, wish: Odd) -> Answer:
        invoice = self._world.invoices.get(wish.track_id)
        if invoice is None and (wish.url is None or (wish.raw is None and wish.raw_base64 is None)):
            return _refused("without a known track_id, url and raw or raw_base64 are needed")
        try:
            body = self._body(wish, invoice)
        except ValueError as bad:
            return _refused(f"raw_base64: {bad}")
        key = wish.key if wish.key is not None else invoice.merchant.key if invoice else ""
        url = wish.url or (invoice.terms.callback_url if invoice else "")
        if not url:
            return _refused("the invoice has no callback_url; say url", 409)
        signature = _signature(wish.signature, sign(key, body))
        delivery = self._world.courier.new(
            track_id=wish.track_id, event="ordered", url=url, body=body, signature=signature
        )
        return await self._bring(delivery, attempts=wish.attempts, wait=wish.wait)

    async def repeat(self, wish: Again, delivery_id: int) -> Answer:
        old = self._world.courier.deliveries.get(delivery_id)
        if old is None:
            return _missing("delivery", delivery_id)
        delivery = self._world.courier.new(
            track_id=old.track_id, event=old.event, url=old.url, body=old.body, signature=old.signature
        )
        return await self._bring(delivery, attempts=1, wait=wish.wait)

    async def release(self, wish: Release) -> Answer:
        courier = self._world.courier
        ids = courier.held() if wish.ids is None else wish.ids
        if unknown := [i for i in ids if i not in courier.deliveries]:
            return _missing("delivery", unknown[0])
        released = courier.release(ids if wish.order == "given" else ids[::-1])
        await self._settle(wait=wish.wait)
        return in_json({"deliveries": [_told(d) for d in released]})

    async def _bring(self, delivery: Delivery, *, attempts: int, wait: bool) -> Answer:
        delivery.attempts_left = max(1, min(attempts, ATTEMPTS))
        self._world.courier.bring(delivery)
        await self._settle(wait=wait)
        return in_json(_told(delivery))

    async def _settle(self, *, wait: bool) -> None:
        if wait:
            await self._world.courier.idle()

    def _body(self, wish: Odd, invoice: Invoice | None) -> bytes:
        if wish.raw is not None:
            return wish.raw.encode()
        if wish.raw_base64 is not None or invoice is None:
            return base64.b64decode(wish.raw_base64 or "", validate=True)
        settings = self._world.settings
        shape, status = wish.shape or settings.shape, wish.status or invoice.status
        true = views.webhook(invoice, status, shape, self._world.clock.now())
        return encode({**true, **wish.changes}, settings.decimals)


def _signature(wish: str, good: str) -> str | None:
    if wish == "bad":
        return f"{good[:-1]}{'0' if good[-1] != '0' else '1'}"
    return {"good": good, "missing": None}.get(wish, wish)


def _entry(invoice: Invoice) -> dict[str, Any]:
    coin = invoice.coin
    return {
        **views.payment(invoice),
        "merchant": invoice.merchant.number,
        "sandbox": invoice.terms.sandbox,
        "payment_url": invoice.payment_url,
        "pay_currency": coin.symbol if coin else None,
        "network": invoice.network.name if invoice.network else None,
        "address": invoice.address,
        "due": max(invoice.due(coin), Decimal(0)) if coin else None,
        "history": [{"at": change.at.isoformat(), "status": change.status} for change in invoice.changes],
    }


def _told(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "track_id": delivery.track_id,
        "event": delivery.event,
        "url": delivery.url,
        "state": delivery.state,
        "body": delivery.body.decode("utf-8", errors="replace"),
        "signature": delivery.signature,
        "created_at": delivery.created_at.isoformat(),
        "next_at": delivery.next_at.isoformat() if delivery.next_at else None,
        "attempts": [{**attrs.asdict(a), "at": a.at.isoformat()} for a in delivery.attempts],
    }


def _refused(why: str, status: int = 400) -> Answer:
    return in_json({"detail": why}, status)


def _missing(what: str, which: object) -> Answer:
    return _refused(f"no {what} {which}", 404)
