"""The API's description of itself (S32): OpenAPI 3.1 at `/v2/openapi.json`, made from the declarations."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any, get_origin

import msgspec

from varco.catalog import Catalog
from varco.config import Settings
from varco.gate.api.deprecation import deprecation_sentence
from varco.gate.api.operations import Operation
from varco.gate.api.values import Id, Version
from varco.gate.context import GateContext
from varco.gate.http import Headers, Request, Response, encode_json
from varco.json_fields import ErrorBody
from varco.paging import Page

VERSION = "2.0.0"
CACHED: Headers = [(b"content-type", b"application/json"), (b"cache-control", b"public, max-age=300")]
COMPONENT = "#/components/schemas/"

_COMMON_SCOPES = ("openid", "offline_access")
"""Scopes of the sign-in itself, which no operation needs and most clients ask for."""


class ApiError(ErrorBody, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Every error. `errorUri` is the page where its developer reads which rule refused the request. `layer`, `required` and `fixableBy` come with 403, `fields` with 400 and 422, `version` and `candidates` with 409, `mergedInto` with 404, `rule` where a rule of booking stands against it."""

    version: Version | msgspec.UnsetType = msgspec.UNSET
    merged_into: Id | msgspec.UnsetType = msgspec.UNSET
    candidates: list[Id] | msgspec.UnsetType = msgspec.UNSET
    rule: str | msgspec.UnsetType = msgspec.UNSET


def document(operations: Iterable[Operation], settings: Settings, catalog: Catalog) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these operations."""
    operations = list(operations)
    bodies = [item.body for item in operations if item.body is not None]
    queries = [item.query for item in operations]
    kinds = [*(item.response for item in operations), *bodies, *queries, ApiError]
    _, components = msgspec.json.schema_components(kinds, ref_template=COMPONENT + "{name}")
    for body in bodies:
        _leave_out_defaults(components[body.__name__])
    parameters = {
        item.query.__name__: components.pop(item.query.__name__)
        for item in operations
        if item.query.__name__ in components
    }
    paths: dict[str, dict[str, Any]] = {}
    for item in operations:
        described = _operation(item, parameters.get(item.query.__name__, {}))
        paths.setdefault(item.path, {})[item.method.lower()] = _deprecated(item, described, settings)
    asked = (name for item in operations for name in (item.scope, item.narrower) if name)
    used = (*_COMMON_SCOPES, *asked)
    scopes = {name: scope.label.en for name, scope in catalog.scopes.items() if name in used}
    return {
        "openapi": "3.1.0",
        "info": _info(settings),
        "servers": [{"url": settings.api_url}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"oauth2": _oauth2(settings, scopes)}},
    }


def _leave_out_defaults(schema: dict[str, Any]) -> None:
    """Of what a client sends: generators for TypeScript take a field that has a default for one that is always there."""
    for field in schema["properties"].values():
        field.pop("default", None)


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
        "security": [
            {"oauth2": [name] if name else []} for name in dict.fromkeys((item.scope, item.narrower or item.scope))
        ],
        "parameters": [*_path_parameters(item), *_query_parameters(query), *_header_parameters(item)],
    }
    if item.body is not None:
        content = {"schema": _reference(item.body)} | _example(item.body_example)
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    described["responses"] = {str(item.success): _success(item)}
    if item.permission:
        described["description"] = f"The person needs the permission `{item.permission}` in the medical centre."
        described["x-scope"] = item.scope
        if item.narrower:
            described["x-scope-for-reading"] = item.narrower
        described["x-permission"] = item.permission
    for status in item.errors:
        schema = {"$ref": f"{COMPONENT}ApiError"}
        described["responses"][str(status)] = _response(HTTPStatus(status).phrase, schema, {})
    return described


def _deprecated(item: Operation, described: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The operation marked, where it is deprecated, with the headers that every answer has."""
    if item.deprecation is None:
        return described
    sentence = deprecation_sentence(item.deprecation, settings)
    names = [name for name in _DEPRECATED_HEADERS if name != "Sunset" or item.deprecation.sunset]
    told = {name: {"description": _DEPRECATED_HEADERS[name], "schema": {"type": "string"}} for name in names}
    for response in described["responses"].values():
        response["headers"] |= told
    text = f"{described.get('description', '')} {sentence}".strip()
    return described | {"deprecated": True, "description": text}


def _reference(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=COMPONENT + "{name}")
    return schema


def _example(value: Any) -> dict[str, Any]:
    return {} if value is None else {"example": msgspec.to_builtins(value)}


_HEADERS = {
    "ETag": "The version of the object, for `If-Match` of a change.",
    "Location": "The address of what was made.",
    "Idempotency-Replayed": "`true` when this is the answer to an earlier call with the same `Idempotency-Key`.",
}

_DEPRECATED_HEADERS = {
    "Deprecation": "Since when the operation is deprecated (RFC 9745).",
    "Sunset": "When it may cease to answer (RFC 8594).",
    "Link": "Where the changelog says what to do: `deprecation` and `sunset`.",
}


def _success(item: Operation) -> dict[str, Any]:
    listed = get_origin(item.response) is Page
    example = Page(items=[item.example], offset=0, limit=50, has_more=False) if listed else item.example
    told = {
        "ETag": not listed and "version" in getattr(item.response, "__struct_fields__", ()),
        "Location": item.success == HTTPStatus.CREATED,
        "Idempotency-Replayed": item.idempotent_by_key,
    }
    headers = {name: _HEADERS[name] for name, present in told.items() if present}
    return _response("The answer.", _reference(item.response), headers, _example(item.example and example))


def _response(
    description: str, schema: dict[str, Any], headers: dict[str, str], example: dict[str, Any] | None = None
) -> dict[str, Any]:
    headers = {"X-Request-Id": "Names this request to support."} | headers
    return {
        "description": description,
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()},
        "content": {"application/json": {"schema": schema} | (example or {})},
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
        required = name in query.get("required", ())
        found.append({"name": name, "in": "query", "required": required, "description": description, "schema": rest})
    return found


def _header_parameters(item: Operation) -> list[dict[str, Any]]:
    found = []
    if item.current is not None:
        found.append(("If-Match", True, "The ETag of the version that the change is based on."))
    if item.idempotent_by_key:
        text = "A value of your own, such as a UUID: the call sent again with it within 24 hours changes nothing more."
        found.append(("Idempotency-Key", False, text))
    return [
        {"name": name, "in": "header", "required": required, "description": text, "schema": {"type": "string"}}
        for name, required, text in found
    ]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


class OpenApiEndpoint:
    """`GET /v2/openapi.json`; the document is made when it is first asked for."""

    def __init__(self, context: GateContext, operations: Sequence[Operation]) -> None:
        self._context = context
        self._operations = operations

    @cached_property
    def _body(self) -> bytes:
        return encode_json(document(self._operations, self._context.settings, self._context.catalog))

    async def get(self, _request: Request) -> Response:
        """The document."""
        return Response(200, self._body, CACHED)
