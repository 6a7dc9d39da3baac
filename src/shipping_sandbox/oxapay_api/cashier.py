"""Everything that may happen to an invoice, with its timers and its webhooks."""

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Literal

import msgspec

from shipping_sandbox.oxapay_api import views
from shipping_sandbox.oxapay_api.coins import tidy
from shipping_sandbox.oxapay_api.courier import Delivery, sign
from shipping_sandbox.oxapay_api.envelope import encode
from shipping_sandbox.oxapay_api.invoice import (
    OPEN,
    Impossible,
    Invoice,
    Merchant,
    Terms,
    Transaction,
    coin_named,
)
from shipping_sandbox.oxapay_api.settings import Seconds
from shipping_sandbox.oxapay_api.world import World

DEFAULT_COIN = "USDT"
LITTLE, MUCH = Decimal("0.6"), Decimal("1.2")


class Act(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What every act may say."""

    lose_webhook: bool = False  # the webhooks of this act are known, but never sent
    wait: bool = False  # answer only when every webhook attempt that has begun is over


class Choose(Act, forbid_unknown_fields=True, kw_only=True):
    """The payer picks a coin; the first network of it, unless one is named."""

    coin: str = DEFAULT_COIN
    network: str | None = None


class Pay(Act, forbid_unknown_fields=True, kw_only=True):
    """Coins are sent: what is missing, 60 % or 120 % of that, or the whole price once `again`."""

    how: Literal["exact", "little", "much", "again"] = "exact"
    amount: Decimal | None = None  # so many coins instead
    coin: str | None = None  # None: the one chosen before, else USDT
    network: str | None = None
    late: bool = False  # let the invoice expire first
    late_counts: bool = False  # late money makes it `paid` after all, instead of leaving it `expired`
    confirm_after_s: Seconds | None = None  # None: as in the settings


class Force(Act, forbid_unknown_fields=True, kw_only=True):
    """Any word as status."""

    status: str
    push: bool | None = None  # None: as in the settings


KINDS: dict[str, type[Act]] = {
    "choose": Choose,
    "pay": Pay,
    "expire": Act,
    "accept": Act,
    "refund": Act,
    "status": Force,
}
"""What can be done to an invoice, and how it is said."""


class Cashier:
    """Acts on the invoices of one world.

    Every act raises `Impossible` when the invoice is not in a state for it.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, merchant: Merchant, terms: Terms, home: str) -> Invoice:
        """A new invoice; the same order twice makes two."""
        track_id, now = self._world.next_track_id(), self._world.clock.now()
        invoice = Invoice(
            track_id=track_id,
            merchant=merchant,
            terms=terms,
            created_at=now,
            expires_at=now + timedelta(minutes=terms.lifetime),
            payment_url=f"{home}/pay/{track_id}",
        )
        self._world.invoices[track_id] = invoice
        self._world.agenda.at(invoice.expires_at, lambda at: self._tell(invoice, invoice.lapse(at), at))
        return invoice

    def do(self, invoice: Invoice, name: str, wish: Act) -> None:
        """Do what `KINDS` knows by this name."""
        match wish:
            case Choose():
                self.choose(invoice, wish)
            case Pay():
                self.pay(invoice, wish)
            case Force():
                self.force(invoice, wish)
            case _:
                {"expire": self.expire, "accept": self.accept, "refund": self.refund}[name](invoice, wish)

    def choose(self, invoice: Invoice, wish: Choose) -> None:
        """Take a coin and show its address."""
        now, coin = self._world.clock.now(), coin_named(wish.coin)
        network = coin.network(wish.network)
        if network is None:
            raise Impossible(f"{coin.symbol} is not on {wish.network}")
        self._tell(invoice, invoice.choose(coin, network, now), now, quiet=wish.lose_webhook)

    def pay(self, invoice: Invoice, wish: Pay) -> None:
        """Send coins; they are confirmed a little later."""
        if wish.late and invoice.status in OPEN:
            self.expire(invoice, wish)
        now = self._world.clock.now()
        if wish.coin or wish.network or invoice.coin is None:
            chosen = invoice.coin.symbol if invoice.coin else DEFAULT_COIN
            self.choose(
                invoice,
                Choose(coin=wish.coin or chosen, network=wish.network, lose_webhook=wish.lose_webhook),
            )
        tx = invoice.receive(_amount(invoice, wish), now, quiet=wish.lose_webhook)
        self._tell(invoice, invoice.notice(now, late_counts=wish.late_counts), now, quiet=tx.quiet)
        usual_s = self._world.settings.confirm_after_s
        wait_s = usual_s if wish.confirm_after_s is None else wish.confirm_after_s
        if wait_s:
            self._world.agenda.at(now + timedelta(seconds=wait_s), lambda at: self._confirm(invoice, tx, at))
        else:
            self._confirm(invoice, tx, now)

    def expire(self, invoice: Invoice, wish: Act) -> None:
        """Let the time be over."""
        now = self._world.clock.now()
        self._tell(invoice, invoice.end_early(now), now, quiet=wish.lose_webhook)

    def accept(self, invoice: Invoice, wish: Act) -> None:
        """The merchant takes it as paid."""
        now = self._world.clock.now()
        self._tell(invoice, invoice.accept(now), now, quiet=wish.lose_webhook)

    def refund(self, invoice: Invoice, wish: Act) -> None:
        """The merchant sends the money back; that takes a moment."""
        now = self._world.clock.now()
        self._tell(invoice, invoice.refund(now), now, quiet=wish.lose_webhook)
        self._world.agenda.at(
            now + timedelta(seconds=self._world.settings.refund_after_s),
            lambda at: self._tell(invoice, invoice.finish_refund(at), at, quiet=wish.lose_webhook),
        )

    def force(self, invoice: Invoice, wish: Force) -> None:
        """Call the state what you like."""
        now = self._world.clock.now()
        told = invoice.force(wish.status, now)
        self._tell(invoice, told, now, quiet=wish.lose_webhook, push=wish.push)

    def _confirm(self, invoice: Invoice, tx: Transaction, now: datetime) -> None:
        self._tell(invoice, invoice.confirm(tx, now), now, quiet=tx.quiet)

    def _tell(
        self,
        invoice: Invoice,
        status: str | None,
        now: datetime,
        *,
        quiet: bool = False,
        push: bool | None = None,
    ) -> None:
        settings, url = self._world.settings, invoice.terms.callback_url
        wanted = status in settings.pushed if push is None else push
        if status is None or not wanted or not url:
            return
        body = encode(views.webhook(invoice, status, settings.shape, now), settings.decimals)
        for _ in range(settings.copies):
            self._send(invoice, status, body, quiet=quiet)

    def _send(self, invoice: Invoice, status: str, body: bytes, *, quiet: bool) -> Delivery:
        courier = self._world.courier
        delivery = courier.new(
            track_id=invoice.track_id,
            event=status,
            url=invoice.terms.callback_url,
            body=body,
            signature=sign(invoice.merchant.key, body),
        )
        if quiet:
            delivery.state = "lost"
        elif self._world.settings.hold:
            delivery.state = "held"
        else:
            courier.bring(delivery)
        return delivery


def _amount(invoice: Invoice, wish: Pay) -> Decimal:
    if wish.amount is not None:
        return wish.amount
    coin = invoice.coin or coin_named(DEFAULT_COIN)
    if wish.how == "again":
        return coin.amount_for(invoice.terms.full_usd)
    due = invoice.due(coin)
    if due <= 0:
        raise Impossible("everything is paid; `again` pays the whole price once more")
    share = {"exact": Decimal(1), "little": LITTLE, "much": MUCH}[wish.how]
    return tidy((due * share).quantize(coin.step, rounding=ROUND_DOWN)) or due
