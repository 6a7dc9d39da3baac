"""Labels bought, grown old and asked back, for the tests of what comes of that."""

from __future__ import annotations

import datetime as dt
from typing import Any

from a_shop import Shop, shop
from adapters.memory.outbox import MemoryAudit
from builders import ANN, a_quote, a_rate, minutes
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import Mode, OrderId, RefundId, UserId
from shipping_core.domain.ledger import Kind, Transfer
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund, RefundState

DAY = dt.timedelta(days=1)
FIVE_DAYS = 5 * DAY
PRICE = "9.42"


async def buys(made: Shop, order_id: str, user_id: UserId = ANN) -> Order:
    """A label for $9.42 that costs us $7.42, bought with $20.00."""
    now = made.clock.now()
    await made.top_up("20.00", user_id)
    rate = a_rate(PRICE, cost=a_rate().cost)
    quote = a_quote(rate, user_id=user_id, created_at=now, expires_at=now + minutes(30))
    return await made.buy(
        user_id=user_id, order_id=OrderId(order_id), quote=quote, rate_id=quote.rates[0].rate_id
    )


async def with_labels(*order_ids: str, age: dt.timedelta = FIVE_DAYS, **decisions: Any) -> Shop:
    """Ann has bought these labels, so long ago."""
    made = shop(**{"welcome_credit": "0", **decisions})
    for order_id in order_ids or ("ord_1",):
        await buys(made, order_id)
    await made.letters()
    await made.quiet()
    made.clock.advance(age)
    return made


async def asked(made: Shop, *labels: str, by: str = "customer", user_id: UserId = ANN) -> Refund:
    """The refund that Ann has asked for."""
    (answer,) = await made.request_refunds(user_id, labels or ("ord_1",), requested_by=by)
    assert answer.refund is not None, answer.refused
    return answer.refund


async def kept_by_the_carrier(**decisions: Any) -> tuple[Shop, Refund]:
    """Ann's refund was approved, and the carrier keeps the label."""
    made = await with_labels(**decisions)
    refund = await asked(made)
    made.shipping.voids_approved = False
    refused = await made.decide_refund.approve(refund.refund_id, actor="eve")
    await made.quiet()
    assert refused.state is RefundState.VOID_REFUSED
    return made, refused


async def of(made: Shop, refund_id: RefundId) -> Refund:
    """The refund as it stands."""
    return await made.refunds.get(refund_id)


async def money(made: Shop, user_id: UserId = ANN) -> Money:
    """What is available to this user."""
    return (await made.balances.balance(user_id, Mode.TEST)).available


async def moved(made: Shop, *kinds: Kind) -> list[Transfer]:
    """The journal's lines of these kinds."""
    return [t for t in await made.balances.journal() if t.kind in kinds]


async def story(made: Shop, subject: str) -> list[tuple[str, str]]:
    """What the audit says of a thing: who did what."""
    return [(row.actor, row.action) for row in await MemoryAudit(made.database).of(subject)]


def news(made: Shop, user_id: UserId = ANN) -> list[tuple[str, dict[str, str]]]:
    """Every letter about refunds that this user got: its word and its facts."""
    told = [s.screen for s in made.notifier.told if s.user_id == user_id and isinstance(s.screen, sc.News)]
    return [(n.word.value, dict(n.facts)) for n in told if n.word.value.startswith("refund_")]
