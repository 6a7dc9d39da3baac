"""An invoice and its life, without clock, network or JSON.

`new`, `waiting` (coin chosen), `paying` (money seen), then `paid`, `underpaid` or `expired`; later
`manual_accept`, `refunding`, `refunded`. Facts: docs.oxapay.com, status table. Two of them are easy to miss:
an invoice that got too little stays `paying` until it lapses, and money that comes after `expired` usually
changes nothing but the list of transactions.
"""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Literal

import attrs

from shipping_sandbox.oxapay_api.coins import COINS, Coin, Network, tidy, usd_of

FEE = Decimal("0.004")  # the service's share of every payment, borne by the payer or by the merchant

OPEN = frozenset({"new", "waiting", "paying"})
LAPSED = frozenset({"expired", "underpaid"})
SETTLED = frozenset({"paid", "manual_accept"})


class Impossible(Exception):
    """The act does not fit the state the invoice is in; the text says why."""


@attrs.frozen(kw_only=True)
class Merchant:
    """Who sells: known by the key, shown by a number that does not give the key away."""

    key: str = attrs.field(repr=False)
    number: str


@attrs.frozen(kw_only=True)
class Terms:
    """What the merchant asked for; `lifetime` is in minutes, `under_paid_coverage` in percent."""

    amount: Decimal
    currency: str = "USD"
    lifetime: int = 60
    fee_paid_by_payer: int = 0
    under_paid_coverage: Decimal = Decimal(0)
    to_currency: str = ""
    auto_withdrawal: bool = False
    mixed_payment: bool = True
    callback_url: str = ""
    return_url: str = ""
    email: str = ""
    order_id: str = ""
    thanks_message: str = ""
    description: str = ""
    sandbox: bool = False

    @property
    def unit_usd(self) -> Decimal:
        """What one of the price's currency is worth in dollars."""
        return usd_of(self.currency) or Decimal(1)

    @property
    def full_usd(self) -> Decimal:
        """The dollars the payer has to send, with the fee if he bears it."""
        return self.amount * self.unit_usd * (1 + FEE * self.fee_paid_by_payer)

    @property
    def enough_usd(self) -> Decimal:
        """The dollars from which the invoice counts as paid."""
        return self.full_usd * (1 - self.under_paid_coverage / 100)


@attrs.define(kw_only=True)
class Transaction:
    """Coins on their way, or arrived."""

    tx_hash: str
    amount: Decimal
    coin: Coin
    network: Network
    address: str
    sender_address: str
    sent_at: datetime
    confirmed_at: datetime | None = None
    quiet: bool = False  # its webhooks get lost
    late: bool = False

    @property
    def usd(self) -> Decimal:
        """What was sent, in dollars."""
        return self.amount * self.coin.usd

    @property
    def status(self) -> Literal["confirming", "confirmed"]:
        """Its own status, not the invoice's."""
        return "confirmed" if self.confirmed_at else "confirming"


@attrs.frozen
class Change:
    """A status and when it began."""

    at: datetime
    status: str


@attrs.define(kw_only=True)
class Invoice:
    """One request for money. Methods give the status to be told to the merchant, or None for no news."""

    track_id: str
    merchant: Merchant
    terms: Terms
    created_at: datetime
    expires_at: datetime
    payment_url: str = ""
    coin: Coin | None = None
    network: Network | None = None
    address: str = ""
    txs: list[Transaction] = attrs.field(factory=list)
    changes: list[Change] = attrs.field(factory=list)
    version: int = 0

    def __attrs_post_init__(self) -> None:
        self._become("new", self.created_at)

    @property
    def status(self) -> str:
        """The word of now."""
        return self.changes[-1].status

    @property
    def sent_usd(self) -> Decimal:
        """Everything sent, in dollars."""
        return sum((tx.usd for tx in self.txs), Decimal(0))

    @property
    def has_enough(self) -> bool:
        """Whether the price is reached, confirmed or not."""
        return self.sent_usd >= self.terms.enough_usd

    def due(self, coin: Coin) -> Decimal:
        """The coins that are missing; zero or less means nothing is."""
        return coin.amount_for(self.terms.full_usd - self.sent_usd)

    def in_currency(self, usd: Decimal) -> Decimal:
        """Dollars in the currency of the price."""
        return tidy(usd / self.terms.unit_usd)

    def choose(self, coin: Coin, network: Network, now: datetime) -> str | None:
        """The payer takes a coin; the address to pay to follows.

        Raises:
            Impossible: money has come in another coin and the merchant takes no mixture.
        """
        if (coin, network) == (self.coin, self.network):
            return None
        if self.txs and not self.terms.mixed_payment and coin != self.coin:
            raise Impossible("the rest must come in the same coin")
        self.coin, self.network, self.address = coin, network, self._invented(network.prefix, 24)
        self.version += 1
        return self._become("waiting", now) if self.status == "new" else None

    def receive(self, amount: Decimal, now: datetime, *, quiet: bool = False) -> Transaction:
        """Coins show up in the chosen coin, not confirmed yet.

        Raises:
            Impossible: no coin is chosen, or it is nothing that was sent.
        """
        if self.coin is None or self.network is None:
            raise Impossible("no coin is chosen")
        if amount <= 0:
            raise Impossible("the amount must be more than zero")
        late = self.status in LAPSED
        tx = Transaction(
            tx_hash=self._invented("", 48).lower(),
            amount=amount,
            coin=self.coin,
            network=self.network,
            address=self.address,
            sender_address=self._invented(self.network.prefix, 24),
            sent_at=now,
            quiet=quiet,
            late=late,
        )
        self.txs.append(tx)
        self.version += 1
        return tx

    def notice(self, now: datetime, *, late_counts: bool = False) -> str | None:
        """Money was seen."""
        if self.status in OPEN or (late_counts and self.status in LAPSED):
            self._become("paying", now)
            return "paying"  # said for every payment, also for the one that completes a part
        return None

    def confirm(self, tx: Transaction, now: datetime) -> str | None:
        """A transaction is final; the invoice is `paid` when enough of them are."""
        tx.confirmed_at = now
        self.version += 1
        if self.status == "paid":
            return "paid"  # a second payment: told again, with both transactions
        if self.status not in OPEN:
            return None
        confirmed = sum((x.usd for x in self.txs if x.confirmed_at), Decimal(0))
        if confirmed >= self.terms.enough_usd:
            return self._become("paid", now)
        return self.lapse(now) if now >= self.expires_at else None

    def lapse(self, now: datetime) -> str | None:
        """The time is over; what is being confirmed may still finish."""
        if self.status not in OPEN or any(tx.confirmed_at is None for tx in self.txs):
            return None
        return self._become("underpaid" if self.txs else "expired", now)

    def end_early(self, now: datetime) -> str | None:
        """The time is over at once.

        Raises:
            Impossible: it is over already.
        """
        if self.status not in OPEN:
            raise Impossible(f"an invoice that is {self.status} cannot expire")
        self.expires_at = min(self.expires_at, now)
        self.version += 1
        return self.lapse(now)

    def accept(self, now: datetime) -> str | None:
        """The merchant takes it as paid, by hand.

        Raises:
            Impossible: it is paid, accepted or being refunded.
        """
        if self.status not in OPEN | LAPSED:
            raise Impossible(f"an invoice that is {self.status} cannot be accepted")
        return self._become("manual_accept", now)

    def refund(self, now: datetime) -> str | None:
        """The merchant begins to send the money back.

        Raises:
            Impossible: no money came, or it goes back already.
        """
        if not self.txs or self.status in ("refunding", "refunded"):
            raise Impossible(f"an invoice that is {self.status} has nothing to refund")
        return self._become("refunding", now)

    def finish_refund(self, now: datetime) -> str | None:
        """The money is back with the payer."""
        return self._become("refunded", now) if self.status == "refunding" else None

    def force(self, word: str, now: datetime) -> str | None:
        """Any word as status, for what the documentation does not know."""
        return self._become(word, now)

    def _become(self, status: str, now: datetime) -> str | None:
        self.version += 1
        if self.changes and self.status == status:
            return None
        self.changes.append(Change(now, status))
        return status

    def _invented(self, prefix: str, length: int) -> str:
        # A zero and the word make it no address of any chain: nobody can send money there by mistake.
        word = "sandbox" if self.terms.sandbox else "invented"
        return f"{prefix}0{word}{secrets.token_hex(length)[: length - len(word)]}"


def coin_named(symbol: str) -> Coin:
    """The coin of this symbol.

    Raises:
        Impossible: nobody pays with that.
    """
    coin = COINS.get(symbol.upper())
    if coin is None:
        raise Impossible(f"{symbol} is no coin to pay with; known: {', '.join(COINS)}")
    return coin
