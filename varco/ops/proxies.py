"""Behind a TLS proxy: the client's address is taken from `X-Forwarded-For` only when the peer is a trusted proxy.

Scheme and host are never taken from a request: they come from the issuer.
"""

import ipaddress
import logging
from collections.abc import Awaitable, Callable
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from varco.config import Network
from varco.network import plain

_log = logging.getLogger("varco.proxies")
_FORWARDED = b"x-forwarded-for"
_WATCHED = 10_000  # requests of a process; more would cost every request of the gate half a microsecond for ever


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
    """The app with `scope["client"]` put right, and a warning, once a process, of a header from a peer that is not trusted.

    `noted` is told that peer, too.
    """
    warn = _once(noted)
    return _unwinding(app, trusted, warn) if trusted else _watching(app, warn)


def _unwinding(app: ASGIApp, trusted: tuple[Network, ...], warn: Callable[[str], None]) -> ASGIApp:
    @lru_cache(maxsize=4096)
    def unwound(peer: str, forwarded: bytes) -> str:
        if not _among(peer, trusted):
            warn(peer)
        return client_address(peer, forwarded.decode("latin-1"), trusted)

    async def with_address(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            peer, port = scope["client"]
            forwarded = b",".join(value for name, value in scope["headers"] if name == _FORWARDED)
            if forwarded:
                scope["client"] = (unwound(peer, forwarded), port)
        await app(scope, receive, send)

    return with_address


def _watching(app: ASGIApp, warn: Callable[[str], None]) -> ASGIApp:
    """The app where no proxy is trusted. Only the first requests are looked at: a proxy writes its header into each."""
    left = _WATCHED

    def watched(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        nonlocal left
        if left and scope["type"] == "http" and scope.get("client"):
            left -= 1
            if any(name == _FORWARDED for name, _ in scope["headers"]):
                warn(scope["client"][0])
                left = 0
        return app(scope, receive, send)

    return watched


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
