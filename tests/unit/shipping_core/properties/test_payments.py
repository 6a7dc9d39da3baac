"""Whatever a gateway says of payments, in any order, however often, and whatever operators decide."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as some

from a_shop import Shop, shop
from builders import ANN, minutes, usd
from money_in import ASKED, INVOICE, in_suspense, two_links
from shipping_core.domain.ids import Mode
from shipping_core.domain.invoice import Invoice, PaymentStatus
from shipping_core.domain.ledger import Kind, account_sums
from shipping_core.domain.money import Money
from shipping_core.errors import Conflict, InvalidInput


@frozen
class Said:
    """The gateway's account of one of the two links."""

    link: int
    status: PaymentStatus
    received: Money | None
    amount: Money | None
    foreign: bool
    """Whether it names another invoice, which only a link that is known to be ours can."""
    sandbox: bool | None
    times: int

    @property
    def fits(self) -> bool:
        """Whether this is a full payment of what was asked for."""
        enough = self.received is None or self.received >= ASKED
        as_agreed = self.amount == ASKED and self.sandbox is not False
        return self.status is PaymentStatus.PAID and as_agreed and enough


@frozen
class Decided:
    """An operator's decision about one of the two links; nothing given closes it."""

    link: int
    given: Money | None


@frozen
class Passed:
    """Time passed, and the sweep ran."""

    by: float


LINK = some.integers(0, 1)
MOSTLY_RIGHT = {
    "received": some.sampled_from((None, ASKED, ASKED, usd("10.00"), usd("30.00"))),
    "amount": some.sampled_from((ASKED, ASKED, ASKED, usd("24.99"), None)),
    "foreign": some.sampled_from((False, False, False, True)),
    "sandbox": some.sampled_from((None, True, True, False)),
    "times": some.integers(1, 2),
}
SAID = some.builds(Said, LINK, some.sampled_from(PaymentStatus), **MOSTLY_RIGHT)
DECIDED = some.builds(Decided, LINK, some.sampled_from((None, usd("5.00"), usd("10.00"), ASKED)))
PASSED = some.builds(Passed, some.sampled_from((1.0, 61.0, 1500.0)))
STORY = some.lists(some.one_of(SAID, SAID, SAID, DECIDED, PASSED), max_size=12)


@settings(max_examples=400, deadline=None)
@given(STORY)
def test_given_any_words_of_payments_when_they_come_in_any_order_then_the_book_is_right_after_each(
    story: Sequence[Said | Decided | Passed],
) -> None:
    asyncio.run(happens(story))


async def happens(story: Sequence[Said | Decided | Passed]) -> None:
    """Everything, one after the other, with a look at the book after each."""
    made = shop(welcome_credit="0")
    links = await two_links(made)
    fitting: set[str] = set()
    for act in story:
        match act:
            case Said():
                track = links[act.link]
                fitting |= {track} if act.fits else set()
                await say(made, track, act)
            case Decided(link, given):
                await decide(made, links[link], given)
            case Passed(by):
                made.clock.advance(minutes(by))
                await made.sweep()
        await look(made, fitting)


async def say(made: Shop, track: str, said: Said) -> None:
    """The gateway has this to say from now on, and is asked."""
    ref = INVOICE if track == made.payments.track_ids[0] else f"{INVOICE}-2"
    ours = await made.invoices.by_track_id(track, Mode.TEST) is not None
    changes: dict[str, Any] = {"status": said.status, "word": said.status.value, "sandbox": said.sandbox}
    changes |= {"amount": said.amount, "received": said.received, "transactions": int(bool(said.received))}
    made.payments.misreport(track, order_ref="inv_other" if said.foreign and ours else ref, **changes)
    for _ in range(said.times):
        await made.settle_invoice(track, Mode.TEST)


async def decide(made: Shop, track: str, given: Money | None) -> None:
    """An operator tries to; there may be nothing to decide, or less than is given."""
    with contextlib.suppress(Conflict, InvalidInput):
        if given is None:
            await made.resolve_review.close(INVOICE, track, actor="eve", reason="looked at")
        else:
            await made.resolve_review.credit(INVOICE, track, given, actor="eve", reason="looked at")


async def look(made: Shop, fitting: set[str]) -> None:
    """The book, the invoice and the customer's money agree."""
    journal = list(await made.balances.journal())
    invoice: Invoice = await made.invoices.get(INVOICE)
    credited = [t for t in journal if t.kind is Kind.TOPUP]
    taken = [t for t in journal if t.kind is Kind.REVERSAL]
    given = sum((t.amount for t in journal if t.kind is Kind.REVIEWED), Money.zero())
    balance = await made.balances.balance(ANN, Mode.TEST)

    assert sum(account_sums(journal).values()) == 0
    assert in_suspense(journal) == sum(invoice.suspended.values(), Money.zero()), "suspense is not its cases"
    assert set(invoice.suspended) <= set(invoice.reviews), "money waits, and nobody knows for what"
    assert [t.amount for t in credited] in ([], [ASKED]), "an invoice is credited once, with what it is for"
    assert {t.key.rpartition(":")[2] for t in credited} <= fitting, "credited, and not paid as agreed"
    assert len(taken) <= len(credited)
    assert balance.posted.minor == ASKED.minor * (len(credited) - len(taken)) + given.minor
    assert all(count == 1 for count in Counter(t.key for t in journal).values())
    assert made.notifier.apologies == []
