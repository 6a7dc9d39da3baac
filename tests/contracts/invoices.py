"""What every InvoiceRepository promises; a subclass provides `invoices`, empty."""

from __future__ import annotations

import itertools
from asyncio import gather
from typing import Any

import pytest
from attrs import evolve

from builders import ANN, BOB, NOW, minutes, usd
from shipping_core.domain.ids import InvoiceId, Mode, OrderId
from shipping_core.domain.invoice import Invoice, InvoiceState, PayLink
from shipping_core.errors import Conflict, NotFound
from shipping_core.ports.invoices import InvoiceRepository

_numbers = itertools.count(1)


def a_link(track_id: str = "7001", **changes: Any) -> PayLink:
    """A payment page, an hour good."""
    return evolve(PayLink(track_id, "inv_1", f"https://pay.example/{track_id}", NOW + minutes(60)), **changes)


def an_invoice(invoice_id: str = "", *links: str, **changes: Any) -> Invoice:
    """Ann's wish for ten dollars, with these payment links."""
    made = Invoice(
        invoice_id=InvoiceId(invoice_id or f"inv_c{next(_numbers)}"),
        user_id=ANN,
        mode=Mode.TEST,
        amount=usd("10.00"),
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + minutes(60),
        links=tuple(a_link(track_id) for track_id in links),
    )
    return evolve(made, **changes)


def a_long_life() -> Invoice:
    """An invoice with every field set, and track ids such as no field of a document should have."""
    return an_invoice(
        "inv_long",
        "7.001",
        "$7002",
        user_id=BOB,
        mode=Mode.PRODUCTION,
        state=InvoiceState.CREDITED,
        version=9,
        attempts=2,
        for_order=OrderId("ord_1"),
        ask_at=NOW + minutes(5),
        credited_by="7.001",
        reviews={"$7002": "second_payment"},
        suspended={"$7002": usd("3.20"), "a.b.": usd("0.01")},
        decided={"7.000": "underpaid"},
        reversals=1,
    )


def saved(invoice: Invoice, **changes: Any) -> Invoice:
    """Its next version."""
    return evolve(invoice, version=invoice.version + 1, **changes)


class InvoiceRepositoryContract:
    """Invoices by id and by link, saved under their version."""

    @pytest.mark.parametrize("invoice", [an_invoice(), a_long_life()], ids=["new", "with every field"])
    async def test_given_an_added_invoice_when_got_then_it_is_the_same_in_every_field(
        self, invoices: InvoiceRepository, invoice: Invoice
    ) -> None:
        await invoices.add(invoice)

        assert await invoices.get(invoice.invoice_id) == invoice

    async def test_given_a_saved_invoice_when_got_then_it_is_the_same_in_every_field(
        self, invoices: InvoiceRepository
    ) -> None:
        invoice = a_long_life()
        await invoices.add(evolve(invoice, version=8, reviews={}, suspended={}, links=()))
        await invoices.save(invoice)

        assert await invoices.get(invoice.invoice_id) == invoice

    async def test_given_nobody_when_got_or_saved_then_it_is_not_found(
        self, invoices: InvoiceRepository
    ) -> None:
        with pytest.raises(NotFound):
            await invoices.get(InvoiceId("inv_nobody"))
        with pytest.raises(NotFound):
            await invoices.save(an_invoice(version=2))

    async def test_given_a_taken_id_when_added_then_it_is_a_conflict_and_the_first_stays(
        self, invoices: InvoiceRepository
    ) -> None:
        first = an_invoice()
        await invoices.add(first)
        with pytest.raises(Conflict):
            await invoices.add(evolve(first, user_id=BOB))

        assert await invoices.get(first.invoice_id) == first
        assert list(await invoices.of_user(BOB, Mode.TEST)) == []

    @pytest.mark.parametrize("version", [1, 3], ids=["the same", "one too far"])
    async def test_given_another_version_when_saved_then_it_is_a_conflict_and_nothing_changed(
        self, invoices: InvoiceRepository, version: int
    ) -> None:
        invoice = an_invoice()
        await invoices.add(invoice)
        with pytest.raises(Conflict):
            await invoices.save(evolve(invoice, version=version, reversals=5))

        assert await invoices.get(invoice.invoice_id) == invoice

    async def test_given_many_workers_when_all_save_then_exactly_one_counts(
        self, invoices: InvoiceRepository
    ) -> None:
        invoice = an_invoice()
        await invoices.add(invoice)
        rivals = [saved(invoice, attempts=n) for n in range(6)]
        got = await gather(*(invoices.save(r) for r in rivals), return_exceptions=True)

        assert [type(g) for g in got].count(Conflict) == 5
        assert await invoices.get(invoice.invoice_id) == rivals[got.index(None)]

    async def test_given_links_when_asked_for_then_their_owner_is_found_in_its_mode_only(
        self, invoices: InvoiceRepository
    ) -> None:
        both, other = an_invoice("", "1", "2"), an_invoice("", "1", mode=Mode.PRODUCTION)
        for invoice in (both, other, an_invoice(), an_invoice()):
            await invoices.add(invoice)

        assert await invoices.by_track_id("1", Mode.TEST) == both
        assert await invoices.by_track_id("2", Mode.TEST) == both
        assert await invoices.by_track_id("1", Mode.PRODUCTION) == other
        assert await invoices.by_track_id("2", Mode.PRODUCTION) is None
        assert await invoices.by_track_id("", Mode.TEST) is None

    async def test_given_a_taken_link_when_another_invoice_adds_or_saves_it_then_it_is_a_conflict(
        self, invoices: InvoiceRepository
    ) -> None:
        owner, rival = an_invoice("", "1"), an_invoice()
        await invoices.add(owner)
        await invoices.add(rival)
        with pytest.raises(Conflict):
            await invoices.add(an_invoice("inv_third", "3", "1"))
        with pytest.raises(Conflict):
            await invoices.save(saved(rival, links=(a_link("2"), a_link("1"))))
        with pytest.raises(NotFound):
            await invoices.get(InvoiceId("inv_third"))

        assert await invoices.get(rival.invoice_id) == rival
        assert await invoices.by_track_id("1", Mode.TEST) == owner
        assert await invoices.by_track_id("2", Mode.TEST) is None
        assert await invoices.by_track_id("3", Mode.TEST) is None

    async def test_given_a_refused_link_when_the_rest_is_used_again_then_it_is_free(
        self, invoices: InvoiceRepository
    ) -> None:
        await invoices.add(an_invoice("", "1"))
        with pytest.raises(Conflict):
            await invoices.add(an_invoice("", "2", "1"))
        second = an_invoice("", "2")
        await invoices.add(second)

        assert await invoices.by_track_id("2", Mode.TEST) == second

    async def test_given_many_at_once_when_all_want_one_link_then_one_gets_it(
        self, invoices: InvoiceRepository
    ) -> None:
        rivals = [an_invoice("", "1") for _ in range(6)]
        got = await gather(*(invoices.add(r) for r in rivals), return_exceptions=True)

        assert [isinstance(g, Conflict) for g in got].count(True) == 5
        assert await invoices.by_track_id("1", Mode.TEST) == rivals[got.index(None)]

    async def test_given_many_invoices_when_listed_then_ones_own_in_this_mode_come_newest_first(
        self, invoices: InvoiceRepository
    ) -> None:
        mine = [an_invoice(created_at=NOW + minutes(n)) for n in (2, 0, 1)]
        for invoice in (*mine, an_invoice(user_id=BOB), an_invoice(mode=Mode.PRODUCTION)):
            await invoices.add(invoice)

        assert list(await invoices.of_user(ANN, Mode.TEST)) == [mine[0], mine[2], mine[1]]
        assert list(await invoices.of_user(ANN, Mode.TEST, limit=1)) == [mine[0]]
        assert list(await invoices.of_user(ANN, Mode.TEST, limit=0)) == []

    async def test_given_times_to_ask_when_one_has_come_then_it_is_due_longest_overdue_first(
        self, invoices: InvoiceRepository
    ) -> None:
        late, later = an_invoice(ask_at=NOW - minutes(9)), an_invoice(ask_at=NOW)
        for invoice in (later, an_invoice(ask_at=None), an_invoice(ask_at=NOW + minutes(0.01)), late):
            await invoices.add(invoice)

        assert list(await invoices.to_ask(NOW)) == [late, later]
        assert list(await invoices.to_ask(NOW, limit=1)) == [late]

    async def test_given_a_due_invoice_when_it_was_asked_about_then_it_is_not_due_any_more(
        self, invoices: InvoiceRepository
    ) -> None:
        invoice = an_invoice(ask_at=NOW)
        await invoices.add(invoice)
        await invoices.save(invoice.asked(NOW))

        assert list(await invoices.to_ask(NOW)) == []

    async def test_given_reviews_when_listed_then_only_open_ones_come_oldest_change_first(
        self, invoices: InvoiceRepository
    ) -> None:
        old, new = (
            an_invoice(reviews={"1": "underpaid"}, updated_at=NOW + minutes(n), user_id=user)
            for n, user in ((0, BOB), (1, ANN))
        )
        for invoice in (new, an_invoice(), old):
            await invoices.add(invoice)
        first = list(await invoices.in_review())
        await invoices.save(old.reviewed("1", NOW + minutes(2)))

        assert first == [old, new]
        assert list(await invoices.in_review()) == [new]
        assert list(await invoices.in_review(limit=0)) == []
