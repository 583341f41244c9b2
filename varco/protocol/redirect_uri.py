"""Redirect URIs: what may be registered, when one received is the one registered (RFC 9700 §2.1, §4.1; RFC 8252 §7), and answers to it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import parse_qsl, quote, urlencode

from varco.protocol.fault import Fault

URI_LIMIT = 2000

RESPONSE_PARAMETERS = frozenset(
    {
        "code", "state", "iss", "error", "error_description", "error_uri", "access_token", "token_type", "expires_in",
        "id_token", "session_state", "response",
    }
)  # fmt: skip
"""Names of authorization response parameters: a registered query may not hold one, or the client would read the wrong one."""

# RFC 3986 §2: what a URI is made of; everything else (spaces, quotes, backslashes, `<>`, non-ASCII) must be percent-encoded.
_URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
_PARTS = re.compile(r"([a-z][a-z0-9+.-]*):(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#.*)?", re.IGNORECASE)
_HOST_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,4}))?", re.IGNORECASE)
_PRIVATE_HOST = re.compile(r"[A-Za-z0-9._~-]*")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)", re.DOTALL)
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
# A segment that some software takes for `..` or `.`: encoded dots, and dots with a path parameter (`/..;/`).
_DOT_SEGMENT = re.compile(r"(?:\.|%2e){1,2}(?:(?:;|%3b).*)?", re.IGNORECASE | re.DOTALL)


class RedirectUriFault(StrEnum):
    """Why a redirect URI cannot be registered."""

    EMPTY = "redirect_uri_empty"
    TOO_LONG = "redirect_uri_too_long"
    NOT_ENCODED = "redirect_uri_not_percent_encoded"
    WILDCARD = "redirect_uri_wildcard"
    NOT_ABSOLUTE = "redirect_uri_not_absolute"
    FRAGMENT = "redirect_uri_fragment"
    SCHEME_CASE = "redirect_uri_scheme_case"
    NOT_HTTPS = "redirect_uri_not_https"
    SCHEME_UNUSABLE = "redirect_uri_scheme_unusable"
    SCHEME_NATIVE_ONLY = "redirect_uri_scheme_native_only"
    SCHEME_NO_DOMAIN = "redirect_uri_scheme_no_domain"
    USER_INFO = "redirect_uri_user_info"
    NO_HOST = "redirect_uri_no_host"
    HOST_CASE = "redirect_uri_host_case"
    HOST_NOT_EXACT = "redirect_uri_host_not_exact"
    PORT = "redirect_uri_port"
    PRIVATE_USE_PATH = "redirect_uri_private_use_path"
    PRIVATE_USE_HOST = "redirect_uri_private_use_host"
    DOT_SEGMENTS = "redirect_uri_dot_segments"
    BARE_QUESTION_MARK = "redirect_uri_bare_question_mark"
    RESPONSE_PARAMETER = "redirect_uri_response_parameter"


def matches(registered: str, received: str, *, native: bool = False) -> bool:
    """Whether a received redirect URI is the registered one: character by character (RFC 9700 §4.1.3).

    For a native application a loopback URI may have any port, and nothing else may differ (RFC 8252 §7.3).
    """
    if registered == received:
        return True
    if not native:
        return False
    here, there = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(received)
    if here is None or there is None:
        return False
    return here[1] == there[1] and here[3] == there[3] and (not there[2] or int(there[2]) <= 65535)


def extended(uri: str, parameters: Mapping[str, str]) -> str:
    """A redirect URI with the parameters of an answer; the registered query is kept (RFC 6749 §3.1.2)."""
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters, quote_via=quote, safe='')}"


def is_loopback(uri: str) -> bool:
    """Whether a URI leads to the person's own machine over plain http (RFC 8252 §7.3)."""
    return _LOOPBACK.fullmatch(uri) is not None


def registration_fault(uri: str, *, type: str) -> Fault | None:  # noqa: A002
    """Check a redirect URI for registration by an application of this type (RFC 9700 §2.1, RFC 8252 §7). None: it is fine.

    The rules are the same in every environment; mixing local and public URIs is a warning of the form, not a fault (S14).
    """
    if not uri:
        return Fault(RedirectUriFault.EMPTY)
    if len(uri) > URI_LIMIT:
        return Fault(RedirectUriFault.TOO_LONG, {"limit": URI_LIMIT})
    if not _URI.fullmatch(uri):
        return Fault(RedirectUriFault.NOT_ENCODED)
    if "*" in uri:
        return Fault(RedirectUriFault.WILDCARD)
    parts = _PARTS.fullmatch(uri)
    if parts is None:
        return Fault(RedirectUriFault.NOT_ABSOLUTE)
    if "#" in uri:
        return Fault(RedirectUriFault.FRAGMENT)
    scheme, authority, path, query = parts[1], parts[3], parts[4], parts[6]
    return (
        _scheme_fault(scheme, authority, type)
        or _authority_fault(scheme, authority, path)
        or _path_fault(path)
        or _query_fault(query)
    )


def _scheme_fault(scheme: str, authority: str | None, type_: str) -> Fault | None:
    """Only https, http on loopback, and private-use schemes of native applications (RFC 8252 §7.1, §8.4)."""
    if scheme != scheme.lower():
        return Fault(RedirectUriFault.SCHEME_CASE)
    if scheme == "https":
        return None
    if scheme == "http":
        host = (authority or "").rpartition("@")[2]
        host = re.sub(r":[0-9]*\Z", "", host)
        if host in _LOOPBACK_HOSTS:
            return None
        return Fault(RedirectUriFault.NOT_HTTPS)
    if "." not in scheme:
        return Fault(RedirectUriFault.SCHEME_UNUSABLE, {"scheme": scheme})
    if type_ != "native":
        return Fault(RedirectUriFault.SCHEME_NATIVE_ONLY, {"scheme": scheme})
    if not re.fullmatch(r"[a-z0-9+-]+(\.[a-z0-9+-]+)+", scheme):
        return Fault(RedirectUriFault.SCHEME_NO_DOMAIN)
    return None


def _authority_fault(scheme: str, authority: str | None, path: str) -> Fault | None:
    if authority is not None and "@" in authority:
        return Fault(RedirectUriFault.USER_INFO)
    if scheme not in {"http", "https"}:
        return _private_use_fault(scheme, authority or "", path)
    if not authority:
        return Fault(RedirectUriFault.NO_HOST)
    if authority != authority.lower():
        return Fault(RedirectUriFault.HOST_CASE)
    host = _HOST_PORT.fullmatch(authority)
    if host is None or ".." in host[1]:
        return Fault(RedirectUriFault.HOST_NOT_EXACT)
    if host[2] and int(host[2]) > 65535:
        return Fault(RedirectUriFault.PORT)
    return None


def _private_use_fault(scheme: str, authority: str, path: str) -> Fault | None:
    if not authority and not path.startswith("/"):
        return Fault(RedirectUriFault.PRIVATE_USE_PATH, {"scheme": scheme})
    if not _PRIVATE_HOST.fullmatch(authority):
        return Fault(RedirectUriFault.PRIVATE_USE_HOST, {"scheme": scheme})
    return None


def _path_fault(path: str) -> Fault | None:
    if any(_DOT_SEGMENT.fullmatch(segment) for segment in path.split("/")):
        return Fault(RedirectUriFault.DOT_SEGMENTS)
    return None


def _query_fault(query: str | None) -> Fault | None:
    if query is None:
        return None
    if not query:
        return Fault(RedirectUriFault.BARE_QUESTION_MARK)
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name in RESPONSE_PARAMETERS:
            return Fault(RedirectUriFault.RESPONSE_PARAMETER, {"name": name})
    return None
