"""What the host of a URI tells about where it leads: the person's own machine, a test system, or the world."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from varco import lookalike
from varco.public_suffixes import public_suffix, registered_name

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

# Hosts where answers reach whoever publishes or looks there: every page of theirs has the same origin.
_SHARED_BY_ALL = frozenset(
    {
        # Anybody publishes beside: a script there reads the address it is called with.
        "codepen.io", "docs.google.com", "drive.google.com", "jsfiddle.net", "raw.githubusercontent.com", "script.google.com",
        "script.googleusercontent.com", "sites.google.com", "storage.googleapis.com", "www.dropbox.com",
        # Tools that show what arrives to whoever opens them.
        "hookbin.com", "jwt.io", "oauth.pstmn.io", "oauth.tools", "oauthdebugger.com", "oidcdebugger.com", "openidconnect.net",
        "requestbin.com", "webhook.site", "www.oauth.com",
    }
)  # fmt: skip
# Services that hand out names and are not among the public suffixes (yet): tunnels to somebody's machine, mostly.
_HANDED_OUT = (
    "loca.lt",
    "localhost.run",
    "lhr.life",
    "ngrok.app",
    "ngrok.dev",
    "ngrok.io",
    "ngrok-free.app",
    "serveo.net",
    "trycloudflare.com",
)


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
    """The name that somebody registered, as far as the public suffixes tell: near enough to "who owns it" for a hint, never for a decision."""
    if is_address(host):
        return host
    return registered_name(host) or ".".join(host.split(".")[-2:])


def is_public_suffix(host: str) -> bool:
    """Whether a host is no registered name but what names are registered under: `co.uk`, `github.io`."""
    return bool(host) and public_suffix(host) == host


def shared_suffix(host: str) -> str:
    """Under what a host stands, where a service hands out names to anybody, as `github.io` does; else empty."""
    suffix = public_suffix(host)
    if suffix and suffix not in (host, public_suffix(host, of_registries=True)):
        return suffix
    return next((name for name in _HANDED_OUT if host.endswith(f".{name}")), "")


def is_shared_by_all(host: str) -> bool:
    """Whether anybody may publish, or reads along, at this very host."""
    return host in _SHARED_BY_ALL


def in_letters(host: str) -> str:
    """A host name in the letters that its `xn--…` labels stand for (RFC 3492)."""
    return ".".join(_label_in_letters(label) for label in host.split("."))


def poses_as_another(host: str) -> bool:
    """Whether a host name in letters beyond ASCII reads like one within: mixed scripts, or another script's look-alikes."""
    for label in map(_label_in_letters, host.split(".")):
        if label.isascii():
            continue
        if lookalike.mixed_scripts(label):
            return True
        # Accents are spelling: `münchen` means to be read as what it is.
        if lookalike.latin(label).isascii() and not lookalike.spelled(label).isascii():
            return True
    return False


def _label_in_letters(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
