"""Holds the sandbox's V2 answers against the published OpenAPI documents.

`shipstation-v2-openapi.yaml` is a mid-2025 snapshot; paths it lacks are held against their ShipEngine twins.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Json = dict[str, Any]
V2, SHIPENGINE = "shipstation-v2-openapi.yaml", "shipengine-v1-openapi.yaml"
TEXT: Json = {"type": "string"}
PERHAPS: Json = {"type": ["string", "null"]}
STAMP: Json = {"$ref": "#/components/schemas/date_time"}
# Where a document is off: itself, schema, property, what is right; why.
EXCEPTIONS: list[tuple[str, str, str, Json]] = [
    (V2, "service", "carrier_code", TEXT),  # typed as an id; a carrier's code is not one
    (V2, "rates_information", "created_at", STAMP),  # typed as an id; samples show a time
    (V2, "label", "batch_id", TEXT),  # required, but empty outside a batch in the vendor's samples
    (V2, "error", "field_name", TEXT),  # documented samples add it, and the two below
    (V2, "error", "carrier_id", TEXT),
    (V2, "error", "carrier_code", TEXT),
    (SHIPENGINE, "label", "batch_id", TEXT),  # as above
    (
        SHIPENGINE,
        "tracking_information",
        "actual_delivery_date",
        PERHAPS,
    ),  # null before it happens, in samples
    (SHIPENGINE, "tracking_information", "exception_description", PERHAPS),
]
# The answer with one rate also demands what only the answer with many has.
PASTED_REQUIREMENTS = "get_rate_by_id_response_body"
ESTIMATE = {
    "from_country_code": "US",
    "from_postal_code": "94117",
    "from_city_locality": "San Francisco",
    "to_country_code": "US",
    "to_postal_code": "90001",
    "to_city_locality": "Los Angeles",
    "from_state_province": "CA",
    "to_state_province": "CA",
    "ship_date": "2031-04-05T00:00:00Z",
    "carrier_ids": ["se-11"],
    "weight": {"value": 35, "unit": "ounce"},
}


@cache
def contract(document: str) -> Registry[Any]:
    """The document as strict JSON Schema, able to resolve its own references."""
    path = Path(__file__).parents[3] / "reference" / document
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    schemas = loaded["components"]["schemas"]
    for _, schema, name, right in (entry for entry in EXCEPTIONS if entry[0] == document):
        schemas[schema]["properties"][name] = right
    if document == V2:
        del schemas[PASTED_REQUIREMENTS]["required"]
    strict = _strict(loaded, loaded, place=False)
    registry: Registry[Any] = Registry().with_resource(document, DRAFT202012.create_resource(strict))
    return registry


def _strict(node: Any, document: Json, *, place: bool) -> Any:
    """OpenAPI's habits in JSON Schema's words.

    Both documents close objects piecewise (`additionalProperties: false` inside `allOf`), which no combined
    answer could pass; so an object is closed where a value stands (`place`), over all its pieces. And null
    is a type.
    """
    if isinstance(node, list):
        return [_strict(part, document, place=False) for part in node]
    if not isinstance(node, dict):
        return node
    out: Json = {}
    for key, part in node.items():
        match str(key), part:
            case "additionalProperties", False:
                continue
            case "properties", dict():
                out[key] = {name: _strict(schema, document, place=True) for name, schema in part.items()}
            case (("items" | "schema"), _):
                out[key] = _strict(part, document, place=True)
            case (("enum" | "default" | "example" | "examples" | "required"), _):
                out[key] = part
            case _:
                out[str(key)] = _strict(part, document, place=False)
    if place and _closed(node, document):
        out["unevaluatedProperties"] = False
    nullable = node.get("nullable") is True or node.get("x-nullable") is True
    return {"anyOf": [{"type": "null"}, out]} if nullable else out


def _closed(node: Json, document: Json) -> bool:
    if node.get("additionalProperties") is False:
        return True
    pieces = [piece for word in ("allOf", "oneOf", "anyOf") for piece in node.get(word, [])]
    if "$ref" in node:
        pieces.append(document["components"]["schemas"][node["$ref"].rpartition("/")[2]])
    return any(_closed(piece, document) for piece in pieces)


def problems_of(answer: httpx.Response, path: str, document: str = V2) -> list[str]:
    """What the document has against this answer."""
    registry = contract(document)
    loaded = registry.contents(document)
    where: list[str] = ["paths", path, answer.request.method.lower(), "responses", str(answer.status_code)]
    entry: Mapping[str, Any] = loaded
    for step in where:
        entry = entry[step]
    if "$ref" in entry:
        where = entry["$ref"].removeprefix("#/").split("/")
    pointer = "/".join(step.replace("/", "~1") for step in (*where, "content", "application/json", "schema"))
    validator = Draft202012Validator({"$ref": f"{document}#/{pointer}"}, registry=registry)
    errors = validator.iter_errors(answer.json() if answer.content else "")
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in errors]


async def quoted(api: httpx.AsyncClient, shipment: Json) -> httpx.Response:
    """The answer with rates."""
    wanted = {"rate_options": {"carrier_ids": ["se-11", "se-12", "se-13"]}, "shipment": shipment}
    return await api.post("/v2/rates", json=wanted)


async def bought(api: httpx.AsyncClient, shipment: Json) -> httpx.Response:
    """The answer with a label."""
    rate = (await quoted(api, shipment)).json()["rate_response"]["rates"][0]["rate_id"]
    return await api.post(f"/v2/labels/rates/{rate}", json={})


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/v2/carriers", "/v2/carriers"),
        ("/v2/carriers/{carrier_id}", "/v2/carriers/se-11"),
        ("/v2/carriers/{carrier_id}/services", "/v2/carriers/se-12/services"),
        ("/v2/carriers/{carrier_id}/packages", "/v2/carriers/se-11/packages"),
        ("/v2/carriers/{carrier_id}/options", "/v2/carriers/se-11/options"),
        ("/v2/labels", "/v2/labels"),
        ("/v2/shipments", "/v2/shipments"),
        ("/v2/labels/{label_id}", "/v2/labels/se-404"),
        ("/v2/rates/{rate_id}", "/v2/rates/se-404"),
    ],
)
async def test_given_an_empty_account_when_read_then_answers_are_documented(
    api: httpx.AsyncClient, path: str, real: str
) -> None:
    assert problems_of(await api.get(real), path) == []


@pytest.mark.parametrize("ounces", [35, 1280], ids=["completed", "partial"])
async def test_given_a_shipment_when_quoted_then_answers_are_documented(
    api: httpx.AsyncClient, shipment: Json, ounces: int
) -> None:
    shipment["packages"][0]["weight"]["value"] = ounces

    rates = await quoted(api, shipment)
    stored, rate = rates.json()["shipment_id"], rates.json()["rate_response"]["rates"][0]["rate_id"]

    assert problems_of(rates, "/v2/rates") == []
    assert problems_of(await api.get(f"/v2/rates/{rate}"), "/v2/rates/{rate_id}") == []
    assert problems_of(await api.get(f"/v2/shipments/{stored}"), "/v2/shipments/{shipment_id}") == []
    assert (
        problems_of(await api.get(f"/v2/shipments/{stored}/rates"), "/v2/shipments/{shipment_id}/rates") == []
    )
    assert problems_of(await api.get("/v2/shipments"), "/v2/shipments") == []


async def test_given_a_bad_shipment_when_quoted_then_the_error_is_documented(
    api: httpx.AsyncClient, shipment: Json
) -> None:
    del shipment["ship_from"]["phone"]

    answer = await quoted(api, shipment)

    assert answer.status_code == 400
    assert problems_of(answer, "/v2/rates") == []


async def test_given_two_places_when_estimated_then_the_offers_are_documented(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v2/rates/estimate", json=ESTIMATE)

    assert problems_of(answer, "/v2/rates/estimate") == []


async def test_given_shipments_when_stored_then_the_answer_is_documented(
    api: httpx.AsyncClient, shipment: Json
) -> None:
    answer = await api.post("/v2/shipments", json={"shipments": [shipment]})
    by_key = await api.get("/v2/shipments/external_shipment_id/ord-1-a1")

    assert problems_of(answer, "/v2/shipments") == []
    assert problems_of(by_key, "/v2/shipments/external_shipment_id/{external_shipment_id}") == []


async def test_given_a_label_when_bought_read_and_voided_then_answers_are_documented(
    api: httpx.AsyncClient, shipment: Json
) -> None:
    label = await bought(api, shipment)
    root = f"/v2/labels/{label.json()['label_id']}"
    one, listed = await api.get(root), await api.get("/v2/labels")
    by_key = await api.get("/v2/labels/external_shipment_id/ord-1-a1")
    voids = [await api.put(f"{root}/void") for _ in range(2)]
    after = await api.get(root)

    assert problems_of(label, "/v2/labels/rates/{rate_id}") == []
    assert problems_of(one, "/v2/labels/{label_id}") == []
    assert problems_of(listed, "/v2/labels") == []
    assert problems_of(by_key, "/v1/labels/external_shipment_id/{external_shipment_id}", SHIPENGINE) == []
    assert [problems_of(void, "/v2/labels/{label_id}/void") for void in voids] == [[], []]
    assert problems_of(after, "/v2/labels/{label_id}") == []


async def test_given_a_whole_shipment_when_bought_then_the_answer_is_documented(
    api: httpx.AsyncClient, shipment: Json
) -> None:
    answer = await api.post("/v2/labels", json={"shipment": {**shipment, "service_code": "ups_ground"}})

    assert problems_of(answer, "/v2/labels") == []


@pytest.mark.parametrize("days", [0, 1, 12])
async def test_given_a_parcel_on_its_way_when_tracked_then_the_log_is_documented(
    api: httpx.AsyncClient, shipment: Json, days: int
) -> None:
    # Two-letter status codes are the documented ones; the 2025 document alone has the long list instead.
    label = (await bought(api, shipment)).json()
    await api.post("http://sandbox/sandbox/shipstation/clock", json={"advance_s": days * 86400})

    by_label = await api.get(f"/v2/labels/{label['label_id']}/track")
    by_number = await api.get("/v2/tracking", params={"tracking_number": label["tracking_number"]})

    assert problems_of(by_label, "/v1/labels/{label_id}/track", SHIPENGINE) == []
    assert problems_of(by_number, "/v1/tracking", SHIPENGINE) == []


@pytest.mark.parametrize(
    "changes",
    [{}, {"address_line1": "Main St"}, {"address_line1": "123 Main St"}, {"country_code": "CA"}],
    ids=["verified", "error", "warning", "unverified"],
)
async def test_given_an_address_when_validated_then_the_verdict_is_documented(
    api: httpx.AsyncClient, shipment: Json, changes: Json
) -> None:
    answer = await api.post("/v2/addresses/validate", json=[{**shipment["ship_to"], **changes}])

    assert problems_of(answer, "/v1/addresses/validate", SHIPENGINE) == []


async def test_given_a_field_nobody_documented_when_held_against_the_contract_then_it_is_noticed(
    api: httpx.AsyncClient, shipment: Json
) -> None:
    answer = await bought(api, shipment)
    bent = httpx.Response(200, json={**answer.json(), "surprise": 1}, request=answer.request)

    assert problems_of(bent, "/v2/labels/rates/{rate_id}") != []
