"""How well hundreds of pasted orders are read: a floor under both halves of the corpus."""

from __future__ import annotations

import pytest

from adapters.reader import OfflineReader
from corpus.orders import load, score
from shipping_core.domain.draft import STEPS

JUNK = {
    "nothing": "",
    "blank": " \n\t ",
    "hello": "hello",
    "question": "how much?",
    "emoji": "🙂🙂 👍🏽 🇺🇸",
    "Russian greeting": "Привет! Сколько стоит отправить?",
    "command": "/start",
    "URL": "https://example.com/track?id=12345678&zip=94117",
    "mail": "write to jane.94117@example.com",
    "code": "def f(x):\n    return x + 12345  # from a to b",
    "SQL": "SELECT * FROM users WHERE id = 12345;",
    "HTML": "<html><body><h1>Hi</h1><p>from us to you</p></body></html>",
    "proverb": "To be or not to be, that is the question",
    "letter": "from my heart to yours",
    "cities": "from chicago to denver",
    "order number": "my order 94117 is late",
    "tracking number": "where is my label 9400111899223197428490",
    "date and money": "I paid $120 on 12/05/2024 at 10:30",
    "meeting": "call me at 5, meet at 7 Main",
    "bare name": "Jane Doe",
    "zeros": "0 lb 0x0x0 00000",
    "too much": "900 lb 500x500x500 in",
    "markup noise": "<<<>>><>" * 512,
    "letter noise": "qwertyuiop " * 400,
    "digit noise": "1029384756 " * 372,
    "punctuation noise": "!?.,;:-=_()[]{}" * 273,
}


@pytest.mark.parametrize(("name", "floor"), [("seen", 0.99), ("unseen", 0.98)])
def test_given_pasted_orders_when_read_then_the_fields_are_right(
    reader: OfflineReader, name: str, floor: float
) -> None:
    result = score(reader, load(name))

    assert result.accuracy >= floor, result.missed
    assert result.silent_rate < 0.005, result.silent


def test_given_the_corpus_when_counted_then_it_is_large_and_its_halves_share_no_text() -> None:
    seen, unseen = load("seen"), load("unseen")

    assert len(seen) + len(unseen) >= 340
    assert not {o.text for o in seen} & {o.text for o in unseen}


@pytest.mark.parametrize("text", JUNK.values(), ids=list(JUNK))
def test_given_no_order_at_all_when_read_then_nothing_is_invented(reader: OfflineReader, text: str) -> None:
    assert reader.read(text, expecting=STEPS).found == {}
