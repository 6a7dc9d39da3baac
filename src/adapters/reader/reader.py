"""The `Reader` port without a network: rules first, a statistical guess last and never in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import Factory, define, evolve

from adapters.reader.address import from_zip, parse_address, put_fields
from adapters.reader.answers import answered
from adapters.reader.chunks import PARCEL_MARK, PHONE_MARKS, cut, lone_zips
from adapters.reader.clean import clean
from adapters.reader.labels import PARCEL, Group, groups
from adapters.reader.lines import take_name_after
from adapters.reader.parcel import take_parcel
from adapters.reader.parsed import Parsed
from adapters.reader.phones import PHONE, e164
from adapters.reader.tidy import trimmed
from shipping_core.domain.draft import Entry, Field, Side
from shipping_core.ports.reader import Answer, Reader, Reading

_MARK = re.compile(f"[{PHONE_MARKS}{PARCEL_MARK}]")
_LINK = re.compile(r"(?:\bhttps?://|\bwww\.)\S+|\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64}")
_UNSURE = 0.6


@define
class _Text:
    """One text while it is read."""

    phones: dict[str, str] = Factory(dict)
    found: dict[Field, Entry] = Factory(dict)
    addresses: list[tuple[Side | None, Parsed]] = Factory(list)
    unread: list[str] = Factory(list)


class OfflineReader(Reader):
    """Reads orders as people paste them, in English and Russian; the same text always reads the same."""

    def warm_up(self) -> None:
        """Loads what the first text would wait for, about a second; call it off the event loop."""
        self.read("A B 1 Main St Elsewhere CA 94117, 415 555 0100", expecting=())

    def read(self, text: str, *, expecting: Sequence[Field]) -> Reading:
        """Everything `text` says about an order; see the port."""
        state = _Text()
        plain = clean(text)
        state.unread.extend(_LINK.findall(plain))
        plain = self._take_phones(_LINK.sub(",", plain), state)
        plain, state.found = take_parcel(plain)
        for group in groups(plain):
            _read_group(group, state)
        _place(state, expecting)
        unread = (trimmed(_MARK.sub(" ", part)) for part in state.unread)
        return Reading(state.found, "\n".join(part for part in unread if part))

    def answer(self, text: str, wanted: Field) -> Answer:
        """`text` as the answer to the question for one field; see the port."""
        return answered(" ".join(clean(text).split()), wanted)

    @staticmethod
    def _take_phones(text: str, state: _Text) -> str:
        def mark(match: re.Match[str]) -> str:
            number = e164(match["us"] or match["abroad"])
            if not number or len(state.phones) >= 100:
                return match[0]
            state.phones[sign := chr(0xE000 + len(state.phones))] = number
            return sign

        return PHONE.sub(mark, text)


def _read_group(group: Group, state: _Text) -> None:
    _read_parcel_fields(group, state)
    free = group.text
    if group.side is None and not group.fields and (codes := lone_zips(free)):
        state.addresses.extend((None, from_zip(code, 0.8)) for code in codes[:2])
        return
    if group.side is not None and (codes := lone_zips(free)) and len(codes) == 1:
        parsed, rest = from_zip(codes[0], 0.9), []
    else:
        first, *rest = cut(free) or [""]
        parsed = parse_address(first, labelled=group.side is not None or "street" in group.fields)
    put_fields(parsed, group.fields)
    _number(parsed, f"{group.fields.get('phone', '')}{''.join(parsed.phones)}", state)
    state.addresses.append((group.side, parsed))
    _read_rest(rest, state)


def _read_rest(rest: list[str], state: _Text) -> None:
    """What follows the first address of a group."""
    nameless = "street1" in (first := state.addresses[-1][1]).values and "name" not in first.values
    for chunk in rest:
        last = state.addresses[-1][1]
        if take_name_after(last, chunk):
            continue
        other = parse_address(chunk, labelled=False)
        goes_on = not other.values or (not other.has_zip and last.has_zip and "street1" not in last.values)
        _number(last if goes_on else other, "".join(other.phones), state)
        if goes_on:
            _continue(last, other)
        else:
            if nameless and "name" in other.values:
                other.values["name"] = evolve(other.values["name"], confidence=_UNSURE)
            state.addresses.append((None, other))


def _continue(parsed: Parsed, more: Parsed) -> None:
    """An address written ZIP first: its street follows, and the rest could be anything."""
    parsed.unread.extend(more.unread)
    for what, entry in more.values.items():
        if what in {"street1", "street2"}:
            parsed.put(what, entry.value, _UNSURE)
        else:
            parsed.unread.append(entry.value)


def _read_parcel_fields(group: Group, state: _Text) -> None:
    for what in PARCEL & group.fields.keys():
        value = group.fields.pop(what)
        if _MARK.search(value) or what == "size":
            continue
        answer = answered(value, Field.of("parcel", what))
        if answer.entry:
            state.found.setdefault(Field.of("parcel", what), answer.entry)
        else:
            state.unread.append(value)


def _number(parsed: Parsed, marks: str, state: _Text) -> None:
    sign = next((c for c in marks if c in state.phones), "")
    if sign:
        parsed.put("phone", state.phones[sign], 0.95)


def _place(state: _Text, expecting: Sequence[Field]) -> None:
    """Gives every address its side."""
    taken: dict[Side, Parsed] = {}
    loose: list[Parsed] = []
    for side, parsed in state.addresses:
        state.unread.extend(parsed.unread)
        if not parsed.values:
            continue
        if side is None:
            loose.append(parsed)
        elif side in taken:
            _merge(taken[side], parsed, state)
        else:
            taken[side] = parsed
    free = [side for side in Side if side not in taken]
    doubt = len(loose) > len(free)
    if len(loose) == 1 and len(free) == 2:
        first = next((f.part for f in expecting if f.part != "parcel"), "")
        doubt = not first
        free = [Side(first or "from")]
    for side, parsed in zip(free, loose, strict=False):
        taken[side] = _doubted(parsed) if doubt else parsed
    for parsed in loose[len(free) :]:
        state.unread.extend(e.value for e in parsed.values.values())
    for side, parsed in taken.items():
        for what, entry in parsed.values.items():
            state.found[Field.of(side.value, what)] = entry


def _merge(known: Parsed, more: Parsed, state: _Text) -> None:
    for what, entry in more.values.items():
        if what not in known.values:
            known.values[what] = entry
        elif known.values[what].value != entry.value:
            state.unread.append(entry.value)


def _doubted(parsed: Parsed) -> Parsed:
    values = {w: evolve(e, confidence=min(e.confidence, _UNSURE)) for w, e in parsed.values.items()}
    return Parsed(values, has_zip=parsed.has_zip)
