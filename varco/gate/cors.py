"""Which browsers' scripts may read the gate's answers (Fetch Standard, CORS protocol).

Public documents are for everybody. Token, userinfo and API are for the origins of the redirect URIs of single-page
applications in force; cookies are never involved, so credentials are never allowed.
"""

from urllib.parse import urlsplit

import msgspec

from varco.gate.http import Headers, Request, Response
from varco.gate.store import Database
from varco.gate.store.sql.clients import SPA_REDIRECTS

REREAD_MS = 1000
"""An unknown origin makes the gate read the registered ones anew at most this often."""

_EXPOSED = (
    b"www-authenticate, dpop-nonce, x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, "
    b"etag, location, idempotency-replayed, deprecation, sunset, link"
)
_ALLOWED_HEADERS = b"authorization, content-type, dpop, if-match, idempotency-key"
_MAX_AGE = b"600"


def origin_of(uri: str) -> str:
    """The origin of a redirect URI, as browsers write it; empty where it has none."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme in {"https", "http"} and parts.netloc else ""


class Origins:
    """The origins of single-page applications in force."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: frozenset[str] = frozenset()
        self._read_ms = 0

    async def refresh(self, now_ms: int) -> None:
        """Read the registered origins. Raises `StoreUnavailable`."""
        self._read_ms = now_ms
        rows = await self._database.all(SPA_REDIRECTS())
        found: set[str] = set()
        for row in rows:
            found.update(origin_of(uri) for uri in msgspec.json.decode(row.redirect_uris))
        self._known = frozenset(found - {""})

    async def allows(self, origin: str, now_ms: int) -> bool:
        """Whether scripts of an origin may call."""
        if origin not in self._known and now_ms - self._read_ms >= REREAD_MS:
            await self.refresh(now_ms)
        return origin in self._known

    async def headers(self, request: Request, *, everybody: bool, now_ms: int) -> Headers:
        """The headers an answer needs for the browser to hand it over, to `everybody` or to registered origins."""
        if everybody:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", _EXPOSED)]
        vary = (b"vary", b"origin")
        origin = request.header(b"origin") or ""
        if await self.allows(origin, now_ms):
            allowed = (b"access-control-allow-origin", origin.encode("latin-1"))
            return [allowed, (b"access-control-expose-headers", _EXPOSED), vary]
        return [vary]


def preflight(methods: str) -> Response:
    """The answer to OPTIONS; whether the origin may call is added by `Origins.headers`."""
    headers: Headers = [
        (b"allow", methods.encode("ascii")),
        (b"access-control-allow-methods", methods.encode("ascii")),
        (b"access-control-allow-headers", _ALLOWED_HEADERS),
        (b"access-control-max-age", _MAX_AGE),
    ]
    return Response(204, b"", headers)
