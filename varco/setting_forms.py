"""The forms that settings have: each reads one text of the environment, and raises `ValueError` with what it must be."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping
from contextlib import suppress
from email.errors import ObsoleteHeaderDefect
from email.headerregistry import HeaderRegistry
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from varco import postgres_url
from varco.protocol.jose.algorithms import ALGORITHMS

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_AUTHORITY = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]*)?")
# A dot-atom of RFC 5322 §3.2.3 at a domain; no quoted local part, no address literal, and nothing that wants SMTPUTF8.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_PHRASE = re.compile(r"[^\W_]+(?:[ '&-]+[^\W_]+)*")  # a name that needs no quotes
_STORE_PARAMETERS: Mapping[str, tuple[str, ...]] = {"redis": (), "rediss": ("ssl_ca_certs",), "unix": ("db",)}
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def text(value: str) -> str:
    """Text of one line."""
    if not value.isprintable() or not value.strip():
        raise ValueError("must be text that can be read")
    return value


def province(value: str) -> str:
    """A place of Italy whose patron saint is known, or empty."""
    if value:
        from holidays import list_supported_countries  # only where it is set: its tables are read at once

        known = list_supported_countries()["IT"]
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
    return value


def label(value: str) -> str:
    """A short name of something, of what an audit can hold as one word."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", value):
        raise ValueError("must be 1 to 40 of the characters A-Z, a-z, 0-9, dot, dash and underscore")
    return value


def web_page(value: str) -> str:
    """The address of a page for people."""
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("must be the address of a page, beginning with https://")
    return value


SECOND_FACTOR_ROLES = ("operator", "support", "manager", "developer", "integrator")


def second_factor_roles(value: str) -> tuple[str, ...]:
    """Roles that must have a second factor; `none` is the empty list."""
    if value.strip() == "none":
        return ()
    named = [part.strip() for part in value.split(",")]
    unknown = set(named) - set(SECOND_FACTOR_ROLES)
    if unknown:
        raise ValueError(f"must be none, or some of {', '.join(SECOND_FACTOR_ROLES)}, comma-separated")
    return tuple(role for role in SECOND_FACTOR_ROLES if role in named)


def mail_address(value: str) -> str:
    """An address, or a name with an address in angle brackets, as RFC 5322 §3.4 has one mailbox; its end is always `address` or `<address>`."""
    with suppress(ValueError):  # the library's, of an encoded name that holds the end of a line
        header: Any = HeaderRegistry()("From", value) if value.isprintable() else None
        address = value.rpartition("<")[2].removesuffix(">")
        if header and len(header.addresses) == 1 and _MAIL_ADDRESS.fullmatch(address):
            name = header.addresses[0].display_name
            # What everybody writes and reads though it is obsolete: `Studio S.r.l. <…>`, without quotes.
            if all(name and isinstance(defect, ObsoleteHeaderDefect) for defect in header.defects):
                return mailbox(name, address) if name else address
    raise ValueError(
        'must be one e-mail address, such as no-reply@example.org or "Centro, Aurora" <no-reply@example.org>: '
        "a name with any of ( ) < > [ ] : ; @ \\ , stands in double quotes"
    )


def mailbox(name: str, address: str) -> str:
    """A name and an address as a mail writes them, the name in quotes where it needs some; what is not ASCII is encoded when it travels."""
    name = " ".join(name.split())
    if _PHRASE.fullmatch(name):
        return f"{name} <{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def integer(value: str) -> int:
    """A whole number in digits."""
    if not value.isascii() or not value.isdecimal():
        raise ValueError("must be a whole number")
    return int(value)


ATTACHMENT_TYPES = ("pdf", "png", "jpeg", "text", "docx", "xlsx", "odt", "zip")


def attachment_types(value: str) -> tuple[str, ...]:
    """Types of attachments, comma-separated."""
    names = tuple(name.strip().lower() for name in value.split(","))
    if not set(names) <= set(ATTACHMENT_TYPES):
        raise ValueError(f"must be some of {', '.join(ATTACHMENT_TYPES)}, comma-separated")
    return tuple(name for name in ATTACHMENT_TYPES if name in names)


def switch(value: str) -> bool:
    """True or false, in the usual words."""
    known = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    try:
        return known[value.strip().lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def origin(value: str) -> str:
    """An origin as browsers write it (RFC 6454 §6.1): scheme, host, and the port if it is not the scheme's own.

    https, or http on loopback.
    """
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be an https:// origin")
    authority = _AUTHORITY.fullmatch(parts.netloc.lower())
    if authority is None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be an origin: scheme, host and optional port, nothing after them")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError("must be https:// (plain http is accepted on loopback only)")
    port = parts.port  # ValueError beyond 65535
    own = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{authority[1]}" + ("" if port in {None, own} else f":{port}")


def signature(value: str) -> str:
    """A signature algorithm."""
    if value not in ALGORITHMS:
        raise ValueError(f"must be one of {', '.join(ALGORITHMS)}")
    return value


def pooling(value: str) -> str:
    """How connections to PostgreSQL are pooled on the way."""
    if value not in {"auto", "session", "transaction"}:
        raise ValueError("must be auto, session or transaction")
    return value


def log_format(value: str) -> str:
    """How a line of the log looks."""
    if value not in {"json", "text"}:
        raise ValueError("must be json or text")
    return value


def networks(value: str) -> tuple[Network, ...]:
    """Networks in CIDR notation, separated by commas."""
    return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())


def database(value: str) -> str:
    """URL of a database."""
    parts = urlsplit(value)
    if parts.scheme == "sqlite" and parts.path:
        return value
    if value.startswith(postgres_url.SCHEMES):
        postgres_url.parse(value)
        return value
    raise ValueError("must be sqlite:///path/to/file or postgresql://user:password@host:port/name")


def rate_store(value: str) -> str:
    """URL of a Valkey or Redis. What its client would pass over, or would turn TLS's checks off with, is refused."""
    shape = ValueError("must be redis://user:password@host:port/0, rediss://… or unix:///path/to/socket")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # whose words may be those of a password that lacks its @
        raise shape from None
    known = _STORE_PARAMETERS.get(parts.scheme)
    authority = parts.netloc.rpartition("@")[2].lower()
    database = parts.path.strip("/")
    if known is None or parts.fragment or port == 0 or not (value.isascii() and value.isprintable()):
        raise shape
    if (authority or not database) if parts.scheme == "unix" else not _AUTHORITY.fullmatch(authority):
        raise shape
    if (
        parts.scheme != "unix"
        and parts.path not in {"", "/"}
        and not (database.isdecimal() and parts.path == f"/{database}")
    ):
        raise ValueError("must end with the number of a database, such as /0, or with none")
    for name, given in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known:
            raise ValueError(f"knows no parameter {name}" + (f", only {' and '.join(known)}" if known else ""))
        if name == "db" and not (given.isascii() and given.isdecimal()):
            raise ValueError("must have the number of a database as db")
        if name == "ssl_ca_certs" and not Path(given).is_file():
            raise ValueError("must have the path of a file as ssl_ca_certs")
    return value


def listener(value: str) -> str:
    """Address and port to listen at."""
    host, _, port = value.rpartition(":")
    if not host.strip("[]") or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError("must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464")
    return value


def mail_server(value: str) -> str:
    """URL of a mail server."""
    fault = (
        "must be smtp://user:password@host:port or smtps://…, with @ : / ? # of a password as %40 %3A %2F %3F %23, "
        "user and password both or neither"
    )
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # whose own words may have a piece of the password among them
        raise ValueError(fault) from None
    junk = parts.path.strip("/") or "?" in value or "#" in value or not value.isprintable() or " " in value
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or junk or port == 0:
        raise ValueError(fault)
    if bool(parts.username) != bool(parts.password):
        raise ValueError(fault)
    return value


def key_list(value: str) -> tuple[bytes, ...]:
    """Master keys, 32 bytes each, as base64url separated by commas."""
    keys = []
    for part in value.split(","):
        try:
            key = base64.urlsafe_b64decode(part.strip() + "=" * (-len(part.strip()) % 4))
        except (binascii.Error, ValueError):
            raise ValueError("must be base64url text, several separated by commas") from None
        if len(key) != 32:
            raise ValueError("each key must be 32 bytes, base64url-encoded (`varco keys master` makes one)")
        keys.append(key)
    return tuple(keys)


def path(value: str) -> Path:
    """A path, absolute."""
    return Path(value).expanduser().absolute()
