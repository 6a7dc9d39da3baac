"""What must be true of a shop at every moment, whatever happened in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import define, field

from a_shop import Shop
from adapters.memory.books import MemoryBooks
from shipping_core.conversation import screens as sc
from shipping_core.domain import ledger as book
from shipping_core.domain.books import Rule
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.ledger import Balance, Kind, Transfer, account_sums, open_holds
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order, OrderState

UNINVOICED = Rule.TOPUP.value
"""A `Shop` is topped up from outside without an invoice, which its books must see."""
ENDS = frozenset({OrderState.PURCHASED, OrderState.FAILED, OrderState.EXPIRED})


@define
class Watcher:
    """Looks at a shop after every step and remembers what it was shown."""

    shop: Shop
    users: Sequence[UserId]
    _seen: int = field(default=0, init=False)
    _prices: dict[OrderId, Money] = field(factory=dict, init=False)
    _chosen: dict[UserId, OrderId] = field(factory=dict, init=False)
    _denied: set[OrderId] = field(factory=set, init=False)
    """The orders whose customers were told that nothing was bought."""
    _ends: dict[OrderId, OrderState] = field(factory=dict, init=False)

    async def check(self) -> None:
        """Everything that can be seen now.

        Raises:
            AssertionError: something is not as it must be.
        """
        journal = list(await self.shop.balances.journal())
        orders = [o for user in self.users for o in await self.shop.orders.of_user(user, limit=1000)]
        balances = {u: await self.shop.balances.balance(u, self.shop.policy.mode) for u in self.users}
        self._look_at_the_cards()
        self._money(journal, balances)
        self._holds(journal, orders)
        self._purchases(orders)
        for order in orders:
            self._order(order, journal)
        self._deliveries()
        differences = await MemoryBooks(self.shop.database).differences()
        assert [d for d in differences if d.rule != UNINVOICED] == [], "the books disagree"

    def _look_at_the_cards(self) -> None:
        for shown in self.shop.notifier.shown[self._seen :]:
            if isinstance(shown.screen, sc.ConfirmPurchase):
                order_id, price = shown.screen.order_id, shown.screen.rate.price
                assert self._prices.setdefault(order_id, price) == price, "two prices under one Buy button"
                self._chosen[shown.user_id] = order_id
            if isinstance(shown.screen, sc.Review) and shown.note and shown.note.word == "not_bought":
                self._denied.add(self._chosen[shown.user_id])
        self._seen = len(self.shop.notifier.shown)
        assert self.shop.notifier.apologies == [], "a fault of ours"

    def _money(self, journal: Sequence[Transfer], balances: Mapping[UserId, Balance]) -> None:
        sums, mode = account_sums(journal), self.shop.policy.mode
        totals: Counter[object] = Counter()
        for (in_mode, _), minor in sums.items():
            totals[in_mode] += minor
        assert not any(totals.values()), "debits are not credits"
        for user, balance in balances.items():
            fold = (sums.get((mode, book.available(user)), 0), sums.get((mode, book.held(user)), 0))
            assert (balance.available.minor, balance.held.minor) == fold, "a balance is not its journal"
            assert balance.available.minor >= 0, "a balance below zero"

    def _holds(self, journal: Sequence[Transfer], orders: Sequence[Order]) -> None:
        undecided = {o.hold_key for o in orders if o.undecided}
        assert {hold.key for hold in open_holds(journal)} == undecided, "a hold leaked or was lost"
        resolved = Counter(t.resolves for t in journal if t.resolves)
        assert all(count == 1 for count in resolved.values()), "a hold was resolved twice"

    def _purchases(self, orders: Sequence[Order]) -> None:
        assert all(count == 1 for count in self.shop.shipping.purchases.values()), "bought twice"
        for same in ("quote_id", "reference"):
            names = [getattr(order, same) for order in orders]
            assert len(names) == len(set(names)), f"two orders of one {same}"
        known = {order.reference for order in orders}
        assert set(self.shop.shipping.purchases) <= known, "a purchase without an order"

    def _order(self, order: Order, journal: Sequence[Transfer]) -> None:
        shown = self._prices.get(order.order_id)
        captured: list[Money | None] = [t.amount for t in journal if t.key == order.capture_key]
        assert shown is not None, "a price nobody was shown"
        assert order.price == shown, "another price than shown was held"
        assert order.charged is None or order.charged <= shown, "charged more than shown"
        assert [order.charged] == (captured or [None]), "the charge is not what was captured"
        assert (order.label is None) == (order.charged is None), "charged without a label, or not for one"
        end = self._ends.setdefault(order.order_id, order.state) if order.state in ENDS else None
        assert end in {None, order.state}
        assert order.order_id not in self._ends or order.state in ENDS, "an end was not final"
        never = order.order_id in self._denied
        assert not never or order.state in {OrderState.FAILED, OrderState.EXPIRED}, "not bought, it was said"
        self._labels(order)

    def _labels(self, order: Order) -> None:
        live = [label for label in self.shop.shipping.labels.get(order.reference, []) if not label.voided]
        if order.state is OrderState.PURCHASED:
            assert live == [order.label], "not exactly the label that was paid for"
        if order.state in {OrderState.FAILED, OrderState.EXPIRED}:
            assert live == [], "a label that nobody has"

    def _deliveries(self) -> None:
        for user, order, document in self.shop.notifier.labels:
            assert user == order.user_id, "somebody else's label"
            assert order.label is not None
            assert order.label.tracking_number.encode() in document, "another order's label"

    async def check_at_rest(self) -> None:
        """When the faults have stopped and time has passed: everything is decided, or parked."""
        await self.check()
        orders = [o for user in self.users for o in await self.shop.orders.of_user(user, limit=1000)]
        undecided = [o for o in orders if o.undecided]
        assert all(o.state is OrderState.PARKED for o in undecided), "an order was forgotten"
        costs = [t for t in await self.shop.balances.journal() if t.kind is Kind.CARRIER_COST]
        assert len(costs) <= len(orders)
