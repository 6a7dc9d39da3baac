"""What every Lists promises; a subclass provides `store`, empty."""

from __future__ import annotations

import datetime as dt
import random
import zlib
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, Protocol

import pytest
from attrs import evolve, fields_dict

from builders import NOW, a_label, a_rate, a_shipment, an_address, an_invoice, an_order, minutes
from contracts.shelves import Shelves
from filled import filled
from shipping_core.conversation.codec import dump
from shipping_core.domain import ledger as book
from shipping_core.domain.access import ApiKey, Approval, ApprovalState, Role
from shipping_core.domain.alert import Alert, AlertKind
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.broadcast import Broadcast, BroadcastState
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.invoice import Invoice, InvoiceState
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.letter import Letter, LetterState, Posted, Word
from shipping_core.domain.listing import LISTED, Filter, Listed, Page, Place, Wanted, read
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.domain.seal import Seal
from shipping_core.domain.user import User
from shipping_core.ports.audit import AuditLog
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.lists import Lists
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.outbox import Outbox
from shipping_core.ports.users import UserRepository

PEOPLE = ("ann", "bob", "Ёж")


class Kept(Shelves, Protocol):
    """A store with everything that is listed."""

    @property
    @abstractmethod
    def lists(self) -> Lists:
        """Its lists."""

    @property
    @abstractmethod
    def orders(self) -> OrderRepository:
        """Its orders."""

    @property
    @abstractmethod
    def users(self) -> UserRepository:
        """Its users."""

    @property
    @abstractmethod
    def invoices(self) -> InvoiceRepository:
        """Its top-ups."""

    @property
    @abstractmethod
    def balances(self) -> BalanceLedger:
        """Its ledger."""

    @property
    @abstractmethod
    def audit(self) -> AuditLog:
        """Its record of changes."""

    @property
    @abstractmethod
    def outbox(self) -> Outbox:
        """Its letters."""


async def keep(store: Kept, *values: Any) -> None:
    """Keep each where its kind is kept."""
    for value in values:
        if isinstance(value, Order):
            await store.orders.add(value)
        elif isinstance(value, User):
            await store.users.add(value)
        elif isinstance(value, Invoice):
            await store.invoices.add(value)
        elif isinstance(value, Transfer):
            await store.balances.post(value)
        elif isinstance(value, AuditRow):
            await store.audit.put(value)
        elif isinstance(value, Posted):
            await store.outbox.put(Letter(**{name: getattr(value, name) for name in fields_dict(Letter)}))
        elif isinstance(value, Letter):
            await store.outbox.put(value)
        else:
            await store.shelf(type(value)).add(value)


class Maker:
    """Makes items that share what they are ordered and filtered by with many others."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def __call__(self, name: str, number: int) -> Any:
        """An item of this list; items of two numbers are two."""
        made: Any = getattr(self, name)(f"{self.chance.choice('abΩ')}{number}")
        return made

    def at(self) -> dt.datetime:
        """One of few moments."""
        return NOW + dt.timedelta(milliseconds=self.chance.randrange(6))

    def person(self) -> UserId:
        """One of few."""
        return UserId(self.chance.choice(PEOPLE))

    def money(self) -> Money:
        """One of few amounts."""
        return Money(self.chance.randrange(1, 4))

    def orders(self, own: str) -> Order:
        name = self.chance.choice(("Ann Lee", "ann lee-smith", "Bob  LEE", "Стрелка"))
        to = an_address(name=name, postal_code=self.chance.choice(("94117", "10001")))
        rate = a_rate(carrier_code=self.chance.choice(("usps", "ups")), service_code=self.chance.choice("xy"))
        return an_order(
            f"ord_{own}", reference=f"t-{own}", user_id=self.person(), mode=self.chance.choice(list(Mode)),
            state=self.chance.choice(list(OrderState)), created_at=self.at(), price=self.money(), rate=rate,
            shipment=a_shipment(recipient=to), label=self.chance.choice((None, a_label())),
        )  # fmt: skip

    def users(self, own: str) -> User:
        return User(
            UserId(own), self.at(), self.chance.choice(("en", "ru")),
            name=self.chance.choice(("Ann Lee", "")), seen_at=self.chance.choice((None, None, self.at())),
            blocked=self.chance.random() < 0.5,
        )  # fmt: skip

    def refunds(self, own: str) -> Refund:
        return filled(
            Refund, refund_id=RefundId(own), order_id=f"ord_{own}", user_id=self.person(),
            created_at=self.at(), updated_at=self.at(), amount=self.money(),
            state=self.chance.choice(list(RefundState)),
            mode=self.chance.choice(list(Mode)), carrier_code=self.chance.choice(("usps", "ups")),
        )  # fmt: skip

    def topups(self, own: str) -> Invoice:
        return an_invoice(
            own, user_id=self.person(), created_at=self.at(), amount=self.money(),
            mode=self.chance.choice(list(Mode)), state=self.chance.choice(list(InvoiceState)),
            reviews=self.chance.choice(({}, {"1": "late"})),
        )  # fmt: skip

    def transfers(self, own: str) -> Transfer:
        return Transfer(
            own, self.chance.choice(list(Kind)), book.CARRIER_PAYABLE, book.CARRIER_COST, self.money(),
            self.chance.choice(list(Mode)), self.at(),
            order_id=self.chance.choice((None, OrderId("o1"), OrderId("o2"))),
            refund_id=self.chance.choice((None, RefundId("ref_1"))),
            invoice_id=self.chance.choice((None, InvoiceId("inv_1"))),
            actor=self.chance.choice(("system", "ola")),
        )  # fmt: skip

    def audit(self, own: str) -> AuditRow:
        subject, action = self.chance.choice(("order:1", "order:2")), self.chance.choice(("bought", "failed"))
        return AuditRow(own, subject, action, self.at(), actor=self.chance.choice(("system", "ola")))

    def letters(self, own: str) -> Posted:
        at, word = self.at(), self.chance.choice((Word.BOUGHT, Word.CREDITED))
        return Posted(own, self.person(), word, at, due=at)

    def broadcasts(self, own: str) -> Broadcast:
        state = self.chance.choice(list(BroadcastState))
        return filled(Broadcast, broadcast_id=own, state=state, created_at=self.at())

    def keys(self, own: str) -> ApiKey:
        role = self.chance.choice(list(Role))
        return filled(
            ApiKey, key_id=own, name=own, fingerprint=own, previous="", role=role, created_at=self.at()
        )

    def approvals(self, own: str) -> Approval:
        state, user = self.chance.choice(list(ApprovalState)), self.chance.choice((None, self.person()))
        return filled(
            Approval, approval_id=own, facts={"x": own}, state=state, user_id=user, created_at=self.at()
        )

    def seals(self, own: str) -> Seal:
        last = self.chance.randrange(1, 9)
        return filled(Seal, seal_id=own, first=zlib.crc32(own.encode()), last=last, created_at=self.at())

    def alerts(self, own: str) -> Alert:
        kind, seen_by = self.chance.choice(list(AlertKind)), self.chance.choice(("", "ola"))
        return filled(Alert, kind=kind, subject=own, seen_by=seen_by, updated_at=self.at())


def whole(items: Iterable[Any], wanted: Wanted) -> list[Any]:
    """The whole list, told without any store."""
    listed = LISTED[wanted.name]
    sort = wanted.sort or listed.sorts[0]
    fitting = [
        item
        for item in items
        if all(dump(read(item, n)) == v for n, v in wanted.equals.items())
        and (wanted.since is None or wanted.since <= read(item, listed.time))
        and (wanted.until is None or read(item, listed.time) < wanted.until)
        and listed.found_by(item, wanted.words)
    ]
    long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
    nothing_first = sorted(fitting, key=lambda i: read(i, listed.id))
    nothing_first.sort(key=lambda i: long_ago if read(i, sort) is None else read(i, sort))
    return nothing_first[::-1] if wanted.descending else nothing_first


async def turned(lists: Lists, wanted: Wanted, *, most: int = 1000) -> list[Any]:
    """All pages, one after another."""
    items: list[Any] = []
    for _ in range(most):
        page: Page[Any] = await lists.page(wanted)
        items += page.items
        if page.next is None:
            return items
        assert len(page.items) == wanted.limit
        wanted = evolve(wanted, after=page.next)
    raise AssertionError("the pages have no end")


def a_wish(chance: random.Random, name: str, items: list[Any]) -> Wanted:
    """Any page that may be asked for, of what is in the list or is not."""
    listed = LISTED[name]
    sort = chance.choice(listed.sorts)
    usual, filters = sort == listed.sorts[0], listed.filters_of(sort)
    like = chance.choice(items) if items else None
    equals: dict[str, Filter] = {}
    for filter_ in chance.sample(filters, k=min(len(filters), chance.choice((0, 0, 1, 1, 2)))):
        odd = like is None or chance.random() < 0.1 or not hasattr(like, filter_.partition(".")[0])
        value = "waiting" if odd else dump(read(like, filter_))
        equals |= {filter_: value} if value is not None else {}
    since, until = sorted(NOW + dt.timedelta(milliseconds=chance.randrange(8)) for _ in range(2))
    ranged = usual and chance.random() < 0.4
    words: tuple[str, ...] = ()
    if usual and like is not None and chance.random() < 0.4:
        own = listed.words(like) if listed.words else ids_of(listed, like)
        most = chance.choice((1, 2)) if listed.words else 1
        words = tuple(w.upper() for w in chance.sample(own, k=min(len(own), most)))
    return Wanted(
        name, equals, since if ranged else None, until if ranged else None, words,
        chance.choice((sort, "" if usual else sort)), chance.random() < 0.5, limit=chance.choice((1, 2, 7)),
    )  # fmt: skip


def ids_of(listed: Listed, item: Any) -> list[str]:
    """By which ids an item is found; of a subject the id alone."""
    values = (read(item, name) for name in listed.ids)
    return [value.rpartition(":")[2] for value in values if value]


class ListsContract:
    """Pages of what is kept."""

    @pytest.mark.parametrize("name", LISTED)
    async def test_given_any_items_when_pages_are_turned_then_together_they_are_the_whole_list(
        self, store: Kept, name: str
    ) -> None:
        chance = random.Random(f"whole {name}")
        items = [Maker(chance)(name, number) for number in range(40)]
        await keep(store, *items)
        found = 0
        for _ in range(30):
            wanted = a_wish(chance, name, items)
            pages = await turned(store.lists, wanted)
            found += len(pages)
            assert pages == whole(items, wanted), wanted

        assert found

    @pytest.mark.parametrize("descending", [False, True])
    @pytest.mark.parametrize(("name", "sort"), [(n, s) for n, listed in LISTED.items() for s in listed.sorts])
    async def test_given_items_added_meanwhile_when_pages_are_turned_then_none_is_hidden_or_comes_twice(
        self, store: Kept, name: str, sort: str, descending: bool
    ) -> None:
        make = Maker(random.Random(f"{name} {sort} {descending}"))
        items = [make(name, number) for number in range(20)]
        await keep(store, *items)
        wanted = Wanted(name, sort=sort, descending=descending, limit=3)
        expected, added = whole(items, wanted), 20
        seen: list[Any] = []
        while True:
            page = await store.lists.page(wanted)
            seen += page.items
            if page.next is None:
                break
            await keep(store, *(make(name, added + n) for n in range(2)))
            added += 2
            wanted = evolve(wanted, after=page.next)
        ids = [store_id(name, item) for item in seen]

        assert [item for item in seen if item in items] == expected
        assert len(set(ids)) == len(ids)
        assert added > 30

    @pytest.mark.parametrize("name", LISTED)
    async def test_given_any_items_when_counted_then_they_are_as_many_as_their_pages_have(
        self, store: Kept, name: str
    ) -> None:
        chance = random.Random(f"count {name}")
        items = [Maker(chance)(name, number) for number in range(30)]
        await keep(store, *items)
        for _ in range(10):
            wanted = a_wish(chance, name, items)
            expected = len(whole(items, wanted))

            assert await store.lists.count(wanted) == expected, wanted
            assert await store.lists.count(wanted, most=2) == min(2, expected), wanted
        assert await store.lists.count(Wanted(name)) == 30

    async def test_given_several_states_when_asked_for_then_those_in_any_of_them_come_in_order(
        self, store: Kept
    ) -> None:
        states = (OrderState.PARKED, OrderState.PURCHASED, OrderState.UNKNOWN, OrderState.PARKED)
        made = [an_order(state=state, created_at=NOW + minutes(n)) for n, state in enumerate(states)]
        await keep(store, *made)
        wanted = Wanted("orders", {"state": ("parked", "unknown")}, limit=1)

        assert await turned(store.lists, wanted) == [made[3], made[2], made[0]]
        assert await store.lists.count(wanted) == 3
        with pytest.raises(ValueError, match="state"):
            await store.lists.count(Wanted("orders", {"state": ()}))
        with pytest.raises(ValueError, match="state"):
            await store.lists.page(Wanted("orders", {"state": ({"$gt": ""},)}))  # type: ignore[dict-item] # on purpose

    async def test_given_nothing_when_a_page_is_asked_for_then_it_is_empty_and_the_last(
        self, store: Kept
    ) -> None:
        for name in LISTED:
            assert await store.lists.page(Wanted(name)) == Page(())

    async def test_given_a_last_page_that_is_full_when_asked_for_then_it_says_that_it_is_the_last(
        self, store: Kept
    ) -> None:
        await keep(store, *(an_order() for _ in range(4)))
        first = await store.lists.page(Wanted("orders", limit=2))
        last = await store.lists.page(Wanted("orders", limit=2, after=first.next))

        assert first.next is not None
        assert (len(last.items), last.next) == (2, None)

    async def test_given_users_of_whom_some_were_never_seen_when_ordered_by_that_then_those_come_first(
        self, store: Kept
    ) -> None:
        seen = {"a": None, "b": NOW, "c": None, "d": NOW - minutes(1)}
        await keep(store, *(User(UserId(u), NOW, seen_at=at) for u, at in seen.items()))
        up = await turned(store.lists, Wanted("users", sort="seen_at", descending=False, limit=1))
        down = await turned(store.lists, Wanted("users", sort="seen_at", limit=1))

        assert [u.user_id for u in up] == ["a", "c", "d", "b"]
        assert down == up[::-1]

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            (("john",), ["1", "2"]),
            (("JOHN", "smith"), ["1"]),
            (("smith john",), ["1"]),
            (("smit",), ["1"]),
            (("john", "smi"), ["1"]),
            (("10001", "do"), []),
            (("10001", "doe"), ["2"]),
            (("1000",), ["1", "2"]),
            (("jo",), []),
            (("joh", "smith"), []),
            (("ord_",), ["1", "2"]),
            (("O’Brien's",), ["2"]),
            (("@john", "(smith)."), ["1"]),
            (("jose\u0301",), ["2"]),
            (("john", "doe", "94117"), []),
            (("ord_2",), ["2"]),
            (("zz000000000001",), ["1"]),
            (("",), ["1", "2"]),
        ],
        ids=str,
    )
    async def test_given_words_when_looked_for_then_all_must_be_there_and_the_last_may_be_begun(
        self, store: Kept, words: tuple[str, ...], found: list[str]
    ) -> None:
        smith, doe = (
            an_address(name=f"John {n}", postal_code="10001") for n in ("Smith", "José Doe, O'Brien's")
        )
        await keep(
            store,
            an_order("ord_1", shipment=a_shipment(recipient=smith), label=a_label()),
            an_order("ord_2", shipment=a_shipment(recipient=doe)),
        )
        page = await store.lists.page(Wanted("orders", words=words, descending=False))

        assert [order.order_id for order in page.items] == [f"ord_{number}" for number in found]

    async def test_given_an_order_that_changed_when_looked_for_then_it_is_found_by_what_it_is_now(
        self, store: Kept
    ) -> None:
        order = an_order("ord_1", state=OrderState.PURCHASING)
        await keep(store, order)
        done = order.purchased(a_label(tracking_number="ZZ77"), NOW)
        await store.orders.save(done)

        assert (await store.lists.page(Wanted("orders", words=("zz77",)))).items == (done,)
        assert (await store.lists.page(Wanted("orders", {"state": "purchased"}))).items == (done,)
        assert (await store.lists.page(Wanted("orders", {"state": "purchasing"}))).items == ()

    async def test_given_letters_when_listed_by_their_state_then_those_in_it_come_with_what_became_of_them(
        self, store: Kept
    ) -> None:
        letters = [Posted(f"l{n}", UserId(f"u{n}"), Word.BOUGHT, NOW, due=NOW) for n in range(3)]
        await keep(store, *letters)
        later = NOW + minutes(5)
        await store.outbox.claim("relay", NOW, lease_s=60.0)
        await store.outbox.mark("l2", "relay", LetterState.UNREACHABLE)
        await store.outbox.postpone("l1", "relay", later, reason="not taken")
        await store.outbox.postpone("l0", "relay", NOW, reason="not taken")
        await store.outbox.claim("relay", NOW, lease_s=60.0)
        await store.outbox.mark("l0", "relay", LetterState.DEAD, reason="no file")
        dead = evolve(letters[0], state=LetterState.DEAD, tries=2, reason="no file")
        waiting = evolve(letters[1], tries=1, due=later, reason="not taken")

        assert (await store.lists.page(Wanted("letters", {"state": "dead"}))).items == (dead,)
        assert (await store.lists.page(Wanted("letters", {"state": "waiting"}))).items == (waiting,)
        assert len((await store.lists.page(Wanted("letters"))).items) == 3

    async def test_given_a_letter_that_was_not_tried_when_listed_then_it_waits(self, store: Kept) -> None:
        await keep(store, *(Posted(f"l{n}", UserId("u"), Word.BOUGHT, NOW, due=NOW) for n in range(2)))

        assert len((await store.lists.page(Wanted("letters", {"state": "waiting"}))).items) == 2

    @pytest.mark.parametrize(
        ("wanted", "named"),
        [
            (Wanted("cats"), "cats"),
            (Wanted("orders", sort="failure"), "failure"),
            (Wanted("orders", {"failure": "x"}), "failure"),
            (Wanted("orders", {"$where": "1"}), "where"),
            (Wanted("orders", {"state": {"$gt": ""}}), "state"),  # type: ignore[dict-item] # on purpose
            (Wanted("orders", {"state": "failed"}, sort="price.minor"), "state"),
            (Wanted("orders", sort="price.minor", since=NOW), "created_at"),
            (Wanted("orders", sort="price.minor", until=NOW), "created_at"),
            (Wanted("orders", sort="price.minor", words=("x",)), "created_at"),
            (Wanted("audit", words=("x", "y")), "one id"),
            (Wanted("orders", after=Place(7, "ord_1")), "place"),
            (Wanted("orders", after=Place("2031", "ord_1")), "place"),
            (Wanted("orders", after=Place(NOW.replace(tzinfo=None), "ord_1")), "place"),
            (Wanted("orders", after=Place(NOW, "ord_1"), sort="price.minor"), "place"),
            (Wanted("orders", after=Place(True, "ord_1"), sort="price.minor"), "place"),
            (Wanted("orders", limit=0), "200"),
            (Wanted("orders", limit=201), "200"),
        ],
        ids=lambda what: str(what)[:60],
    )
    async def test_given_what_cannot_be_listed_when_asked_for_then_it_is_refused_by_name(
        self, store: Kept, wanted: Wanted, named: str
    ) -> None:
        with pytest.raises(ValueError, match=named):
            await store.lists.page(wanted)

    async def test_given_a_place_that_was_made_up_when_asked_for_then_the_filters_count_all_the_same(
        self, store: Kept
    ) -> None:
        old, new = an_order("ord_1", created_at=NOW - minutes(9)), an_order("ord_2")
        await keep(store, old, new)
        forged = Place(NOW + minutes(1), "ord_3")

        assert (await store.lists.page(Wanted("orders", since=NOW, after=forged))).items == (new,)
        assert (await store.lists.page(Wanted("orders", until=NOW, after=forged))).items == (old,)
        assert (await store.lists.page(Wanted("orders", after=Place(None, "ord_3")))).items == ()


def store_id(name: str, item: Any) -> str:
    """What tells it from others."""
    found: str = read(item, LISTED[name].id)
    return found


def test_given_the_table_of_lists_when_read_then_every_name_in_it_leads_somewhere() -> None:
    for listed in LISTED.values():
        item: Any = filled(listed.kind)
        known = {*fields_dict(listed.kind), *dir(item)}
        for path in (listed.id, *listed.sorts, *listed.filters):
            assert path.partition(".")[0] in known
        assert set(listed.also) <= set(listed.filters)
