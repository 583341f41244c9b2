"""The published keys (RFC 7517)."""

from varco.gate.context import GateContext
from varco.gate.http import Request, Response

# Shorter than a new key is published before it signs, so that nobody is surprised by one.
_HEADERS = [(b"content-type", b"application/jwk-set+json"), (b"cache-control", b"public, max-age=300")]


class JwksEndpoint:
    """`GET /oauth2/jwks`."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def get(self, _request: Request) -> Response:
        """Every key a token that is still valid may be signed with, and the next ones."""
        return Response(200, self._context.keyring.jwks(self._context.now_ms() // 1000), _HEADERS)
