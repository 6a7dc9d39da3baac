"""Long texts are cut where a reader would cut them."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram import html_text

PARAGRAPHS = st.lists(st.text(alphabet="ab <&>\n😀я", max_size=60), max_size=12)


@given(paragraphs=PARAGRAPHS, limit=st.integers(8, 120))
def test_given_any_text_when_split_then_every_piece_fits_and_no_word_is_lost(
    paragraphs: list[str], limit: int
) -> None:
    text = "\n\n".join(paragraphs)
    pieces = html_text.split(html.escape(text, quote=False), limit)

    assert all(html_text.fits(piece, limit) for piece in pieces)
    assert "".join("".join(map(html_text.plain, pieces)).split()) == "".join(text.split())


def test_given_paragraphs_with_markup_when_split_then_the_cut_is_between_them() -> None:
    pieces = html_text.split(f"<b>{'a' * 30}</b>\n\n<i>{'b' * 30}</i>\n\nend", 40)

    assert pieces == [f"<b>{'a' * 30}</b>", f"<i>{'b' * 30}</i>\n\nend"]


def test_given_a_text_that_is_long_only_with_its_markup_when_split_then_it_stays_whole() -> None:
    markup = '<a href="https://example.com/a/very/long/path">a</a> &amp; b'

    assert html_text.split(markup, 10) == [markup]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>bold</b> &lt;3 &amp;", "bold <3 &"),
        ("<b>never closed", "never closed"),
        ("stray </b> end", "stray  end"),
    ],
    ids=["well-formed", "unclosed", "stray-end"],
)
def test_given_markup_when_made_plain_then_the_words_remain(markup: str, text: str) -> None:
    result = html_text.plain(markup)

    assert result == text


def test_given_emoji_when_shortened_then_none_is_cut_in_half() -> None:
    short = html_text.shorten("😀" * 10, 8)

    assert short == "😀😀😀…"
    assert html_text.units(short) <= 8
