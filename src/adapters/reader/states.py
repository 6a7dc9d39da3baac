"""The states, districts and territories that have ZIP codes, under every name people use."""

from __future__ import annotations

import re

# Two-letter codes of USPS Publication 28, Appendix B; then names, customary short forms and Russian names.
_NAMES = """
AL alabama|ala|алабама
AK alaska|аляска
AZ arizona|ariz|аризона
AR arkansas|ark|арканзас
CA california|calif|cal|калифорния
CO colorado|colo|колорадо
CT connecticut|conn|коннектикут
DE delaware|del|делавэр
DC district of columbia|washington dc|округ колумбия
FL florida|fla|флорида
GA georgia|джорджия
HI hawaii|гавайи
ID idaho|айдахо
IL illinois|ill|иллинойс
IN indiana|ind|индиана
IA iowa|айова
KS kansas|kans|kan|канзас
KY kentucky|кентукки
LA louisiana|луизиана
ME maine|мэн
MD maryland|мэриленд
MA massachusetts|mass|массачусетс
MI michigan|mich|мичиган
MN minnesota|minn|миннесота
MS mississippi|miss|миссисипи
MO missouri|миссури
MT montana|mont|монтана
NE nebraska|nebr|neb|небраска
NV nevada|nev|невада
NH new hampshire|нью-гэмпшир|нью-хэмпшир
NJ new jersey|нью-джерси
NM new mexico|нью-мексико
NY new york|нью-йорк|нью йорк
NC north carolina|n carolina|северная каролина
ND north dakota|n dakota|северная дакота
OH ohio|огайо
OK oklahoma|okla|оклахома
OR oregon|ore|орегон
PA pennsylvania|penna|penn|пенсильвания
PR puerto rico|пуэрто-рико
RI rhode island|род-айленд
SC south carolina|s carolina|южная каролина
SD south dakota|s dakota|южная дакота
TN tennessee|tenn|теннесси
TX texas|tex|техас
UT utah|юта
VT vermont|вермонт
VA virginia|вирджиния
VI virgin islands|us virgin islands
WA washington|wash|вашингтон
WV west virginia|w virginia|западная вирджиния
WI wisconsin|wisc|wis|висконсин
WY wyoming|wyo|вайоминг
GU guam
AS american samoa
MP northern mariana islands
FM micronesia
MH marshall islands
PW palau
AA armed forces americas
AE armed forces europe
AP armed forces pacific
"""
_BY_NAME = {
    name: line[:2]
    for line in _NAMES.strip().splitlines()
    for name in (line[:2].casefold(), *line[3:].split("|"))
}
CODES = frozenset(_BY_NAME.values())
_FORMS = sorted(_BY_NAME, key=len, reverse=True)
_ANY = "|".join(
    rf"{form[0]}(?:\.\s?)?{form[1]}" if len(form) == 2 else form.replace(" ", r"\.?\s") for form in _FORMS
)
_AT_END = re.compile(rf"(?:^|(?<=[\s,.(]))({_ANY})[\s,.:)-]*$", re.IGNORECASE)
_AT_START = re.compile(rf"[\s,.(]*({_ANY})(?=[\s,.)]|$)", re.IGNORECASE)
_REACH = 40


def state_code(text: str) -> str:
    """The two-letter code for a state written any way, or an empty string."""
    plain = " ".join(text.replace(".", " ").split()).casefold().strip(" ,")
    return _BY_NAME.get(plain) or _BY_NAME.get(plain.replace(" ", "") if len(plain) == 3 else "", "")


def state_at_end(text: str) -> tuple[str, int, bool] | None:
    """The state that `text` ends with: its code, where it starts, and whether it was a bare code."""
    skipped = max(0, len(text) - _REACH)
    match = _AT_END.search(text, skipped)
    if match is None or not (code := state_code(match[1])):
        return None
    return code, match.start(1), len(match[1].replace(".", "").replace(" ", "")) == 2


def state_at_start(text: str) -> tuple[str, int] | None:
    """The state that `text` begins with: its code and where it ends."""
    match = _AT_START.match(text)
    return (state_code(match[1]), match.end(1)) if match and state_code(match[1]) else None
