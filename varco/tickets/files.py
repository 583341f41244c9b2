"""Attachments on the disk: in the data directory, outside of all that is served, under random names, each with its checksum in its row.

A file is whole on the disk before its row is committed. What was written for a row that never came is swept away later. Why files, and
not rows: docs/decisions/0037.
"""

import hashlib
import os
import re
import secrets
import time
from pathlib import Path

from django.conf import settings

DIRECTORY = "attachments"
_NAME = re.compile(r"[0-9a-f]{64}")
_ABANDONED = 86400
"""Seconds after which a file without a row is taken for one whose act was broken off."""


def directory() -> Path:
    """Where attachments stand."""
    return Path(settings.VARCO.data_dir) / DIRECTORY


def path_of(stored: str, base: Path | None = None) -> Path:
    """The file with a random name. Raises `ValueError` for a name that is not one of ours."""
    if not _NAME.fullmatch(stored):
        raise ValueError("not the name of an attachment")
    return (base or directory()) / stored[:2] / stored


def keep(content: bytes) -> tuple[str, str]:
    """Write a file and return its random name and its SHA-256. Raises `OSError`."""
    stored = secrets.token_hex(32)
    target = path_of(stored)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_name(f"{stored}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
    _sync(target.parent)
    return stored, hashlib.sha256(content).hexdigest()


def read(stored: str, sha256: str) -> bytes | None:
    """The bytes of a file; None where they are gone, or not what was kept."""
    try:
        content = path_of(stored).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def forget(stored: str) -> None:
    """Remove a file whose row never came."""
    path_of(stored).unlink(missing_ok=True)


def sweep(known: set[str]) -> int:
    """Remove files that no row names and that are old enough not to be of an act that still runs; how many that were."""
    removed, before = 0, time.time() - _ABANDONED
    for path in directory().glob("??/*"):
        name = path.name.removesuffix(".partial")
        if name in known and path.name == name:
            continue
        if _NAME.fullmatch(name) and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
