"""The document and its page: whole, true to the router, and without a network."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.http_admin.docs import ASSETS
from adapters.http_admin.roles import NEEDED
from an_office import an_office, routes_of

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> Any:
    import asyncio

    async def ask() -> Any:
        return (await (await an_office()).get("/api/openapi.json", role=None)).json()

    return asyncio.run(ask())


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_given_the_document_when_read_then_it_has_every_route_that_needs_a_role_and_no_other(
    document: Any,
) -> None:
    assert document["openapi"].startswith("3.1")
    assert sorted(o["operationId"] for _, _, o in operations(document)) == sorted(NEEDED)
    assert document["security"] == [{"key": []}]


async def test_given_the_router_when_compared_then_paths_and_methods_are_the_documents(document: Any) -> None:
    desk = await an_office()
    named = {f"{r.method} {r.path}" for r in routes_of(desk.app) if r.name}

    assert {f"{method.upper()} {path}" for method, path, _ in operations(document)} == named


def test_given_every_operation_when_read_then_it_says_what_it_does_needs_and_how_it_fails(
    document: Any,
) -> None:
    for _, path, operation in operations(document):
        assert operation["summary"], path
        assert "Needs the role" in operation["description"], path
        assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys(), path
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert good in (["200"], ["201"], ["200", "202"]), path
        for status in good:
            content = operation["responses"][status]["content"]
            assert content.keys() & {"application/json", "text/csv"}, path


def test_given_every_example_when_held_against_its_schema_then_it_fits(document: Any) -> None:
    count = 0
    for _, path, operation in operations(document):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in part.get("content", {}).values():
                if "example" in content:
                    count += 1
                    schema = {**content["schema"], "components": document["components"]}
                    errors = list(
                        Draft202012Validator(
                            schema, format_checker=Draft202012Validator.FORMAT_CHECKER
                        ).iter_errors(content["example"])
                    )
                    assert errors == [], path
    assert count > 20


def test_given_what_is_taken_when_read_then_unknown_fields_are_refused_there_too(document: Any) -> None:
    for _, path, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            name = content["schema"]["$ref"].rpartition("/")[2]
            assert document["components"]["schemas"][name]["additionalProperties"] is False, path


def test_given_what_moves_money_or_changes_something_when_read_then_the_headers_it_needs_are_named(
    document: Any,
) -> None:
    needed = {
        o["operationId"]: {
            p["name"] for p in o.get("parameters", []) if p["in"] == "header" and p["required"]
        }
        for _, _, o in operations(document)
    }

    assert needed["credit_review"] == needed["void_and_release"] == {"Idempotency-Key"}
    assert needed["revoke_key"] == needed["rotate_key"] == {"If-Match"}


def test_given_the_document_when_searched_then_no_secret_field_and_no_fingerprint_is_in_it(
    document: Any,
) -> None:
    assert "fingerprint" not in document["components"]["schemas"]["ApiKey"]["properties"]
    assert "previous" not in document["components"]["schemas"]["ApiKey"]["properties"]


async def test_given_the_page_when_asked_then_all_it_loads_comes_from_us_and_only_styles_are_relaxed() -> (
    None
):
    desk = await an_office()
    page = await desk.get("/api/docs", role=None)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    loaded.remove("data:,")  # no icon, so that no browser asks for one

    assert page.status_code == 200
    assert "'unsafe-inline'" in page.headers["content-security-policy"]
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert not re.search(r"<script>|\sstyle=|\son\w+=", page.text)
    for path in loaded:
        answer = await desk.get(path, role=None)
        assert answer.status_code == 200, path
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"]


async def test_given_a_file_that_is_none_of_the_pages_when_asked_then_404() -> None:
    desk = await an_office()
    for name in ("LICENSE", "..%2f..%2fapp.py", "swagger-ui-bundle.js.map", "x"):
        assert (await desk.get(f"/api/docs/{name}", role=None)).status_code == 404


def test_given_our_copy_of_swagger_ui_when_looked_at_then_its_licence_is_beside_it() -> None:
    static = files("adapters.http_admin") / "static"

    assert "Apache License" in (static / "swagger-ui" / "LICENSE").read_text()
    assert all((static / path).is_file() for path, _ in ASSETS.values())
