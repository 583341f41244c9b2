"""The API describes itself as it is: both documents hold every operation with its body, statuses, headers and examples (S32)."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from varco import catalog
from varco.gate.api.operations import Operation, served
from varco.gate.api.resources import OPERATIONS

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"]),
    pytest.mark.either_engine,
]

SERVED = served(OPERATIONS, catalog.current())
MODERN, OLD = "/v2/openapi.json", "/swagger/docs/v2"


def nodes(value: Any) -> Iterator[Any]:
    """Everything that stands in a document."""
    yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(part)


def described(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][operation.path][operation.method.lower()]
    return found


def parameters(found: dict[str, Any], place: str) -> dict[str, bool]:
    return {item["name"]: item["required"] for item in found["parameters"] if item["in"] == place}


@pytest.mark.parametrize("path", [MODERN, OLD])
def test_every_operation_is_there_with_its_statuses_and_conditions(gate: TestClient, path: str) -> None:
    document = gate.get(path).json()
    assert sum(len(methods) for methods in document["paths"].values()) == len(SERVED)
    for operation in SERVED:
        found = described(document, operation)
        assert set(found["responses"]) == {str(operation.success), *map(str, operation.errors)}
        assert set(parameters(found, "path")) == set(re.findall(r"\{(\w+)\}", operation.path))
        conditions = {}
        if operation.current is not None:
            conditions["If-Match"] = True
        if operation.method == "POST":
            conditions["Idempotency-Key"] = False
        assert parameters(found, "header") == conditions
        told = set(found["responses"][str(operation.success)]["headers"])
        assert ("Location" in told) == (operation.success == 201)
        assert found.get("x-permission", "") == operation.permission


@pytest.mark.parametrize("path", [MODERN, OLD])
def test_every_reference_leads_somewhere(gate: TestClient, path: str) -> None:
    document = gate.get(path).json()
    references = {node["$ref"] for node in nodes(document) if isinstance(node, dict) and "$ref" in node}
    assert references
    for reference in references:
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found["type"] == "object"


def test_examples_are_what_the_operation_takes_and_answers(gate: TestClient) -> None:
    modern, old = gate.get(MODERN).json(), gate.get(OLD).json()
    for operation in SERVED:
        answer = described(modern, operation)["responses"][str(operation.success)]["content"]["application/json"]
        msgspec.convert(answer["example"], operation.response)
        told = described(old, operation)["responses"][str(operation.success)]["examples"]["application/json"]
        assert told == answer["example"]
        if operation.body is not None:
            body = described(modern, operation)["requestBody"]["content"]["application/json"]
            msgspec.convert(body["example"], operation.body)
            sent = next(item for item in described(old, operation)["parameters"] if item["in"] == "body")
            assert (sent["required"], sent["x-example"]) == (True, body["example"])


@pytest.mark.parametrize("path", [MODERN, OLD])
def test_ids_and_versions_are_of_64_bits_and_every_property_has_a_type(gate: TestClient, path: str) -> None:
    document = gate.get(path).json()
    schemas = document["components"]["schemas"] if path == MODERN else document["definitions"]
    for name, schema in schemas.items():
        for field, kind in schema["properties"].items():
            assert kind.keys() & {"type", "$ref", "anyOf"}, f"{name}.{field}"
            if field in {"id", "version"} and kind.get("type") == "integer":
                assert kind["format"] == "int64", f"{name}.{field}"
    patient = schemas["Patient"]["properties"]
    assert (patient["sex"]["type"], patient["sex"]["enum"]) == ("string", ["", "F", "M"])
    fields = schemas["PatientFields"]
    assert (fields["required"], fields["additionalProperties"]) == (["firstName", "lastName"], False)
    assert {"pattern", "maxLength"} <= fields["properties"]["firstName"].keys()
    ids = [item for item in nodes(document["paths"]) if isinstance(item, dict) and item.get("name") == "patientId"]
    assert {(item.get("schema") or item)["format"] for item in ids} == {"int64"}


def test_no_field_that_a_client_may_leave_out_is_taken_for_one_that_is_always_there(gate: TestClient) -> None:
    """openapi-typescript, among others, makes a field with a default one that must be sent."""
    told = gate.get("/v2/openapi.json").json()
    sent = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path in told["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    assert sent
    fields = [field for name in sent for field in told["components"]["schemas"][name]["properties"].values()]
    assert [field for field in fields if "default" in field] == []


@pytest.mark.parametrize("path", [MODERN, OLD])
def test_texts_are_for_the_public(gate: TestClient, path: str) -> None:
    assert re.findall(r"\(S\d+[^)]*\)|\bS\d\d?\b", gate.get(path).text) == []


def test_the_scheme_offers_what_a_client_asks_for_besides(gate: TestClient) -> None:
    modern, old = gate.get(MODERN).json(), gate.get(OLD).json()
    offered = modern["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]["scopes"]
    used = {name for item in SERVED for name in (item.scope, item.narrower) if name}
    assert set(offered) == used | {"openid", "offline_access"}
    assert old["securityDefinitions"]["oauth2"]["scopes"] == offered


def test_the_older_document_knows_no_null(gate: TestClient) -> None:
    assert [node for node in nodes(gate.get(OLD).json()) if isinstance(node, dict) and node.get("type") == "null"] == []
