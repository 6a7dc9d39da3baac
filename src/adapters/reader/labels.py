"""Splits a text at its labels: `From:`, `to`, `кому`, `zip:`, `sender name:`."""

from __future__ import annotations

import re

from attrs import Factory, define

from adapters.reader.places import ZIP
from adapters.reader.tidy import trimmed
from shipping_core.domain.draft import Side

_FROM = (
    r"ship(?:ping|ped)?\sfrom|return\saddress|pick\s?up\sfrom|from\saddress|shipper|sender(?:'s)?|origin|"
    r"откуда|от\sкого|отправител[ья]|from|от|из"
)
_TO = (
    r"ship(?:ping|ped)?\sto|deliver(?:y|ed)?(?:\sit)?\sto|send(?:\sit|\sthis)?\sto|mail(?:\sit)?\sto|to\saddress|"
    r"recipient(?:'s)?|receiver(?:'s)?|consignee|destination|addressee|кому|куда|получател[ьяю]|to|для|в"
)
_FIELDS = {
    "name": r"(?:full\s)?name|contact(?:\sname)?|имя|ф\.?и\.?о\.?",
    "company": r"company(?:\sname)?|компания|организация",
    "address": r"(?:street\s|mailing\s|home\s)?address(?:\s?line)?(?:\s?1)?|addr|адрес",
    "street": r"street(?:\s?1|\sname)?|улица",
    "street2": r"(?:address(?:\sline)?|street)\s?2|apartment|apt(?:\s?no|\s?#)?|suite|ste|unit|"
    r"квартира|кв|офис",
    "city": r"city|town|город",
    "state": r"state|province|штат",
    "zip": r"zip(?:\s?-?code)?|post(?:al)?\s?code|(?:почтовый\s)?индекс|зип",
    "phone": r"(?:tele|mobile\s|cell\s)?phone(?:\snumber|\sno)?|tel|mobile|cell|ph|телефон|тел|моб",
    "email": r"e-?mail|почта",
    "country": r"country|страна",
    "weight": r"(?:total\s)?weight|wt|вес|масса",
    "size": r"sizes?|dims?|dimensions?|размеры?|габариты",
    "length": r"length|len|длина",
    "width": r"width|ширина",
    "height": r"height|высота",
    "parcel": r"parcel|package|box|посылка",
}
_FIELD = "|".join(f"(?P<{what}>{words})" for what, words in _FIELDS.items())
_LABEL = re.compile(
    rf"(?<!\w)(?:(?:(?P<from>{_FROM})|(?P<to>{_TO}))?[\s._-]{{0,2}}(?<![^\W_])(?:{_FIELD})"
    r"(?:\s(?:(?P<from2>отправителя)|(?P<to2>получателя)))?[\"']?\s?[:=]"
    rf"|(?:(?P<from3>{_FROM})|(?P<to3>{_TO}))(?!\w)(?:(?P<colon>\s?[:=]|\s-(?=\s)))?)",
    re.IGNORECASE,
)
_ZIP_ONLY = {"из", "в"}
_READY = re.compile(
    r"(?:\d{5}(?:-\d{4})?|[\ue000-\uf8ff]|\b(?:USA?|United States)|(?<=[\s,])[A-Z]{2}|[,.;→]|"
    r"\b(?:send|ship|deliver|mail|it|this|package|parcel|box|label|going|zip|them|letter))[\s,.;→]{0,4}$",
)
_PHONE_MARK, _MARK = re.compile("[\ue000-\uefff]"), re.compile("[\ue000-\uf8ff]")
PARCEL = frozenset({"weight", "size", "length", "width", "height"})


@define
class Group:
    """One address's share of the text: labelled values, and free text around them."""

    side: Side | None = None
    fields: dict[str, str] = Factory(dict)
    free: list[str] = Factory(list)

    @property
    def text(self) -> str:
        """All free text."""
        return "\n".join(part.replace(" - ", ", ") for part in self.free if part.strip(" ,"))


def groups(text: str) -> list[Group]:
    """The text by address, labels removed; the first group is what stands before any label."""
    found = [m for m in _LABEL.finditer(text) if _counts(text, m)]
    result = [Group()]
    current, position = result[0], 0
    for n, match in enumerate(found):
        current.free.append(text[position : match.start()])
        position = match.end()
        side, what = _side(match), next((w for w in _FIELDS if match[w]), "")
        if not what:
            current = Group(side)
            result.append(current)
            continue
        current = _home(result, current, side, what)
        if what == "address" and not text[position:].split("\n")[0].strip(" ,"):
            continue
        stop = _end_of_value(text, position, found[n + 1].start() if n + 1 < len(found) else len(text))
        _keep(current, what, match[what], trimmed(text[position:stop]))
        position = stop
    current.free.append(text[position:])
    return result


def _side(match: re.Match[str]) -> Side | None:
    if match["from"] or match["from2"] or match["from3"]:
        return Side.FROM
    return Side.TO if match["to"] or match["to2"] or match["to3"] else None


def _counts(text: str, match: re.Match[str]) -> bool:
    """Whether this is a label and not a word of a sentence or a street."""
    bare = match["from3"] or match["to3"]
    if not bare or match["colon"]:
        return True
    word = bare.casefold()
    if word in _ZIP_ONLY:
        return ZIP.match(text, match.end() + 1) is not None
    before = text[max(0, match.start() - 24) : match.start()]
    if not before.strip(" ,") or before.endswith("\n") or " " in word or word in {"from", "от"}:
        return True
    return _READY.search(before) is not None


def _home(result: list[Group], current: Group, side: Side | None, what: str) -> Group:
    """The group a labelled value belongs to; a value given twice begins the next address."""
    if what in PARCEL or what == "parcel":
        return current
    if side is None or current.side is side:
        if what not in current.fields:
            return current
    else:
        for group in result:
            if group.side is side and what not in group.fields:
                return group
    result.append(Group(side))
    return result[-1]


def _end_of_value(text: str, start: int, stop: int) -> int:
    """The end of the line, or of the next one when the label stands alone on its line."""
    end = text.find("\n", start, stop)
    if end >= 0 and not text[start:end].strip(" ,"):
        end = text.find("\n", end + 1, stop)
    return stop if end < 0 else end


def _keep(group: Group, what: str, label: str, value: str) -> None:
    if what != "phone":
        group.free.append("".join(_PHONE_MARK.findall(value)))
        value = trimmed(_MARK.sub(" ", value)) if what not in PARCEL else value
    if what in {"email", "country"} or not value:
        return
    if what == "address" and ZIP.search(value):
        group.free.append(value)
        group.fields.setdefault("address", "")
    elif what == "parcel":
        group.free.append(value)
    elif what == "street2" and value.isalnum() and not label.casefold().startswith(("addr", "street")):
        group.fields["street2"] = f"{label.strip(' #')} {value}"
    else:
        group.fields["street" if what == "address" else what] = value
