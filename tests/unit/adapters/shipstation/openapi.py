"""Holds values against the vendor's OpenAPI document in `tests/reference`.

The document composes by `allOf` and closes each part with `additionalProperties: false`, which taken
literally allows nothing at all. So types are checked by jsonschema with those lines removed, and unknown
names by walking the composition ourselves. Its other slips are listed in SLIPS and mended here.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

_FILE = Path(__file__).parents[3] / "reference" / "shipstation-v2-openapi.yaml"
SLIPS = {
    "weight": "exclusiveMinimum is 1 or 2 where 0 must be meant: parcels of one ounce are sold every day",
    "calculate_rates_request_body": "requires shipment_id and shipment, and its alternatives require nothing",
    "estimate_rates_request_body": "its alternatives, carrier_id and carrier_ids, require nothing",
    "address_validating_shipment": "requires of a shipment to be rated what rating is to find out",
    "shipping_address_to": "requires the recipient's phone; the newer contract does not",
}


@functools.cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader)
    schemas = document["components"]["schemas"]
    for name in ("weight", "weigth"):
        schemas[name]["properties"]["value"].pop("exclusiveMinimum", None)
    schemas["calculate_rates_request_body"].pop("required")
    schemas["address_validating_shipment"]["required"] = ["ship_to", "ship_from"]
    for name in ("calculate_rates_request_body", "estimate_rates_request_body"):
        for alternative in schemas[name]["oneOf"]:
            alternative["required"] = list(alternative["properties"])
    to = copy.deepcopy(schemas["address"])
    to["required"].remove("phone")
    schemas["shipping_address_to"]["allOf"][0] = to
    return document


def _open(node: Any) -> Any:
    """Without the closing lines, and with nulls where the document's own extension allows them."""
    if isinstance(node, list):
        return [_open(item) for item in node]
    if not isinstance(node, dict):
        return node
    opened = {key: _open(value) for key, value in node.items() if key != "additionalProperties"}
    if opened.pop("x-nullable", False):
        return {"anyOf": [opened, {"type": "null"}]}
    return opened


@functools.cache
def _registry() -> Registry[Any]:
    opened = _open(copy.deepcopy(_document()))
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource("urn:v2", DRAFT202012.create_resource(opened))
    return filled


def problems(schema: str, body: bytes | object) -> list[str]:
    """What the document says against this value; empty when nothing."""
    value = json.loads(body) if isinstance(body, bytes) else body
    validator = Draft202012Validator({"$ref": f"urn:v2#/components/schemas/{schema}"}, registry=_registry())
    found = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(value)]
    return [*found, *_strangers({"$ref": f"#/components/schemas/{schema}"}, value, "$")]


def _strangers(schema: Mapping[str, Any], value: object, where: str) -> Iterator[str]:
    parts = list(_parts(schema))
    if isinstance(value, list):
        for item in [p["items"] for p in parts if "items" in p][:1]:
            for number, element in enumerate(value):
                yield from _strangers(item, element, f"{where}[{number}]")
    if not isinstance(value, dict):
        return
    known: dict[str, Any] = {}
    for part in parts:
        known |= part.get("properties", {})
    for name, inner in value.items():
        if name not in known:
            yield f"{where}.{name}: not in the document"
        else:
            yield from _strangers(known[name], inner, f"{where}.{name}")


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    if "$ref" in schema:
        target: Any = _document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield from _parts(target)
    for word in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(word, ()):
            yield from _parts(part)
