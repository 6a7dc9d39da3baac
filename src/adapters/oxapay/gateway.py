"""Oxapay's merchant API V1 behind our payment port."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence

import httpx

from adapters.oxapay import notices, translate, wire
from adapters.oxapay.client import Client
from adapters.oxapay.wire import Unreadable
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PayLink, Payment
from shipping_core.errors import GatewayRefused, GatewayUnavailable, NotFound, OutcomeUnknown
from shipping_core.ports.clock import Clock
from shipping_core.ports.payments import LinkRequest, Notice, PaymentGateway

PAGE_SIZE = 200
"""The largest the API gives."""
MAX_PAGES = 50
FRESH_S = 3600.0


class OxapayGateway(PaymentGateway):
    """One merchant key for both modes: a link of the test mode is made with `sandbox`, and says so when paid.

    `previous_keys` still sign notices that were on their way when the key was changed.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        merchant_key: str,
        previous_keys: Sequence[str] = (),
        callback_url: str = "",
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`callback_url` is where notices are sent; without one only inquiries tell what happened.

        Raises:
            ValueError: a key no header can carry, the word `sandbox` instead of a key, or no web address;
                names the setting, never the value.
        """
        key = usable_key(merchant_key, "OXAPAY_MERCHANT_API_KEY")
        earlier = [usable_key(k, "OXAPAY_PREVIOUS_KEYS") for k in previous_keys]
        if callback_url and not translate.web_page(callback_url):
            raise ValueError("OXAPAY_CALLBACK_URL must be a web address, or be left out")
        self._client = Client(http, merchant_key=key, clock=clock, sleep=sleep)
        self._keys = [k.encode() for k in (key, *earlier)]
        self._callback_url = callback_url
        self._clock = clock
        self._coins: tuple[str, ...] | None = None
        self._coins_until = 0.0
        self._asking = asyncio.Lock()

    async def create(self, request: LinkRequest) -> PayLink:
        """One POST on a connection of its own.

        Raises:
            GatewayRefused: a clear no, or `amount` for one that is not more than nothing (not sent).
            OutcomeUnknown: anything between a clear yes and a clear no, also a yes without a payment page.
        """
        if request.amount.minor <= 0:
            raise GatewayRefused("create", "nothing to pay", code="amount")
        body = translate.link_request(request, self._callback_url)
        data = await self._client.make("create", "/payment/invoice", body)
        try:
            return translate.link(wire.decode(data, wire.Link), request, self._clock.now())
        except Unreadable as exc:
            raise OutcomeUnknown("create", str(exc), code="unreadable") from None

    async def inquire(self, track_id: str, mode: Mode) -> Payment:  # noqa: ARG002 - one key serves both
        """One link by its id; an answer about another link is none."""
        try:
            path = f"/payment/{wire.track(track_id)}"
        except Unreadable:
            raise NotFound("payment link", wire.plain(track_id, limit=64)) from None
        found = await self._client.find("inquire", path, wire.Paid)
        if found is None:
            raise NotFound("payment link", track_id)
        try:
            told = translate.payment(found)
        except Unreadable:
            raise _unreadable("inquire") from None
        if told.track_id != track_id:
            raise GatewayUnavailable("inquire", "an answer about another link", code="other_link")
        return told

    async def history(
        self,
        since: dt.datetime,
        until: dt.datetime,
        mode: Mode,  # noqa: ARG002 - one key serves both
    ) -> Sequence[tuple[PayLink, Payment]]:
        """All pages, oldest first, each link once; it is asked for whole seconds, so a little more may come.

        Raises:
            GatewayUnavailable: any page is missing, brings nothing new, or is not the one that was asked for
                (`incomplete`), or there are more than MAX_PAGES (`too_many_pages`): no evidence of absence.
        """
        found: dict[str, tuple[PayLink, Payment]] = {}
        for number in range(1, MAX_PAGES + 1):
            page = await self._page(number, since, until)
            told, last = wire.whole(page.meta.page) if page.meta else None, _last(page)
            before = len(found)
            try:
                found |= {
                    link.track_id: (link, paid)
                    for link, paid in (translate.listed(entry, until) for entry in page.entries)
                }
            except Unreadable:
                raise _unreadable("history") from None
            if (told is not None and told != number) or (
                len(found) == before and (number < (last or 0) or page.entries)
            ):
                raise GatewayUnavailable("history", "pages are missing", code="incomplete")
            if number >= last if last is not None else not page.entries:
                return list(found.values())
        raise GatewayUnavailable("history", "too many pages", code="too_many_pages")

    async def _page(self, number: int, since: dt.datetime, until: dt.datetime) -> wire.Page:
        params: dict[str, str | int] = {
            "from_date": translate.unix(since),
            "to_date": translate.unix(until, up=True),
            "sort_by": "create_date",
            "sort_type": "asc",  # a link made meanwhile comes last, and shifts no page
            "page": number,
            "size": PAGE_SIZE,
        }
        return await self._client.read("history", "/payment", wire.Page, params)

    async def currencies(self, mode: Mode) -> Sequence[str]:  # noqa: ARG002 - one key serves both
        """Asked for once an hour, by one caller at a time."""
        async with self._asking:
            if self._coins is None or self._clock.monotonic_s() >= self._coins_until:
                path = "/payment/accepted-currencies"
                answer = await self._client.read("currencies", path, wire.Currencies)
                self._coins = translate.symbols(answer.symbols)
                self._coins_until = self._clock.monotonic_s() + FRESH_S
            return self._coins

    def read_notice(self, raw: bytes, signature: str | None) -> Notice:
        """What a notice hints at, if this merchant's key signed it; see `notices`."""
        return notices.read(raw, signature, self._keys)


def _last(page: wire.Page) -> int | None:
    return wire.whole(page.meta.last_page) if page.meta else None


def _unreadable(operation: str) -> GatewayUnavailable:
    return GatewayUnavailable(operation, "unreadable answer", code="unreadable")


def usable_key(value: str, setting: str) -> str:
    """The key without the white space that is so easily pasted along.

    Raises:
        ValueError: it is empty, cannot be sent in a header, or is the word `sandbox`, by which
            everybody could sign notices; the sentence names `setting`, never the value.
    """
    key = value.strip()
    if not key:
        raise ValueError(f"{setting} is missing")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError(f"{setting} holds characters that no key has")
    if key.casefold() == "sandbox":
        raise ValueError(f"{setting} must be the merchant's own key: test mode needs no other")
    return key
