"""Whose address a request came from, when proxies stand in between."""

import asyncio
import ipaddress
import logging
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from varco.ops.init.questions import PROXIES
from varco.ops.proxies import behind, client_address

TRUSTED = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"),
    ],
)
def test_the_first_address_from_the_right_that_is_no_proxy_of_ours_is_the_client(
    peer: str, forwarded: str, expected: str
) -> None:
    assert client_address(peer, forwarded, TRUSTED) == expected


@pytest.mark.parametrize("peer", ["203.0.113.9", "11.0.0.1", "not an address"])
def test_a_header_from_anywhere_else_is_not_believed(peer: str) -> None:
    assert client_address(peer, "198.51.100.1", TRUSTED) == peer


@pytest.mark.parametrize("forwarded", ["garbage", "", " , ", "203.0.113.7, <script>", "203.0.113.7, fe80::1%<script>"])
def test_nothing_further_left_than_something_unreadable_is_believed(forwarded: str) -> None:
    assert client_address("10.0.0.1", forwarded, TRUSTED) == "10.0.0.1"


def seen_client(
    trusted: tuple[ipaddress.IPv4Network, ...], headers: list[tuple[bytes, bytes]], requests: int = 1
) -> tuple[str, int]:
    seen: list[tuple[str, int]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"])

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError("nothing is sent")

    async def all_requests() -> None:
        wrapped = behind(app, trusted)
        for _ in range(requests):
            scope = {"type": "http", "http_version": "1.1", "client": ("10.0.0.1", 5)}
            await wrapped({**scope, "headers": [(b"host", b"login.example"), *headers]}, receive, send)

    asyncio.run(all_requests())
    return seen[0]


def test_several_headers_are_one_list() -> None:
    headers = [(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"203.0.113.7")]
    assert seen_client((ipaddress.IPv4Network("10.0.0.0/8"),), headers) == ("203.0.113.7", 5)


def test_without_trusted_proxies_the_peer_is_the_client() -> None:
    assert seen_client((), [(b"x-forwarded-for", b"203.0.113.7")]) == ("10.0.0.1", 5)


@pytest.mark.parametrize("trusted", [(), (ipaddress.IPv4Network("192.0.2.0/24"),)])
def test_a_header_from_a_peer_that_is_not_trusted_is_warned_of_once(
    trusted: tuple[ipaddress.IPv4Network, ...], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server's logging, set up in this process by a test before, may have switched it off.
    monkeypatch.setattr(logging.getLogger("varco.proxies"), "disabled", False)
    assert seen_client(trusted, [(b"x-forwarded-for", b"203.0.113.7")], requests=3) == ("10.0.0.1", 5)
    (warning,) = caplog.records
    assert (warning.name, warning.levelname) == ("varco.proxies", "WARNING")
    assert "from 10.0.0.1" in warning.getMessage()
    assert "VARCO_TRUSTED_PROXIES" in warning.getMessage()


@pytest.mark.parametrize(
    ("trusted", "headers"),
    [
        ((), [(b"accept", b"*/*")]),
        ((ipaddress.IPv4Network("10.0.0.0/8"),), [(b"x-forwarded-for", b"203.0.113.7")]),
    ],
)
def test_nothing_is_warned_of_without_a_proxy_nor_behind_a_trusted_one(
    trusted: tuple[ipaddress.IPv4Network, ...],
    headers: list[tuple[bytes, bytes]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen_client(trusted, headers)
    assert caplog.records == []


def test_the_first_installation_names_its_proxy() -> None:
    guide = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    steps = guide.partition("## A first installation")[2].partition("## Serving")[0]
    assert "--trusted-proxies" in steps
    assert PROXIES.default in steps
