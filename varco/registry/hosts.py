"""What the host of a URI tells about where it leads: the person's own machine, a test system, or the world."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

MOST_OF_A_KEY = 255
_LOCAL_NAMES = frozenset({"localhost"})
_LOCAL_SUFFIXES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
# Words that systems which are not production carry in their host names, in English and Italian.
_TEST_WORDS = frozenset(
    {
        "beta", "ci", "collaudo", "demo", "dev", "devel", "develop", "development", "integration", "ngrok", "nightly", "preprod",
        "preproduction", "preview", "prova", "qa", "sandbox", "stage", "staging", "stg", "sviluppo", "svil", "test", "testing",
        "tst", "uat",
    }
)  # fmt: skip


def host_of(uri: str) -> str:
    """Host of an http(s) URI in lower case, without port; empty for other schemes and for what cannot be read."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in {"http", "https"} else ""


def keys_of(uris: Iterable[str]) -> set[str]:
    """Under what others find that they share a redirect URI or its host: public hosts, and URIs that have none."""
    return {key for uri in uris if (key := host_of(uri) or uri[:MOST_OF_A_KEY]) and not is_local(key)}


def is_address(host: str) -> bool:
    """Whether a host is an IP address instead of a name."""
    return _address(host) is not None


def is_local(host: str) -> bool:
    """Whether a host is the person's own machine or network."""
    address = _address(host)
    if address is not None:
        return address.is_loopback or address.is_private or address.is_link_local
    return host in _LOCAL_NAMES or host.endswith(_LOCAL_SUFFIXES)


def looks_like_test(host: str) -> bool:
    """Whether a host name says that it is not production."""
    return bool(_TEST_WORDS & {re.sub(r"\d+\Z", "", word) for word in re.split(r"[.\-_]", host)})


def site_of(host: str) -> str:
    """The last two labels of a host name: near enough to "who owns it" for a hint, never for a decision."""
    return host if is_address(host) else ".".join(host.split(".")[-2:])


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
