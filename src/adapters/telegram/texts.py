"""Our sentences in the customer's language: gettext catalogues, money and dates by Babel."""

from __future__ import annotations

import datetime as dt
import functools
import gettext
import io
import re
from importlib import resources
from typing import Final

from attrs import frozen
from babel import dates, numbers
from babel.messages import mofile, pofile

from shipping_core.domain.money import Money

LANGUAGES: Final = {"en": "English", "ru": "Русский"}
"""Every language we speak, by ISO 639-1 code, in its own words."""
DEFAULT: Final = "en"
DAY: Final = {"en": "EEE, MMM d", "ru": "EEE d MMM"}
"""How a day is written (Unicode LDML date patterns)."""

UNITS: Final = {"ru": {"kg": "кг", "g": "г", "cm": "см"}}
"""Units of weight and length that are called differently; pounds, ounces and inches are as carriers say."""
_MEASURE: Final = re.compile(r"(?<=\d)\.(?=\d)|(?<=\d )(?:kg|g|cm)\b")


def spoken(code: str | None, default: str = DEFAULT) -> str:
    """The language to answer in: the customer's own where we speak it (`pt-BR` counts as `pt`)."""
    short = (code or "").partition("-")[0].lower()
    return short if short in LANGUAGES else default


@functools.cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """English is written in the code; the others are read from `locale/<language>.po`."""
    if language == DEFAULT:
        return gettext.NullTranslations()
    source = resources.files("adapters.telegram").joinpath("locale", f"{language}.po")
    compiled = io.BytesIO()
    with source.open("rb") as file:
        mofile.write_mo(compiled, pofile.read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@functools.lru_cache(maxsize=4096)
def _money(minor: int, currency: str, language: str) -> str:
    return numbers.format_currency(Money(minor, currency).amount, currency, locale=language)


@functools.lru_cache(maxsize=512)
def _day(day: dt.date, language: str) -> str:
    # A short month may end with a dot ("дек."), which would double the full stop of a sentence.
    return dates.format_date(day, DAY[language], locale=language).removesuffix(".")


@frozen
class Texts:
    """Sentences, money and dates in one language."""

    language: str = DEFAULT

    def gettext(self, message: str) -> str:
        """The sentence in this language."""
        return _catalogue(self.language).gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The sentence in the plural form that `count` needs."""
        return _catalogue(self.language).ngettext(one, many, count)

    def money(self, amount: Money) -> str:
        """`$7.42`, as people here write it."""
        return _money(amount.minor, amount.currency, self.language)

    def day(self, day: dt.date) -> str:
        """`Thu, Nov 27`."""
        return _day(day, self.language)

    def measure(self, text: str) -> str:
        """A weight or a size such as `1.2 kg`, as people here write it."""
        units, point = UNITS.get(self.language, {}), numbers.get_decimal_symbol(self.language)
        return _MEASURE.sub(lambda found: point if found[0] == "." else units.get(found[0], found[0]), text)

    def time(self, moment: dt.datetime) -> str:
        """`14:35 UTC`; we do not know the customer's own clock."""
        return f"{moment.astimezone(dt.UTC):%H:%M} UTC"
