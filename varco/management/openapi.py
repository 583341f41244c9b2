"""The management API's description of itself (S32): OpenAPI 3.1 at `/manage/v1/openapi.json`, made of addresses and operations."""

import re
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from typing import Any, get_args, get_origin

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.urls import get_resolver

from varco import catalog
from varco.json_fields import ErrorBody
from varco.management.centres import CentreList
from varco.management.operations import Answer, Operation
from varco.management.registrations import ScopeBody, camel
from varco.management.representations import ApplicationDetail, Draft
from varco.paging import Paging

VERSION = "1.0.0"
_COMPONENT = "#/components/schemas/"
_PARAMETER = re.compile(r"<(int|slug):(\w+)>")
_KINDS = {"int": {"type": "integer", "format": "int64"}, "slug": {"type": "string"}}
_HEADERS = {
    "ETag": "How what was read stands, for `If-Match` of a change.",
    "Location": "The address of what was made.",
    "Idempotency-Replayed": "`true` when an earlier call with the same `Idempotency-Key` has made it.",
    "X-Request-Id": "Names this request to support.",
}


class ManagementApiError(ErrorBody, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Every error. `errorUri` leads to what refused the request. `layer`, `required` and `fixableBy` come with 403, `fields` with 422, `reason` with 409, `acrValues` and `maxAge` with a 401 that asks for a fresh sign-in."""

    reason: str | msgspec.UnsetType = msgspec.UNSET
    acr_values: str | msgspec.UnsetType = msgspec.UNSET
    max_age: int | msgspec.UnsetType = msgspec.UNSET


def answer() -> HttpResponse:
    """The document, for anybody."""
    response = HttpResponse(_encoded(), content_type="application/json")
    response["Cache-Control"] = "public, max-age=300"
    return response


@lru_cache(maxsize=1)
def _encoded() -> bytes:
    return msgspec.json.encode(document())


def operations() -> Iterator[tuple[str, Operation]]:
    """Every operation with the path of its address, as a pattern of Django's."""
    for pattern in get_resolver("varco.management.urls").url_patterns:
        for view in getattr(pattern.callback, "views", ()):
            yield f"/{pattern.pattern}", view.operation


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the operations."""
    found = list(operations())
    kinds = [kind for _, item in found for kind in (answered(item), item.body) if kind is not None]
    _, components = msgspec.json.schema_components(
        [*kinds, Paging, ManagementApiError], ref_template=_COMPONENT + "{name}"
    )
    query = components.pop("Paging")
    sent: list[type[Any]] = [ScopeBody, *(item.body for _, item in found if item.body is not None)]
    for kind in sent:
        for field in components[kind.__name__]["properties"].values():
            field.pop("default", None)  # generators take a field that has one for one that is always there
    paths: dict[str, dict[str, Any]] = {}
    for path, item in found:
        address = _PARAMETER.sub(lambda name: f"{{{camel(name[2])}}}", path)
        paths.setdefault(address, {})[item.method.lower()] = _operation(path, item, query)
    used = {scope for _, item in found for scope in item.scopes}
    scopes = {name: scope.label.en for name, scope in catalog.current().scopes.items() if name in used}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.VARCO.vendor} management API",
            "version": VERSION,
            "description": "What developers manage on the pages, for their own programs. The person behind the token must "
            "hold the Developer role. Changes are additive.",
        },
        "servers": [{"url": settings.VARCO.api_url}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"oauth2": _oauth2(scopes)}},
    }


def answered(item: Operation) -> Any:
    """The type of what an operation answers, without the headers that go with it."""
    return get_args(item.answers)[0] if get_origin(item.answers) is Answer else item.answers


def _oauth2(scopes: dict[str, str]) -> dict[str, Any]:
    issuer = settings.VARCO.issuer
    flow = {
        "authorizationUrl": f"{issuer}/oauth2/authorize",
        "tokenUrl": f"{issuer}/oauth2/token",
        "refreshUrl": f"{issuer}/oauth2/token",
        "scopes": scopes,
    }
    return {"type": "oauth2", "flows": {"authorizationCode": flow}}


def _operation(path: str, item: Operation, query: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": camel(item.name),
        "summary": item.summary,
        "tags": [path.split("/")[3]],
        "security": [{"oauth2": [scope]} for scope in item.scopes],
        "parameters": [*_path_parameters(path), *_query_parameters(item, query), *_header_parameters(item)],
    }
    if item.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(item.body)}}}
    headers = ["X-Request-Id", *(["ETag"] if answered(item) in {ApplicationDetail, Draft, CentreList} else [])]
    if item.success == HTTPStatus.CREATED:
        headers.append("Location")
    if item.keyed:
        headers.append("Idempotency-Replayed")
    described["responses"] = {str(item.success): _response("The answer.", _schema(answered(item)), headers)}
    for status in _errors(path, item):
        described["responses"][str(status)] = _response(
            HTTPStatus(status).phrase, {"$ref": f"{_COMPONENT}ManagementApiError"}, ["X-Request-Id"]
        )
    return described


def _errors(path: str, item: Operation) -> list[int]:
    """What an operation may refuse a request with, beside a 500."""
    found = {400, 401, 403, 429, 503}
    if "<" in path:
        found.add(404)
    if item.changes:
        found.add(409)
    if item.tagged:
        found |= {412, 428}
    if item.body:
        found |= {413, 415, 422}
    if item.name == "submit":
        found.add(422)
    return sorted(found)


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_COMPONENT + "{name}")
    return schema


def _response(description: str, schema: dict[str, Any], headers: list[str]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in headers},
        "content": {"application/json": {"schema": schema}},
    }


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": camel(name), "in": "path", "required": True, "schema": _KINDS[kind]}
        for kind, name in _PARAMETER.findall(path)
    ]


def _query_parameters(item: Operation, query: dict[str, Any]) -> list[dict[str, Any]]:
    if not item.listed:
        return []
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": schema.get("description", ""),
            "schema": {key: value for key, value in schema.items() if key != "description"},
        }
        for name, schema in query["properties"].items()
    ]


def _header_parameters(item: Operation) -> list[dict[str, Any]]:
    found = []
    if item.tagged:
        found.append(
            ("If-Match", True, "The ETag of what is changed: of the application, or of its list of medical centres.")
        )
    if item.keyed:
        text = "A value of your own, such as a UUID: the call sent again with it within 24 hours makes nothing more."
        found.append(("Idempotency-Key", False, text))
    return [
        {"name": name, "in": "header", "required": required, "description": text, "schema": {"type": "string"}}
        for name, required, text in found
    ]
