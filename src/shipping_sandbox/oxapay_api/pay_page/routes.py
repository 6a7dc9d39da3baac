"""The pay page's paths: the page, its QR code, its state for the script, and its acts as plain form posts."""

from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import segno
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.kit.assets import assets
from shipping_sandbox.kit.control import asking
from shipping_sandbox.oxapay_api.cashier import KINDS, Cashier
from shipping_sandbox.oxapay_api.courier import Delivery
from shipping_sandbox.oxapay_api.invoice import Impossible, Invoice
from shipping_sandbox.oxapay_api.pay_page import document
from shipping_sandbox.oxapay_api.world import World

_STATIC = Path(__file__).parent / "static"
_PAGE = "/pay/{track_id:str}"
_NOT_KEPT = {"cache-control": "no-store"}


def page_handlers(world: World, cashier: Cashier) -> list[HTTPRouteHandler]:
    """The handlers of the page over one world."""
    page = _Page(world, cashier)
    return [
        asking("GET", _PAGE, page.show),
        asking("GET", f"{_PAGE}/state", page.state),
        asking("GET", f"{_PAGE}/qr.svg", page.qr),
        asking("POST", f"{_PAGE}/{{act:str}}", page.act),
        assets("/pay/static", _STATIC),
    ]


class _Page:
    def __init__(self, world: World, cashier: Cashier) -> None:
        self._world = world
        self._cashier = cashier

    def show(self, request: Request[Any, Any, Any]) -> Answer:
        invoice = self._invoice(request)
        return self._shown(invoice) if invoice else _nothing()

    def state(self, request: Request[Any, Any, Any]) -> Answer:
        invoice = self._invoice(request)
        if invoice is None:
            return in_json({"detail": "no such invoice"}, 404)
        now = {
            "version": document.version_of(invoice, self._deliveries(invoice)),
            "status": invoice.status,
            "seconds_left": document.seconds_left(invoice, self._world.clock.now()),
        }
        return in_json(now, headers=_NOT_KEPT)

    def qr(self, request: Request[Any, Any, Any]) -> Answer:
        invoice = self._invoice(request)
        if invoice is None or not invoice.address:
            return _nothing()
        picture = BytesIO()
        code = segno.make(invoice.address, micro=False, error="m")
        code.save(picture, kind="svg", scale=4, dark="#10202b", light="#ffffff")
        return Answer(200, picture.getvalue(), _NOT_KEPT, "image/svg+xml")

    async def act(self, request: Request[Any, Any, Any]) -> Answer:
        invoice, name = self._invoice(request), str(request.path_params["act"])
        kind = KINDS.get(name)
        if invoice is None or kind is None:
            return _nothing()
        sent = {key: str(value) for key, value in (await request.form()).items()}
        if ":" in (pick := sent.pop("pick", "")):
            sent["coin"], sent["network"] = pick.split(":", 1)
        try:
            self._cashier.do(invoice, name, msgspec.convert(sent, kind, strict=False))
        except (Impossible, msgspec.ValidationError) as why:
            return self._shown(invoice, trouble=str(why))
        return Answer(303, headers={"location": f"/pay/{invoice.track_id}"})

    def _invoice(self, request: Request[Any, Any, Any]) -> Invoice | None:
        self._world.agenda.catch_up()
        return self._world.invoices.get(str(request.path_params["track_id"]))

    def _deliveries(self, invoice: Invoice) -> list[Delivery]:
        return self._world.courier.of(invoice.track_id)

    def _shown(self, invoice: Invoice, trouble: str = "") -> Answer:
        text = document.document(invoice, self._deliveries(invoice), self._world.clock.now(), trouble)
        return _html(text, 409 if trouble else 200)


def _nothing() -> Answer:
    return _html(document.nothing_here(), 404)


def _html(text: str, status: int) -> Answer:
    return Answer(status, text.encode(), _NOT_KEPT, "text/html")
