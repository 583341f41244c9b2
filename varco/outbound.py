"""Requests to addresses that developers chose: a client's key set, its back-channel logout URI.

They are asked by us, from inside: so they are https only, never lead to a private network (checked on the very address that
is connected to), redirects are not followed, and time and size are bounded.
"""

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# NAT64 (RFC 6052) and IPv4-mapped (RFC 4291 §2.5.5.2): the last 32 bits are the address of IPv4 where such an address leads.
_EMBEDDING = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::ffff:0:0/96"))
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214 §6.1: in the interface identifier, before an address of IPv4

# What is not of the public internet, whether or not the standard library knows it by now.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "::/96",  # IPv4-compatible (RFC 4291 §2.5.5.1), loopback and unspecified
            "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765 §2.1)
            "fec0::/10",  # site-local (RFC 3879)
            "3fff::/20",  # documentation (RFC 9637)
            "5f00::/16",  # segment routing (RFC 9602)
            "64:ff9b:1::/48",  # translation within one network (RFC 8215)
            "192.0.0.0/24",  # protocol assignments (RFC 6890), and Oracle Cloud's metadata
            "168.63.129.16/32",  # Azure's platform, metadata among it: a public address that answers inside
            "100.64.0.0/10",  # shared (RFC 6598), Alibaba Cloud's metadata among it
            "169.254.0.0/16",  # link-local, metadata of most clouds
            "fd00::/8",  # unique local, the clouds' metadata by IPv6 among it
        ),
    )
)

_RESOLUTIONS = threading.BoundedSemaphore(16)
"""Names that are being resolved at once: a resolver that hangs holds threads, and these are all it gets."""


class OutboundError(Exception):
    """There was no answer, or nobody was asked; the text says why, for the developer."""


def nowhere(host: str) -> str:
    """What is said of a name that cannot be resolved, and of one that leads to a private network, in the same words.

    Developers read it: whoever asks for many names would be told which of them there are inside.
    """
    return f"{host} leads to no address of the public internet"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. A body longer than the limit is cut one byte after it."""

    host: str
    status: int
    body: bytes = b""


def reachable(address: str) -> bool:
    """Whether an address belongs to the public internet."""
    ip = _destination(ipaddress.ip_address(address))
    if any(ip in network for network in _NOT_PUBLIC) or (ip.version == 6 and int(ip) >> 32 & 0xFFFF_FFFF in _ISATAP):
        return False
    return ip.is_global and not ip.is_multicast


def _destination(ip: IPAddress) -> IPAddress:
    """Where an address leads, which for some of IPv6 is an address of IPv4."""
    if any(ip in network for network in _EMBEDDING):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip


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

    Blocks for `timeout` seconds at most, the resolution of the name included. Raises `OutboundError`.
    """
    until = time.monotonic() + timeout
    host, port, path = _address(uri)
    addresses = _resolved(host, port, timeout)
    if not private_allowed and not all(reachable(address) for address in addresses):
        raise OutboundError(nowhere(host))
    connection = _Connection(host, port, addresses, ssl.create_default_context(), max(0.1, until - time.monotonic()))
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


def _resolved(host: str, port: int, timeout: float) -> list[str]:
    """The addresses of a name. The system's resolver knows no time limit, so a thread of its own waits for it."""
    answered: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()
    if not _RESOLUTIONS.acquire(timeout=timeout):
        raise OutboundError(f"the name {host} was not resolved in time")

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answered.put(list(dict.fromkeys(str(item[4][0]) for item in found)))
        except (OSError, UnicodeError) as fault:
            answered.put(fault)
        finally:
            _RESOLUTIONS.release()

    threading.Thread(target=resolve, name="resolve", daemon=True).start()
    try:
        found = answered.get(timeout=timeout)
    except queue.Empty:
        raise OutboundError(f"the name {host} was not resolved in time") from None
    if isinstance(found, Exception):
        raise OutboundError(nowhere(host)) from found
    return found


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
