"""What can be listed in the office, and how: by which fields, in which orders, found by which words.

One table serves everybody: the store makes an index for each line of it, the API takes just these
parameters, and the panel shows just these columns.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import itertools
import operator
import re
import typing
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import evolve, field, frozen

from shipping_core.domain.access import ApiKey, Approval
from shipping_core.domain.alert import Alert
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.broadcast import Broadcast
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.ledger import Transfer
from shipping_core.domain.letter import Posted
from shipping_core.domain.order import Order
from shipping_core.domain.refund import Refund
from shipping_core.domain.seal import Seal
from shipping_core.domain.user import User
from shipping_core.errors import InvalidInput

T = TypeVar("T")
Filter = str | bool | tuple[str, ...]
"""What a field is compared with."""
MOST_A_PAGE = 200
MOST_WORDS = 8
"""Of a person's name that are found."""
MOST_OF_A_TEXT = 60
"""Words of a longer text that are found."""
LEAST_BEGINNING = 3
"""Letters that the beginning of a word must have to stand for all of it."""
_AROUND = ".,;:!?()[]{}<>«»\"'@#"
_SAME = str.maketrans({"’": "'", "‘": "'", "`": "'", "ё": "е", ",": " "})
_MARKUP = re.compile(r"<[^<>]*>")

YEARS = range(1970, 9999)
"""Whose days can be asked about, in every time zone."""
_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")


def words_of(*texts: str) -> tuple[str, ...]:
    """Words to be found by, each once: whole, and however they are written.

    Case, accents put together in other ways, the kind of an apostrophe and signs around a word do not count.
    """
    plain = (unicodedata.normalize("NFKC", text).casefold().translate(_SAME) for text in texts)
    found = dict.fromkeys(w.strip(_AROUND) for text in plain for w in text.split())
    return tuple(w[:64] for w in found if w)


def pairs_of(words: Iterable[str]) -> tuple[str, ...]:
    """Each two of these words that many items have, such as names and ZIP codes, as one word with a space.

    Kept beside the words themselves, so that two common words are found as fast as a rare one.
    """
    common = sorted(w for w in words if not any(c.isdigit() for c in w) or _ZIP.fullmatch(w))
    return tuple(f"{one} {other}" for one, other in itertools.combinations(common, 2))


def tokens_of(words: Iterable[str]) -> tuple[str, ...]:
    """What an item must have to be found by all of these words: pairs where there are, the rest alone."""
    wanted = words_of(*words)
    pairs = pairs_of(wanted)
    paired = {word for pair in pairs for word in pair.split()}
    return (*pairs, *(word for word in wanted if word not in paired))


def _person(*texts: str) -> tuple[str, ...]:
    return words_of(*texts)[:MOST_WORDS]


def _of_order(order: Order) -> tuple[str, ...]:
    label, to = order.label, order.shipment.recipient
    ids = (order.order_id, order.reference, order.user_id, label.tracking_number if label else "")
    words = words_of(*ids, *_person(to.postal_code, to.name))
    return (*words, *pairs_of(words))


def _of_user(user: User) -> tuple[str, ...]:
    return user_words(user.user_id, user.name, user.username)


def user_words(user_id: str, name: str, username: str) -> tuple[str, ...]:
    """By which words a user is found."""
    words = words_of(user_id, *_person(username, name))
    return (*words, *pairs_of(words))


def _of_refund(refund: Refund) -> tuple[str, ...]:
    return words_of(refund.refund_id, refund.order_id, refund.user_id, refund.tracking_number)


def _of_broadcast(broadcast: Broadcast) -> tuple[str, ...]:
    texts = (_MARKUP.sub(" ", text) for text in broadcast.texts.values())
    return words_of(broadcast.broadcast_id, *texts)[:MOST_OF_A_TEXT]


def _of_key(key: ApiKey) -> tuple[str, ...]:
    return words_of(key.key_id, key.name)


def _of_approval(approval: Approval) -> tuple[str, ...]:
    ids = (approval.approval_id, approval.user_id or "", approval.asked_by, *approval.facts.values())
    return words_of(*ids)[:MOST_OF_A_TEXT]


def _of_alert(alert: Alert) -> tuple[str, ...]:
    return words_of(alert.record_id, *alert.subject.split(":"))


def _of_invoice(invoice: Invoice) -> tuple[str, ...]:
    return words_of(invoice.invoice_id, invoice.user_id, *(link.track_id for link in invoice.links))


@frozen
class Listed:
    """How one kind is listed. `sorts` are fields, the usual one first, which is the one of `time`.

    `filters` are compared for equality. With the usual order each of them may go, and a range of time,
    and words; with the other orders only those of `also`, since each pair costs an index. Two filters
    together are allowed, but only the page of one costs the same wherever it lies. Dotted names lead into
    a value: `rate.carrier_code`.

    What is written too often to keep words for is found by one whole id: `ids` are the fields it may be in,
    each with what may stand before it there.
    """

    kind: type
    id: str
    sorts: tuple[str, ...]
    filters: tuple[str, ...] = ()
    words: Callable[[Any], tuple[str, ...]] | None = None
    also: tuple[str, ...] = ()
    ids: Mapping[str, tuple[str, ...]] = field(factory=dict)
    moving: tuple[str, ...] = ()
    """The orders in which an item may move while pages are turned, and so may be missed."""
    paired: bool = False
    """Whether each two common words of an item are kept as one more."""

    def tokens_of(self, words: Iterable[str]) -> tuple[str, ...]:
        """What an item must have to be found by all of these words."""
        return tokens_of(words) if self.paired else words_of(*words)

    def places_of(self, word: str) -> dict[str, list[str]]:
        """Which field must have which of these values to be found by this id."""
        return {name: [before + word for before in said] for name, said in self.ids.items()}

    def found_by(self, item: Any, words: Iterable[str], *, beginning: bool = False) -> bool:
        """Whether an item is found by these words, of the last of them the `beginning` where that is said."""
        wanted = words_of(*words)
        if self.words is None:
            places = [self.places_of(word) for word in wanted]
            return all(any(read(item, n) in said for n, said in where.items()) for where in places)
        own = self.words(item)
        if not beginning:
            return set(wanted) <= set(own)
        whole, begun = wanted[:-1], wanted[-1]
        return set(whole) <= set(own) and any(w.startswith(begun) and " " not in w for w in own)

    @property
    def time(self) -> str:
        """When it was, for a range of time and for the usual order."""
        return self.sorts[0]

    def to_the_end(self, wanted: Wanted) -> Wanted:
        """The same list in an order in which nothing is missed, whatever changes before its last page.

        Where even the usual order moves, what changed comes again at the end.
        """
        if (wanted.sort or self.time) not in self.moving:
            return wanted
        return evolve(wanted, sort=self.time, descending=wanted.descending and self.time not in self.moving)

    def filters_of(self, sort: str) -> tuple[str, ...]:
        """What may go with this order."""
        return self.filters if sort == self.time else self.also

    def place(self, item: Any, sort: str) -> Place:
        """Where an item lies in this order."""
        return Place(read(item, sort), getattr(item, self.id))


BARE = ("",)

LISTED: Mapping[str, Listed] = {
    "orders": Listed(
        Order, "order_id", ("created_at", "price.minor"),
        ("mode", "state", "user_id", "rate.carrier_code", "rate.service_code"), _of_order, also=("mode",),
        paired=True,
    ),
    "users": Listed(
        User, "user_id", ("joined_at", "seen_at"), ("language", "blocked"), _of_user,
        also=("language", "blocked"), moving=("seen_at",), paired=True,
    ),
    "refunds": Listed(
        Refund, "refund_id", ("created_at", "updated_at", "amount.minor"),
        ("mode", "state", "user_id", "order_id", "carrier_code"), _of_refund, also=("state",),
        moving=("updated_at", "amount.minor"),
    ),
    "topups": Listed(
        Invoice, "invoice_id", ("created_at", "amount.minor"),
        ("mode", "state", "user_id", "in_review"), _of_invoice, also=("mode",),
    ),
    "transfers": Listed(
        Transfer, "key", ("created_at",),
        ("mode", "kind", "order_id", "invoice_id", "refund_id", "actor"),
        ids={"key": BARE, "order_id": BARE, "invoice_id": BARE, "refund_id": BARE, "actor": BARE},
    ),
    "audit": Listed(
        AuditRow, "row_id", ("at",), ("subject", "action", "actor", "request_id"),
        ids={
            "row_id": BARE, "request_id": BARE, "actor": BARE,
            "subject": (*BARE, "order:", "invoice:", "refund:", "user:"),
        },
    ),
    "letters": Listed(
        Posted, "letter_id", ("created_at",), ("state", "user_id", "word"),
        ids={"letter_id": BARE, "user_id": BARE},
    ),
    "broadcasts": Listed(Broadcast, "broadcast_id", ("created_at",), ("state",), _of_broadcast),
    "keys": Listed(ApiKey, "key_id", ("created_at",), ("role",), _of_key),
    "approvals": Listed(
        Approval, "approval_id", ("created_at",), ("state", "act", "user_id"), _of_approval
    ),
    "alerts": Listed(
        Alert, "record_id", ("updated_at",), ("kind", "seen_by"), _of_alert, moving=("updated_at",)
    ),
    "seals": Listed(
        Seal, "seal_id", ("created_at", "last"), ids={"seal_id": BARE}
    ),
}  # fmt: skip

KEPT_WITH: Mapping[tuple[str, str], type] = {
    ("topups", "in_review"): bool,
}
"""Filters that the store knows and the value itself does not say."""


def flat(path: str) -> str:
    """A dotted name as the doors say it: `price_minor`."""
    return path.replace(".", "_")


@functools.cache
def filter_kind(name: str, which: str) -> type:
    """What a filter of a list is compared with: an enum of ours, a truth, or text."""
    kind: Any = KEPT_WITH.get((name, which))
    return kind or _kind_of(LISTED[name].kind, which)


@functools.cache
def _kind_of(kind: Any, path: str) -> type:
    for part in path.split("."):
        found = typing.get_type_hints(kind)[part]
        found = next((a for a in typing.get_args(found) if a is not type(None)), found)
        kind = getattr(found, "__supertype__", found)
    return typing.cast("type", kind)


FOUND_BY: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Refund": (("state",), ("user_id",), ("order_id",), ("watched",)),
    "Template": (("user_id",),),
    "Contact": (("user_id",),),
    "ParcelPreset": (("user_id",),),
    "ApiKey": (),
    "Approval": (("state",),),
    "Broadcast": (("state",),),
    "Copy": (("broadcast_id", "state"),),
    "Alert": (),
    "Seal": (),
    "Standing": (),
}
"""What `Shelf.find` may be asked for by, each ordered by the last change."""


def check_found_by(kind: str, names: Iterable[str]) -> None:
    """Records may be asked for by these fields together, or by none.

    Raises:
        ValueError: they may not.
    """
    asked = set(names)
    if asked and asked not in map(set, FOUND_BY[kind]):
        raise ValueError(f"{kind} is not found by {', '.join(sorted(asked))}")


@frozen
class Place:
    """A place in a list: the sorted value of an item, as kept, and its id."""

    value: str | int | dt.datetime | None
    id: str


@frozen
class Wanted:
    """A page of a list. `since` and `until` bound the `time` field, `until` left out.

    `words` must all be among an item's own; where nothing has them, the last may be the beginning of a word.
    What has no value to be ordered by comes before all others.
    A filter of several texts is for any of them.
    """

    name: str
    equals: Mapping[str, Filter] = field(factory=dict)
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    words: tuple[str, ...] = ()
    sort: str = ""
    descending: bool = True
    after: Place | None = None
    limit: int = 50


def understood(wanted: Wanted) -> tuple[Listed, str]:
    """How this page is to be read, and in which order.

    Raises:
        ValueError: no such list, order or field; a range of time or words with another order than the
            usual one, or several words where one id is wanted; a place that is not in this order; not 1 to
            `MOST_A_PAGE` items.
    """
    listed = LISTED.get(wanted.name)
    if listed is None:
        raise ValueError(f"no list is called {wanted.name}")
    sort = wanted.sort or listed.time
    if sort not in listed.sorts:
        raise ValueError(f"{wanted.name} are not ordered by {flat(sort)}")
    for name, value in wanted.equals.items():
        if name not in listed.filters_of(sort):
            raise ValueError(f"{wanted.name} by {flat(sort)} are not filtered by {flat(name)}")
        if not _comparable(value):  # an object would be a query of its own to some stores
            raise ValueError(f"{flat(name)} is compared with a text, or yes or no")
    if listed.words is None and len(words_of(*wanted.words)) > 1:
        raise ValueError(f"{wanted.name} are found by one id, not by several words")
    if sort != listed.time and (wanted.words or wanted.since or wanted.until):
        raise ValueError(f"words and a range of time go with the order by {listed.time} only")
    if wanted.after is not None and not _in_order(wanted.after, listed, sort):
        raise ValueError(f"no place among {wanted.name} by {flat(sort)}")
    if not 1 <= wanted.limit <= MOST_A_PAGE:
        raise ValueError(f"a page has 1 to {MOST_A_PAGE} items")
    return listed, sort


def _comparable(value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(one, str) for one in value)
    return isinstance(value, str | bool)


def takes_several(name: str, which: str) -> bool:
    """Whether a filter may be given more than once: one of a few words of ours, such as a state."""
    return issubclass(filter_kind(name, which), enum.Enum)


def asked_for(
    name: str,
    filters: Mapping[str, object],
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    words: str = "",
    sort: str = "",
    descending: bool = True,
    after: Place | None = None,
    limit: int = MOST_A_PAGE,
) -> Wanted:
    """The page that somebody at a door asks for; text may name a value. Filters of None, or of no value at
    all, are left out.

    Raises:
        InvalidInput: something cannot be used; the field is named as the doors name it.
    """
    equals = {f: _meant(name, f, value) for f, value in filters.items() if value not in (None, [], ())}
    begin, end = (
        None if at is None else _moment(which, at) for which, at in (("since", since), ("until", until))
    )
    if begin is not None and end is not None and begin >= end:
        raise InvalidInput("until", "It must be later than `since`.")
    found = words_of(words)
    if words.strip() and not found:
        raise InvalidInput("q", "Write at least one word or id.")
    wanted = Wanted(name, equals, begin, end, found, sort or LISTED[name].time, descending, None, limit)
    try:
        understood(wanted)
    except ValueError as exc:
        raise InvalidInput("sort", str(exc)) from exc
    if after is not None and not _in_order(after, *understood(wanted)):
        raise InvalidInput("after", "It is no place in this list in this order.")
    return evolve(wanted, after=after)


def _meant(name: str, which: str, value: object) -> Filter:
    if isinstance(value, list | tuple):
        found = tuple(dict.fromkeys(typing.cast("str", _meant(name, which, one)) for one in value))
        return found if len(found) > 1 else found[0]
    kind = filter_kind(name, which)
    if isinstance(value, kind):
        return typing.cast("str | bool", value.value if isinstance(value, enum.Enum) else value)
    texts: Mapping[str, Any] = {"true": True, "false": False}
    if issubclass(kind, enum.Enum):
        texts = {str(one.value): one.value for one in kind}
    if value not in texts:
        raise InvalidInput(flat(which), f"It is none of {', '.join(texts)}.")
    return typing.cast("str | bool", texts[typing.cast("str", value)])


def _moment(which: str, at: dt.datetime) -> dt.datetime:
    if at.tzinfo is None:
        raise InvalidInput(which, "Say in which time zone: end it in Z or in an offset.")
    if at.year not in YEARS:
        raise InvalidInput(which, f"Its year must be from {YEARS[0]} to {YEARS[-1]}.")
    return at.astimezone(dt.UTC)


def _in_order(place: Place, listed: Listed, sort: str) -> bool:
    if _kind_of(listed.kind, sort) is int:
        return type(place.value) is int
    return place.value is None or (isinstance(place.value, dt.datetime) and place.value.tzinfo is not None)


def read(value: object, path: str) -> Any:
    """What a dotted name leads to."""
    return operator.attrgetter(path)(value)


@frozen
class Page(Generic[T]):
    """Items in their order, and where the next page begins; None after the last one."""

    items: tuple[T, ...]
    next: Place | None = None

    @classmethod
    def of(cls, found: Sequence[T], wanted: Wanted) -> Page[T]:
        """The page, from the items that begin on it, one more than it holds where there are more."""
        listed, sort = understood(wanted)
        items = tuple(found[: wanted.limit])
        return cls(items, listed.place(items[-1], sort) if len(found) > wanted.limit else None)
