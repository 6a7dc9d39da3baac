"""Every sentence exists in every language, and the tool that says so can be trusted."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

from adapters.telegram.texts import DEFAULT, LANGUAGES, Texts, spoken
from builders import usd

ROOT = Path(__file__).resolve().parents[4]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("extract_texts", ROOT / "scripts" / "extract_texts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
GOOD = """
msgid "Buy for {price}"
msgstr "Купить за {price}"

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} день"
msgstr[1] "{n} дня"
msgstr[2] "{n} дней"
"""


def wanted() -> Catalog:
    catalogue = Catalog()
    catalogue.add("Buy for {price}")
    catalogue.add(("{n} day", "{n} days"))
    return catalogue


def test_given_our_sources_when_checked_then_no_translation_lacks_anything(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = TOOL.main(["--check"])

    assert capsys.readouterr().out == ""
    assert code == 0


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {DEFAULT}))
def test_given_a_language_we_offer_when_its_file_is_written_again_then_nothing_changes(language: str) -> None:
    text = (TOOL.SOURCE / "locale" / f"{language}.po").read_text(encoding="utf-8")
    catalogue = TOOL.read(text, language)
    catalogue.update(TOOL.template())

    assert TOOL.written(catalogue, language) == text


def test_given_a_whole_translation_when_checked_then_nothing_is_found() -> None:
    assert TOOL.problems(TOOL.read(GOOD, "ru"), wanted()) == []


@pytest.mark.parametrize(
    ("before", "after", "trouble"),
    [
        ('msgid "Buy for {price}"\nmsgstr "Купить за {price}"', "", "missing: Buy for {price}"),
        ('msgid "Buy', '#, fuzzy\nmsgid "Buy', "fuzzy: Buy for {price}"),
        ('msgid "Buy', 'msgid "Hello"\nmsgstr "Привет"\n\nmsgid "Buy', "obsolete: Hello"),
        ('msgid "Buy', '#~ msgid "Hello"\n#~ msgstr "Привет"\n\nmsgid "Buy', "obsolete: Hello"),
        ("Купить за {price}", "", "untranslated: Buy for {price}"),
        ("{n} дня", "", "untranslated: {n} day"),
        ('msgstr[2] "{n} дней"', "", "untranslated: {n} day"),
        ("за {price}", "за {cost}", "placeholders: Buy for {price}"),
        ("за {price}", "за {price", "placeholders: Buy for {price}"),
        ("{n} дней", "много дней", "placeholders: {n} day"),
    ],
    ids=[
        "missing",
        "fuzzy",
        "obsolete",
        "commented-out",
        "untranslated",
        "empty-plural",
        "two-plurals",
        "other-placeholder",
        "broken-placeholder",
        "plural-placeholder",
    ],
)
def test_given_a_faulty_translation_when_checked_then_the_message_is_named(
    before: str, after: str, trouble: str
) -> None:
    assert before in GOOD

    assert TOOL.problems(TOOL.read(GOOD.replace(before, after), "ru"), wanted()) == [trouble]


def test_given_texts_in_every_form_when_extracted_then_each_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        '_("one")\nf"<b>{_(\'in an f-string\')}</b>"\nt.gettext("long " "text")\n'
        't.ngettext("{n} day", "{n} days", n)\nt.gettext(message)\n_("one")\n'
    )
    found = [message.id for message in TOOL.template(tmp_path) if message.id]

    assert sorted(found, key=str) == [("{n} day", "{n} days"), "in an f-string", "long text", "one"]


@pytest.mark.parametrize("code", ["_(text)", 't.gettext(f"{n} days")'], ids=["a-variable", "an-f-string"])
def test_given_a_text_that_cannot_be_translated_when_extracted_then_its_line_is_named(
    tmp_path: Path, code: str
) -> None:
    (tmp_path / "a.py").write_text(f"\n{code}\n")

    with pytest.raises(ValueError, match="line 2"):
        TOOL.template(tmp_path)


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 день"), (2, "2 дня"), (5, "5 дней"), (11, "11 дней"), (21, "21 день"), (112, "112 дней")],
)
def test_given_a_number_when_said_in_russian_then_the_plural_fits(count: int, words: str) -> None:
    said = Texts("ru").ngettext("{n} day", "{n} days", count).format(n=count)

    assert said == words


@pytest.mark.parametrize(
    ("language", "money", "day"),
    [("en", "$1,234.50", "Fri, Apr 11"), ("ru", "1\u00a0234,50\u00a0$", "пт 11 апр")],
)
def test_given_money_and_a_day_when_said_then_as_people_there_write_it(
    language: str, money: str, day: str
) -> None:
    t = Texts(language)

    assert t.money(usd("1234.50")) == money
    assert t.day(dt.date(2031, 4, 11)) == day


@pytest.mark.parametrize(
    ("text", "russian"),
    [
        ("1.2 kg", "1,2 кг"),
        ("350 g", "350 г"),
        ("30.5×20×10 cm", "30,5×20×10 см"),
        ("2 lb 3.5 oz", "2 lb 3,5 oz"),
        ("10×8×6 in", "10×8×6 in"),
    ],
)
def test_given_a_weight_or_size_when_said_then_in_the_units_of_the_language(text: str, russian: str) -> None:
    assert (Texts("en").measure(text), Texts("ru").measure(text)) == (text, russian)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("month", range(1, 13))
def test_given_a_day_at_the_end_of_a_sentence_when_said_then_there_is_one_full_stop(
    language: str, month: int
) -> None:
    assert not Texts(language).day(dt.date(2031, month, 23)).endswith(".")


def test_given_a_moment_in_another_zone_when_said_then_it_is_in_utc() -> None:
    moment = dt.datetime(2031, 4, 11, 14, 35, tzinfo=dt.timezone(dt.timedelta(hours=3)))

    assert Texts().time(moment) == "11:35 UTC"


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru", "ru"), ("RU-by", "ru"), ("en-GB", "en"), ("pt-BR", "en"), ("", "en"), (None, "en")],
)
def test_given_a_language_code_when_answered_then_in_that_language_or_the_default(
    code: str | None, language: str
) -> None:
    assert spoken(code) == language
