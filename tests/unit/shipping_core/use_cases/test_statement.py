"""The statement: every movement of the present mode, newest first, ten a page."""

from __future__ import annotations

from a_shop import shop
from builders import ANN, BOB, usd
from shipping_core.conversation import desk_screens as ds
from shipping_core.domain.ids import Mode
from shipping_core.domain.ledger import Kind


async def test_given_a_top_up_and_a_label_when_told_then_both_are_there_and_what_was_only_held_is_not() -> (
    None
):
    made = shop(welcome_credit="0.00")
    await made.top_up("20.00")
    ann = made.customer()
    order = await ann.bought()
    await made.statement(ANN)
    page = ann.page

    assert isinstance(page, ds.Statement)
    assert order.charged is not None
    assert [(line.transfer.kind, line.amount, line.after) for line in page.lines] == [
        (Kind.CAPTURE, -order.charged, usd("20.00") - order.charged),
        (Kind.TOPUP, usd("20.00"), usd("20.00")),
    ]
    assert page.lines[0].transfer.order_id == order.order_id


async def test_given_many_movements_when_turned_page_by_page_then_each_comes_once_with_its_balance() -> None:
    made = shop(welcome_credit="0.00")
    for _ in range(25):
        await made.top_up("1.00")
        await made.top_up("5.00", user_id=BOB)
        await made.top_up("7.00", mode=Mode.PRODUCTION)
    ann = made.customer()
    pages = []
    for number in (0, 1, 2, 3, -1):
        await made.statement(ANN, number)
        assert isinstance(ann.page, ds.Statement)
        pages.append(ann.page)
    after = [line.after for page in pages[:4] for line in page.lines]

    assert [len(page.lines) for page in pages] == [10, 10, 5, 0, 10]
    assert [page.has_more for page in pages] == [True, True, False, False, True]
    assert after == [usd(f"{n}.00") for n in range(25, 0, -1)]
    assert len({line.transfer.key for page in pages[:3] for line in page.lines}) == 25
    assert {page.mode for page in pages} == {Mode.TEST}
