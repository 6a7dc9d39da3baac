"""What must be true of a world: of every write as it is made, and of everything once it is at rest.

The numbers I1 to I20 are those of the project's list of invariants; a world at rest is judged in `resting`.
Not judged here: I9 (a real store that fails over has tests of its own), and
I16 (the core logs nothing).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import define, field

from shipping_core.conversation import screens as sc
from shipping_core.domain import invoice as inv
from shipping_core.domain import ledger as book
from shipping_core.domain import order as orders
from shipping_core.domain import refund as refunds
from shipping_core.domain.ids import Mode, OrderId, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.ledger import Balance, Kind, Transfer
from shipping_core.domain.letter import LetterState, Word
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund
from world import resting

if TYPE_CHECKING:
    from world.simulation import World

ENDS = frozenset({OrderState.FAILED, OrderState.EXPIRED, OrderState.VOIDED})
FROZEN = ("user_id", "mode", "price", "reference", "shipment", "rate", "quote_id", "created_at")
"""What never changes in an order once it is made."""
ONCE_AN_INVOICE = frozenset({Kind.TOPUP, Kind.REVERSAL})
CREDITS = frozenset({Kind.REFUND, Kind.REFUND_AT_LOSS})
LETTER_MOVES = frozenset(
    {
        (LetterState.WAITING, LetterState.SENT),
        (LetterState.WAITING, LetterState.UNREACHABLE),
        (LetterState.WAITING, LetterState.DEAD),
        (LetterState.UNREACHABLE, LetterState.WAITING),
    }
)


@define
class Checker:
    """Sees every write and everything that is shown, and keeps its own books."""

    world: World
    sums: Counter[tuple[Mode, str]] = field(factory=Counter, init=False)
    """Its own fold of the journal."""
    history: dict[tuple[str, int], Any] = field(factory=dict, init=False)
    """Every version of every order and invoice."""
    claimed_at_s: dict[str, float] = field(factory=dict, init=False)
    letters: set[tuple[UserId, Word, str]] = field(factory=set, init=False)
    """Who is to hear which word about what."""
    shown_price: dict[OrderId, Money] = field(factory=dict, init=False)
    asked_price: dict[UserId, Money] = field(factory=dict, init=False)
    """The last price each customer was asked to confirm."""
    not_bought_shown: set[UserId] = field(factory=set, init=False)
    _resolved: Counter[str] = field(factory=Counter, init=False)
    _moved: Counter[tuple[Kind, str | None]] = field(factory=Counter, init=False)
    _kept_at_s: dict[str, float] = field(factory=dict, init=False)
    _claimed_at_s: dict[str, float] = field(factory=dict, init=False)
    """When each letter was committed, and when it was last taken to be delivered."""
    dirty: set[tuple[Mode, UserId]] = field(factory=set, init=False)
    """Balances that were written since they were last compared with the journal."""
    _reversed: set[UserId] = field(factory=set, init=False)

    def wrong(self, finding: str) -> None:
        """A rule was broken."""
        self.world.trace.wrong(finding)

    # Every write.

    def written(self, table: str, key: Any, before: Any, now: Any) -> None:
        """One document was committed."""
        match table:
            case "transfers":
                self._transfer(before, now)
            case "balances":
                self.dirty.add(key)
            case "orders":
                self._order(before, now)
            case "invoices":
                self._invoice(before, now)
            case "Refund":
                self._refund(before, now)
            case "audit":
                if before is not None and before != now:
                    self.wrong(f"I14 the audit row {key} was rewritten")
            case "letters":
                self._letter(before, now)
            case "sessions":
                if before is not None and now.version != before.version + 1:
                    self.wrong(f"a session went from version {before.version} to {now.version}")
            case "notices":
                self._notice(before, now)

    def step(self) -> None:
        """No commit is half done: every balance that was touched is its journal."""
        for mode, user_id in self.dirty:
            balance: Balance = self.world.database.get("balances", (mode, user_id))
            fold = (self.sums[mode, book.available(user_id)], self.sums[mode, book.held(user_id)])
            if (balance.available.minor, balance.held.minor) != fold:
                self.wrong(f"I1 {user_id} has {balance}, and the journal says {fold}")
            if balance.held.minor < 0:
                self.wrong(f"I1 {user_id} holds less than nothing")
            if balance.available.minor < 0 and user_id not in self._reversed:
                self.wrong(f"I2 {user_id} has {balance.available}, and nothing was reversed")
        self.dirty.clear()

    def _transfer(self, before: Transfer | None, now: Transfer) -> None:
        if before is not None and before != now:
            self.wrong(f"I1 the transfer {now.key} was rewritten")
            return
        if before is not None:
            return
        if type(now.amount.minor) is not int:
            self.wrong(f"I19 {now.key} is of {now.amount!r}")
        self.sums[now.mode, now.source] -= now.amount.minor
        self.sums[now.mode, now.target] += now.amount.minor
        self._resolved[now.resolves] += 1
        if now.resolves and self._resolved[now.resolves] > 1:
            self.wrong(f"I3 {now.resolves} was resolved more than once")
        owner: Any = None
        if now.order_id is not None:
            owner = self.world.database.get("orders", now.order_id)
        elif now.invoice_id is not None:
            owner = self.world.database.get("invoices", now.invoice_id)
        if owner is not None and owner.mode is not now.mode:
            self.wrong(f"I13 {now.key} moves money of another mode")
        if now.kind in ONCE_AN_INVOICE:
            self._moved[now.kind, now.invoice_id] += 1
            if self._moved[now.kind, now.invoice_id] > 1:
                self.wrong(f"I7 {now.invoice_id} has more than one {now.kind.value}")
        if now.kind in CREDITS:
            self._moved[Kind.REFUND, now.refund_id] += 1
            if self._moved[Kind.REFUND, now.refund_id] > 1:
                self.wrong(f"I8 {now.refund_id} was credited more than once")
        if now.kind is Kind.REVERSAL:
            self._reversed.add(UserId(now.source.split(":")[1]))
        if now.kind is Kind.HOLD and self._fold_of(now.mode, now.source) < 0:
            self.wrong(f"I2 {now.key} holds more than there is")

    def _fold_of(self, mode: Mode, account: str) -> int:
        return self.sums[mode, account]

    def _order(self, before: Order | None, now: Order) -> None:
        self.history[now.order_id, now.version] = now
        if before is None:
            if now.state is not OrderState.RESERVED or now.version != 1:
                self.wrong(f"I18 {now.order_id} began as {now.state.value}")
            self._price(now)
            return
        if now.version != before.version + 1:
            self.wrong(f"I18 {now.order_id} went from version {before.version} to {now.version}")
        if now.state is not before.state and (before.state, now.state) not in orders.MOVES:
            self.wrong(f"I18 {now.order_id} went from {before.state.value} to {now.state.value}")
        if before.state in ENDS and now.state is not before.state:
            self.wrong(f"I18 {now.order_id} had ended as {before.state.value}")
        if changed := [name for name in FROZEN if getattr(before, name) != getattr(now, name)]:
            self.wrong(f"I18 {now.order_id} changed its {changed}")
        if now.state is OrderState.PURCHASING and before.state is OrderState.RESERVED:
            if now.reference in self.claimed_at_s:
                self.wrong(f"I4 {now.order_id} was claimed twice")
            self.claimed_at_s[now.reference] = self.world.loop.time()

    def _price(self, order: Order) -> None:
        shown = self.shown_price.get(order.order_id) or self.asked_price.get(order.user_id)
        if shown is None or order.price > shown:
            self.wrong(f"I6 {order.order_id} costs {order.price}, and {shown} was shown")

    def _invoice(self, before: Invoice | None, now: Invoice) -> None:
        self.history[now.invoice_id, now.version] = now
        if before is None:
            return
        if now.version != before.version + 1:
            self.wrong(f"I18 {now.invoice_id} went from version {before.version} to {now.version}")
        if now.state is not before.state and (before.state, now.state) not in inv.MOVES:
            self.wrong(f"I18 {now.invoice_id} went from {before.state.value} to {now.state.value}")
        if any(getattr(before, n) != getattr(now, n) for n in ("user_id", "mode", "amount", "created_at")):
            self.wrong(f"I18 {now.invoice_id} changed what it is for")

    def _refund(self, before: Refund | None, now: Refund) -> None:
        self.history[now.refund_id, now.version] = now
        if before is None:
            return
        if now.version != before.version + 1:
            self.wrong(f"I18 {now.refund_id} went from version {before.version} to {now.version}")
        if now.state is not before.state and (before.state, now.state) not in refunds.MOVES:
            self.wrong(f"I18 {now.refund_id} went from {before.state.value} to {now.state.value}")
        if now.amount > now.price:
            self.wrong(f"I8 {now.refund_id} gives back {now.amount} of {now.price}")

    def _letter(self, before: Any, now: Any) -> None:
        letter = now.letter
        if now.owner:
            self._claimed_at_s[letter.letter_id] = self.world.loop.time()
        if before is None:
            self._kept_at_s[letter.letter_id] = self.world.loop.time()
            self.letters.add((letter.user_id, letter.word, letter.order_id or letter.invoice_id or ""))
        elif before.state is not now.state and (before.state, now.state) not in LETTER_MOVES:
            self.wrong(f"I12 the letter {letter.letter_id} went from {before.state} to {now.state}")
        elif before.letter != letter:
            self.wrong(f"I12 the letter {letter.letter_id} was rewritten")
        if now.state is LetterState.SENT:
            self._in_order(now)

    def _in_order(self, sent: Any) -> None:
        for row in self.world.database.scan("letters"):
            if row.letter.user_id != sent.letter.user_id or row.state is not LetterState.WAITING:
                continue
            older = (row.letter.created_at, row.number) < (sent.letter.created_at, sent.number)
            there = self._kept_at_s[row.letter.letter_id] < self._claimed_at_s[sent.letter.letter_id]
            if older and there:
                self.wrong(f"I12 {sent.letter.letter_id} arrived before {row.letter.letter_id}")

    def _notice(self, before: Any, now: Any) -> None:
        if before is None and now[1].digest not in {
            resting.digest(raw) for raw, _ in self.world.gateway.sent
        }:
            self.wrong("a forged notice was kept")

    # Everything that is shown.

    def shown(self, user_id: UserId, screen: sc.Screen, document: bytes | None, by_letter: bool) -> None:
        """Something is on its way to a customer."""
        match screen:
            case sc.ConfirmPurchase(_, rate, order_id):
                self.shown_price[order_id] = rate.price
                self.asked_price[user_id] = rate.price
            case sc.News(word, order, invoice):
                owner = order or invoice
                self._own(user_id, owner)
                about = getattr(owner, "order_id", "") or getattr(owner, "invoice_id", "")
                self._written_for(user_id, word, about)
            case sc.LabelCaption(order):
                self._own(user_id, order)
                tracking = order.label.tracking_number if order.label else "none"
                if document is None or tracking.encode() not in document:
                    self.wrong(f"I15 another file than {order.order_id}'s goes to {user_id}")
                self._written_for(user_id, Word.BOUGHT, order.order_id)
            case sc.Purchased(order_id) | sc.PurchasePending(order_id):
                self._own(user_id, self.world.database.get("orders", order_id))
            case sc.PaymentLink(_, url):
                track_id = url.rpartition("/")[2]
                mine = [i for i in self.world.invoices if any(k.track_id == track_id for k in i.links)]
                self._own(user_id, mine[0] if mine else None)

    def _own(self, user_id: UserId, owner: Any) -> None:
        if owner is None or owner.user_id != user_id:
            self.wrong(f"I15 {user_id} sees what is not theirs")

    def _written_for(self, user_id: UserId, word: Word, about: str) -> None:
        if (user_id, word, about) not in self.letters:
            self.wrong(f"I12 {user_id} hears {word.value} of {about}, which was never committed")

    # At rest.

    def quiet(self) -> bool:
        """Whether nothing is under way any more."""
        return not resting.under_way(self.world)

    def complete(self) -> bool:
        """Whether every label is where it belongs."""
        return not resting.astray(self.world)

    def at_rest(self) -> None:
        """Everything, now that the faults have stopped and time has passed."""
        self.step()
        resting.judge(self.world)

    def essence(self) -> object:
        """What no repeated input may change."""
        return resting.essence(self.world)
