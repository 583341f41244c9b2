"""The line that a server writes when it starts: which Varco this is, where it listens, what it stands on. No secret, no user."""

import logging
from urllib.parse import urlsplit

import varco
from varco import config, postgres_url
from varco.databases import sqlite_path
from varco.ops import version
from varco.ops.demo import moved_clock

_log = logging.getLogger("varco.start")


def write(what: str, settings: config.Settings) -> None:
    """Write it; `what` are the planes."""
    address = _address(settings.host, settings.port)
    ahead = moved_clock.ahead(settings.data_dir) if settings.demo else 0
    told = f"; its clock is {moved_clock.worded(ahead)} ahead" if ahead else ""
    _log.info(
        "varco %s (build %s) serves %s at %s%s", varco.__version__, version.build_id(), what, address, told,
        extra={
            "version": varco.__version__,
            "build": version.build_id(),
            "planes": what,
            "address": address,
            "workers": settings.workers,
            "issuer": settings.issuer,
            **{f"{alias}_database": database(settings.database(alias)) for alias in ("platform", "clinic", "sandbox")},
            "mail": mail_server(settings.smtp_url),
            "metrics": settings.metrics or "none",
            **({"clock_ahead": ahead} if ahead else {}),
        },
    )  # fmt: skip


def database(url: str) -> str:
    """Engine, place and name of a database; who signs in there, and how, is left out."""
    if not url.startswith(postgres_url.SCHEMES):
        return f"sqlite {sqlite_path(url)}"
    read = postgres_url.parse(url)
    return f"postgresql {','.join(_address(host, port) for host, port in read.hosts)} {read.name}"


def mail_server(url: str) -> str:
    """Scheme, host and port of the mail server, as far as they are given."""
    if not url:
        return "none"
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"{parts.scheme}://{_address(host, parts.port) if parts.port else host}"


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
