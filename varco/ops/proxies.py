"""Behind a TLS proxy: the client's address is taken from `X-Forwarded-For` only when the peer is a trusted proxy.

Scheme and host are never taken from a request: they come from the issuer. That it names a host, once, is seen to.
"""

import ipaddress
import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from varco.network import plain
from varco.setting_forms import Network

_log = logging.getLogger("varco.proxies")
_FORWARDED = b"x-forwarded-for"


def client_address(peer: str, forwarded: str, trusted: tuple[Network, ...]) -> str:
    """The address a request came from.

    The header grows to the right, so it is read from the right, past every trusted proxy: the first address that is not
    one of ours is the client. What stands further left was written by the client itself and proves nothing.
    """
    if not _among(peer, trusted):
        return peer
    address = peer
    for part in reversed(forwarded.split(",")):
        candidate = _plain(part)
        if candidate is None:
            return address
        address = candidate
        if not _among(address, trusted):
            return address
    return address


def _plain(text: str) -> str | None:
    """The address in one element of the header, without port or brackets; None when it is none.

    One with a zone (`%…`, any text at all) means nothing on another machine (RFC 4007 §6).
    """
    text = text.strip()
    if "%" in text:
        return None
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return plain(str(ipaddress.ip_address(text)))
    except ValueError:
        return None


def _among(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)


def behind(app: ASGIApp, trusted: tuple[Network, ...], noted: Callable[[str], None] = lambda _peer: None) -> ASGIApp:
    """The app behind trusted proxies, or behind none, in one pass over the headers of each request.

    `scope["client"]` is put right; a header from a peer that is not trusted is warned of, once a process, and its peer `noted`; and a request that
    does not name its host, once, is answered 400: who stands in front may have taken the other one (RFC 9112 §3.2).
    """
    warn = _once(noted)

    @lru_cache(maxsize=4096)
    def unwound(peer: str, forwarded: bytes) -> str:
        if not _among(peer, trusted):
            warn(peer)
        return client_address(peer, forwarded.decode("latin-1"), trusted)

    def checked(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return app(scope, receive, send)
        hosts, named, forwarded = 0, b"", b""
        for name, value in scope["headers"]:
            if name == b"host":
                hosts += 1
                named += value
            elif name == _FORWARDED:
                forwarded = b"%b,%b" % (forwarded, value) if forwarded else value
        # A missing one, which HTTP/1.0 allows, is told by the server underneath as an empty one.
        if (hosts != 1 or not named) and (named or scope["http_version"] != "1.0"):
            return _one_host(send)
        if forwarded and scope.get("client"):
            peer, port = scope["client"]
            scope["client"] = (unwound(peer, forwarded), port)
        return app(scope, receive, send)

    return checked


async def _one_host(send: Send) -> None:
    body = b"A request names its host, once."
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        (b"server", b"varco"),
    ]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _once(noted: Callable[[str], None]) -> Callable[[str], None]:
    """A warning about a peer that is written the first time only."""
    warned = False

    def warn(peer: str) -> None:
        nonlocal warned
        if not warned:
            warned = True
            noted(peer)
            _log.warning(
                "X-Forwarded-For came from %s, which is not among VARCO_TRUSTED_PROXIES, and is not believed. If that is your "
                "proxy, set it: until then all people have one address, in limits of attempts, audit and sessions.",
                peer,
            )

    return warn
