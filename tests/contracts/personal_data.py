"""What every PersonalData promises; a subclass provides `store`, empty, and `everything`, to search it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from attrs import evolve

from builders import (
    ANN,
    BOB,
    NOW,
    a_label,
    a_session,
    a_shipment,
    an_address,
    an_invoice,
    an_order,
    minutes,
    usd,
)
from contracts.lists import Kept, keep
from contracts.shelves import KINDS, a_record
from filled import filled
from shipping_core.conversation import states as st
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.draft import Draft, Entry, Field
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.letter import Letter, LetterState, Word
from shipping_core.domain.listing import Wanted
from shipping_core.domain.order import UNDER_WAY, Order, OrderState
from shipping_core.domain.refund import Refund, RefundState
from shipping_core.domain.shipment import Address
from shipping_core.domain.user import User
from shipping_core.errors import Conflict
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.personal_data import PersonalData
from shipping_core.ports.sessions import SessionRepository

CANARIES = ("Canary-Name", "Canary-Street", "Canary-Flat", "+1555canary", "Canary-Company", "canary_username")
NAME, STREET, FLAT, PHONE, COMPANY, USERNAME = CANARIES
HOUR = minutes(60)
OVER = [state for state in OrderState if state not in UNDER_WAY]


class Personal(Kept, Protocol):
    """A store with all that says something about a person."""

    @property
    @abstractmethod
    def personal_data(self) -> PersonalData:
        """What forgets it."""

    @property
    @abstractmethod
    def sessions(self) -> SessionRepository:
        """Its sessions."""

    @property
    @abstractmethod
    def files(self) -> LabelDocuments:
        """Its label files."""


def a_canary(**changes: str) -> Address:
    """An address to be found again."""
    return an_address(name=NAME, street1=STREET, street2=FLAT, phone=PHONE, company=COMPANY, **changes)


def a_telling_order(order_id: str, state: OrderState, user_id: UserId = ANN) -> Order:
    """An order that says who somebody is, at both ends and in what the carrier said."""
    return an_order(
        order_id, user_id=user_id, state=state, shipment=a_shipment(sender=a_canary(), recipient=a_canary()),
        failure=f"no such street: {STREET}", label=a_label() if state is OrderState.PURCHASED else None,
    )  # fmt: skip


async def plant(store: Personal, user_id: UserId = ANN) -> list[Order]:
    """Everything that is kept of a customer, full of what must go; their orders that are over."""
    draft = Draft(
        {Field.FROM_NAME: Entry(NAME), Field.TO_STREET1: Entry(STREET), Field.TO_PHONE: Entry(PHONE)}
    )
    asking = st.Answering("nickname", "", NAME, st.Idle())
    facts = {"why": f"{NAME}, {STREET}", "note": USERNAME}
    orders = [a_telling_order(f"ord_{user_id}_{s.value}", s, user_id) for s in OVER]
    await store.users.add(User(user_id, NOW, name=NAME, username=USERNAME))
    await store.sessions.save(a_session(asking, user_id=user_id, version=1, draft=draft))
    await keep(
        store,
        a_record(Template, f"{user_id} t", user_id=user_id, name=NAME, draft=draft),
        a_record(Contact, f"{user_id} c", user_id=user_id, nickname=NAME, address={"street1": Entry(STREET)}),
        a_record(ParcelPreset, f"{user_id} p", user_id=user_id, name=USERNAME),
        Letter(f"{user_id}:l", user_id, Word.REFUND_REJECTED, NOW, facts=facts),
        a_record(
            Refund,
            f"{user_id} r",
            user_id=user_id,
            note=NAME,
            amount_reason=STREET,
            decided_why=USERNAME,
            void_answer=FLAT,
            state=RefundState.REJECTED,
        ),
        an_invoice(f"inv_{user_id}", user_id=user_id),
        AuditRow(f"user:{user_id}:2", f"user:{user_id}", "blocked", NOW),
        *orders,
    )
    for order in orders:
        await store.files.put(order.order_id, f"%PDF {NAME} {STREET}".encode(), NOW)
    key = f"topup:{user_id}"
    await store.balances.credit(user_id, usd("5.00"), key=key, mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)
    return orders


class PersonalDataContract:
    """What is personal goes; what the books need stays."""

    async def test_given_a_customer_in_every_corner_when_erased_then_nothing_of_them_is_found_anywhere(
        self, store: Personal, everything: Callable[[], str]
    ) -> None:
        await plant(store)
        before = [canary for canary in CANARIES if canary not in everything()]
        ann = await store.users.get(ANN)
        await store.users.save(ann.changed(name="", username="", erased_at=NOW))
        await store.personal_data.erase(ANN)
        left = everything().casefold()

        assert before == []
        assert [canary for canary in CANARIES if canary.casefold() in left] == []

    async def test_given_a_customer_when_erased_then_what_the_books_need_is_there_still(
        self, store: Personal
    ) -> None:
        orders = await plant(store)
        await store.personal_data.erase(ANN)

        for order in orders:
            kept = await store.orders.get(order.order_id)
            ends = (kept.shipment.sender, kept.shipment.recipient)
            assert kept == order.forgotten()
            assert (kept.version, kept.addresses_gone, kept.updated_at) == (2, True, order.updated_at)
            assert {(a.city, a.state, a.postal_code) for a in ends} == {("San Francisco", "CA", "94117")}
            assert (kept.price, kept.label, kept.state) == (order.price, order.label, order.state)
            assert await store.files.get(order.order_id) is None
        (letter,) = (await store.lists.page(Wanted("letters"))).items
        assert (letter.letter_id, letter.word, letter.facts) == ("ann:l", Word.REFUND_REJECTED, {})
        (refund,) = await store.shelf(Refund).find({"user_id": ANN})
        assert (refund.version, refund.telling, refund.void_code) == (2, False, "a void_code")
        assert (refund.amount, refund.state) == (usd("5.12"), RefundState.REJECTED)
        assert await store.sessions.load(ANN) is None
        for kind in (Template, Contact, ParcelPreset):
            assert list(await store.shelf(kind).find({"user_id": ANN})) == []
        assert len(await store.balances.journal(user_id=ANN)) == 1
        assert len(await store.audit.of("user:ann")) == 1
        assert (await store.users.get(ANN)).name == NAME
        assert (await store.lists.page(Wanted("orders", words=(NAME,)))).items == ()
        assert len((await store.lists.page(Wanted("orders", words=("94117", ANN)))).items) == len(OVER)

    async def test_given_letters_that_have_not_arrived_when_their_customer_is_erased_then_they_are_dead(
        self, store: Personal
    ) -> None:
        for number in range(3):
            await keep(store, Letter(f"l{number}", ANN, Word.BOUGHT, NOW + minutes(number), facts={"a": "b"}))
        await keep(store, Letter("theirs", BOB, Word.BOUGHT, NOW))
        for end in (LetterState.SENT, LetterState.UNREACHABLE):
            (first,) = [x for x in await store.outbox.claim("w", NOW + HOUR, lease_s=60) if x.user_id == ANN]
            await store.outbox.mark(first.letter_id, "w", end)
        await store.personal_data.erase(ANN)
        revived = await store.outbox.revive(ANN)

        assert (revived, await store.outbox.waiting()) == (0, 1)
        assert [x.letter_id for x in await store.outbox.ended(LetterState.SENT)] == ["l0"]
        assert [x.letter_id for x in await store.outbox.ended(LetterState.DEAD)] == ["l2", "l1"]

    async def test_given_two_customers_when_one_is_erased_then_the_other_keeps_everything(
        self, store: Personal
    ) -> None:
        await plant(store)
        theirs = await plant(store, BOB)
        session = await store.sessions.load(BOB)
        await store.personal_data.erase(ANN)

        assert [await store.orders.get(order.order_id) for order in theirs] == theirs
        assert await store.sessions.load(BOB) == session is not None
        for kind in (Template, Contact, ParcelPreset):
            assert len(await store.shelf(kind).find({"user_id": BOB})) == 1
        (letter,) = (await store.lists.page(Wanted("letters", {"user_id": BOB}))).items
        assert letter.facts
        (refund,) = await store.shelf(Refund).find({"user_id": BOB})
        assert (refund.version, refund.note) == (1, NAME)
        assert await store.files.get(theirs[0].order_id)

    async def test_given_records_that_are_nobodys_when_a_customer_is_erased_then_they_stay(
        self, store: Personal
    ) -> None:
        personal = {Template, Contact, ParcelPreset, Refund}
        office: list[Any] = [filled(kind) for kind in KINDS if kind not in personal]
        await keep(store, *office)
        await store.personal_data.erase(UserId("a user_id"))

        assert [await store.shelf(type(r)).get(r.record_id) for r in office] == office

    async def test_given_an_erasure_when_repeated_then_it_changes_nothing_more(self, store: Personal) -> None:
        orders = await plant(store)
        for _ in range(2):
            await store.personal_data.erase(ANN)

        assert {(await store.orders.get(o.order_id)).version for o in orders} == {2}
        assert [r.version for r in await store.shelf(Refund).find({"user_id": ANN})] == [2]
        await store.personal_data.erase(UserId("a stranger"))

    @pytest.mark.parametrize("state", [state for state in OrderState if state in UNDER_WAY])
    async def test_given_an_order_under_way_when_erased_then_it_stays_whole_and_says_so_until_it_is_over(
        self, store: Personal, state: OrderState
    ) -> None:
        await plant(store)
        running = a_telling_order("ord_running", state)
        await keep(store, running)
        with pytest.raises(Conflict):
            await store.personal_data.erase(ANN)
        left = await store.orders.get(running.order_id)
        over = evolve(running, state=OrderState.VOIDED, version=2)
        await store.orders.save(over)
        await store.personal_data.erase(ANN)

        assert left == running
        assert await store.orders.get(running.order_id) == over.forgotten()

    async def test_given_a_worker_with_an_older_version_when_it_saves_after_the_erasure_then_it_loses(
        self, store: Personal
    ) -> None:
        order = a_telling_order("ord_1", OrderState.FAILED)
        await keep(store, order)
        await store.personal_data.erase(ANN)
        with pytest.raises(Conflict):
            await store.orders.save(order.watched(NOW))
        fresh = await store.orders.get(order.order_id)
        await store.orders.save(fresh.watched(NOW))

        assert (await store.orders.get(order.order_id)).shipment.sender.name == ""

    async def test_given_many_orders_when_the_old_are_forgotten_then_those_only_the_oldest_first(
        self, store: Personal, everything: Callable[[], str]
    ) -> None:
        ages = {"ord_new": 0, "ord_old": 5, "ord_older": 6, "ord_oldest": 7}
        for name, age in ages.items():
            order = a_telling_order(name, OrderState.PURCHASED, BOB)
            await keep(store, evolve(order, updated_at=NOW - minutes(age)))
            await store.files.put(order.order_id, STREET.encode(), NOW)
        await keep(store, evolve(a_telling_order("ord_open", OrderState.PARKED), updated_at=NOW - minutes(9)))
        first = await store.personal_data.forget_addresses(NOW, limit=2)
        after_two = await gone(store, *ages)
        second = await store.personal_data.forget_addresses(NOW)
        after_all = await gone(store, *ages, "ord_open")
        third = await store.personal_data.forget_addresses(NOW)

        assert (first, second, third) == (2, 1, 0)
        assert after_two == ["ord_older", "ord_oldest"]
        assert after_all == ["ord_old", "ord_older", "ord_oldest"]
        assert await store.personal_data.forget_addresses(NOW, limit=0) == 0
        assert [bool(await store.files.get((await store.orders.get(n)).order_id)) for n in ages] == [  # type: ignore[arg-type]
            True, False, False, False,
        ]  # fmt: skip


async def gone(store: Personal, *names: str) -> list[str]:
    """Which of these orders are without their people."""
    orders = [await store.orders.get(name) for name in names]  # type: ignore[arg-type] # ids
    return sorted(o.order_id for o in orders if o.addresses_gone and STREET not in repr(o))
