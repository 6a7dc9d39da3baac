"""What the core takes as an operator's text, Telegram takes as a message, word for word."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as some

from adapters.telegram import html_text
from adapters.telegram.screens import render
from builders import NOW
from shipping_core.conversation import screens as sc
from shipping_core.domain.ids import Mode
from shipping_core.domain.rich_text import rich_text
from shipping_core.errors import InvalidInput
from shipping_sandbox.telegram_api.markup import read_html

OPENINGS = (
    "b", "i", "u", "s", "code", "pre", "blockquote", "tg-spoiler", 'span class="tg-spoiler"',
    'a href="https://example.com/?a=1&amp;b=2"', "a href='tg://user?id=1'",
)  # fmt: skip
WORDS = some.text(alphabet="ab <>&\"'\nж👩", min_size=1, max_size=8).map(html.escape)
MARKED = some.recursive(
    WORDS,
    lambda inner: some.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.partition(' ')[0]}>",
        some.sampled_from(OPENINGS),
        some.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
PIECES = ("<b>", "</b>", "<i>", "</i >", "<a href='https://x'>", "</a>", "&lt;", "&#65;", "&", "<", "x")
BROKEN = some.lists(some.sampled_from(PIECES), max_size=8).map("".join)


def judged(text: str) -> tuple[str, str]:
    """The text as the core takes it, or nothing; and why it is refused."""
    try:
        return rich_text("texts.en", text), ""
    except InvalidInput as refused:
        return "", refused.reason


@given(text=MARKED | BROKEN)
def test_given_a_text_the_core_takes_when_announced_then_telegram_reads_it_in_one_message(text: str) -> None:
    taken, _ = judged(text)
    message = render(sc.Announcement(taken), sc.Facts(0, "en", NOW, Mode.TEST))
    read, _ = read_html(message.html)

    assert html_text.split(message.html) == [taken]
    assert read == html_text.plain(taken)


@given(text=MARKED)
def test_given_well_formed_text_when_judged_then_only_marks_within_themselves_or_code_and_blanks_are_refused(
    text: str,
) -> None:
    taken, why = judged(text)

    assert taken or "inside" in why or "something to read" in why
