"""The published keys (RFC 7517)."""

from varco.gate.core import Core
from varco.gate.http import Request, Response

# Shorter than a new key is published before it signs, so that nobody is surprised by one.
_HEADERS = [(b"content-type", b"application/jwk-set+json"), (b"cache-control", b"public, max-age=300")]


class JwksEndpoint:
    """`GET /oauth2/jwks`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def get(self, _request: Request) -> Response:
        """Every key a token that is still valid may be signed with, and the next ones."""
        return Response(200, self._core.keyring.jwks(self._core.now_ms() // 1000), _HEADERS)
