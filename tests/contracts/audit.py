"""What every AuditLog promises; a subclass provides `audit`, empty."""

from __future__ import annotations

import datetime as dt
from asyncio import gather
from typing import Any

import pytest
from attrs import evolve

from builders import NOW, minutes
from shipping_core.domain.audit import AuditRow
from shipping_core.errors import Conflict
from shipping_core.ports.audit import AuditLog

LONG_AFTER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


def a_row(row_id: str = "order:ord_1:2", **changes: Any) -> AuditRow:
    """An operator parked an order."""
    row = AuditRow(
        row_id, "order:ord_1", "park", NOW, before="unknown", after="parked", actor="ola", reason="x"
    )
    return evolve(row, **changes)


class AuditLogContract:
    """Rows for ever."""

    async def test_given_a_row_when_put_then_it_is_kept_in_every_field(self, audit: AuditLog) -> None:
        await audit.put(a_row())
        await audit.put(AuditRow("x:1", "x", "made", NOW))

        assert list(await audit.of("order:ord_1")) == [a_row()]
        assert list(await audit.of("x")) == [AuditRow("x:1", "x", "made", NOW)]
        assert list(await audit.of("order:ord_2")) == []

    async def test_given_the_same_row_when_put_again_then_it_stands_once(self, audit: AuditLog) -> None:
        for _ in range(2):
            await audit.put(a_row())

        assert list(await audit.of("order:ord_1")) == [a_row()]

    @pytest.mark.parametrize(
        "other",
        [{"reason": "y"}, {"at": NOW + minutes(1)}, {"subject": "order:ord_2"}, {"actor": "pia"}],
        ids=lambda c: next(iter(c)),
    )
    async def test_given_a_kept_id_when_other_content_is_put_then_it_is_a_conflict_and_the_first_stays(
        self, audit: AuditLog, other: dict[str, Any]
    ) -> None:
        await audit.put(a_row())
        with pytest.raises(Conflict):
            await audit.put(a_row(**other))

        assert list(await audit.of("order:ord_1")) == [a_row()]
        assert list(await audit.of("order:ord_2")) == []

    async def test_given_many_rows_when_read_then_they_come_as_it_happened_and_equals_as_they_came(
        self, audit: AuditLog
    ) -> None:
        late, one, two, early = (
            a_row(f"order:ord_1:{n}", at=at)
            for n, at in (("z", NOW + minutes(1)), ("y", NOW), ("x", NOW), ("w", NOW - minutes(1)))
        )
        for row in (late, one, two, early):
            await audit.put(row)

        assert list(await audit.of("order:ord_1")) == [early, one, two, late]

    async def test_given_rows_when_read_in_the_order_they_were_kept_then_each_comes_once_range_by_range(
        self, audit: AuditLog
    ) -> None:
        rows = [a_row(f"order:ord_1:{n}", at=NOW - minutes(n)) for n in range(7)]
        for row in rows:
            await audit.put(row)
        first = await audit.kept(after=0, limit=3)
        second = await audit.kept(after=first[-1].number, before=LONG_AFTER, limit=9)
        again = await audit.kept(after=first[0].number, upto=second[0].number, limit=9)

        assert [kept.row for kept in (*first, *second)] == rows
        assert [kept.row for kept in again] == rows[1:4]
        assert list(await audit.kept(after=second[-1].number, limit=9)) == []

    async def test_given_the_same_row_many_times_at_once_when_put_then_it_stands_once(
        self, audit: AuditLog
    ) -> None:
        await gather(*(audit.put(a_row()) for _ in range(6)))

        assert list(await audit.of("order:ord_1")) == [a_row()]
