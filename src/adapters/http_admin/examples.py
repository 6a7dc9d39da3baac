"""Examples for the document, made from its own schemas: always of the right shape."""

from __future__ import annotations

from typing import Any, Final

BY_NAME: Final[dict[str, Any]] = {
    "order_id": "ord_7f3a0c11d2e45b6a9c0d",
    "user_id": "1001",
    "topup_id": "inv_0c11d2e45b6a9c0d7f3a",
    "invoice_id": "inv_0c11d2e45b6a9c0d7f3a",
    "refund_id": "rfd_d2e45b6a9c0d7f3a0c11",
    "key_id": "key_5b6a9c0d7f3a0c11d2e4",
    "label_id": "se-28529731",
    "tracking_number": "9400111899223100001234",
    "currency": "USD",
    "minor": 742,
    "amount_minor": 742,
    "text": "7.42 USD",
    "name": "Ola",
    "language": "en",
    "percent": "10",
    "ids": "rfd_d2e45b6a9c0d7f3a0c11",
    "reason": "agreed with the customer by phone",
    "secret": "sck_…shown once…",
    "version": 3,
}
KINDS: Final[dict[Any, Any]] = {"string": str, "integer": int}
BY_FORMAT: Final = {"date-time": "2031-04-07T12:00:00Z", "date": "2031-04-07", "uri": "https://example.com/"}


def example(schema: dict[str, Any], document: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """A value that fits the schema."""
    if "$ref" in schema:
        target = schema["$ref"].rpartition("/")[2]
        return example(document["components"]["schemas"][target], document, name, depth)
    for many in ("oneOf", "anyOf"):
        if many in schema:
            return example(schema[many][0], document, name, depth)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if name in BY_NAME and isinstance(BY_NAME[name], KINDS.get(kind, ())):
        return BY_NAME[name]
    if kind == "object":
        inner = schema.get("properties", {})
        return {key: example(part, document, key, depth + 1) for key, part in inner.items()}
    if kind == "array":
        return [example(schema["items"], document, name, depth + 1)]
    if kind == "string":
        return BY_FORMAT.get(schema.get("format", ""), "text" if schema.get("minLength") else "")
    return {"integer": schema.get("minimum", 0), "number": 0, "boolean": False}.get(str(kind))
