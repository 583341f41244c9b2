"""The API's description of itself (S32): OpenAPI 3.1 at `/v2/openapi.json`, OpenAPI 2.0 at `/swagger/docs/v2`.

Both are made from the declarations when the gate starts.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec

from varco.config import Settings
from varco.gate.api import operations as declared
from varco.gate.api.operations import Operation
from varco.gate.context import GateContext
from varco.gate.http import Headers, Request, Response, encode_json

VERSION = "2.0.0"
_CACHED: Headers = [(b"content-type", b"application/json"), (b"cache-control", b"public, max-age=300")]
_COMPONENT = "#/components/schemas/"


class FieldFault(msgspec.Struct, frozen=True):
    """What is wrong with one parameter."""

    field: str
    message: str


class ApiError(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Every error of the API (S29). `layer`, `required` and `fixableBy` come with 403, `fields` with 400."""

    error: str
    message: str
    request_id: str
    layer: str | msgspec.UnsetType = msgspec.UNSET
    required: str | msgspec.UnsetType = msgspec.UNSET
    fixable_by: str | msgspec.UnsetType = msgspec.UNSET
    fields: list[FieldFault] | msgspec.UnsetType = msgspec.UNSET


def document(operations: Iterable[Operation], settings: Settings, scopes: dict[str, str]) -> dict[str, Any]:
    """The OpenAPI 3.1 document. `scopes`: name and label of each."""
    operations = list(operations)
    responses = [item.response for item in operations]
    queries = [item.query for item in operations]
    _, components = msgspec.json.schema_components([*responses, *queries, ApiError], ref_template=_COMPONENT + "{name}")
    parameters = {
        item.query.__name__: components.pop(item.query.__name__)
        for item in operations
        if item.query.__name__ in components
    }
    paths: dict[str, dict[str, Any]] = {}
    for item in operations:
        paths.setdefault(item.path, {})[item.method.lower()] = _operation(item, parameters.get(item.query.__name__, {}))
    return {
        "openapi": "3.1.0",
        "info": _info(settings),
        "servers": [{"url": settings.api_url}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"oauth2": _oauth2(settings, scopes)}},
    }


def _info(settings: Settings) -> dict[str, Any]:
    return {
        "title": f"{settings.vendor} API",
        "version": VERSION,
        "description": "Every call is checked twice: the token's scope says what the application may ask for, the "
        "person's own permissions say what they may do in their medical centre. Changes are additive.",
    }


def _oauth2(settings: Settings, scopes: dict[str, str]) -> dict[str, Any]:
    flow = {
        "authorizationUrl": f"{settings.issuer}/oauth2/authorize",
        "tokenUrl": f"{settings.issuer}/oauth2/token",
        "refreshUrl": f"{settings.issuer}/oauth2/token",
        "scopes": scopes,
    }
    return {"type": "oauth2", "flows": {"authorizationCode": flow}}


def _operation(item: Operation, query: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _camel(item.name),
        "summary": item.summary,
        "tags": [item.path.split("/")[4 if item.of_tenant else 2]],
        "security": [{"oauth2": [item.scope] if item.scope else []}],
        "parameters": [*_path_parameters(item), *_query_parameters(query)],
        "responses": {"200": _response("The answer.", _reference(item.response))},
    }
    if item.permission:
        described["description"] = f"The person needs the permission `{item.permission}` in the medical centre."
        described["x-permission"] = item.permission
    for status in item.errors:
        described["responses"][str(status)] = _response(HTTPStatus(status).phrase, {"$ref": f"{_COMPONENT}ApiError"})
    return described


def _reference(response: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([response], ref_template=_COMPONENT + "{name}")
    return schema


def _response(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {"X-Request-Id": {"description": "Names this request to support.", "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": schema}},
    }


def _path_parameters(item: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if item.of_tenant:
        text = "The medical centre's id, as `/v2/userinfo` tells it."
        found.append(
            {"name": "tenantId", "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
        )
    for name in item.object_ids:
        schema = {"type": "integer", "format": "int64"}
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _query_parameters(query: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, schema in query.get("properties", {}).items():
        description = schema.get("description", "")
        rest = {key: value for key, value in schema.items() if key != "description"}
        found.append({"name": name, "in": "query", "required": False, "description": description, "schema": rest})
    return found


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


# OpenAPI 2.0, for generators that read nothing newer


def swagger(modern: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The same as OpenAPI 2.0."""
    server = urlsplit(settings.api_url)
    flow = modern["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]
    return {
        "swagger": "2.0",
        "info": modern["info"],
        "host": server.netloc,
        "basePath": "/",
        "schemes": [server.scheme],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            path: {method: _old_operation(item) for method, item in methods.items()}
            for path, methods in modern["paths"].items()
        },
        "definitions": {name: _old_schema(schema) for name, schema in modern["components"]["schemas"].items()},
        "securityDefinitions": {
            "oauth2": {
                "type": "oauth2",
                "flow": "accessCode",
                "authorizationUrl": flow["authorizationUrl"],
                "tokenUrl": flow["tokenUrl"],
                "scopes": flow["scopes"],
            }
        },
    }


def _old_operation(item: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {key: value for key, value in parameter.items() if key != "schema"} | _old_schema(parameter["schema"])
        for parameter in item["parameters"]
    ]
    responses = {
        status: {
            "description": response["description"],
            "headers": {name: {"type": "string"} for name in response["headers"]},
            "schema": _old_schema(response["content"]["application/json"]["schema"]),
        }
        for status, response in item["responses"].items()
    }
    return item | {"parameters": parameters, "responses": responses}


def _old_schema(schema: Any) -> Any:
    """A JSON Schema in the older dialect, which has no `null` type and keeps its models under `definitions`."""
    if isinstance(schema, list):
        return [_old_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        kinds = [part for part in schema["anyOf"] if part != {"type": "null"}]
        if len(kinds) == 1 and len(kinds) < len(schema["anyOf"]):
            others = {key: value for key, value in schema.items() if key != "anyOf"}
            return _old_schema(others | kinds[0]) | {"x-nullable": True}
    found = {key: _old_schema(value) for key, value in schema.items()}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = found["$ref"].replace(_COMPONENT, "#/definitions/")
    return found


class OpenApiEndpoint:
    """`GET /v2/openapi.json`."""

    def __init__(self, context: GateContext) -> None:
        self._body = encode_json(described(context))

    async def get(self, _request: Request) -> Response:
        """The document."""
        return Response(200, self._body, _CACHED)


class SwaggerEndpoint:
    """`GET /swagger/docs/v2`."""

    def __init__(self, context: GateContext) -> None:
        self._body = encode_json(swagger(described(context), context.settings))

    async def get(self, _request: Request) -> Response:
        """The document."""
        return Response(200, self._body, _CACHED)


def described(context: GateContext) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a gate."""
    used = {item.scope for item in declared.registry.operations}
    scopes = {name: scope.label.en for name, scope in context.catalog.scopes.items() if name in used}
    return document(declared.registry.operations, context.settings, scopes)
