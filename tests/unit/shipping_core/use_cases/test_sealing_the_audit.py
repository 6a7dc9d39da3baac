"""The chain of seals over the record of changes, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from adapters.memory.alerts import MemoryAlerts
from adapters.memory.clock import MemoryClock
from adapters.memory.database import Database
from adapters.memory.notifier import MemoryOperators
from adapters.memory.stores import MemoryStore
from builders import NOW, minutes
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.listing import Wanted
from shipping_core.domain.seal import Seal, chained
from shipping_core.use_cases import seal_audit
from shipping_core.use_cases.raise_alert import RaiseAlert
from shipping_core.use_cases.seal_audit import SealAudit

LABOURS = 25


def a_row(number: int) -> AuditRow:
    """A change."""
    return AuditRow(f"user:1:{number}", "user:1", "noted", NOW + minutes(number), actor="key:ola", reason="x")


async def sealed_store(monkeypatch: pytest.MonkeyPatch) -> tuple[SealAudit, MemoryStore, MemoryOperators]:
    """A store whose rows lie under several seals."""
    monkeypatch.setattr(seal_audit, "A_SEAL", 4)
    clock, operators = MemoryClock(NOW), MemoryOperators()
    store = MemoryStore(Database(), clock)
    alert = RaiseAlert(MemoryAlerts(store.database), operators, clock)
    seal = SealAudit(store.audit, store.shelf(Seal), store.lists, clock, alert)
    for number in range(LABOURS):
        await store.audit.put(a_row(number))
    assert await seal() == LABOURS
    return seal, store, operators


async def test_given_rows_when_sealed_then_each_lies_under_one_seal_and_all_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seal, store, operators = await sealed_store(monkeypatch)
    page = await store.lists.page(Wanted("seals", sort="last", descending=False))
    await store.audit.put(a_row(99))

    assert [s.rows for s in page.items] == [4] * 6 + [1]
    assert await seal.broken() == []
    assert (await seal(), await seal()) == (1, 0)
    assert await seal.broken() == []
    assert operators.told == []


async def test_given_two_workers_when_both_seal_then_the_chain_goes_on_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seal, store, _ = await sealed_store(monkeypatch)
    (newest,) = (await store.lists.page(Wanted("seals", sort="last", limit=1))).items
    await store.audit.put(a_row(99))

    class Late(SealAudit):
        async def _newest(self) -> Seal | None:
            await seal()  # the other one is quicker
            found: Seal = newest
            return found

    late = Late(seal.audit, seal.seals, seal.lists, seal.clock, seal.alert)

    assert await late() == 0
    assert await seal.broken() == []


def changed(store: MemoryStore) -> None:
    """Somebody gives a row another reason."""
    store.database.put("audit", "user:1:7", evolve(a_row(7), reason="y"))


def removed(store: MemoryStore) -> None:
    """Somebody takes the last row away."""
    store.database.put("audit", "user:1:24", None)


@pytest.mark.parametrize("damage", [changed, removed])
async def test_given_a_row_that_is_not_as_it_was_when_looked_at_then_its_seal_is_broken_and_told(
    monkeypatch: pytest.MonkeyPatch, damage: Callable[[MemoryStore], None]
) -> None:
    seal, store, operators = await sealed_store(monkeypatch)
    damage(store)
    (broken,) = await seal.broken()

    assert broken.seal_id in operators.told[0].text


async def test_given_a_seal_made_anew_over_changed_rows_when_looked_at_then_the_next_one_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seal, store, _ = await sealed_store(monkeypatch)
    changed(store)
    _, second, third, *_ = (await store.lists.page(Wanted("seals", sort="last", descending=False))).items
    rows = await store.audit.kept(after=second.first, upto=second.last, limit=9)
    (before,) = (await store.lists.page(Wanted("seals", sort="last", descending=False, limit=1))).items
    forged = evolve(second, hash=chained(before.hash, (kept.row for kept in rows)))
    store.database.put("Seal", second.seal_id, forged)

    assert [s.seal_id for s in await seal.broken()] == [third.seal_id]


def test_given_a_field_that_rows_did_not_have_then_when_it_is_empty_then_an_old_seal_holds() -> None:
    assert chained("", [evolve(a_row(1), request_id="")]) != chained("", [evolve(a_row(1), request_id="r")])
