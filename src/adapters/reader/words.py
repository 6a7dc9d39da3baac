"""Words that show what the text around them is: streets, units, companies, small talk."""

from __future__ import annotations

import re

_SUFFIXES = (
    "st|street|str|ave|avenue|av|rd|road|blvd|boulevard|dr|drive|ln|lane|ct|court|pl|place|way|ter|terrace|cir|circle|"
    "pkwy|parkway|hwy|highway|sq|square|trl|trail|loop|row|broadway|plz|plaza|aly|alley|run|path|pike|expy|fwy|"
    "crossing|xing|cv|cove|pt|point|bnd|bend|walk|ridge|route|rte|calle|avenida|camino|center|ctr|park|heights|"
    "улица|ул|проспект|авеню|стрит|бульвар"
)
SUFFIX = re.compile(rf"\b(?:{_SUFFIXES})\b", re.IGNORECASE)
BOX = (
    r"(?:p\.?\s?o\.?\s?b(?:ox\b|\b\.?)|post\soffice\sbox\b|box\s\d|r\.?r\.?\s\d|h\.?c\.?\s\d|psc\s\d|cmr\s\d|"
    r"rural\sroute\s\d|unit\s\d{1,6}\sbox\b|general\sdelivery\b)"
)
_COUNTED = "one|two|three|four|five|six|seven|eight|nine|ten"
STREET_START = re.compile(
    rf"(?:^|(?<=\s))(?:{BOX}|\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,5}})?(?:\s\d/\d)?\s\S|[NSEW]\d{{1,5}}\s?[NSEW]\d{{1,6}}\s"
    r"|(?:calle|avenida|carr|carretera|highway|hwy|route|county\sroad|state\sroad)\.?\s\d"
    rf"|(?:{_COUNTED})\s(?=(?:\w{{1,20}}\s){{1,3}}(?:{_SUFFIXES})\b))",
    re.IGNORECASE,
)
NUMBER_LAST = re.compile(
    rf"(?:[^\W\d_][\w.'-]*\s){{1,4}}(?:{_SUFFIXES})\.?\s\d{{1,6}}[A-Za-z]?", re.IGNORECASE
)
BOX_START = re.compile(BOX, re.IGNORECASE)
_UNIT_WORDS = (
    "apartment|apt|unit|suite|ste|room|rm|floor|fl|building|bldg|lot|trlr|trailer|space|spc|dept|ph|penthouse|"
    "квартира|кв|офис|оф"
)
_UNIT = (
    rf"(?:(?:{_UNIT_WORDS})\b\.?\s?\#?\s?(?:[\w-]{{0,8}}\d[\w-]{{0,8}}|[A-Za-z])(?![\w])"
    r"|\#\s?[\w-]{1,9}(?!\w)|\d{1,3}(?:st|nd|rd|th)\s(?:floor|fl)\b|(?:penthouse|ph)\b)"
)
UNIT_PIECE = re.compile(rf"{_UNIT}(?:\s{_UNIT}){{0,2}}\.?", re.IGNORECASE)
UNIT_TAIL = re.compile(rf"\s({_UNIT}(?:\s{_UNIT}){{0,2}})\.?$", re.IGNORECASE)
CARE_OF = re.compile(r"(?:c\s?/\s?o|care of)\b", re.IGNORECASE)
COMPANY = re.compile(
    r"\b(?:llc|inc|co|corp|ltd|llp|lp|company|corporation|group|store|shop|studio|books|school|university|college|"
    r"dept|department|attn|attention|church|hotel|hospital|clinic|office|services|warehouse|returns)\b|&",
    re.IGNORECASE,
)
COUNTRY = re.compile(
    r"[\s,.]{0,3}\b(?:u\.?s\.?a?\.?|united states(?: of america)?|америка|сша)(?!\w)[\s,.]{0,2}",
    re.IGNORECASE,
)
TALK = frozenset(
    """
    a about address also am an and any are as asap at be been best box boxes but buy by can card cheap
    cheapest cheers city could count create days dear deliver delivery details dimensions do does email
    fast for fragile from give going good got has have hello help here hey hi how i i'd i'm if in info
    iphone is it its itself kindly label labels like live lives mail make me measures much my name need
    new next not now number of ok okay on one or order ounces package packages paid parcel parcels phone
    please pls pounds price quote rate rates receiver recipient regards reply same send sender sending
    sent ship shipment shipping sincerely size small so some state street support sure tel text thank
    thanks that the their them then there these this those to today tomorrow town two up urgent via want
    was weigh weighs weight were what when where which who why will with would yes you your zip zipcode
    вес весит вот город да день добрый здравствуйте и из имя индекс как кому коробка куда мне можно на
    надо нет нужна нужно от откуда отправить отправка отправьте пожалуйста посылка посылку привет размер
    размеры с сколько спасибо стоит тел телефон у улица хочу цена что штат это я
    """.split()  # noqa: SIM905
)
_ATTENTION = re.compile(r"\b(attn|attention)\s?:", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")


def is_name(text: str) -> bool:
    """Whether `text` can be a person's or company's name: one to seven words and no small talk."""
    text = _ATTENTION.sub(r"\1", text)
    words = text.split()
    if (
        not 1 <= len(words) <= 7
        or len(_LETTERS.findall(text)) < 2
        or re.search(r"[?@:=\"\\{}\[\]$%^*_~+<>]|!|//", text)
    ):
        return False
    if sum(c.isdigit() for c in text) > 4:
        return False
    return not any(w.casefold().strip(".,'") in TALK for w in words)
