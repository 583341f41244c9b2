"""Redirect URIs: what may be registered, when one received is the one registered (RFC 9700 §2.1, §4.1; RFC 8252 §7), and answers to it."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

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


def registration_fault(uri: str, *, type: str) -> str | None:  # noqa: A002
    """Why a redirect URI cannot be registered for an application of this type, as a sentence for the developer; None if it can.

    The rules are the same in every environment; mixing local and public URIs is a warning of the form, not a fault (S14).
    """
    if not uri:
        return "Write the redirect URI."
    if len(uri) > URI_LIMIT:
        return f"The URI is longer than {URI_LIMIT} characters."
    if not _URI.fullmatch(uri):
        return "The URI contains characters that must be percent-encoded (spaces, quotes, backslashes, accented letters …)."
    if "*" in uri:
        return "There are no wildcards: register each URI exactly as it is sent."
    parts = _PARTS.fullmatch(uri)
    if parts is None:
        return "The URI must be absolute, such as https://app.example.com/callback."
    if "#" in uri:
        return "The URI must not have a fragment (the part after #): the answer could not be read by your server."
    scheme, authority, path, query = parts[1], parts[3], parts[4], parts[6]
    return (
        _scheme_fault(scheme, authority, type)
        or _authority_fault(scheme, authority, path)
        or _path_fault(path)
        or _query_fault(query)
    )


def _scheme_fault(scheme: str, authority: str | None, type_: str) -> str | None:
    """Only https, http on loopback, and private-use schemes of native applications (RFC 8252 §7.1, §8.4)."""
    if scheme != scheme.lower():
        return "Write the scheme in lower case: redirect URIs are compared character by character."
    if scheme == "https":
        return None
    if scheme == "http":
        host = (authority or "").rpartition("@")[2]
        host = re.sub(r":[0-9]*\Z", "", host)
        if host in _LOOPBACK_HOSTS:
            return None
        return "The URI must be https. Plain http is accepted only for 127.0.0.1, [::1] and localhost."
    if "." not in scheme:
        return f"The scheme {scheme}: cannot be used. Use https, or in a native application a scheme made of a domain name you own."
    if type_ != "native":
        return f"The scheme {scheme}: can be used by native applications only. Use https."
    if not re.fullmatch(r"[a-z0-9+-]+(\.[a-z0-9+-]+)+", scheme):
        return "A private-use scheme is a domain name of yours written backwards, such as com.example.app."
    return None


def _authority_fault(scheme: str, authority: str | None, path: str) -> str | None:
    if authority is not None and "@" in authority:
        return "The URI must not have a user name or password before the host."
    if scheme not in {"http", "https"}:
        return _private_use_fault(scheme, authority or "", path)
    if not authority:
        return "The URI has no host."
    if authority != authority.lower():
        return "Write the host in lower case: redirect URIs are compared character by character."
    host = _HOST_PORT.fullmatch(authority)
    if host is None or ".." in host[1]:
        return "The host must be one exact host name or address, with a port from 1 to 65535 if any."
    if host[2] and int(host[2]) > 65535:
        return "The port must be from 1 to 65535."
    return None


def _private_use_fault(scheme: str, authority: str, path: str) -> str | None:
    if not authority and not path.startswith("/"):
        return f"After {scheme}: must come a path, such as {scheme}:/callback."
    if not _PRIVATE_HOST.fullmatch(authority):
        return f"Between {scheme}:// and the path can stand letters, digits and - . _ ~ only."
    return None


def _path_fault(path: str) -> str | None:
    if any(_DOT_SEGMENT.fullmatch(segment) for segment in path.split("/")):
        return "The path must not have . or .. segments: browsers and servers disagree on where they lead."
    return None


def _query_fault(query: str | None) -> str | None:
    if query is None:
        return None
    if not query:
        return "The URI ends in a bare question mark; remove it."
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name in RESPONSE_PARAMETERS:
            return f"The query holds the parameter {name}, which the answer will carry too; rename yours."
    return None
