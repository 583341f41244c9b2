"""What the URL of a PostgreSQL database means: what libpq says, for both drivers (docs/decisions/0029).

Django reaches PostgreSQL through libpq, the gate through asyncpg. Each reads URLs a little differently, and asyncpg sends what
it does not know to the server; so neither is given the URL. It is read here once, and what only one of them could keep is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

SCHEMES = ("postgresql://", "postgres://")
SOCKET_DIRECTORY = "/var/run/postgresql"
"""Where a URL without a host looks, as Debian's libpq does; the drivers by themselves look in different places."""
CONNECT_SECONDS = 3
"""`connect_timeout` where a URL has none: libpq would wait for ever. It is for each host."""

_SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SESSIONS = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
_TLS_VERSIONS = ("TLSv1.2", "TLSv1.3")
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_VALUES: Mapping[str, tuple[str, ...]] = {
    "sslmode": _SSLMODES,
    "target_session_attrs": _SESSIONS,
    "ssl_min_protocol_version": _TLS_VERSIONS,
    "ssl_max_protocol_version": _TLS_VERSIONS,
}
_IN_THE_ADDRESS = ("host", "port", "dbname", "user", "password")
_TLS = ("sslmode", *_FILES, "sslpassword", "ssl_min_protocol_version", "ssl_max_protocol_version")
PARAMETERS = (
    *_IN_THE_ADDRESS,
    *_TLS,
    "passfile",
    "target_session_attrs",
    "connect_timeout",
    "application_name",
    "options",
)
"""Every parameter a URL may have after its `?`: those that both drivers keep."""

_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<name>[^:\[\]@]*))(?::(?P<port>[0-9]*))?")


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """A URL that was read; `options` are the parameters that say nothing about where the server is."""

    hosts: tuple[tuple[str, int], ...]
    name: str
    user: str | None
    password: str | None
    options: Mapping[str, str]

    def django(self) -> dict[str, Any]:
        """The entry of Django's `DATABASES`, but for how it is used."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.user or "",
            "PASSWORD": self.password or "",
            "HOST": ",".join(host for host, _ in self.hosts),
            "PORT": ",".join(str(port) for _, port in self.hosts),
            "OPTIONS": {"connect_timeout": str(CONNECT_SECONDS)} | dict(self.options),
        }

    def asyncpg(self) -> dict[str, Any]:
        """Arguments of `asyncpg.connect`; `server_settings` hold what the URL itself asks of the server."""
        # asyncpg takes the files of TLS from a URL only.
        tls = "&".join(f"{name}={quote(self.options[name], safe='')}" for name in _TLS if name in self.options)
        return {
            "dsn": f"postgresql://?{tls}" if tls else None,
            "host": [host for host, _ in self.hosts],
            "port": [port for _, port in self.hosts],
            "database": self.name,
            "user": self.user,
            "password": self.password,
            "passfile": self.options.get("passfile"),
            "target_session_attrs": self.options.get("target_session_attrs"),
            # libpq takes no less than two seconds, and nought for no end.
            "timeout": max(2, int(self.options.get("connect_timeout", CONNECT_SECONDS))) if self._ends else None,
            "server_settings": {
                name: self.options[name] for name in ("application_name", "options") if name in self.options
            },
        }

    @property
    def _ends(self) -> bool:
        return int(self.options.get("connect_timeout", CONNECT_SECONDS)) > 0


def parse(url: str) -> PostgresUrl:
    """Read a `postgresql://` URL. Raises `ValueError`, which names the parameter at fault and never its value."""
    scheme = next((known for known in SCHEMES if url.startswith(known)), None)
    if scheme is None:
        raise ValueError("must begin with postgresql://")
    address, _, query = url.removeprefix(scheme).partition("?")
    authority, _, path = address.partition("/")
    login, at, places = authority.partition("@")
    if not at:
        login, places = "", authority
    user, _, password = login.partition(":")
    told = _parameters(query)
    if "host" in told:
        hosts = [(host, "") for host in told["host"].split(",")]
    else:
        hosts = [_host(place) for place in places.split(",")]
    name = told.get("dbname") or unquote(path)
    if not name:
        raise ValueError("must name a database: postgresql://user:password@host:port/name")
    return PostgresUrl(
        hosts=tuple(_with_ports(hosts, told.get("port"))),
        name=name,
        user=told.get("user") or unquote(user) or None,
        password=told.get("password") or unquote(password) or None,
        options={key: value for key, value in told.items() if key not in _IN_THE_ADDRESS},
    )


def _host(place: str) -> tuple[str, str]:
    found = _HOST.fullmatch(place)
    if found is None:
        raise ValueError("has an address that cannot be read: write @ : / ? of a password as %40 %3A %2F %3F")
    return unquote(found["v6"] or found["name"] or ""), found["port"] or ""


def _with_ports(hosts: list[tuple[str, str]], told: str | None) -> list[tuple[str, int]]:
    """The hosts, each with its port: its own, else that of `port=`, which has one for all or one for each."""
    ports = told.split(",") if told else [""]
    if len(ports) not in {1, len(hosts)}:
        raise ValueError("parameter port must have one port for all hosts, or one for each")
    paired = []
    for (host, own), common in zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=True):
        port = own or common or "5432"
        if not port.isascii() or not port.isdecimal() or not 1 <= int(port) <= 65535:
            raise ValueError("must have ports between 1 and 65535")
        paired.append((host or SOCKET_DIRECTORY, int(port)))
    return paired


def _parameters(query: str) -> dict[str, str]:
    """What stands after the `?`. As libpq reads it, a plus is a plus."""
    told: dict[str, str] = {}
    for part in query.split("&") if query else ():
        quoted, equals, value = part.partition("=")
        name = unquote(quoted)
        if not name.isidentifier():
            raise ValueError(
                "has something after its first ? that is no parameter; a ?, & or # of a password is written %3F, %26, %23"
            )
        if name not in PARAMETERS:
            raise ValueError(f"has the parameter {name!r}, which Varco does not know; it knows {', '.join(PARAMETERS)}")
        if not equals or name in told:
            raise ValueError(f"parameter {name} must be given once, with a value")
        told[name] = unquote(value)
        _check(name, told[name])
    return {name: value for name, value in told.items() if value}


def _check(name: str, value: str) -> None:
    if name in _VALUES and value not in _VALUES[name]:
        raise ValueError(f"parameter {name} must be one of {', '.join(_VALUES[name])}")
    if name == "connect_timeout" and not (value.isascii() and value.isdecimal() and int(value) <= 3600):
        raise ValueError("parameter connect_timeout must be a whole number of seconds, at most 3600")
    # libpq would connect without a look at the certificate where the file of sslmode=require is missing.
    if name in _FILES and not Path(value).is_file():
        raise ValueError(f"parameter {name} names a file that is not there: {value}")
