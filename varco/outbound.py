"""Requests to addresses that developers chose: a client's key set, its back-channel logout URI.

They are asked by us, from inside: so they are https only, never lead to a private network (checked on the very address that
is connected to), redirects are not followed, and time and size are bounded.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last 32 bits are where it leads


class OutboundError(Exception):
    """There was no answer, or nobody was asked; the text says why, for the developer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. A body longer than the limit is cut one byte after it."""

    host: str
    status: int
    body: bytes = b""


def reachable(address: str) -> bool:
    """Whether an address belongs to the public internet."""
    ip = _where(ipaddress.ip_address(address))
    return ip.is_global and not ip.is_multicast


def _where(ip: IPAddress) -> IPAddress:
    """Where an address leads, which for some of IPv6 is an address of IPv4."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _TRANSLATED:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def request(
    uri: str,
    *,
    headers: Mapping[str, str],
    private_allowed: bool,
    timeout: float,
    body: bytes | None = None,
    limit: int = 0,
) -> Answer:
    """What an https address answers, of whatever status, to a GET, or to a POST of `body`; `limit` bytes of it are read.

    Blocks, once the name is resolved, for `timeout` seconds at most. Raises `OutboundError`.
    """
    host, port, path = _address(uri)
    addresses = _resolved(host, port)
    if not private_allowed and not all(reachable(address) for address in addresses):
        raise OutboundError(f"{host} leads to a private network")
    connection = _Connection(host, port, addresses, ssl.create_default_context(), timeout)
    try:
        connection.request("GET" if body is None else "POST", path, body=body, headers=dict(headers))
        with contextlib.closing(connection.getresponse()) as answer:
            return Answer(host, answer.status, answer.read(limit + 1) if limit else b"")
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise OutboundError(f"{host} could not be read: {type(fault).__name__}") from fault
    finally:
        connection.finish()


def _address(uri: str) -> tuple[str, int, str]:
    """Host, port and path of an https address. Raises `OutboundError` for another."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise OutboundError("the address cannot be read") from None
    if parts.scheme != "https" or not host:
        raise OutboundError("the address is not https")
    return host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise OutboundError(f"the name {host} cannot be resolved") from fault
    return list(dict.fromkeys(str(item[4][0]) for item in found))


class _Connection(http.client.HTTPSConnection):
    """Connects to addresses that were checked, under the name that was asked for."""

    def __init__(self, host: str, port: int, addresses: Sequence[str], context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._addresses = addresses
        self._tls = context
        self._until = time.monotonic() + timeout
        self._twin: socket.socket | None = None
        self._cut: threading.Timer | None = None

    def _first_that_answers(self) -> socket.socket:
        fault: OSError | None = None
        for address in self._addresses:
            try:
                return socket.create_connection((address, self.port), max(0.1, self._until - time.monotonic()))
            except OSError as refused:
                fault = refused
        raise fault or OSError("no address")

    def connect(self) -> None:
        """As the parent does, without resolving the name a second time: the answer might be another."""
        plain = self._first_that_answers()
        # Reads have their own timeout each; an answer that comes drop by drop is cut off as a whole.
        self._twin = plain.dup()
        self._cut = threading.Timer(max(0.1, self._until - time.monotonic()), _end, (self._twin,))
        self._cut.daemon = True
        self._cut.start()
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)

    def finish(self) -> None:
        """Let go of everything. Not in `close`, which is called as soon as the head of the last answer was read."""
        self.close()
        if self._cut is not None:
            self._cut.cancel()
        if self._twin is not None:
            self._twin.close()


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it ended by itself
        connection.shutdown(socket.SHUT_RDWR)
