"""What Telegram would refuse is refused when it is written, with the place and how to mend it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.telegram.html_text import plain
from shipping_core.domain.rich_text import MOST_UNITS, rich_text
from shipping_core.errors import InvalidInput


@pytest.mark.parametrize(
    "text",
    [
        "Labels cost <b>less</b> today.",
        "<b>bold <i>and <u>under</u></i></b> <s>old</s>\n\n<code>a</code> <pre>b\nc</pre>",
        "<a href=\"https://example.com/?a=1&amp;b=2\">here</a> or <a href='tg://user?id=1'>there</a>",
        '<blockquote>said</blockquote> <tg-spoiler>x</tg-spoiler> <span class="tg-spoiler">y</span>',
        "1 &lt; 2 &amp; 3 &gt; 2 &quot;q&quot; &#8364; &#x20AC; 2 > 1",
        "Скидки до пятницы 👩‍👩‍👧",
    ],
    ids=["plain", "nested", "links", "blocks", "entities", "russian"],
)
def test_given_a_text_that_telegram_takes_when_read_then_it_is_as_it_was_written(text: str) -> None:
    assert rich_text("texts.en", text) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("<b>open", "close <b>"),
        ("open</b>", "at character 5: </b>"),
        ("<b><i>crossed</b></i>", "</b> does not close"),
        ("<b>twice <b>bold</b></b>", "no <b> inside <b>"),
        ("<code><b>x</b></code>", "no <b> inside <code>"),
        ("<script>x</script>", "use only"),
        ("<b onclick='x'>x</b>", "use only"),
        ("<b/>", "use only"),
        ("</b x>", "use only"),
        ("<a>x</a>", "use only"),
        ('<a href="javascript:x">x</a>', "use only"),
        ('<a href="https://x" onclick="y">x</a>', "use only"),
        ("<a href=\"https://x'>x</a>", "use only"),
        ("<span>x</span>", "use only"),
        ("<!-- x -->", "use only"),
        ("1 < 2", "at character 3"),
        ("you & me", "&amp;"),
        ("a&nbsp;b", "at character 2"),
        ("unfinished <", "at character 12"),
        ("turned \u202e", "control"),
        ("turned &#8238;", "control"),
        ("rings\x07", "control"),
        ("nothing &#0;", "control"),
        ("beyond &#9999999;", "control"),
        ("half &#xD83D;", "control"),
        ("", "write something"),
        ("<b> \n</b>", "write something"),
        ("x" * (MOST_UNITS + 1), "4097"),
        ("👩" * (MOST_UNITS // 2) + "x", "4097"),
        ("<b></b>" * MOST_UNITS, "at most"),
    ],
)
def test_given_a_text_that_cannot_be_sent_when_read_then_it_is_refused_with_field_and_mend(
    text: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        rich_text("texts.ru", text)

    assert refused.value.field == "texts.ru"
    assert hint in refused.value.reason


@pytest.mark.parametrize("text", ["x" * MOST_UNITS, "&amp;" * 3000, "👩" * 2048], ids=["x", "&", "👩"])
def test_given_the_longest_text_when_read_then_its_mark_up_does_not_count(text: str) -> None:
    assert rich_text("texts.en", f"<b>{text}</b>") == f"<b>{text}</b>"


def test_given_line_ends_of_a_web_form_when_read_then_they_are_telegrams() -> None:
    assert rich_text("texts.en", "one\r\ntwo\r\n") == "one\ntwo"


PIECES = (
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<code>",
    "</code>",
    "<",
    "&",
    "&lt;",
    ">",
    "a",
    " ",
    "\n",
    "\x00",
    "👩",
)


@given(some.lists(some.sampled_from(PIECES), max_size=12).map("".join))
def test_given_anything_when_read_then_what_is_taken_has_its_tags_in_pairs(text: str) -> None:
    try:
        taken = rich_text("texts.en", text)
    except InvalidInput:
        return

    assert taken.count("<") == 2 * taken.count("</")
    assert plain(taken).strip()
