"""The list of a merchant's payments: filters, order, pages."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from shipping_sandbox.oxapay_api.invoice import Invoice
from shipping_sandbox.oxapay_api.reading import BadValue, Fields, Reader, between, number, text
from shipping_sandbox.oxapay_api.views import seconds

_ENDLESS = 10**12
_TYPES = ("invoice", "white_label", "static_address")
Test = Callable[[Invoice], bool]


def one_of(*words: str) -> Reader[str]:
    """A reader of one of these words."""

    def read(value: Any) -> str:
        if value not in words:
            raise BadValue(f"must be one of {', '.join(words)}")
        return str(value)

    return read


@attrs.frozen
class Page:
    """One page of what was found; `last` is 1 also when nothing was."""

    invoices: list[Invoice]
    number: int
    last: int
    total: int


def search(invoices: Iterable[Invoice], query: Mapping[str, str]) -> Page:
    """What the query asks for.

    Raises:
        Refusal: 400, a parameter is out of range.
    """
    fields = Fields({name: value for name, value in query.items() if value != ""})
    tests = _tests(fields)
    found = [invoice for invoice in invoices if all(test(invoice) for test in tests)]
    by = _ORDERS[fields.get("sort_by", one_of(*_ORDERS), "create_date")]
    found.sort(key=by, reverse=fields.get("sort_type", one_of("asc", "desc"), "desc") == "desc")
    page, size = fields.get("page", between(1, _ENDLESS), 1), fields.get("size", between(1, 200), 10)
    last = max(1, -(-len(found) // size))
    return Page(found[(page - 1) * size : page * size], page, last, len(found))


def _tests(fields: Fields) -> list[Test]:
    moment = between(0, _ENDLESS)
    track_id = fields.get("track_id", between(0, 10**30), 0)
    kind = fields.get("type", one_of(*_TYPES), "invoice")
    status = fields.get("status", text, "").lower()
    currency = fields.get("currency", text, "").upper()
    pay_currency = fields.get("pay_currency", text, "").upper()
    network = fields.get("network", text, "").lower()
    address = fields.get("address", text, "")
    since, until = fields.get("from_date", moment, 0), fields.get("to_date", moment, _ENDLESS)
    least = fields.get("from_amount", number, Decimal(0))
    most = fields.get("to_amount", number, Decimal(_ENDLESS))
    tests: list[Test] = [
        lambda i: kind == "invoice" and since <= seconds(i.created_at) <= until,
        lambda i: least <= i.terms.amount <= most,
    ]
    if track_id:
        tests.append(lambda i: int(i.track_id) == track_id)
    if status:
        tests.append(lambda i: i.status == status)
    if currency:
        tests.append(lambda i: i.terms.currency == currency)
    if pay_currency:
        tests.append(lambda i: any(tx.coin.symbol == pay_currency for tx in i.txs))
    if network:
        tests.append(lambda i: any(network in x.network.names for x in i.txs))
    if address:
        tests.append(lambda i: address in (i.address, *(tx.address for tx in i.txs)))
    return tests


def _paid_at(invoice: Invoice) -> tuple[datetime, int]:
    last = invoice.txs[-1].sent_at if invoice.txs else datetime.fromtimestamp(0, invoice.created_at.tzinfo)
    return last, int(invoice.track_id)


_ORDERS: Mapping[str, Callable[[Invoice], Any]] = {
    "create_date": lambda i: (i.created_at, int(i.track_id)),
    "pay_date": _paid_at,
    "amount": lambda i: (i.terms.amount, int(i.track_id)),
}
