"""The attachments of tickets in a backup: one tar file beside the copies of the databases.

They are taken after the platform's database: a file is whole on the disk before its row is committed, and stays while the row does, so
each row of the copy has its file. Files of rows that came later come too, and are swept away where the backup is restored.
"""

import tarfile
from pathlib import Path

from varco.ops.backup import manifest
from varco.ops.backup.manifest import Files
from varco.ops.preflight import OperationError

FILE = "attachments.tar"


def dump(source: Path, directory: Path) -> Files:
    """Copy every file of an installation. Raises `OSError`."""
    target, number = directory / FILE, 0
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(source.glob("??/*")):
            if path.suffix:  # half a file of an act that is under way
                continue
            try:
                with path.open("rb") as content:
                    entry = archive.gettarinfo(arcname=path.name, fileobj=content)
                    archive.addfile(entry, content)
            except FileNotFoundError:  # swept away at this moment: no row names it
                continue
            number += 1
    return Files(file=FILE, sha256=manifest.digest(target), number=number)


def check_empty(target: Path) -> None:
    """Refuse a place that holds attachments. Raises `OperationError`."""
    if target.exists() and any(target.iterdir()):
        raise OperationError(f"{target} holds attachments already; move it away")


def load(files: Files, directory: Path, target: Path) -> int:
    """Put the files in their place, and return how many. Raises `OperationError` for an archive that is not of ours."""
    from varco.tickets.files import path_of

    number = 0
    try:
        with tarfile.open(directory / Path(files.file).name, "r:") as archive:
            for entry in archive:
                content = archive.extractfile(entry) if entry.isreg() else None
                if content is None:
                    raise OperationError(f"{files.file} holds {entry.name}, which is no attachment")
                path = path_of(entry.name, target)
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.write_bytes(content.read())
                path.chmod(0o600)
                number += 1
    except (tarfile.TarError, OSError, ValueError) as fault:
        raise OperationError(f"the attachments cannot be restored: {fault}") from None
    if number != files.number:
        raise OperationError(f"{files.file} holds {number} attachments of {files.number}")
    return number


def faults(target: Path) -> list[str]:
    """What the restored rows name and the restored files are not: one sentence, or none."""
    from varco.tickets import queries
    from varco.tickets.files import path_of

    wrong = []
    for stored, sha256 in queries.checksums().items():
        path = path_of(stored, target)
        if not path.exists() or manifest.digest(path) != sha256:
            wrong.append(stored)
    return [f"{len(wrong)} attachments are missing or not what was kept, first {wrong[0]}"] if wrong else []
