"""The metadata documents (OpenID Connect Discovery 1.0 §4, RFC 8414 §3, RFC 9728 §3)."""

from varco.gate.context import GateContext
from varco.gate.http import Headers, Request, Response, json_response
from varco.protocol.discovery import document, protected_resource

_CACHED: Headers = [(b"cache-control", b"public, max-age=300")]


class DiscoveryEndpoint:
    """`GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`: the same document."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def get(self, _request: Request) -> Response:
        """What this server can do now."""
        context = self._context
        content = document(
            context.settings.issuer,
            context.settings.api_url,
            context.catalog.scopes,
            algorithms=context.keyring.algorithms(context.now_ms() // 1000),
        )
        return json_response(content, extra=_CACHED, store=True)


class ResourceMetadataEndpoint:
    """`GET /.well-known/oauth-protected-resource`: what a client needs to get a token for the API."""

    def __init__(self, context: GateContext) -> None:
        settings = context.settings
        self._content = protected_resource(settings.issuer, settings.api_url, context.catalog.scopes)

    async def get(self, _request: Request) -> Response:
        """The metadata, the same for the life of the process."""
        return json_response(self._content, extra=_CACHED, store=True)
