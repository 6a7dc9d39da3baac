"""What every BalanceLedger promises; a subclass provides `ledger`, empty."""

from __future__ import annotations

import datetime as dt
from asyncio import gather
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from builders import ANN, BOB, NOW, minutes, usd
from shipping_core.domain import ledger as book
from shipping_core.domain.ids import InvoiceId, Mode, OrderId, RefundId, UserId
from shipping_core.domain.ledger import Balance, Kind, Transfer, account_sums, open_holds
from shipping_core.domain.money import LIMIT_MINOR, Money
from shipping_core.errors import Conflict, InsufficientFunds, NotFound
from shipping_core.ports.balances import BalanceLedger

ORDER = OrderId("ord_1")


class _Acts:
    """The acts with everything said that a story does not care about."""

    async def credit(
        self,
        ledger: BalanceLedger,
        amount: Money,
        *,
        key: str = "topup:1",
        user_id: UserId = ANN,
        mode: Mode = Mode.TEST,
        kind: Kind = Kind.TOPUP,
        at: dt.datetime = NOW,
    ) -> Balance:
        """Money comes in."""
        return await ledger.credit(user_id, amount, key=key, mode=mode, kind=kind, at=at)

    async def debit(
        self,
        ledger: BalanceLedger,
        amount: Money,
        *,
        key: str = "adjust:1",
        at: dt.datetime = NOW,
        actor: str = "key:ola",
        reason: str = "paid twice",
    ) -> Balance:
        """Money is taken by hand."""
        return await ledger.debit(ANN, amount, key=key, mode=Mode.TEST, at=at, actor=actor, reason=reason)

    async def hold(
        self,
        ledger: BalanceLedger,
        amount: Money,
        *,
        key: str = "hold:1",
        user_id: UserId = ANN,
        mode: Mode = Mode.TEST,
        at: dt.datetime = NOW,
    ) -> Balance:
        """Money is promised."""
        return await ledger.hold(user_id, amount, key=key, mode=mode, order_id=ORDER, at=at)

    async def capture(
        self, ledger: BalanceLedger, amount: Money, *, key: str = "capture:1", hold_key: str = "hold:1"
    ) -> Balance:
        """A promise is spent."""
        return await ledger.capture(ANN, amount, key=key, hold_key=hold_key, at=NOW)

    async def release(
        self, ledger: BalanceLedger, *, key: str = "release:1", hold_key: str = "hold:1"
    ) -> Balance:
        """A promise is given back."""
        return await ledger.release(ANN, key=key, hold_key=hold_key, at=NOW)

    async def a_hold(self, ledger: BalanceLedger, amount: str = "6.00", of: str = "10.00") -> None:
        """Ann has `of` and promised `amount` of it as `hold:1`."""
        await self.credit(ledger, usd(of))
        await self.hold(ledger, usd(amount))


def a_cost(amount: Money, *, key: str = "cost:1", at: dt.datetime = NOW) -> Transfer:
    """What a carrier charged us."""
    source, target = book.CARRIER_PAYABLE, book.CARRIER_COST
    return Transfer(key, Kind.CARRIER_COST, source, target, amount, Mode.TEST, at, order_id=ORDER)


async def outcomes(*acts: Awaitable[object]) -> list[type]:
    """The types of what rivals got: an answer's, or an error's."""
    return [type(outcome) for outcome in await gather(*acts, return_exceptions=True)]


class BalanceLedgerContract(_Acts):
    """Holds, captures and releases over one journal."""

    async def test_given_a_stranger_when_asked_then_the_balance_is_zero(self, ledger: BalanceLedger) -> None:
        assert await ledger.balance(ANN, Mode.TEST) == Balance()

    @pytest.mark.parametrize("kind", list(book.CREDIT_SOURCES))
    async def test_given_a_credit_when_it_is_made_then_it_is_available_and_answered(
        self, ledger: BalanceLedger, kind: Kind
    ) -> None:
        answer = await self.credit(ledger, usd("5.00"), kind=kind)

        assert answer == await ledger.balance(ANN, Mode.TEST) == Balance(usd("5.00"))
        assert [t.kind for t in await ledger.journal()] == [kind]

    async def test_given_a_credit_when_made_then_who_and_why_stand_in_the_journal(
        self, ledger: BalanceLedger
    ) -> None:
        await ledger.credit(
            ANN,
            usd("5.00"),
            key="adjust:1",
            mode=Mode.TEST,
            kind=Kind.ADJUSTMENT,
            at=NOW,
            actor="operator:ola",
            reason="lost parcel",
        )
        (line,) = await ledger.journal()

        assert (line.key, line.actor, line.reason) == ("adjust:1", "operator:ola", "lost parcel")
        assert (line.source, line.target) == (book.ADJUSTMENTS, book.available(ANN))
        assert (line.amount, line.mode, line.created_at) == (usd("5.00"), Mode.TEST, NOW)

    async def test_given_a_credit_when_made_for_a_refund_then_its_order_and_refund_stand_in_the_journal(
        self, ledger: BalanceLedger
    ) -> None:
        act: dict[str, Any] = {"key": "refund:ref_1", "mode": Mode.TEST, "kind": Kind.REFUND, "at": NOW}
        act |= {"order_id": ORDER, "refund_id": RefundId("ref_1")}
        for _ in range(2):
            await ledger.credit(ANN, usd("5.00"), **act)
        for changes in ({"refund_id": RefundId("ref_2")}, {"order_id": None}, {"invoice_id": InvoiceId("i")}):
            with pytest.raises(Conflict):
                await ledger.credit(ANN, usd("5.00"), **{**act, **changes})
        (line,) = await ledger.journal()

        assert (line.order_id, line.refund_id, line.invoice_id) == (ORDER, RefundId("ref_1"), None)
        assert (line.source, line.target) == (book.REFUNDS_GIVEN, book.available(ANN))

    async def test_given_money_when_taken_by_hand_then_it_is_gone_once_and_who_and_why_stand_in_the_journal(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger, "6.00")
        for at in (NOW, NOW + minutes(1)):
            answer = await self.debit(ledger, usd("1.50"), at=at)
            assert answer == await ledger.balance(ANN, Mode.TEST) == Balance(usd("2.50"), usd("6.00"))
        line = (await ledger.journal())[-1]

        assert (line.kind, line.source, line.target) == (
            Kind.ADJUSTMENT,
            book.available(ANN),
            book.ADJUSTMENTS,
        )
        assert (line.key, line.amount, line.created_at) == ("adjust:1", usd("1.50"), NOW)
        assert (line.actor, line.reason) == ("key:ola", "paid twice")

    async def test_given_too_little_that_is_available_when_taken_by_hand_then_it_is_refused_and_stays(
        self, ledger: BalanceLedger
    ) -> None:
        with pytest.raises(InsufficientFunds):
            await self.debit(ledger, usd("0.01"))
        await self.a_hold(ledger, "6.00")
        with pytest.raises(InsufficientFunds) as short:
            await self.debit(ledger, usd("4.01"))

        assert (short.value.available, short.value.shortfall) == (usd("4.00"), usd("0.01"))
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("4.00"), usd("6.00"))
        assert len(await ledger.journal()) == 2

    @pytest.mark.parametrize("changes", [{"actor": "kim"}, {"reason": "x"}, {"amount": usd("1.51")}], ids=str)
    async def test_given_money_taken_by_hand_when_its_key_says_something_else_then_it_is_a_conflict(
        self, ledger: BalanceLedger, changes: dict[str, Any]
    ) -> None:
        await self.credit(ledger, usd("9.00"))
        await self.debit(ledger, usd("1.50"))
        with pytest.raises(Conflict):
            await self.debit(ledger, **{"amount": usd("1.50"), **changes})

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("7.50"))

    async def test_given_money_for_one_when_six_take_at_once_then_one_does(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("2.00"))
        got = await outcomes(*(self.debit(ledger, usd("1.50"), key=f"adjust:{n}") for n in range(6)))

        assert got.count(InsufficientFunds) == 5
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("0.50"))

    async def test_given_money_when_held_then_it_moves_from_available_to_held(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("10.00"))
        answer = await self.hold(ledger, usd("6.00"))

        assert answer == await ledger.balance(ANN, Mode.TEST) == Balance(usd("4.00"), usd("6.00"))
        assert [t.order_id for t in open_holds(await ledger.journal())] == [ORDER]

    async def test_given_exactly_enough_when_held_then_it_is_held(self, ledger: BalanceLedger) -> None:
        await self.a_hold(ledger, "10.00")

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("0"), usd("10.00"))

    async def test_given_a_cent_too_little_when_holding_then_it_is_refused_with_the_shortfall(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("5.00"))
        with pytest.raises(InsufficientFunds) as refusal:
            await self.hold(ledger, usd("5.01"))

        assert refusal.value.shortfall == usd("0.01")
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("5.00"))
        assert len(await ledger.journal()) == 1

    async def test_given_held_money_when_holding_more_then_only_the_available_counts(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        with pytest.raises(InsufficientFunds):
            await self.hold(ledger, usd("4.01"), key="hold:2")

        assert (await ledger.balance(ANN, Mode.TEST)).held == usd("6.00")

    async def test_given_a_hold_when_captured_whole_then_it_is_spent(self, ledger: BalanceLedger) -> None:
        await self.a_hold(ledger)
        answer = await self.capture(ledger, usd("6.00"))

        assert answer == await ledger.balance(ANN, Mode.TEST) == Balance(usd("4.00"))
        assert account_sums(await ledger.journal())[Mode.TEST, book.LABEL_REVENUE] == 600

    async def test_given_a_hold_when_less_is_captured_then_the_rest_is_available_again(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        answer = await self.capture(ledger, usd("4.50"))

        assert answer == await ledger.balance(ANN, Mode.TEST) == Balance(usd("5.50"))
        assert open_holds(await ledger.journal()) == ()

    async def test_given_a_hold_when_more_is_captured_then_it_is_a_conflict_and_nothing_moved(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        with pytest.raises(Conflict):
            await self.capture(ledger, usd("6.01"))

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("4.00"), usd("6.00"))

    async def test_given_a_hold_when_released_then_all_of_it_is_available(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        answer = await self.release(ledger)

        assert answer == await ledger.balance(ANN, Mode.TEST) == Balance(usd("10.00"))
        assert open_holds(await ledger.journal()) == ()

    async def test_given_a_captured_hold_when_released_then_it_is_a_conflict(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        await self.capture(ledger, usd("4.50"))
        with pytest.raises(Conflict):
            await self.release(ledger)

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("5.50"))

    async def test_given_a_released_hold_when_captured_then_it_is_a_conflict(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        await self.release(ledger)
        with pytest.raises(Conflict):
            await self.capture(ledger, usd("6.00"))

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("10.00"))

    async def test_given_a_captured_hold_when_captured_under_another_key_then_it_is_a_conflict(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        await self.capture(ledger, usd("2.00"))
        with pytest.raises(Conflict):
            await self.capture(ledger, usd("2.00"), key="capture:2")

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("8.00"))

    async def test_given_no_hold_when_capturing_or_releasing_then_it_is_not_found(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("10.00"))

        with pytest.raises(NotFound):
            await self.capture(ledger, usd("1.00"))
        with pytest.raises(NotFound):
            await self.release(ledger)

    async def test_given_somebody_elses_hold_when_capturing_or_releasing_then_it_is_not_found(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("10.00"), user_id=BOB)
        await self.hold(ledger, usd("6.00"), user_id=BOB)

        with pytest.raises(NotFound):
            await self.capture(ledger, usd("6.00"))
        with pytest.raises(NotFound):
            await self.release(ledger)

    async def test_given_a_credit_when_taken_for_a_hold_then_it_is_not_found(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("10.00"), key="topup:1")

        with pytest.raises(NotFound):
            await self.release(ledger, hold_key="topup:1")

    async def test_given_any_act_when_repeated_under_its_key_later_then_nothing_changes(
        self, ledger: BalanceLedger
    ) -> None:
        later = NOW + minutes(5)
        await self.a_hold(ledger)
        held = [
            await self.credit(ledger, usd("10.00"), at=later),
            await self.hold(ledger, usd("6.00"), at=later),
        ]
        spent = await self.capture(ledger, usd("4.50"))
        again = await ledger.capture(ANN, usd("4.50"), key="capture:1", hold_key="hold:1", at=later)

        assert held == [Balance(usd("4.00"), usd("6.00"))] * 2
        assert spent == again == Balance(usd("5.50"))
        assert all(t.created_at == NOW for t in await ledger.journal())

    async def test_given_a_hold_that_was_spent_when_held_again_under_its_key_then_nothing_changes(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        await self.capture(ledger, usd("6.00"))

        assert await self.hold(ledger, usd("6.00")) == Balance(usd("4.00"))

    async def test_given_a_release_when_repeated_under_its_key_then_nothing_changes(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)

        assert await self.release(ledger) == await self.release(ledger) == Balance(usd("10.00"))

    async def test_given_a_known_key_when_used_with_other_content_then_it_is_a_conflict(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        before = list(await ledger.journal())
        acts: list[Callable[[], Awaitable[object]]] = [
            lambda: self.credit(ledger, usd("10.01")),
            lambda: self.credit(ledger, usd("10.00"), user_id=BOB),
            lambda: self.credit(ledger, usd("10.00"), kind=Kind.REFUND),
            lambda: self.credit(ledger, usd("10.00"), mode=Mode.PRODUCTION),
            lambda: self.hold(ledger, usd("6.01")),
            lambda: self.hold(ledger, usd("6.00"), mode=Mode.PRODUCTION),
            lambda: self.hold(ledger, usd("1.00"), key="topup:1"),
        ]
        for act in acts:
            with pytest.raises(Conflict):
                await act()

        assert list(await ledger.journal()) == before

    async def test_given_a_capture_when_its_key_is_used_for_another_amount_then_it_is_a_conflict(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        await self.capture(ledger, usd("6.00"))

        with pytest.raises(Conflict):
            await self.capture(ledger, usd("5.00"))

    @pytest.mark.parametrize("minor", [0, -1, LIMIT_MINOR + 1], ids=["zero", "negative", "too large"])
    async def test_given_an_impossible_amount_when_moved_then_it_is_refused_and_nothing_moved(
        self, ledger: BalanceLedger, minor: int
    ) -> None:
        amount = Money(minor)
        await self.a_hold(ledger)
        before = list(await ledger.journal())
        acts: list[Callable[[], Awaitable[object]]] = [
            lambda: self.credit(ledger, amount, key="topup:2"),
            lambda: ledger.post(a_cost(amount, key="cost:2")),
            lambda: ledger.reverse(
                ANN, amount, key="reversal:1", mode=Mode.TEST, invoice_id=InvoiceId("inv_1"), at=NOW
            ),
        ]
        if minor <= 0:
            acts += [lambda: self.hold(ledger, amount, key="hold:2"), lambda: self.capture(ledger, amount)]
        for act in acts:
            with pytest.raises(ValueError, match="transfer"):
                await act()

        assert list(await ledger.journal()) == before

    async def test_given_two_modes_when_money_moves_then_neither_sees_the_other(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("10.00"), mode=Mode.TEST)
        with pytest.raises(InsufficientFunds):
            await self.hold(ledger, usd("1.00"), mode=Mode.PRODUCTION)

        assert await ledger.balance(ANN, Mode.PRODUCTION) == Balance()
        assert (await ledger.balance(ANN, Mode.TEST)).available == usd("10.00")

    async def test_given_a_carriers_charge_when_posted_twice_then_it_stands_once(
        self, ledger: BalanceLedger
    ) -> None:
        for at in (NOW, NOW + minutes(1)):
            await ledger.post(a_cost(usd("7.42"), at=at))
        with pytest.raises(Conflict):
            await ledger.post(a_cost(usd("7.43")))
        sums = account_sums(await ledger.journal())

        assert sums == {(Mode.TEST, book.CARRIER_COST): 742, (Mode.TEST, book.CARRIER_PAYABLE): -742}

    async def test_given_a_users_account_when_posted_to_directly_then_it_is_refused(
        self, ledger: BalanceLedger
    ) -> None:
        with pytest.raises(ValueError, match="user"):
            await ledger.post(evolve(a_cost(usd("1.00")), target=book.available(ANN)))

        assert list(await ledger.journal()) == []

    async def test_given_a_payment_taken_back_when_the_money_is_spent_then_the_balance_goes_below_zero_once(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        for _ in range(2):
            got = await ledger.reverse(
                ANN, usd("10.00"), key="reversal:77:1", mode=Mode.TEST, invoice_id=InvoiceId("inv_1"), at=NOW
            )
        with pytest.raises(InsufficientFunds):
            await self.hold(ledger, usd("0.01"), key="hold:2")
        sums = account_sums(await ledger.journal())

        assert got == await ledger.balance(ANN, Mode.TEST) == Balance(usd("-6.00"), usd("6.00"))
        assert sum(sums.values()) == 0
        assert (Mode.TEST, book.GATEWAY_CLEARING) not in {k for k, v in sums.items() if v}

    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": usd("9.99")},
            {"user_id": BOB},
            {"mode": Mode.PRODUCTION},
            {"invoice_id": InvoiceId("inv_2")},
            {"key": "topup:1"},
        ],
        ids=str,
    )
    async def test_given_a_known_key_when_something_else_is_taken_back_under_it_then_it_is_a_conflict(
        self, ledger: BalanceLedger, changes: dict[str, Any]
    ) -> None:
        await self.credit(ledger, usd("10.00"))
        act = {"user_id": ANN, "amount": usd("10.00"), "key": "reversal:77:1", "mode": Mode.TEST}
        act |= {"invoice_id": InvoiceId("inv_1"), "at": NOW}
        await ledger.reverse(**act)  # type: ignore[arg-type] # by name
        before = list(await ledger.journal())
        with pytest.raises(Conflict):
            await ledger.reverse(**{**act, **changes})

        assert list(await ledger.journal()) == before
        assert await ledger.balance(ANN, Mode.TEST) == Balance()

    @pytest.mark.parametrize("changes", [{"actor": "kim"}, {"reason": "else"}], ids=str)
    async def test_given_a_credit_when_repeated_by_somebody_else_or_for_another_reason_then_it_is_a_conflict(
        self, ledger: BalanceLedger, changes: dict[str, Any]
    ) -> None:
        act = {"key": "review:1", "mode": Mode.TEST, "kind": Kind.REVIEWED, "at": NOW}
        act |= {"invoice_id": InvoiceId("inv_1"), "actor": "eve", "reason": "seen"}
        await ledger.credit(ANN, usd("5.00"), **act)  # type: ignore[arg-type] # by name
        with pytest.raises(Conflict):
            await ledger.credit(ANN, usd("5.00"), **{**act, **changes})

        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("5.00"))

    async def test_given_money_below_zero_when_more_comes_then_it_fills_the_hole_first(
        self, ledger: BalanceLedger
    ) -> None:
        await ledger.reverse(
            ANN, usd("10.00"), key="reversal:77:1", mode=Mode.TEST, invoice_id=InvoiceId("inv_1"), at=NOW
        )
        await self.credit(ledger, usd("4.00"))
        with pytest.raises(InsufficientFunds) as short:
            await self.hold(ledger, usd("1.00"))

        assert (short.value.available, short.value.shortfall) == (usd("-6.00"), usd("7.00"))

    async def test_given_two_users_when_one_reads_the_journal_then_only_own_lines_come_oldest_first(
        self, ledger: BalanceLedger
    ) -> None:
        await self.credit(ledger, usd("10.00"), key="topup:1", at=NOW)
        await self.credit(ledger, usd("3.00"), key="topup:bob", user_id=BOB, at=NOW + minutes(1))
        await self.hold(ledger, usd("6.00"), key="hold:1", at=NOW + minutes(2))
        await ledger.post(a_cost(usd("1.00"), at=NOW + minutes(3)))

        assert [t.key for t in await ledger.journal()] == ["topup:1", "topup:bob", "hold:1", "cost:1"]
        assert [t.key for t in await ledger.journal(user_id=ANN)] == ["topup:1", "hold:1"]

    async def test_given_movements_when_stated_in_parts_then_they_are_the_whole_statement_backwards(
        self, ledger: BalanceLedger
    ) -> None:
        for n in range(4):
            await self.credit(ledger, usd("10.00"), key=f"topup:{n}", at=NOW + minutes(n // 2))
            await self.credit(ledger, usd("3.00"), key=f"topup:bob:{n}", user_id=BOB)
            await self.credit(ledger, usd("5.00"), key=f"real:{n}", mode=Mode.PRODUCTION)
        await self.hold(ledger, usd("6.00"), at=NOW + minutes(3))
        await self.capture(ledger, usd("4.00"))
        await self.hold(ledger, usd("6.00"), key="hold:2", at=NOW + minutes(5))
        whole = book.statement(await ledger.journal(user_id=ANN), ANN, Mode.TEST)
        parts = [await ledger.statement(ANN, Mode.TEST, skip=n, limit=2) for n in (0, 2, 4, 6)]

        assert [len(part) for part in parts] == [2, 2, 1, 0]
        assert [line for part in parts for line in part] == list(whole[::-1])
        assert len(whole) == 5
        assert await ledger.statement(BOB, Mode.PRODUCTION) == []

    async def test_given_two_rivals_when_holding_then_one_is_refused(self, ledger: BalanceLedger) -> None:
        await self.credit(ledger, usd("5.00"))
        got = await outcomes(*(self.hold(ledger, usd("4.00"), key=f"hold:{n}") for n in range(6)))

        assert sorted(t.__name__ for t in got) == ["Balance"] + ["InsufficientFunds"] * 5
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("1.00"), usd("4.00"))

    async def test_given_the_same_intention_many_times_at_once_when_credited_then_it_counts_once(
        self, ledger: BalanceLedger
    ) -> None:
        got = await outcomes(*(self.credit(ledger, usd("5.00")) for _ in range(6)))

        assert got == [Balance] * 6
        assert await ledger.balance(ANN, Mode.TEST) == Balance(usd("5.00"))

    async def test_given_capture_and_release_at_once_when_they_meet_then_exactly_one_wins(
        self, ledger: BalanceLedger
    ) -> None:
        await self.a_hold(ledger)
        got = await outcomes(self.capture(ledger, usd("6.00")), self.release(ledger))
        balance = await ledger.balance(ANN, Mode.TEST)

        assert sorted(t.__name__ for t in got) == ["Balance", "Conflict"]
        assert balance.held == usd("0")
        assert balance.available == (usd("4.00") if got[0] is Balance else usd("10.00"))

    @settings(
        max_examples=25,
        deadline=None,
        # each adapter's class runs it on a ledger of its own, and each example in a world of its own
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(data=some.data())
    async def test_given_any_acts_when_folded_then_the_journal_is_the_balance_and_sums_to_zero(
        self, ledger: BalanceLedger, data: some.DataObject
    ) -> None:
        world = data.draw(some.uuids(), label="world").hex
        users = (UserId(f"ann-{world}"), UserId(f"bob-{world}"))
        acts = some.lists(
            some.tuples(
                some.sampled_from(("credit", "hold", "capture", "release")),
                some.sampled_from(users),
                some.integers(1, 500),
                some.integers(0, 3),
            ),
            max_size=12,
        )
        for what, user, minor, number in data.draw(acts):
            try:
                await self._act(ledger, what, user, Money(minor), f"{world}:{number}")
            except (InsufficientFunds, Conflict, NotFound):
                continue
        for user in users:
            lines = await ledger.journal(user_id=user)
            balance = await ledger.balance(user, Mode.TEST)
            sums = account_sums(lines)

            assert balance.available.minor == sums.get((Mode.TEST, book.available(user)), 0) >= 0
            assert balance.held.minor == sums.get((Mode.TEST, book.held(user)), 0)
            assert balance.held.minor == sum(t.amount.minor for t in open_holds(lines))
            assert sum(sums.values()) == 0

    async def _act(
        self, ledger: BalanceLedger, what: str, user: UserId, amount: Money, number: str
    ) -> Balance:
        hold_key = f"hold:{number}"
        match what:
            case "credit":
                return await self.credit(ledger, amount, key=f"topup:{number}", user_id=user)
            case "hold":
                return await self.hold(ledger, amount, key=hold_key, user_id=user)
            case "capture":
                return await ledger.capture(user, amount, key=f"capture:{number}", hold_key=hold_key, at=NOW)
            case _:
                return await ledger.release(user, key=f"release:{number}", hold_key=hold_key, at=NOW)
