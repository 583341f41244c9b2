"""The three databases as Django wants them told, and which app's tables stand in which.

`platform` is Django's `default`; `clinic` and `sandbox` hold the tables of the app `clinic` and nothing else.
"""

from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from varco import postgres_url
from varco.config import Settings

Row = TypeVar("Row")

CLINIC_ALIASES = ("clinic", "sandbox")

# FULL: an answered request survives a power cut. busy_timeout: a portal thread waits for the gate's short batches.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; "
    "PRAGMA temp_store=MEMORY;"
)


def sqlite_path(url: str) -> str:
    """File of a `sqlite:///…` URL, always absolute: an absolute path after the three slashes has a fourth."""
    return "/" + unquote(urlsplit(url).path).lstrip("/")


def django_databases(settings: Settings) -> dict[str, dict[str, Any]]:
    """The value of Django's `DATABASES`."""
    urls = {"default": settings.database("platform")} | {alias: settings.database(alias) for alias in CLINIC_ALIASES}
    return {alias: _django_database(url) for alias, url in urls.items()}


def _django_database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sqlite_path(url),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS, "timeout": 5},
        }
    return postgres_url.parse(url).django() | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A pooler between may give the next statement to another session, which knows no cursor of this one.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def only(rows: Iterable[Row]) -> Row | None:
    """The one row that a query by a unique key finds; None without one. `first()` would order and limit it, for nothing."""
    return next(iter(rows), None)


class Router:
    """Django's database router: clinic rows never stand in the platform database, nor the reverse (S24).

    A query on clinic models must name its database with `.using(tenant.database)`; without it, it meets `clinic`'s
    absence in `default` and fails loudly rather than reading the wrong clinic.
    """

    def allow_relation(self, first: Any, second: Any, **_hints: Any) -> bool | None:
        """Relations never cross databases."""
        return bool((first._meta.app_label == "clinic") == (second._meta.app_label == "clinic"))

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:
        """Tables of `clinic` go to the clinic databases only, all others to `default` only."""
        return (app_label == "clinic") == (db in CLINIC_ALIASES)
