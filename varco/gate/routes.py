"""The addresses of the gate: a row for each, with its methods, how it answers errors, and who may call it from a browser."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from starlette.types import ASGIApp

from varco.caller import MANAGEMENT_PATH
from varco.gate import error_responses
from varco.gate.api.deprecation import deprecation_headers
from varco.gate.api.endpoint import OperationHandlers
from varco.gate.api.openapi import OpenApiEndpoint
from varco.gate.api.operations import Operation, by_path, served
from varco.gate.api.resources import OPERATIONS
from varco.gate.api.swagger import SwaggerEndpoint
from varco.gate.auth.bearer import Bearer
from varco.gate.context import GateContext
from varco.gate.health import HealthEndpoint, ReadinessEndpoint
from varco.gate.http import Handler, Headers, Request, Response
from varco.gate.management import ManagementEndpoint
from varco.gate.oauth.device_authorization import DeviceAuthorizationEndpoint
from varco.gate.oauth.discovery import DiscoveryEndpoint, ResourceMetadataEndpoint
from varco.gate.oauth.introspection import IntrospectionEndpoint
from varco.gate.oauth.jwks import JwksEndpoint
from varco.gate.oauth.pushed_request import PushedRequestEndpoint
from varco.gate.oauth.registration import refuse_registration
from varco.gate.oauth.revocation import RevocationEndpoint
from varco.gate.oauth.signals.metadata import SignalsMetadataEndpoint
from varco.gate.oauth.signals.poll import PollEndpoint
from varco.gate.oauth.signals.status import StatusEndpoint, VerificationEndpoint
from varco.gate.oauth.signals.streams import StreamsEndpoint
from varco.gate.oauth.token import TokenEndpoint
from varco.gate.oauth.userinfo import UserInfoEndpoint
from varco.protocol.discovery import RESOURCE_METADATA
from varco.protocol.errors import OAuthError
from varco.protocol.signals import metadata, streams

ErrorResponse = Callable[[Request, OAuthError], Response]


class Cors(Enum):
    """Which browsers' scripts may read the answers of an address (`varco.gate.cors`)."""

    NOBODY = auto()
    REGISTERED = auto()
    EVERYBODY = auto()


class Endpoint(NamedTuple):
    """An address: its path (or the template of it), its handlers by method, and how it answers errors.

    `logged`: whether a refused request is kept for the developers of the application (S33). `headers`: what else stands in
    every answer to a method, whatever becomes of the request.
    """

    path: str
    methods: Mapping[str, Handler]
    error: ErrorResponse
    cors: Cors = Cors.NOBODY
    logged: bool = False
    headers: Mapping[str, Headers] = {}

    def with_head(self) -> "Endpoint":
        """HEAD beside every GET (RFC 9110 §9.3.2); its body is left out when the answer is sent."""
        get = self.methods.get("GET")
        if not get:
            return self
        headers = {"HEAD": self.headers["GET"], **self.headers} if "GET" in self.headers else self.headers
        return self._replace(methods={**self.methods, "HEAD": get}, headers=headers)


def endpoints(context: GateContext) -> Iterable[Endpoint]:
    """Every address of one gate. Raises `CatalogError` when its catalogue does not fit the API."""
    bearer = Bearer(context)
    oauth = partial(error_responses.oauth, issuer=context.settings.issuer)
    api, protected = (
        _api_errors(context),
        partial(error_responses.bearer, issuer=context.settings.issuer, resource_metadata=_resource_metadata(context)),
    )
    token = TokenEndpoint(context)
    device_authorization = DeviceAuthorizationEndpoint(context)
    pushed_request = PushedRequestEndpoint(context)
    revocation, introspection = RevocationEndpoint(context), IntrospectionEndpoint(context)
    userinfo = UserInfoEndpoint(context, bearer)
    discovery, jwks = DiscoveryEndpoint(context), JwksEndpoint(context)
    resource_metadata = ResourceMetadataEndpoint(context)
    operations = served(OPERATIONS, context.catalog)
    openapi, swagger = OpenApiEndpoint(context, operations), SwaggerEndpoint(context, operations)
    rows = [
        Endpoint("/oauth2/token", {"POST": token.post}, oauth, Cors.REGISTERED, logged=True),
        Endpoint("/oauth2/device_authorization", {"POST": device_authorization.post}, oauth, Cors.REGISTERED, logged=True),
        Endpoint("/oauth2/par", {"POST": pushed_request.post}, oauth, Cors.REGISTERED, logged=True),
        Endpoint("/oauth2/revoke", {"POST": revocation.post}, oauth, Cors.REGISTERED, logged=True),
        # Not for scripts: those have no client's credentials.
        Endpoint("/oauth2/introspect", {"POST": introspection.post}, oauth, Cors.NOBODY, logged=True),
        Endpoint("/oauth2/register", {"POST": refuse_registration}, oauth),
        Endpoint("/oauth2/userinfo", {"GET": userinfo.get, "POST": userinfo.post}, protected, Cors.REGISTERED, logged=True),
        Endpoint("/oauth2/jwks", {"GET": jwks.get}, oauth, Cors.EVERYBODY),
        Endpoint("/.well-known/openid-configuration", {"GET": discovery.get}, oauth, Cors.EVERYBODY),
        Endpoint("/.well-known/oauth-authorization-server", {"GET": discovery.get}, oauth, Cors.EVERYBODY),
        Endpoint(RESOURCE_METADATA, {"GET": resource_metadata.get}, oauth, Cors.EVERYBODY),
        *_signals(context, oauth),
        Endpoint("/v2/openapi.json", {"GET": openapi.get}, oauth, Cors.EVERYBODY),
        Endpoint("/swagger/docs/v2", {"GET": swagger.get}, oauth, Cors.EVERYBODY),
        Endpoint("/healthz", {"GET": HealthEndpoint().get}, api),
        Endpoint("/readyz", {"GET": ReadinessEndpoint(context).get}, api),
        *(
            Endpoint(
                path,
                OperationHandlers(context, bearer, found).methods,
                api,
                Cors.REGISTERED,
                logged=True,
                headers=_deprecations(found, context),
            )
            for path, found in by_path(operations).items()
        ),
    ]  # fmt: skip
    return [row.with_head() for row in rows]


def _deprecations(operations: Iterable[Operation], context: GateContext) -> Mapping[str, Headers]:
    """What answers of deprecated operations say besides, by method."""
    return {
        item.method: deprecation_headers(item.deprecation, context.settings) for item in operations if item.deprecation
    }


def _signals(context: GateContext, oauth: ErrorResponse) -> Iterable[Endpoint]:
    """Shared signals. Not for scripts: those have no client's credentials."""
    stream, status = StreamsEndpoint(context), StatusEndpoint(context)
    methods = {
        "GET": stream.get,
        "POST": stream.post,
        "PATCH": stream.patch,
        "PUT": stream.put,
        "DELETE": stream.delete,
    }
    yield Endpoint(metadata.PATH, {"GET": SignalsMetadataEndpoint(context).get}, oauth, Cors.EVERYBODY)
    yield Endpoint(metadata.STREAMS, methods, oauth, logged=True)
    yield Endpoint(metadata.STATUS, {"GET": status.get, "POST": status.post}, oauth, logged=True)
    yield Endpoint(metadata.VERIFY, {"POST": VerificationEndpoint(context).post}, oauth, logged=True)
    yield Endpoint(streams.poll_path("{stream_id}"), {"POST": PollEndpoint(context).post}, oauth, logged=True)


def management(context: GateContext, application: ASGIApp | None) -> Endpoint:
    """Every address below `/manage`: authenticated here, answered by the application behind."""
    methods = ManagementEndpoint(context, Bearer(context), application).methods
    return Endpoint(MANAGEMENT_PATH, methods, _api_errors(context), Cors.REGISTERED, logged=True)


def _api_errors(context: GateContext) -> ErrorResponse:
    return partial(error_responses.api, issuer=context.settings.issuer, resource_metadata=_resource_metadata(context))


def _resource_metadata(context: GateContext) -> str:
    return context.settings.api_url + RESOURCE_METADATA
