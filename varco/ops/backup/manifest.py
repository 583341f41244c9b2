"""What a backup says of itself: when it was made, of what, and by which it is known to be whole."""

import hashlib
from pathlib import Path

import msgspec

from varco.ops.preflight import OperationError

FILE = "manifest.json"
ORDER = ("clinic", "sandbox", "platform")
"""The order in which databases are copied."""


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One database: its file, and what stood in it at the moment of the copy."""

    file: str
    engine: str  # sqlite, postgresql
    sha256: str
    at: int  # epoch seconds
    rows: dict[str, int]  # by table
    migrations: list[str]  # applied, as app.name


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """The attachments of tickets: one archive, and how many files are in it."""

    file: str
    sha256: str
    number: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A backup. `master_keys` are public names: the first stood in front."""

    version: str
    at: int  # epoch seconds, when the first copy began: what came later may be missing
    master_keys: list[str]
    databases: dict[str, Copy]
    attachments: Files | None = None  # None: a backup of before there were any


def write(directory: Path, manifest: Manifest) -> None:
    """Write it beside the copies."""
    (directory / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")


def read(directory: Path) -> Manifest:
    """Read it, and prove that the copies are those it tells of. Raises `OperationError`."""
    try:
        manifest = msgspec.json.decode((directory / FILE).read_bytes(), type=Manifest)
    except OSError as fault:
        raise OperationError(f"{directory} is no backup: {FILE}: {fault.strerror}") from None
    except msgspec.DecodeError as fault:
        raise OperationError(f"{directory / FILE} cannot be read: {fault}") from None
    names = [copy.file for copy in manifest.databases.values()]
    if manifest.attachments and "\0" in manifest.attachments.file:
        raise OperationError(f"{directory / FILE} is not as varco backup writes it")
    if not manifest.master_keys or any(
        "\0" in name or not 0 < copy.at < 2**40 for name, copy in zip(names, manifest.databases.values(), strict=True)
    ):
        raise OperationError(f"{directory / FILE} is not as varco backup writes it")
    if set(manifest.databases) != set(ORDER):
        raise OperationError(f"{directory / FILE} does not tell of platform, clinic and sandbox")
    wholes: list[Copy | Files] = [*manifest.databases.values()]
    wholes += [manifest.attachments] if manifest.attachments else []
    for copy in wholes:
        path = directory / Path(copy.file).name
        try:
            found = digest(path)
        except OSError as fault:
            raise OperationError(f"{path} is missing from the backup: {fault.strerror}") from None
        if found != copy.sha256:
            raise OperationError(f"{path} is not what was backed up: its SHA-256 differs; take another backup")
    return manifest


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
