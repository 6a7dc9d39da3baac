"""The HTML parse mode."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping_sandbox.telegram_api.errors import ApiError
from shipping_sandbox.telegram_api.markup import read_html


@given(st.text())
def test_given_any_escaped_text_when_read_then_it_comes_back(text: str) -> None:
    assert read_html(html.escape(text, quote=False)) == (text, [])


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_given_any_marked_words_when_cut_by_utf16_units_then_they_are_those_words(
    before: str, words: str
) -> None:
    text, [entity] = read_html(f"{html.escape(before)}<b>{html.escape(words)}</b>".replace("&#x27;", "'"))
    units = text.encode("utf-16-le")[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2]

    assert units.decode("utf-16-le") == words


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<strong>a</strong>", "a", [{"type": "bold"}]),
        ("<em>a</em>", "a", [{"type": "italic"}]),
        ("<ins>a</ins>", "a", [{"type": "underline"}]),
        ("<del>a</del>", "a", [{"type": "strikethrough"}]),
        ('<span class="tg-spoiler">a</span>', "a", [{"type": "spoiler"}]),
        ('<a href="https://example.com/?a=1&amp;b=2">a</a>', "a", [{"type": "text_link", "url": "https://example.com/?a=1&b=2"}]),
        ("<a>example.com</a>", "example.com", [{"type": "text_link", "url": "example.com", "length": 11}]),
        ('<pre><code class="language-python">a</code></pre>', "a", [{"type": "pre", "language": "python"}]),
        ("<code>a</code>", "a", [{"type": "code"}]),
        ("<blockquote expandable>a</blockquote>", "a", [{"type": "expandable_blockquote"}]),
        ("<B >a</B >", "a", [{"type": "bold"}]),
        ("<b></b>a&nbsp;&#8364;&quot;", 'a&nbsp;€"', []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_given_a_tag_when_read_then_it_is_its_mark(
    source: str, text: str, entities: list[dict[str, Any]]
) -> None:
    expected = [{"offset": 0, "length": 1, **entity} for entity in entities]

    assert read_html(source) == (text, expected)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("é<x>", 'Unsupported start tag "x" at byte offset 2'),
        ("2 < 3", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x>y', "Unclosed start tag at byte offset 0"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>a</i>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
    ids=[
        "unknown",
        "less than",
        "unclosed",
        "quote",
        "unexpected",
        "unclosed end",
        "crossed",
        "missing",
        "span",
    ],
)
def test_given_broken_markup_when_read_then_the_place_is_named(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_html(source)

    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"
