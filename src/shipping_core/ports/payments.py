"""The payment gateway: makes payment links, and says what became of them."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PayLink, Payment
from shipping_core.domain.money import Money


@frozen
class LinkRequest:
    """One link to be made. `order_ref` is ours, new for each attempt; it can be paid while it `lasts`."""

    order_ref: str
    amount: Money
    mode: Mode
    lasts: dt.timedelta
    description: str = ""


@frozen
class Notice:
    """A signed hint that something happened to a link; `digest` names its bytes. No money moves by it."""

    digest: str
    track_id: str
    word: str
    legacy: bool = False


class PaymentGateway(Protocol):
    """Invoices in crypto. `mode` decides whether real money may move.

    Every call raises GatewayRefused (a clear no; code `unauthorized` when our key is refused) and
    GatewayUnavailable (surely not done, may be repeated).
    """

    @abstractmethod
    async def create(self, request: LinkRequest) -> PayLink:
        """Make a payment link: exactly one request, never repeated by this method or below it.

        Raises:
            OutcomeUnknown: a link may have been made; look for `order_ref` in the history.
        """

    @abstractmethod
    async def inquire(self, track_id: str, mode: Mode) -> Payment:
        """What became of one link.

        Raises:
            NotFound: the gateway knows no such link of ours.
        """

    @abstractmethod
    async def history(
        self, since: dt.datetime, until: dt.datetime, mode: Mode
    ) -> Sequence[tuple[PayLink, Payment]]:
        """Every link made in this time, all pages; `PayLink.url` is empty where it is not said again."""

    @abstractmethod
    async def currencies(self, mode: Mode) -> Sequence[str]:
        """The coins that can be paid with, such as USDT; cached for an hour."""

    @abstractmethod
    def read_notice(self, raw: bytes, signature: str | None) -> Notice:
        """What a notice says, if it is the gateway's.

        Raises:
            NoticeRefused: reason `size`, `signature` or `shape`.
        """
