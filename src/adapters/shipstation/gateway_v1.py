# ruff: noqa: ARG002 - the port asks more than V1 can use: its calls know no mode
"""ShipStation V1 behind our port: an order under our own key, then one label for it.

V1 has no address check, no tracking, and hands the label's file out once, with the purchase.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Collection, Sequence

import httpx

from adapters.shipstation import translate_v1 as translate
from adapters.shipstation import wire_v1 as wire
from adapters.shipstation.cache import Hourly
from adapters.shipstation.client import Call, Client
from adapters.shipstation.credentials import clean, is_test_key
from adapters.shipstation.limiter import Limiter, Urgency
from adapters.shipstation.translate import carrier_name, cents, pdf
from adapters.shipstation.wire import plain
from shipping_core.domain.ids import Mode
from shipping_core.domain.shipment import Address, CarrierBox, Label, Parcel, Rate, Shipment, Tracking
from shipping_core.errors import GatewayError, GatewayRefused, GatewayUnavailable, OutcomeUnknown
from shipping_core.ports.clock import Clock
from shipping_core.ports.shipping import (
    AddressCheck,
    Bought,
    CarrierService,
    Estimate,
    Offers,
    Prepared,
    Purchase,
    ShippingGateway,
    Verdict,
    VoidAnswer,
    Wallet,
)

PAGE_SIZE = 500
MAX_PAGES = 20


class ShipStationV1(ShippingGateway):
    """Speaks to V1 with one key pair for both modes; test mode is a flag that is forced onto the purchase.

    `test_label_carriers` names the carrier codes known to honour that flag; None trusts all of them.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_key: str,
        api_secret: str,
        clock: Clock,
        per_minute: int | None = 40,
        head_room: int = 4,
        test_label_carriers: Collection[str] | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`per_minute` is the quota; quotes leave `head_room` of it to purchases; None does not limit.

        Raises:
            ValueError: the pair is incomplete or not of V1; names the setting.
        """
        key, secret = clean(api_key, "SHIPSTATION_API_KEY"), clean(api_secret, "SHIPSTATION_API_SECRET")
        if not key or is_test_key(key):
            raise ValueError("SHIPSTATION_API_KEY must hold the key of a V1 pair")
        if not secret:
            raise ValueError("SHIPSTATION_API_SECRET is missing: V1 needs a key and a secret")
        token = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self._client = Client(
            http,
            headers={"Authorization": f"Basic {token}"},
            limiter=Limiter(per_minute, head_room=head_room, clock=clock, sleep=sleep),
            fault=wire.fault,
            sleep=sleep,
        )
        self._clock = clock
        self._test_label_carriers = test_label_carriers
        self._carriers = Hourly(self._load_carriers, clock)
        self._services = Hourly(self._load_services, clock)
        self._boxes = Hourly(self._load_boxes, clock)
        self._warehouses = Hourly(self._load_warehouses, clock)

    @property
    def requires_sender_phone(self) -> bool:
        """V1 asks for none."""
        return False

    async def _load_carriers(self) -> tuple[wire.Carrier, ...]:
        return translate.carriers(
            await self._client.read(Call("services", "GET", "/carriers"), list[wire.Carrier])
        )

    async def _load_services(self) -> tuple[CarrierService, ...]:
        async def of(carrier: wire.Carrier) -> list[CarrierService]:
            call = Call("services", "GET", "/carriers/listservices", {"carrierCode": carrier.code})
            listed = await self._client.read(call, list[wire.Service])
            return [translate.carrier_service(carrier, service) for service in listed]

        found = await asyncio.gather(*(of(c) for c in await self._carriers.get()))
        return tuple(service for services in found for service in services)

    async def _load_boxes(self) -> tuple[CarrierBox, ...]:
        async def of(carrier: wire.Carrier) -> list[CarrierBox]:
            call = Call("services", "GET", "/carriers/listpackages", {"carrierCode": carrier.code})
            return translate.boxes(carrier, await self._client.read(call, list[wire.Package]))

        found = await asyncio.gather(*(of(c) for c in await self._carriers.get()))
        return tuple(box for boxes in found for box in boxes)

    async def _load_warehouses(self) -> dict[str, int]:
        listed = await self._client.read(Call("prepare", "GET", "/warehouses"), list[wire.Warehouse])
        return {w.warehouse_name: w.warehouse_id for w in listed if w.warehouse_name}

    async def services(self, mode: Mode) -> Sequence[CarrierService]:
        """Every service of every connected carrier, the same in both modes; known for an hour."""
        return await self._services.get()

    async def boxes(self, mode: Mode) -> Sequence[CarrierBox]:
        """The flat-rate boxes of every connected carrier, the same in both modes; known for an hour."""
        return await self._boxes.get()

    async def wallets(self, mode: Mode) -> Sequence[Wallet]:
        """The balances of accounts that must be funded, as the carrier list says them now."""
        listed = await self._client.read(Call("wallets", "GET", "/carriers"), list[wire.Carrier])
        return [
            Wallet(c.code, cents(c.balance))
            for c in listed
            if c.requires_funded_account and c.balance is not None
        ]

    async def check_address(self, address: Address, mode: Mode) -> AddressCheck:
        """V1 cannot."""
        return AddressCheck(Verdict.UNAVAILABLE)

    async def rates(self, shipment: Shipment, *, reference: str, mode: Mode) -> Offers:
        """One call for each carrier, side by side."""
        return await self._offers(
            "rates", lambda code: translate.rates_request(shipment, code), shipment.parcel, reference
        )

    async def estimate(self, estimate: Estimate, mode: Mode) -> Offers:
        """As `rates`: V1 never stores a quote."""
        return await self._offers(
            "estimate", lambda code: translate.estimate_request(estimate, code), estimate.parcel, "estimate"
        )

    async def _offers(
        self, operation: str, request: Callable[[str], object], parcel: Parcel, reference: str
    ) -> Offers:
        async def of(carrier: wire.Carrier) -> tuple[Rate, ...] | GatewayError:
            call = Call(operation, "POST", "/shipments/getrates", body=request(carrier.code))
            try:
                offered = await self._client.read(call, list[wire.Rate])
            except GatewayError as exc:
                return exc
            return translate.rates(offered, carrier, parcel, reference=reference)

        carriers = [c for c in await self._carriers.get() if parcel.goes_by(c.code)]
        answers = await asyncio.gather(*(of(c) for c in carriers))
        _raise_common(answers)
        silent = {
            carrier_name(c.code, c.name): (a.reason or a.code) if isinstance(a, GatewayError) else "no rates"
            for c, a in zip(carriers, answers, strict=True)
            if isinstance(a, GatewayError) or not a
        }
        rates = [r for a in answers if not isinstance(a, GatewayError) for r in a]
        heard = {r.carrier for r in rates}
        return Offers(
            tuple(sorted(rates, key=lambda r: (r.price.minor, r.carrier, r.service))),
            tuple((name, reason) for name, reason in silent.items() if name not in heard),
        )

    async def prepare(self, purchase: Purchase) -> Prepared:
        """Store the order under our reference, with the sender's place; a repeat updates the same order."""
        self._refuse_untested(purchase)
        warehouse_id = await self._warehouse(purchase.shipment.sender)
        try:
            body = translate.order_request(purchase, warehouse_id, self._clock.now())
        except ValueError:
            raise GatewayRefused("prepare", "not an offer of V1", code="not_for_sale") from None
        call = Call("prepare", "POST", "/orders/createorder", body=body, urgency=Urgency.LOOKUP)
        try:
            order = await self._client.read(call, wire.Order)
        except GatewayRefused:
            # The place may have been removed at the partner's: the next try makes it anew.
            (await self._warehouses.get()).pop(translate.warehouse_name(purchase.shipment.sender), None)
            raise
        return Prepared(purchase, str(order.order_id))

    def _refuse_untested(self, purchase: Purchase) -> None:
        checked = self._test_label_carriers
        if purchase.mode is Mode.TEST and checked is not None and purchase.rate.carrier_code not in checked:
            raise GatewayRefused(
                "prepare", "this carrier is not known to make test labels", code="no_test_labels"
            )

    async def _warehouse(self, sender: Address) -> int:
        """V1 takes the sender from a warehouse, not from the order: each sender gets one when first met."""
        known, name = await self._warehouses.get(), translate.warehouse_name(sender)
        if name not in known:
            body = translate.warehouse_request(sender)
            call = Call("prepare", "POST", "/warehouses/createwarehouse", body=body, urgency=Urgency.LOOKUP)
            known[name] = (await self._client.read(call, wire.Warehouse)).warehouse_id
        return known[name]

    async def buy(self, prepared: Prepared) -> Bought:
        """Buy a label for the prepared order; in test mode the flag `testLabel` goes along.

        Raises:
            GatewayRefused: nothing was bought.
            GatewayUnavailable: the request never reached V1's shop.
            OutcomeUnknown: it may have been bought; so is every 5xx, which V1 also uses for validation.
        """
        purchase = prepared.purchase
        self._refuse_untested(purchase)
        if not prepared.carrier_order.isdecimal():
            raise GatewayRefused("buy", "the order was not prepared", code="not_prepared")
        try:
            body = translate.label_request(purchase, int(prepared.carrier_order), self._clock.now())
        except ValueError:
            raise GatewayRefused("buy", "not an offer of V1", code="not_for_sale") from None
        call = Call("buy", "POST", "/orders/createlabelfororder", body=body, urgency=Urgency.PURCHASE)
        _, bought = await self._client.act(call, translate.judge_label)
        if bought is None:
            raise OutcomeUnknown("buy", "no label in the answer")
        return Bought(translate.label(bought, purchase.rate, prepared.carrier_order), pdf(bought.label_data))

    async def find(self, prepared: Prepared) -> Sequence[Label]:
        """Every label of the order, by its id and by our number; V1 matches by prefix, so we compare.

        Raises:
            GatewayUnavailable: an answer is missing: no evidence either way.
        """
        reference, order_id = prepared.purchase.reference, prepared.carrier_order
        filters = [{"orderNumber": reference}, *([{"orderId": order_id}] if order_id else [])]
        try:
            pages = [await self._listed(f) for f in filters]
        except GatewayRefused as exc:
            raise GatewayUnavailable("find", exc.reason, code=exc.code) from exc
        ours = {
            s.shipment_id: s
            for s in (s for page in pages for s in page)
            if reference in (s.order_number, s.order_key) or (order_id and str(s.order_id) == order_id)
        }
        made = sorted(ours.values(), key=lambda s: (s.create_date or "9999", s.shipment_id))
        return [translate.label(s, prepared.purchase.rate, order_id) for s in made]

    async def _listed(self, filters: dict[str, str]) -> list[wire.Shipment]:
        found: list[wire.Shipment] = []
        for page in range(1, MAX_PAGES + 1):
            params: dict[str, str | int] = {
                **filters,
                "sortBy": "CreateDate",
                "sortDir": "ASC",
                "page": page,
                "pageSize": PAGE_SIZE,
            }
            call = Call("find", "GET", "/shipments", params, urgency=Urgency.LOOKUP)
            answer = await self._client.read(call, wire.Shipments)
            found += answer.shipments
            if page >= answer.pages:
                return found
        raise GatewayUnavailable("find", "too many pages", code="too_many_pages")

    async def document(self, label: Label, mode: Mode) -> bytes:
        """V1 shows a label's file only once.

        Raises:
            GatewayRefused: always, `no_document`.
        """
        raise GatewayRefused("document", "V1 gives the file only with the purchase", code="no_document")

    async def void(self, label: Label, mode: Mode) -> VoidAnswer:
        """One request; HTTP 200 may still say no, so `approved` decides.

        Raises:
            OutcomeUnknown: it may have been voided; `find` shows it.
        """
        if not label.label_id.isdecimal():
            raise GatewayRefused("void", "not a label of V1", code="unknown_label")
        body = {"shipmentId": int(label.label_id)}
        call = Call("void", "POST", "/shipments/voidlabel", body=body, urgency=Urgency.LOOKUP)
        _, verdict = await self._client.act(call, translate.judge_void)
        if verdict is None:
            raise OutcomeUnknown("void", "no verdict in the answer")
        return VoidAnswer(verdict.approved, plain(verdict.message))

    async def track(self, label: Label, mode: Mode) -> Tracking:
        """V1 cannot.

        Raises:
            GatewayRefused: always, `unsupported`.
        """
        raise GatewayRefused("track", "V1 has no tracking", code="unsupported")


def _raise_common(answers: Sequence[tuple[Rate, ...] | GatewayError]) -> None:
    """A refused key, or nobody within reach, is the answer to the whole question."""
    errors = [a for a in answers if isinstance(a, GatewayError)]
    for error in errors:
        if error.code == "unauthorized":
            raise error
    if errors and len(errors) == len(answers) and all(isinstance(e, GatewayUnavailable) for e in errors):
        raise errors[0]
