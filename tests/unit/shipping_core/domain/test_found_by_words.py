"""Words, and the pairs that stand for two common ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from shipping_core.domain.listing import MOST_WORDS, pairs_of, tokens_of, user_words, words_of

WORDS = some.lists(
    some.sampled_from(
        ["john", "smith", "ann", "90012", "90012-1234", "ord_1a", "zz000000000001", "1001", "o'neil"]
    ),
    max_size=6,
)


@given(has=WORDS, wanted=WORDS)
def test_given_any_words_when_looked_for_by_tokens_then_items_with_all_are_found(
    has: list[str], wanted: list[str]
) -> None:
    words = words_of(*has)
    kept = {*words, *pairs_of(words)}

    assert (set(tokens_of(wanted)) <= kept) is (set(wanted) <= set(words))


def test_given_a_very_long_name_when_kept_then_few_of_its_words_are_found() -> None:
    kept = user_words("1001", " ".join(chr(97 + n) * 2 for n in range(26)), "ann")

    assert {"ann", "1001", "aa", "aa ann"} <= set(kept)
    assert len(kept) <= 1 + MOST_WORDS + MOST_WORDS * (MOST_WORDS - 1) // 2
