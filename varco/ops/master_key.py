"""Making a master key: 32 random bytes, in a file that only its owner can read."""

import base64
import os
import secrets
from pathlib import Path

from varco.ops.preflight import OperationError

FILE = "master.key"


def new() -> str:
    """A new master key as `VARCO_MASTER_KEYS` takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii").rstrip("=")


def write(directory: Path) -> Path:
    """Write a new key to `master.key`, mode 0600, and return its path.

    Raises `OperationError` when there is one already: whatever it sealed could never be opened again.
    """
    path = directory / FILE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise OperationError(
            f"{path} exists; to replace it, make another with --print and follow docs/keys.md: the old one first, then the new one, in every server"
        ) from None
    except OSError as fault:
        raise OperationError(f"cannot write {path}: {fault.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new() + "\n")
    return path
