"""The same description as OpenAPI 2.0 at `/swagger/docs/v2`, for generators that read nothing newer (S32)."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from varco.config import Settings
from varco.gate.api.openapi import CACHED, COMPONENT, document
from varco.gate.api.operations import Operation
from varco.gate.context import GateContext
from varco.gate.http import Request, Response, encode_json


def swagger(modern: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document as OpenAPI 2.0."""
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
    if "requestBody" in item:
        content = item["requestBody"]["content"]["application/json"]
        schema = _old_schema(content["schema"])
        body = {"name": "body", "in": "body", "required": True, "schema": schema}
        parameters.append(body | ({"x-example": content["example"]} if "example" in content else {}))
    responses = {status: _old_response(response) for status, response in item["responses"].items()}
    rest = {name: value for name, value in item.items() if name != "requestBody"}
    return rest | {"parameters": parameters, "responses": responses}


def _old_response(response: dict[str, Any]) -> dict[str, Any]:
    content = response["content"]["application/json"]
    headers = {
        name: {"description": header["description"], "type": "string"} for name, header in response["headers"].items()
    }
    found = {"description": response["description"], "headers": headers, "schema": _old_schema(content["schema"])}
    return found | ({"examples": {"application/json": content["example"]}} if "example" in content else {})


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
        found["$ref"] = found["$ref"].replace(COMPONENT, "#/definitions/")
    return found


class SwaggerEndpoint:
    """`GET /swagger/docs/v2`; the document is made when it is first asked for."""

    def __init__(self, context: GateContext, operations: Sequence[Operation]) -> None:
        self._context = context
        self._operations = operations

    @cached_property
    def _body(self) -> bytes:
        modern = document(self._operations, self._context.settings, self._context.catalog)
        return encode_json(swagger(modern, self._context.settings))

    async def get(self, _request: Request) -> Response:
        """The document."""
        return Response(200, self._body, CACHED)
