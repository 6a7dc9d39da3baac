"""ShipStation V2 behind our port: quote under our own id, buy by rate, find by shipment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

import httpx

from adapters.shipstation import documents
from adapters.shipstation import translate_v2 as translate
from adapters.shipstation import wire_v2 as wire
from adapters.shipstation.cache import FRESH_S, Hourly
from adapters.shipstation.client import Call, Client
from adapters.shipstation.credentials import keys_by_mode, no_credentials
from adapters.shipstation.limiter import Limiter, Urgency
from adapters.shipstation.outcomes import Body, Outcome
from adapters.shipstation.suggestions import address_check
from adapters.shipstation.translate import cents, moment
from shipping_core.domain.ids import Mode
from shipping_core.domain.shipment import Address, CarrierBox, Label, Parcel, Shipment, Tracking
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

PAGE_SIZE = 100
MAX_PAGES = 50
PENDING_PAUSES_S = (1.0, 2.0, 3.0, 4.0)
_PLAN_CODES = {"forbidden", "invalid_billing_plan", "subscription_inactive", "trial_expired"}
_NOT_CHECKED = AddressCheck(Verdict.UNAVAILABLE)


class ShipStationV2(ShippingGateway):
    """Speaks to V2 with one key for each mode; a mode without its key is refused, never served by the other.

    An account of the ShipStation web platform has no `TEST_` key and so no test mode at all: all its calls
    are live. `shipper_phone` stands in where a sender gave none, for V2 insists on one.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_key: str,
        test_api_key: str | None = None,
        shipper_phone: str | None = None,
        clock: Clock,
        per_minute: int | None = 200,
        test_per_minute: int | None = 20,
        head_room: int = 4,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`per_minute` and `test_per_minute` are the vendor's quotas; None does not limit.

        Raises:
            ValueError: no key, or a key where it does not belong; names the setting.
        """
        quotas = {Mode.PRODUCTION: per_minute, Mode.TEST: test_per_minute}
        self._clients = {
            mode: Client(
                http,
                headers={"API-Key": key},
                limiter=Limiter(quotas[mode], head_room=head_room, clock=clock, sleep=sleep),
                fault=wire.fault,
                sleep=sleep,
            )
            for mode, key in keys_by_mode(api_key, test_api_key).items()
        }
        self._accounts = {mode: Hourly(self._loader(client), clock) for mode, client in self._clients.items()}
        self._shipper_phone = (shipper_phone or "").strip()
        self._clock = clock
        self._sleep = sleep
        self._no_checks_before: dict[Mode, float] = {}

    @property
    def requires_sender_phone(self) -> bool:
        """True until there is a phone of our own to stand in."""
        return not self._shipper_phone

    def _client(self, mode: Mode, operation: str) -> Client:
        if mode not in self._clients:
            raise no_credentials(operation, mode)
        return self._clients[mode]

    def _loader(self, client: Client) -> Callable[[], Awaitable[tuple[translate.Account, ...]]]:
        async def load() -> tuple[translate.Account, ...]:
            listed = await client.read(Call("services", "GET", "/v2/carriers"), wire.Carriers)
            usable = [c for c in listed.carriers if not c.disabled_by_billing_plan]
            return tuple(await asyncio.gather(*(_with_lists(client, c) for c in usable)))

        return load

    async def services(self, mode: Mode) -> Sequence[CarrierService]:
        """Every service of every connected carrier; known for an hour."""
        self._client(mode, "services")
        return [s for account in await self._accounts[mode].get() for s in account.services]

    async def boxes(self, mode: Mode) -> Sequence[CarrierBox]:
        """The flat-rate boxes of every connected carrier; known for an hour."""
        self._client(mode, "services")
        return [box for account in await self._accounts[mode].get() for box in account.boxes]

    async def wallets(self, mode: Mode) -> Sequence[Wallet]:
        """The balances of accounts that must be funded, as the carrier list says them now."""
        call = Call("wallets", "GET", "/v2/carriers")
        listed = await self._client(mode, "wallets").read(call, wire.Carriers)
        return [
            Wallet(c.carrier_code, cents(c.balance))
            for c in listed.carriers
            if c.requires_funded_amount and c.balance is not None
        ]

    async def check_address(self, address: Address, mode: Mode) -> AddressCheck:
        """Ask the partner's address check; a plan without it is asked again after an hour."""
        client = self._client(mode, "check_address")
        if self._clock.monotonic_s() < self._no_checks_before.get(mode, float("-inf")):
            return _NOT_CHECKED
        call = Call(
            "check_address",
            "POST",
            "/v2/addresses/validate",
            body=[translate.address(address, address.phone)],
        )
        try:
            checked = await client.read_optional(call, list[wire.Checked], absent=(402, 403, 404, 405, 501))
        except GatewayRefused as exc:
            if exc.code not in _PLAN_CODES:
                raise
            checked = None
        if checked is None:
            self._no_checks_before[mode] = self._clock.monotonic_s() + FRESH_S
            return _NOT_CHECKED
        return address_check(address, checked[0]) if checked else _NOT_CHECKED

    async def rates(self, shipment: Shipment, *, reference: str, mode: Mode) -> Offers:
        """All carriers in one call; the partner stores the shipment under `reference`.

        Raises:
            GatewayRefused: `identifier_conflict` when another shipment is stored under it already.
        """
        client = self._client(mode, "rates")
        accounts = await self._asked(mode, shipment.parcel)
        if not accounts:
            return Offers(())
        carrier_ids = [a.carrier_id for a in accounts]
        body = translate.rates_request(
            shipment,
            reference=reference,
            carrier_ids=carrier_ids,
            shipper_phone=self._shipper_phone,
            now=self._clock.now(),
        )
        try:
            answer = await client.read(Call("rates", "POST", "/v2/rates", body=body), wire.Rates)
        except GatewayRefused as exc:
            if exc.code != "identifier_conflict":
                raise
            stored = await self._stored(client, shipment, reference, exc)
            body = translate.stored_rates_request(stored, carrier_ids)
            answer = await client.read(Call("rates", "POST", "/v2/rates", body=body), wire.Rates)
        shipment_id = answer.shipment_id or answer.rate_response.shipment_id or ""
        if answer.rate_response.status == "working" and not answer.rate_response.rates:
            raise GatewayUnavailable("rates", "still working", code="working")
        return translate.offers(answer.rate_response, accounts, shipment.parcel, shipment_id=shipment_id)

    async def _asked(self, mode: Mode, parcel: Parcel) -> list[translate.Account]:
        return [a for a in await self._accounts[mode].get() if parcel.goes_by(a.code)]

    async def _stored(
        self, client: Client, shipment: Shipment, reference: str, refusal: GatewayRefused
    ) -> str:
        """An earlier try whose answer was lost has stored this very shipment: go on with it."""
        path = f"/v2/shipments/external_shipment_id/{quote(reference, safe='')}"
        stored = await client.read_optional(Call("rates", "GET", path), wire.StoredShipment)
        if stored is None or not translate.same_shipment(stored, shipment):
            raise refusal
        return stored.shipment_id

    async def estimate(self, estimate: Estimate, mode: Mode) -> Offers:
        """All carriers in one call; nothing is stored."""
        client = self._client(mode, "estimate")
        accounts = await self._asked(mode, estimate.parcel)
        if not accounts:
            return Offers(())
        body = translate.estimate_request(estimate, [a.carrier_id for a in accounts], self._clock.now())
        answer = await client.read(Call("estimate", "POST", "/v2/rates/estimate", body=body), list[wire.Rate])
        return translate.offers(
            wire.RateResponse(rates=answer), accounts, estimate.parcel, shipment_id="", estimated=True
        )

    async def prepare(self, purchase: Purchase) -> Prepared:
        """No call: V2 stored the shipment when it quoted."""
        self._client(purchase.mode, "prepare")
        return Prepared(purchase, translate.references(purchase.rate)[0])

    async def buy(self, prepared: Prepared) -> Bought:
        """Buy by rate id. A label still being made is looked at for ten seconds, then left to `find`.

        Raises:
            GatewayRefused: nothing was bought; `insufficient_funds` when the carrier account is empty.
            GatewayUnavailable: the request never reached V2's shop.
            OutcomeUnknown: it may have been bought; `processing` when it is still being made.
        """
        purchase = prepared.purchase
        client = self._client(purchase.mode, "buy")
        rate_id = translate.references(purchase.rate)[1]
        if not rate_id:
            raise GatewayRefused("buy", "not an offer of V2", code="not_for_sale")
        call = Call(
            operation="buy",
            method="POST",
            path=f"/v2/labels/rates/{quote(rate_id, safe='')}",
            body=translate.LABEL_OPTIONS,
            urgency=Urgency.PURCHASE,
        )
        outcome, label = await client.act(call, translate.judge_label)
        if label is None:
            raise OutcomeUnknown("buy", "no label in the answer")
        if outcome is Outcome.PENDING:
            label = await self._finished(client, label.label_id)
        return Bought(translate.label(label, purchase.rate), documents.inline(label))

    async def _finished(self, client: Client, label_id: str) -> wire.Label:
        for pause in PENDING_PAUSES_S:
            await self._sleep(pause)
            try:
                label = await self._label(client, "buy", label_id, Urgency.PURCHASE)
            except GatewayError as exc:
                raise OutcomeUnknown("buy", exc.reason, code="processing") from exc
            kind = translate.kind(label)
            if kind is Body.WANTED:
                return label
            if kind is Body.FAILED:
                raise GatewayRefused("buy", "the label could not be made", code="label_error")
        raise OutcomeUnknown("buy", "the label is still being made", code="processing")

    async def _label(self, client: Client, operation: str, label_id: str, urgency: Urgency) -> wire.Label:
        call = Call(
            operation=operation,
            method="GET",
            path=f"/v2/labels/{quote(label_id, safe='')}",
            params={"label_download_type": "inline"},
            urgency=urgency,
        )
        return await client.read(call, wire.Label)

    async def find(self, prepared: Prepared) -> Sequence[Label]:
        """Every label of the shipment, and the one its external id leads to; labels that failed are none.

        Raises:
            GatewayUnavailable: an answer is missing, or a label is still being made: no evidence either way.
        """
        purchase = prepared.purchase
        client = self._client(purchase.mode, "find")
        shipment_id = prepared.carrier_order or translate.references(purchase.rate)[0]
        try:
            by_shipment = await self._listed(client, shipment_id) if shipment_id else []
            path = f"/v2/labels/external_shipment_id/{quote(purchase.reference, safe='')}"
            by_reference = await client.read_optional(
                Call("find", "GET", path, urgency=Urgency.LOOKUP), wire.Label
            )
        except GatewayRefused as exc:
            raise GatewayUnavailable("find", exc.reason, code=exc.code) from exc
        ours = {
            label.label_id: label
            for label in (*by_shipment, *([by_reference] if by_reference else []))
            if label.shipment_id == shipment_id or label.external_shipment_id == purchase.reference
        }
        if any(translate.kind(label) is Body.PENDING for label in ours.values()):
            raise GatewayUnavailable("find", "a label is still being made", code="processing")
        made = [label for label in ours.values() if translate.kind(label) is not Body.FAILED]
        return [translate.label(label, purchase.rate) for label in sorted(made, key=_age)]

    async def _listed(self, client: Client, shipment_id: str) -> list[wire.Label]:
        labels: list[wire.Label] = []
        for page in range(1, MAX_PAGES + 1):
            params: dict[str, str | int] = {
                "shipment_id": shipment_id,
                "page": page,
                "page_size": PAGE_SIZE,
                "sort_dir": "asc",
            }
            call = Call("find", "GET", "/v2/labels", params, urgency=Urgency.LOOKUP)
            answer = await client.read(call, wire.Labels)
            labels += answer.labels
            if page >= answer.pages:
                return labels
        raise GatewayUnavailable("find", "too many pages", code="too_many_pages")

    async def document(self, label: Label, mode: Mode) -> bytes:
        """The PDF, asked for inside the answer, so usually one call.

        Raises:
            GatewayRefused: `no_document` when there is none, `unexpected_host` when it lies with a stranger.
            GatewayUnavailable: also while the label is still being made, or when what came is no PDF.
        """
        client = self._client(mode, "document")
        found = await self._label(client, "document", label.label_id, Urgency.LOOKUP)
        if translate.kind(found) is Body.PENDING:
            raise GatewayUnavailable("document", "the label is still being made", code="processing")
        return await documents.fetch(client, found)

    async def void(self, label: Label, mode: Mode) -> VoidAnswer:
        """One request; HTTP 200 may still say no, so `approved` decides.

        Raises:
            OutcomeUnknown: it may have been voided; `find` shows it.
        """
        client = self._client(mode, "void")
        path = f"/v2/labels/{quote(label.label_id, safe='')}/void"
        _, verdict = await client.act(Call("void", "PUT", path, urgency=Urgency.LOOKUP), translate.judge_void)
        if verdict is None:
            raise OutcomeUnknown("void", "no verdict in the answer")
        return translate.void_answer(verdict)

    async def track(self, label: Label, mode: Mode) -> Tracking:
        """Where the parcel is, by the label's id."""
        client = self._client(mode, "track")
        path = f"/v2/labels/{quote(label.label_id, safe='')}/track"
        return translate.tracking(await client.read(Call("track", "GET", path), wire.Track))


async def _with_lists(client: Client, carrier: wire.Carrier) -> translate.Account:
    services = carrier.services
    if services is None:
        path = f"/v2/carriers/{quote(carrier.carrier_id, safe='')}/services"
        services = (await client.read(Call("services", "GET", path), wire.Services)).services
    packages = carrier.packages
    if packages is None:
        path = f"/v2/carriers/{quote(carrier.carrier_id, safe='')}/packages"
        listed = await client.read_optional(Call("services", "GET", path), wire.Packages)
        packages = listed.packages if listed else []
    return translate.account(carrier, services, packages)


def _age(label: wire.Label) -> tuple[bool, float, str]:
    made = moment(label.created_at)
    return (made is None, made.timestamp() if made else 0.0, label.label_id)
