"""The transmitter's metadata (SSF 1.0 §7.2)."""

from varco.gate.context import GateContext
from varco.gate.http import Headers, Request, Response, json_response
from varco.protocol.signals import metadata

_CACHED: Headers = [(b"cache-control", b"public, max-age=300")]


class SignalsMetadataEndpoint:
    """`GET /.well-known/ssf-configuration`: what a receiver needs to begin."""

    def __init__(self, context: GateContext) -> None:
        self._response = json_response(metadata.document(context.settings.issuer), extra=_CACHED, store=True)

    async def get(self, _request: Request) -> Response:
        """The metadata, the same for the life of the process."""
        return self._response
