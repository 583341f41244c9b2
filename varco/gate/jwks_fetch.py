"""The public keys of clients that keep them at an address of their own (`jwks_uri`, RFC 7591 §2).

The address is chosen by a developer and asked by us, from inside: so it is https only, never leads to a private network
(checked on the very address that is connected to), redirects are not followed, and time and size are bounded. The request runs
in one of a few threads of its own; the gate's loop waits for it no longer than `TIMEOUT`.
"""

import asyncio
import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

TIMEOUT = 3.0
"""Seconds for everything: name, connection, handshake, answer."""

SIZE_LIMIT = 65_536
"""Bytes of a key set."""

FRESH_MS = 300_000
"""For how long a copy is used without asking again."""

AGAIN_MS = 60_000
"""A key that is not in the copy makes us ask again, at most this often; the same after a failure."""

STALE_MS = 3_600_000
"""For how long a copy serves while its address does not answer."""

HELD_LIMIT = 1000
THREADS = 4

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last 32 bits are where it leads


class JwksError(Exception):
    """A key set could not be had; the text says why, for the developer."""


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


class _Connection(http.client.HTTPSConnection):
    """Connects to addresses that were checked, under the name that was asked for."""

    def __init__(self, host: str, port: int, addresses: Sequence[str], context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=TIMEOUT, context=context)
        self._addresses = addresses
        self._tls = context
        self._until = time.monotonic() + TIMEOUT
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


def fetch(uri: str, *, private_allowed: bool) -> dict[str, Any]:
    """The key set at an address. Blocks. Raises `JwksError`."""
    host, port, path = _address(uri)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise JwksError(f"the name {host} cannot be resolved") from fault
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    if not private_allowed and not all(reachable(address) for address in addresses):
        raise JwksError(f"{host} leads to a private network")
    connection = _Connection(host, port, addresses, ssl.create_default_context())
    try:
        connection.request("GET", path, headers={"Accept": "application/jwk-set+json, application/json"})
        with contextlib.closing(connection.getresponse()) as answer:
            if answer.status != 200:
                raise JwksError(f"{host} answered {answer.status}")
            body = answer.read(SIZE_LIMIT + 1)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise JwksError(f"{host} could not be read: {type(fault).__name__}") from fault
    finally:
        connection.finish()
    return _parsed(body)


def _address(uri: str) -> tuple[str, int, str]:
    """Host, port and path of an https address. Raises `JwksError` for another."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise JwksError("jwks_uri is no address") from None
    if parts.scheme != "https" or not host:
        raise JwksError("jwks_uri is not an https address")
    return host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _parsed(body: bytes) -> dict[str, Any]:
    if len(body) > SIZE_LIMIT:
        raise JwksError(f"the key set is larger than {SIZE_LIMIT} bytes")
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise JwksError("the answer is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise JwksError("the answer is not a JWK set")
    return found


@dataclass(slots=True)
class _Held:
    """A copy of a key set, and how asking for it went last."""

    keys: dict[str, Any] | None = None
    fetched_ms: int = 0
    tried_ms: int = 0
    fault: str = ""


class KeySets:
    """Copies of the clients' key sets, by address."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed
        self._held: dict[str, _Held] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._threads = ThreadPoolExecutor(THREADS, "jwks")

    async def of(self, uri: str, now_ms: int, *, anew: bool = False) -> dict[str, Any]:
        """The keys at an address: a copy of five minutes, or (`anew`) one of a minute at most. Raises `JwksError`."""
        held = self._held.get(uri)
        if held is None:
            if len(self._held) >= HELD_LIMIT:
                self._held.clear()
            held = self._held.setdefault(uri, _Held())
        fresh = held.keys is not None and now_ms - held.fetched_ms < FRESH_MS
        asked = held.tried_ms and now_ms - held.tried_ms < AGAIN_MS
        if not asked and (anew or not fresh):
            await self._ask(uri, held, now_ms)
        if held.keys is not None and now_ms - held.fetched_ms < STALE_MS:
            return held.keys
        raise JwksError(held.fault or "it is being asked for")

    async def _ask(self, uri: str, held: _Held, now_ms: int) -> None:
        """Fetch; of many callers at the same moment one asks, and all wait for the answer."""
        task = self._asking.get(uri)
        if task is None:
            task = self._asking[uri] = asyncio.create_task(self._fetch(uri, held, now_ms))
            task.add_done_callback(lambda _: self._asking.pop(uri, None))
        await asyncio.shield(task)

    async def _fetch(self, uri: str, held: _Held, now_ms: int) -> None:
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, lambda: fetch(uri, private_allowed=self._private_allowed))
        try:
            held.keys, held.fault = await asyncio.wait_for(running, TIMEOUT + 0.5), ""
            held.fetched_ms = now_ms
        except TimeoutError:
            held.fault = f"no answer within {TIMEOUT:g} s"
        except JwksError as fault:
            held.fault = str(fault)
        held.tried_ms = now_ms

    def close(self) -> None:
        """Let go of the threads; what they still ask for is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
