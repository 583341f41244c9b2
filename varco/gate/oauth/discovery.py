"""The metadata documents (OpenID Connect Discovery 1.0 §4, RFC 8414 §3)."""

from varco.gate.core import Core
from varco.gate.http import Headers, Request, Response, json_response
from varco.protocol.discovery import document

_CACHED: Headers = [(b"cache-control", b"public, max-age=300")]


class DiscoveryEndpoint:
    """`GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`: the same document."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def get(self, _request: Request) -> Response:
        """What this server can do now."""
        core = self._core
        content = document(
            core.settings.issuer,
            core.settings.api_url,
            core.catalog.scopes,
            algorithms=core.keyring.algorithms(core.now_ms() // 1000),
        )
        return json_response(content, extra=_CACHED, store=True)
