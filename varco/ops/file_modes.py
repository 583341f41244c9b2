"""Who can read what lies on the disk: the data directory and the SQLite files hold what only their owner may see."""

import stat
from collections.abc import Iterator
from pathlib import Path

from varco import config, databases

PRIVATE = 0o077
"""The umask of every command: what it makes is for its owner only."""

# What SQLite and `varco migrate` put beside a database.
_BESIDE = ("", "-wal", "-shm", "-journal", ".migrating")


def check(settings: config.Settings) -> None:
    """Refuse a data directory or database file that others can read. Raises `ConfigError`, as for a master key that they can."""
    found = list(faults(settings))
    if found:
        raise config.ConfigError("; ".join(found))


def faults(settings: config.Settings) -> Iterator[str]:
    """What others can read, one sentence each with the cure; what is not there yet is no fault."""
    for path in _paths(settings):
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield f"{path} can be read by others; run: chmod {'700' if path.is_dir() else '600'} {path}"


def _paths(settings: config.Settings) -> list[Path]:
    """The data directory, and each SQLite file with what stands beside it."""
    found = [settings.data_dir]
    for alias in ("platform", *databases.CLINIC_ALIASES):
        url = settings.database(alias)
        if url.startswith("sqlite:"):
            file = Path(databases.sqlite_path(url))
            found += [file.with_name(file.name + ending) for ending in _BESIDE]
    return list(dict.fromkeys(found))
