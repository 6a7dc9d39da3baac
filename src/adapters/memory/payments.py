"""A payment gateway in memory: links that are paid by hand, accidents on request, signed notices."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Literal, NoReturn

from attrs import define, evolve, field

from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import MINUTE, PayLink, Payment, PaymentStatus
from shipping_core.domain.money import Money
from shipping_core.errors import GatewayRefused, NotFound, NoticeRefused, OutcomeUnknown
from shipping_core.ports.clock import Clock
from shipping_core.ports.payments import LinkRequest, Notice, PaymentGateway

Operation = Literal["create", "inquire", "history", "currencies"]
COINS = ("USDT", "USDC", "BTC")
SHORTEST, LONGEST = 15 * MINUTE, 2880 * MINUTE
MAX_NOTICE_BYTES = 64 * 1024
_TRACK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@define
class _Made:
    """A link, and what became of it."""

    link: PayLink
    payment: Payment
    mode: Mode
    made_at: dt.datetime
    transactions: list[tuple[Money, bool]] = field(factory=list)
    """What each is worth, and whether that is certain."""

    @property
    def worth(self) -> Money | None:
        """All transactions together; None unless each is certain."""
        if not self.transactions or not all(certain for _, certain in self.transactions):
            return None
        return sum((worth for worth, _ in self.transactions), Money.zero())


@define
class MemoryPayments(PaymentGateway):
    """Makes links without a network.

    `accidents` are raised by the next calls of an operation, one each, in order; an OutcomeUnknown among
    those of `create` happens after the link was made when `lost_answers_make` is set. `created` counts the
    calls of `create` by `order_ref`, `asked` those of the others.
    """

    clock: Clock
    secret: bytes = field(default=b"memory", repr=False)
    """Signs notices."""
    lost_answers_make: bool = True
    coins: tuple[str, ...] = COINS
    accidents: dict[Operation, list[Exception]] = field(factory=lambda: defaultdict(list))
    created: Counter[str] = field(factory=Counter, init=False)
    asked: Counter[Operation] = field(factory=Counter, init=False)
    _made: dict[str, _Made] = field(factory=dict, init=False)

    async def create(self, request: LinkRequest) -> PayLink:
        if request.amount.minor <= 0:
            raise GatewayRefused("create", "nothing to pay", code="amount")
        self.created[request.order_ref] += 1
        accident = self._next_accident("create")
        if accident is not None and not (isinstance(accident, OutcomeUnknown) and self.lost_answers_make):
            raise accident
        link = self._make(request)
        if accident is not None:
            raise accident
        return link

    def _make(self, request: LinkRequest) -> PayLink:
        track_id = str(190000001 + len(self._made))
        lasts = min(max(request.lasts, SHORTEST), LONGEST)
        now = self.clock.now()
        link = PayLink(track_id, request.order_ref, f"https://pay.example.com/{track_id}", now + lasts)
        status = PaymentStatus.NEW
        payment = Payment(track_id, status, status.value, request.amount, request.order_ref)
        self._made[track_id] = _Made(link, payment, request.mode, now)
        return link

    async def inquire(self, track_id: str, mode: Mode) -> Payment:  # noqa: ARG002 - one gateway serves both
        self._ask("inquire")
        if track_id not in self._made:
            raise NotFound("payment link", track_id)
        return self._now(track_id).payment

    async def history(
        self,
        since: dt.datetime,
        until: dt.datetime,
        mode: Mode,  # noqa: ARG002 - one gateway serves both
    ) -> Sequence[tuple[PayLink, Payment]]:
        self._ask("history")
        every = [self._now(track_id) for track_id in self._made]
        return [(evolve(m.link, url=""), m.payment) for m in every if since <= m.made_at <= until]

    async def currencies(self, mode: Mode) -> Sequence[str]:  # noqa: ARG002 - one gateway serves both
        self._ask("currencies")
        return self.coins

    def read_notice(self, raw: bytes, signature: str | None) -> Notice:
        if len(raw) > MAX_NOTICE_BYTES:
            raise NoticeRefused("size")
        given = signature or ""
        if not given.isascii() or not hmac.compare_digest(given.lower(), self.sign(raw)):
            raise NoticeRefused("signature")
        return _notice(raw)

    @property
    def track_ids(self) -> list[str]:
        """Every link ever made, oldest first; also those whose answer was lost."""
        return list(self._made)

    def say(self, track_id: str, status: PaymentStatus | str) -> None:
        """From now on the link has this status; a word the port does not know is UNKNOWN."""
        word = status if isinstance(status, str) else status.value
        known = {s.value: s for s in PaymentStatus}
        made = self._made[track_id]
        made.payment = evolve(made.payment, word=word, status=known.get(word.lower(), PaymentStatus.UNKNOWN))

    def pay(
        self,
        track_id: str,
        received: Money | None = None,
        status: PaymentStatus | str = PaymentStatus.PAID,
        *,
        certain: bool = True,
        sandbox: bool | None = None,
    ) -> None:
        """One more transaction of `received`, by default all that was asked for, and then this status.

        Nothing's value is told until each is `certain`. A link of the test mode is play, one of production is
        not; `sandbox` says otherwise.
        """
        made = self._made[track_id]
        asked = made.payment.amount or Money.zero()
        made.transactions.append((asked if received is None else received, certain))
        play = made.mode is Mode.TEST if sandbox is None else sandbox
        made.payment = evolve(
            made.payment, received=made.worth, transactions=len(made.transactions), sandbox=play
        )
        self.say(track_id, status)

    def confirm(self, track_id: str, status: PaymentStatus | str = PaymentStatus.PAID) -> None:
        """Every transaction is certain now, and the link has this status."""
        made = self._made[track_id]
        made.transactions = [(worth, True) for worth, _ in made.transactions]
        made.payment = evolve(made.payment, received=made.worth)
        self.say(track_id, status)

    def transactions(self, track_id: str) -> int:
        """How many came."""
        return len(self._made[track_id].transactions)

    def misreport(self, track_id: str, **changes: Any) -> None:
        """Let the link's account say something else, such as another `amount` or `order_ref`."""
        made = self._made[track_id]
        made.payment = evolve(made.payment, **changes)

    def notice(self, track_id: str, word: str | None = None) -> tuple[bytes, str]:
        """The raw bytes of a notice about this link, and the signature that goes with them."""
        payment = self._now(track_id).payment
        said = {
            "track_id": track_id,
            "status": (word or payment.word).capitalize(),
            "type": "invoice",
            "order_id": payment.order_ref,
            "transactions": payment.transactions,
        }
        raw = json.dumps(said).encode()
        return raw, self.sign(raw)

    def sign(self, raw: bytes) -> str:
        """The signature that makes these bytes a notice of ours."""
        return hmac.new(self.secret, raw, hashlib.sha512).hexdigest()

    def _now(self, track_id: str) -> _Made:
        """The link as it stands; one that nobody paid in time expires by itself."""
        made = self._made[track_id]
        open_still = made.payment.status in {PaymentStatus.NEW, PaymentStatus.WAITING}
        if open_still and self.clock.now() >= made.link.expires_at:
            self.say(track_id, PaymentStatus.EXPIRED)
        return made

    def _ask(self, operation: Operation) -> None:
        self.asked[operation] += 1
        accident = self._next_accident(operation)
        if accident is not None:
            raise accident

    def _next_accident(self, operation: Operation) -> Exception | None:
        waiting = self.accidents.get(operation)
        return waiting.pop(0) if waiting else None


def _notice(raw: bytes) -> Notice:
    try:
        said = json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NoticeRefused("shape") from None
    if not isinstance(said, dict):
        raise NoticeRefused("shape")
    legacy = said.get("track_id") is None
    track_id = said.get("trackId" if legacy else "track_id")
    track_id = str(track_id) if type(track_id) in (int, str) else ""
    word, kind = (" ".join(_text(said.get(name)).lower().split()) for name in ("status", "type"))
    if not word or kind == "payout" or not _TRACK_ID.fullmatch(track_id):
        raise NoticeRefused("shape")
    return Notice(hashlib.sha256(raw).hexdigest(), track_id, word[:40], legacy)


def _text(value: object) -> str:
    return "".join(c if c.isprintable() else " " for c in value) if isinstance(value, str) else ""


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
