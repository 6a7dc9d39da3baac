"""Listings in pages, with V2's links."""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.v2.wire import problem, refusal

T = TypeVar("T")
_PAGE_SIZE = 25


def one_page(call: Call, root: str, found: Sequence[T]) -> tuple[Sequence[T], dict[str, Any]]:
    """The asked-for page of `found`, and the fields that go beside it.

    Raises:
        Refusal: 400 for a page or size that is no positive number.
    """
    page, size = _positive(call, "page", 1), _positive(call, "page_size", _PAGE_SIZE)
    pages = max(1, -(-len(found) // size))
    links = {
        "first": _link(call, root, 1),
        "last": _link(call, root, pages),
        "prev": _link(call, root, page - 1) if page > 1 else {},
        "next": _link(call, root, page + 1) if page < pages else {},
    }
    shown = found[(page - 1) * size : page * size]
    return shown, {"total": len(found), "page": page, "pages": pages, "links": links}


def _positive(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise refusal(400, problem("invalid_field_value", f"{name} must be a positive number.", field=name))
    return int(text)


def _link(call: Call, root: str, page: int) -> dict[str, Any]:
    return {"href": f"{call.home}{root}?{urlencode({**call.query, 'page': page})}"}
