"""What every PaymentGateway promises, told as stories; a subclass provides the fixtures.

`PaymentGatewayContract` needs `gateway`, `mode` and `payer`, who stands at the far end.
`PaymentGatewayAccidents` needs also `accidents`, by which the test orders accidents for coming calls and asks
how many links were asked for.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
from typing import Literal, Protocol

import pytest

from builders import minutes, usd
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import PayLink, Payment, PaymentStatus
from shipping_core.domain.money import Money
from shipping_core.errors import (
    GatewayRefused,
    GatewayUnavailable,
    NotFound,
    NoticeRefused,
    OutcomeUnknown,
)
from shipping_core.ports.payments import LinkRequest, PaymentGateway

Operation = Literal["create", "inquire", "history", "currencies"]
Accident = Literal[
    "refuse",
    "401",
    "429",
    "5xx",
    "5xx_with_effect",
    "html",
    "html_with_effect",
    "truncated",
    "lose_answer",
    "lose_answer_without_effect",
]
PRICE = usd("25.00")
HOUR = minutes(60)
MOMENT = dt.timedelta(seconds=5)
"""More than any of these stories takes, less than anything in them lasts."""
_NUMBERS = itertools.count(1)


class Payer(Protocol):
    """Who pays, and what the gateway then does of its own."""

    async def pay(self, track_id: str, part: str = "1", *, final: bool = True) -> None:
        """Send this part of the price in a dollar coin; the gateway counts it as `paid` if it is enough."""

    async def expire(self, track_id: str) -> None:
        """The time to pay is over."""

    async def say(self, track_id: str, word: str) -> None:
        """The link has this status now."""

    async def notice(self, track_id: str) -> tuple[bytes, str]:
        """A notice about the link as it is, and its signature."""

    def sign(self, raw: bytes) -> str:
        """What makes these bytes the gateway's."""

    async def now(self) -> dt.datetime:
        """The far end's time."""


class Accidents(Protocol):
    """Orders accidents at the far end of a gateway."""

    async def order(self, operation: Operation, accident: Accident, *, count: int | None = 1) -> None:
        """The next `count` calls of `operation`, or all of them, meet with `accident`."""

    async def links_asked_for(self) -> int:
        """How many requests for a link arrived."""


def a_request(
    mode: Mode,
    amount: Money = PRICE,
    *,
    lasts: dt.timedelta = HOUR,
    ref: str = "",
    description: str = "",
) -> LinkRequest:
    """A wish for a link, under a reference nobody used before in this run."""
    return LinkRequest(ref or f"inv_{next(_NUMBERS)}", amount, mode, lasts, description)


class _Stories:
    """The first steps of most stories."""

    async def paid(self, gateway: PaymentGateway, mode: Mode, payer: Payer, *parts: str) -> Payment:
        """A new link after these parts of its price came."""
        link = await gateway.create(a_request(mode))
        for part in parts:
            await payer.pay(link.track_id, part)
        return await gateway.inquire(link.track_id, mode)

    async def made(self, gateway: PaymentGateway, mode: Mode, payer: Payer, ref: str) -> list[PayLink]:
        """The links that exist under this reference."""
        now = await payer.now()
        told = await gateway.history(now - MOMENT, now + MOMENT, mode)
        return [link for link, payment in told if link.order_ref == payment.order_ref == ref]

    async def ask(
        self, gateway: PaymentGateway, operation: Operation, link: PayLink, payer: Payer, mode: Mode
    ) -> object:
        """The answer to one kind of question."""
        if operation == "inquire":
            return await gateway.inquire(link.track_id, mode)
        if operation == "history":
            now = await payer.now()
            return await gateway.history(now - MOMENT, now + MOMENT, mode)
        return await gateway.currencies(mode)


class PaymentGatewayContract(_Stories):
    """What holds on a calm day."""

    async def test_given_a_request_when_created_then_a_page_can_be_opened_until_its_time_is_over(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        request = a_request(mode)
        link = await gateway.create(request)

        assert link.order_ref == request.order_ref
        assert link.track_id
        assert link.url.startswith(("http://", "https://"))
        assert abs(link.expires_at - (await payer.now() + request.lasts)) < MOMENT

    @pytest.mark.parametrize(
        ("lasts", "really"), [(minutes(1), minutes(15)), (minutes(9999), minutes(2880))], ids=str
    )
    async def test_given_a_time_nobody_offers_when_created_then_the_link_says_how_long_it_really_lasts(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer, lasts: dt.timedelta, really: dt.timedelta
    ) -> None:
        link = await gateway.create(a_request(mode, lasts=lasts))

        assert abs(link.expires_at - (await payer.now() + really)) < MOMENT

    @pytest.mark.parametrize("description", ["", "пополнение 💸", "a\nb\x00c", "<b>&\"'", "x" * 5000])
    async def test_given_any_description_when_created_then_it_stands_in_nobodys_way(
        self, gateway: PaymentGateway, mode: Mode, description: str
    ) -> None:
        assert (await gateway.create(a_request(mode, description=description))).track_id

    @pytest.mark.parametrize("amount", ["0.00", "-5.00"])
    async def test_given_nothing_to_pay_when_created_then_it_is_refused_and_nothing_exists(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer, amount: str
    ) -> None:
        request = a_request(mode, usd(amount))
        with pytest.raises(GatewayRefused):
            await gateway.create(request)

        assert await self.made(gateway, mode, payer, request.order_ref) == []

    async def test_given_one_reference_twice_when_created_then_there_are_two_links_and_both_are_known(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        request = a_request(mode)
        first, second = await gateway.create(request), await gateway.create(request)
        known = [link.track_id for link in await self.made(gateway, mode, payer, request.order_ref)]

        assert first.track_id != second.track_id
        assert sorted(known) == sorted([first.track_id, second.track_id])

    @pytest.mark.parametrize("amount", ["0.10", "19.99", "12345.67"])
    async def test_given_a_new_link_when_inquired_then_it_asks_for_exactly_our_amount_and_nothing_came(
        self, gateway: PaymentGateway, mode: Mode, amount: str
    ) -> None:
        request = a_request(mode, usd(amount))
        link = await gateway.create(request)
        told = await gateway.inquire(link.track_id, mode)

        assert told == Payment(link.track_id, PaymentStatus.NEW, "new", usd(amount), request.order_ref)

    async def test_given_the_whole_price_when_inquired_then_it_is_paid_with_its_worth(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        told = await self.paid(gateway, mode, payer, "1")

        assert (told.status, told.amount, told.received, told.transactions) == (
            PaymentStatus.PAID,
            PRICE,
            PRICE,
            1,
        )

    async def test_given_a_payment_when_inquired_then_play_money_is_told_from_real(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        assert (await self.paid(gateway, mode, payer, "1")).sandbox is (mode is Mode.TEST)

    async def test_given_a_payment_that_is_not_final_when_inquired_then_its_worth_is_not_told_yet(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        link = await gateway.create(a_request(mode))
        await payer.pay(link.track_id, final=False)
        told = await gateway.inquire(link.track_id, mode)

        assert (told.status, told.received, told.transactions) == (PaymentStatus.PAYING, None, 1)

    async def test_given_too_little_when_its_time_is_over_then_it_is_underpaid_by_what_came(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        told = await self.paid(gateway, mode, payer, "0.6")
        await payer.expire(told.track_id)
        later = await gateway.inquire(told.track_id, mode)

        assert (told.status, told.received) == (PaymentStatus.PAYING, usd("15.00"))
        assert (later.status, later.received) == (PaymentStatus.UNDERPAID, usd("15.00"))

    async def test_given_too_much_when_inquired_then_it_is_paid_and_worth_more_than_asked(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        told = await self.paid(gateway, mode, payer, "1.2")

        assert (told.status, told.amount, told.received) == (PaymentStatus.PAID, PRICE, usd("30.00"))

    async def test_given_two_payments_when_inquired_then_both_are_counted(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        told = await self.paid(gateway, mode, payer, "1", "1")

        assert (told.status, told.received, told.transactions) == (PaymentStatus.PAID, usd("50.00"), 2)

    async def test_given_nobody_who_paid_when_its_time_is_over_then_it_is_expired(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        link = await gateway.create(a_request(mode))
        await payer.expire(link.track_id)

        assert (await gateway.inquire(link.track_id, mode)).status is PaymentStatus.EXPIRED

    @pytest.mark.parametrize("status", list(PaymentStatus), ids=lambda s: s.value)
    async def test_given_each_word_when_inquired_then_it_is_its_status(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer, status: PaymentStatus
    ) -> None:
        link = await gateway.create(a_request(mode))
        await payer.say(link.track_id, status.value)

        assert (await gateway.inquire(link.track_id, mode)).status is status

    async def test_given_a_word_nobody_knows_when_inquired_then_it_is_unknown_and_kept(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        link = await gateway.create(a_request(mode))
        await payer.say(link.track_id, "in_limbo")
        told = await gateway.inquire(link.track_id, mode)

        assert (told.status, told.word) == (PaymentStatus.UNKNOWN, "in_limbo")

    @pytest.mark.parametrize("track_id", ["4", "no-such-link", "../currencies", ""])
    async def test_given_no_such_link_when_inquired_then_it_is_not_found(
        self, gateway: PaymentGateway, mode: Mode, track_id: str
    ) -> None:
        with pytest.raises(NotFound):
            await gateway.inquire(track_id, mode)

    async def test_given_links_when_listed_then_each_comes_with_what_became_of_it(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        fresh = await gateway.create(a_request(mode))
        paid = await self.paid(gateway, mode, payer, "1")
        now = await payer.now()
        told = {link.track_id: (link, p) for link, p in await gateway.history(now - MOMENT, now, mode)}

        assert set(told) == {fresh.track_id, paid.track_id}
        assert told[paid.track_id][1] == paid
        assert told[fresh.track_id][1].status is PaymentStatus.NEW
        assert told[fresh.track_id][0].order_ref == fresh.order_ref
        assert told[fresh.track_id][0].expires_at == fresh.expires_at
        assert told[fresh.track_id][0].url in ("", fresh.url)

    async def test_given_another_time_when_listed_then_no_link_of_now_is_in_it(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        await gateway.create(a_request(mode))
        now, day = await payer.now(), dt.timedelta(days=1)

        assert list(await gateway.history(now - 2 * day, now - day, mode)) == []
        assert list(await gateway.history(now + day, now + 2 * day, mode)) == []

    async def test_given_more_links_than_a_page_holds_when_listed_then_all_are_there(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        before = await payer.now()
        links = await asyncio.gather(*(gateway.create(a_request(mode)) for _ in range(205)))
        told = await gateway.history(before - MOMENT, await payer.now() + MOMENT, mode)

        assert {link.order_ref for link, _ in told} == {link.order_ref for link in links}
        assert len(told) == len(links)

    async def test_given_the_coins_when_asked_then_each_is_named_once(
        self, gateway: PaymentGateway, mode: Mode
    ) -> None:
        coins = await gateway.currencies(mode)

        assert "USDT" in coins
        assert len(set(coins)) == len(coins)
        assert all(coin == coin.upper().strip() != "" for coin in coins)

    async def test_given_a_notice_when_read_then_it_names_the_link_and_its_bytes(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        paid = await self.paid(gateway, mode, payer, "1")
        raw, signature = await payer.notice(paid.track_id)
        notice = gateway.read_notice(raw, signature)

        assert (notice.track_id, notice.word, notice.legacy) == (paid.track_id, "paid", False)
        assert notice == gateway.read_notice(raw, signature.upper())
        assert len(notice.digest) == 64

    async def test_given_two_notices_when_read_then_their_digests_differ(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        link = await gateway.create(a_request(mode))
        first = gateway.read_notice(*await payer.notice(link.track_id))
        await payer.pay(link.track_id)
        second = gateway.read_notice(*await payer.notice(link.track_id))

        assert first.digest != second.digest

    async def test_given_a_forged_notice_when_read_then_it_is_refused(
        self, gateway: PaymentGateway, mode: Mode, payer: Payer
    ) -> None:
        link = await gateway.create(a_request(mode))
        raw, signature = await payer.notice(link.track_id)
        other = ("1" if signature[0] == "0" else "0") + signature[1:]
        forged = [(raw, other), (raw + b" ", signature), (raw, None), (raw, ""), (raw, "é" * 128)]

        for body, given in forged:
            with pytest.raises(NoticeRefused, match="signature"):
                gateway.read_notice(body, given)

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"[]",
            b"\xff",
            b'{"track_id": "1"}',
            b'{"status": "Paid"}',
            b'{"track_id": "1", "status": "Paid", "type": "payout"}',
            b'{"track_id": "1/2", "status": "Paid"}',
            b'{"track_id": "1", "status": " "}',
            b'{"track_id": "1", "status": "Paid", "x": NaN}',
            b"[" * 60000,
        ],
        ids=lambda raw: raw[:60].decode(errors="replace"),
    )
    async def test_given_signed_nonsense_when_read_then_it_is_refused(
        self, gateway: PaymentGateway, payer: Payer, raw: bytes
    ) -> None:
        with pytest.raises(NoticeRefused, match="shape"):
            gateway.read_notice(raw, payer.sign(raw))

    async def test_given_a_notice_without_end_when_read_then_it_is_refused_unread(
        self, gateway: PaymentGateway, payer: Payer
    ) -> None:
        raw = b" " * (64 * 1024 + 1)

        with pytest.raises(NoticeRefused, match="size"):
            gateway.read_notice(raw, payer.sign(raw))

    async def test_given_a_notice_of_the_older_kind_when_read_then_it_counts_too(
        self, gateway: PaymentGateway, payer: Payer
    ) -> None:
        raw = json.dumps({"trackId": 190000002, "status": "Confirming", "type": "payment"}).encode()
        notice = gateway.read_notice(raw, payer.sign(raw))

        assert (notice.track_id, notice.word, notice.legacy) == ("190000002", "confirming", True)


class PaymentGatewayAccidents(_Stories):
    """What holds when something goes wrong: above all, one wish is one request."""

    @pytest.mark.parametrize(
        ("accident", "links"),
        [
            pytest.param("lose_answer", 1, id="made, and the answer was lost"),
            pytest.param("lose_answer_without_effect", 0, id="lost on the way there"),
            pytest.param("truncated", 1, id="made, and the answer was cut"),
            pytest.param("5xx_with_effect", 1, id="made, and answered with a crash"),
            pytest.param("5xx", 0, id="crashed before it was made"),
            pytest.param("html_with_effect", 1, id="made, and answered with a page"),
            pytest.param("html", 0, id="a page instead of an answer"),
        ],
    )
    async def test_given_a_doubtful_answer_when_creating_then_it_is_unknown_and_the_history_can_tell(
        self,
        gateway: PaymentGateway,
        mode: Mode,
        payer: Payer,
        accidents: Accidents,
        accident: Accident,
        links: int,
    ) -> None:
        request = a_request(mode)
        await accidents.order("create", accident)
        with pytest.raises(OutcomeUnknown):
            await gateway.create(request)

        assert await accidents.links_asked_for() == 1
        assert len(await self.made(gateway, mode, payer, request.order_ref)) == links

    @pytest.mark.parametrize(
        ("accident", "raised", "code"),
        [
            ("refuse", GatewayRefused, None),
            ("401", GatewayRefused, "unauthorized"),
            ("429", GatewayUnavailable, "rate_limited"),
        ],
    )
    async def test_given_a_clear_no_when_creating_then_nothing_was_made_and_it_works_afterwards(
        self,
        gateway: PaymentGateway,
        mode: Mode,
        payer: Payer,
        accidents: Accidents,
        accident: Accident,
        raised: type[Exception],
        code: str | None,
    ) -> None:
        request = a_request(mode)
        await accidents.order("create", accident)
        with pytest.raises(raised) as told:
            await gateway.create(request)

        assert code in (None, getattr(told.value, "code", ""))
        assert await accidents.links_asked_for() == 1
        assert await self.made(gateway, mode, payer, request.order_ref) == []
        assert (await gateway.create(request)).order_ref == request.order_ref

    @pytest.mark.parametrize("operation", ["inquire", "history", "currencies"])
    @pytest.mark.parametrize("accident", ["5xx", "html", "truncated", "lose_answer", "429"])
    async def test_given_a_gateway_that_stays_ill_when_asked_then_it_is_unavailable_and_then_well_again(
        self,
        gateway: PaymentGateway,
        mode: Mode,
        payer: Payer,
        accidents: Accidents,
        operation: Operation,
        accident: Accident,
    ) -> None:
        link = await gateway.create(a_request(mode))
        await accidents.order(operation, accident, count=3)
        with pytest.raises(GatewayUnavailable):
            await self.ask(gateway, operation, link, payer, mode)

        assert await self.ask(gateway, operation, link, payer, mode)

    @pytest.mark.parametrize("operation", ["inquire", "history", "currencies"])
    async def test_given_a_key_that_is_not_known_when_asked_then_it_is_a_clear_no_about_the_key(
        self,
        gateway: PaymentGateway,
        mode: Mode,
        payer: Payer,
        accidents: Accidents,
        operation: Operation,
    ) -> None:
        link = await gateway.create(a_request(mode))
        await accidents.order(operation, "401")

        with pytest.raises(GatewayRefused) as told:
            await self.ask(gateway, operation, link, payer, mode)
        assert told.value.code == "unauthorized"
