"""What the memory adapters promise beyond their ports."""

from __future__ import annotations

import pytest
from attrs import evolve

from a_shop import shop
from adapters.memory.balances import MemoryBalances
from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.notifier import MemoryNotifier
from adapters.memory.reader import MemoryReader
from adapters.memory.shipping import MemoryShipping, one_page_pdf
from adapters.memory.stores import MemoryStore, MemoryUnitOfWork
from builders import (
    ANN,
    BOB,
    NOW,
    PLACES,
    a_label,
    a_rate,
    a_recipient,
    a_shipment,
    an_invoice,
    an_order,
    minutes,
    usd,
)
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.domain.address_check import Verdict
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.draft import Entry, Field
from shipping_core.domain.ids import Mode, RateId
from shipping_core.domain.ledger import Kind
from shipping_core.domain.letter import Letter, Word
from shipping_core.domain.user import User
from shipping_core.errors import (
    GatewayRefused,
    GatewayUnavailable,
    OutcomeUnknown,
    TransactionConflict,
)
from shipping_core.ports.payments import Notice
from shipping_core.ports.shipping import Prepared, Purchase
from shipping_core.ports.unit_of_work import Transaction


async def test_given_a_body_that_always_loses_when_run_then_it_gives_up_and_nothing_is_left() -> None:
    database = Database()
    outside = MemoryBalances(database)

    async def credit(ledger: MemoryBalances, key: str) -> None:
        await ledger.credit(ANN, usd("1.00"), key=key, mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)

    async def body(tx: Transaction) -> None:
        await tx.balances.balance(ANN, Mode.TEST)
        await credit(outside, f"rival:{len(await outside.journal())}")
        assert isinstance(tx.balances, MemoryBalances)
        await credit(tx.balances, "mine")

    with pytest.raises(TransactionConflict):
        await MemoryUnitOfWork(database).run(body)

    assert {t.key.partition(":")[0] for t in await outside.journal()} == {"rival"}


def test_given_a_clock_when_told_then_both_kinds_of_time_pass() -> None:
    clock = MemoryClock(NOW)
    clock.advance(minutes(2))

    assert (clock.now(), clock.monotonic_s()) == (NOW + minutes(2), 120.0)


async def test_given_two_customers_when_their_cards_are_looked_at_then_each_sees_the_own_newest() -> None:
    made = shop()
    ann, bob = made.customer(), made.customer(BOB)
    await ann.does(ev.NewOrder())
    await bob.does(ev.Started())

    assert isinstance(ann.screen, sc.OrderCard)
    assert isinstance(bob.screen, sc.Menu)
    with pytest.raises(LookupError):
        MemoryNotifier().card(ANN)


def test_given_lines_when_read_then_fields_are_found_and_the_rest_is_kept() -> None:
    reading = MemoryReader(PLACES).read("from.zip: 94117\nhello\nto.name:\nto.hat: red", expecting=())

    assert reading.found == {Field.FROM_ZIP: Entry("94117", place=PLACES["94117"])}
    assert reading.unread == "hello\nto.name:\nto.hat: red"


class TestMemoryCarrier:
    """Accidents on request."""

    async def prepared(self, carrier: MemoryShipping, reference: str = "t-1") -> Prepared:
        """The cheapest offer, ready to be bought."""
        shipment = a_shipment()
        offers = await carrier.rates(shipment, reference=reference, mode=Mode.TEST)
        return await carrier.prepare(Purchase(reference, offers.rates[0], shipment, Mode.TEST))

    @pytest.mark.parametrize(
        ("accident", "bought", "labels"),
        [
            (GatewayRefused("buy"), True, 0),
            (GatewayUnavailable("buy"), True, 0),
            (OutcomeUnknown("buy"), True, 1),
            (OutcomeUnknown("buy"), False, 0),
        ],
        ids=["refused", "not sent", "bought and unanswered", "lost on the way"],
    )
    async def test_given_an_accident_when_buying_then_it_happens_once_and_look_ups_tell_the_truth(
        self, accident: Exception, bought: bool, labels: int
    ) -> None:
        carrier = MemoryShipping(accidents=[accident], lost_answers_buy=bought)
        prepared = await self.prepared(carrier)
        with pytest.raises(type(accident)):
            await carrier.buy(prepared)
        found = list(await carrier.find(prepared))
        await carrier.buy(prepared)

        assert (len(found), carrier.purchases["t-1"]) == (labels, 2)

    async def test_given_a_broken_look_up_when_finding_then_it_is_no_evidence(self) -> None:
        carrier = MemoryShipping(lookup_error=GatewayUnavailable("find"))

        with pytest.raises(GatewayUnavailable):
            await carrier.find(await self.prepared(carrier))

    async def test_given_another_cost_when_bought_then_the_label_has_it(self) -> None:
        carrier = MemoryShipping(actual_cost=usd("0"))

        assert (await carrier.buy(await self.prepared(carrier))).label.cost == usd("0")

    async def test_given_a_suggestion_when_checked_then_it_is_made_for_that_street_only(self) -> None:
        better = a_recipient(street1="123 N Main St")
        carrier = MemoryShipping(suggestions={"123 Main St": better})
        doubted = await carrier.check_address(a_recipient(), Mode.TEST)
        verified = await carrier.check_address(better, Mode.TEST)

        assert (doubted.verdict, doubted.suggestion, doubted.needs_decision) == (
            Verdict.SUGGESTION,
            better,
            True,
        )
        assert (verified.verdict, verified.needs_decision) == (Verdict.VERIFIED, False)

    async def test_given_a_strange_label_when_asked_about_then_it_has_no_file_and_no_void(
        self,
    ) -> None:
        carrier = MemoryShipping()
        await carrier.buy(await self.prepared(carrier))
        strange = a_label(label_id="label-99")
        with pytest.raises(GatewayRefused) as refusal:
            await carrier.document(strange, Mode.TEST)

        assert refusal.value.code == "no_document"
        assert not (await carrier.void(strange, Mode.TEST)).approved

    async def test_given_two_labels_when_the_second_is_voided_then_the_first_stays(self) -> None:
        carrier = MemoryShipping()
        prepared = await self.prepared(carrier)
        first, second = [(await carrier.buy(prepared)).label for _ in range(2)]
        await carrier.void(second, Mode.TEST)

        assert await carrier.find(prepared) == [first, evolve(second, voided=True)]

    async def test_given_a_rate_nobody_offered_when_bought_then_it_is_refused_and_not_counted(self) -> None:
        carrier = MemoryShipping()
        estimate = a_rate(rate_id=RateId("estimate-1"), carrier_reference="")
        with pytest.raises(GatewayRefused):
            await carrier.buy(Prepared(Purchase("t-1", estimate, a_shipment(), Mode.TEST)))

        assert carrier.purchases == {}

    def test_given_brackets_and_letters_beyond_latin_when_printed_then_the_page_is_still_whole(self) -> None:
        pdf = one_page_pdf(["Jane (Doe)", "Иван \\ Петров"])

        assert pdf.startswith(b"%PDF-1.4")
        assert pdf.endswith(b"%%EOF\n")
        assert b"(Jane Doe) Tj" in pdf


async def test_given_a_store_when_anything_is_kept_through_one_door_then_every_other_sees_it() -> None:
    store = MemoryStore(Database(), MemoryClock(NOW))
    order, invoice = an_order(), an_invoice()
    letter = Letter("inv_1:1:credited", ANN, Word.CREDITED, NOW)
    notice = Notice("d1", "190000001", "paid")
    lease = await store.leases.take("poller", "me", term_s=30)

    async def body(tx: Transaction) -> None:
        await tx.orders.add(order)
        await tx.invoices.add(invoice)
        await tx.outbox.put(letter)
        await tx.audit.put(AuditRow("r1", "order:1", "reserved", NOW))
        await tx.balances.credit(ANN, usd("1.00"), key="k", mode=Mode.TEST, kind=Kind.TOPUP, at=NOW)

    await store.unit_of_work.run(body)
    await store.users.add(User(ANN, NOW, "en"))
    await store.files.put(order.order_id, b"%PDF", NOW)
    await store.inbox.put(notice, NOW)

    assert await store.orders.get(order.order_id) == order
    assert await store.invoices.get(invoice.invoice_id) == invoice
    assert await store.outbox.waiting() == 1
    assert len(await store.audit.of("order:1")) == 1
    assert (await store.balances.balance(ANN, Mode.TEST)).available == usd("1.00")
    assert (await store.users.get(ANN)).language == "en"
    assert await store.files.get(order.order_id) == b"%PDF"
    assert await store.inbox.pending() == [notice]
    assert await store.sessions.load(ANN) is None
    assert await store.leases.take("poller", "you", term_s=30) is None
    assert (lease is not None, await store.ready()) == (True, "ok")
