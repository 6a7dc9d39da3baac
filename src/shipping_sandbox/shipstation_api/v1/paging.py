"""Listings in pages, V1's way."""

from collections.abc import Sequence
from typing import Any, TypeVar

from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.v1.wire import invalid

T = TypeVar("T")
_PAGE_SIZE, _LARGEST = 100, 500


def one_page(call: Call, found: Sequence[T]) -> tuple[Sequence[T], dict[str, Any]]:
    """The asked-for page of `found`, and the fields that go beside it.

    Raises:
        Refusal: 400 for a page or size that is no number in range.
    """
    page, size = _number(call, "page", 1), _number(call, "pageSize", _PAGE_SIZE)
    if size > _LARGEST:
        raise invalid(pageSize=f"The pageSize must be at most {_LARGEST}.")
    pages = -(-len(found) // size)
    return found[(page - 1) * size : page * size], {"total": len(found), "page": page, "pages": pages}


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise invalid(**{name: f"The value '{text}' is not valid."})
    return int(text)
