"""The commands: `varco backup DIR` and `varco restore DIR`."""

import argparse
import importlib
import os
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import varco
from varco import clock, config
from varco.config import Settings
from varco.ops.backup import attachments, manifest
from varco.ops.backup.manifest import ORDER, Copy, Manifest
from varco.ops.preflight import OperationError


def add_parsers(commands: Any) -> None:
    """Add `backup` and `restore` to the commands."""
    made: argparse.ArgumentParser = commands.add_parser(
        "backup", help="copy the three databases and the attachments into a new directory, while servers work"
    )
    made.add_argument("directory", type=Path, metavar="DIR", help="where to; it must not be there yet")
    made.set_defaults(run=_backup)
    back: argparse.ArgumentParser = commands.add_parser(
        "restore", help="put a backup into the three configured databases, which must be empty, and verify it"
    )
    back.add_argument("directory", type=Path, metavar="DIR", help="the backup")
    back.add_argument(
        "--without-master-key",
        action="store_true",
        help="although the master key of the backup is lost: see docs/keys.md",
    )
    back.set_defaults(run=_restore)


def _tools(url: str) -> ModuleType:
    # Not before it is needed: a server has this module too, and no use for what copies databases.
    return importlib.import_module(f"varco.ops.backup.{'sqlite' if url.startswith('sqlite:') else 'postgres'}")


def _set_up() -> tuple[Settings, list[str]]:
    """The settings, and the public names of the master keys. Sets Django up."""
    settings = config.load()
    masters = config.master_keys(settings)
    from varco.ops.environment import start_django

    start_django()
    from varco.keys.queries import master_ids

    return settings, master_ids(masters)


def _backup(options: argparse.Namespace) -> None:
    settings, kids = _set_up()
    directory: Path = options.directory.absolute()
    if directory.exists():
        raise OperationError(f"{directory} is there already; a backup is a directory of its own")
    making = directory.with_name(directory.name + ".partial")
    began = clock.now()
    try:
        making.mkdir(mode=0o700, parents=True)
        copies: dict[str, Copy] = {}
        for name in ORDER:
            url = settings.database(name)
            copies[name] = _tools(url).dump(url, making, name)
        taken = attachments.dump(_attachments(settings), making)
        manifest.write(
            making,
            Manifest(version=varco.__version__, at=began, master_keys=kids, databases=copies, attachments=taken),
        )
        _synced(making)
        making.rename(directory)
    except FileExistsError:
        raise OperationError(f"{making} is there: another backup is being made, or was broken off; remove it") from None
    except OSError as fault:
        raise OperationError(f"cannot write {making}: {fault.strerror}") from None
    _record_backup(began, copies)
    for name in ORDER:
        print(f"✓ {name:<9} {copies[name].file}, {sum(copies[name].rows.values())} rows")
    print(f"✓ files     {taken.file}, {taken.number} attachments")
    print(f"{directory} is whole. The master key is not in it: keep {kids[0]} elsewhere.")


def _synced(directory: Path) -> None:
    """Have everything on the disk."""
    for path in [*directory.iterdir(), directory]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _record_backup(began: int, copies: dict[str, Copy]) -> None:
    from varco.audit.services import record
    from varco.audit.tags import Tag
    from varco.ops import machine_user

    record(
        Tag.BACKUP_MADE,
        machine_user.origin(),
        began=began,
        rows=sum(sum(each.rows.values()) for each in copies.values()),
    )


def _restore(options: argparse.Namespace) -> None:
    settings, kids = _set_up()
    directory: Path = options.directory.absolute()
    backup = manifest.read(directory)
    _check_fits(settings, backup)
    if backup.master_keys[0] not in kids and not options.without_master_key:
        raise OperationError(
            f"the backup was made under the master key {backup.master_keys[0]}, and VARCO_MASTER_KEYS has {', '.join(kids)}; "
            "put that key there too"
        )
    for name in ORDER:
        url = settings.database(name)
        _tools(url).check_empty(url, name)
    target = _attachments(settings)
    attachments.check_empty(target)
    for name in ORDER:
        url, copy = settings.database(name), backup.databases[name]
        try:
            rows = _tools(url).load(copy, directory, url, name)
            if rows != copy.rows:
                raise OperationError(
                    f"database {name} does not hold what was backed up: {_difference(copy.rows, rows)}"
                )
        except OperationError as fault:
            done = ORDER[: ORDER.index(name)]
            before = f"; empty {', '.join(done)} before the next try: they were restored already" if done else ""
            raise OperationError(f"{fault}{before}") from None
        print(f"✓ {name:<9} {sum(rows.values())} rows, as at {_moment(copy.at)}")
    if backup.attachments:
        print(f"✓ files     {attachments.load(backup.attachments, directory, target)} attachments")
    _verify(backup, target)


def _attachments(settings: Settings) -> Path:
    from varco.tickets.files import DIRECTORY

    return settings.data_dir / DIRECTORY


def _check_fits(settings: Settings, backup: Manifest) -> None:
    """Refuse a copy of the other engine, or of a later version. Raises `OperationError`."""
    from django.db.migrations.loader import MigrationLoader

    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    for name, copy in backup.databases.items():
        engine = settings.database(name).partition(":")[0]
        if copy.engine != engine:
            raise OperationError(f"database {name} of the backup is {copy.engine}, and the configured one {engine}")
        later = [each for each in copy.migrations if each not in known]
        if later:
            raise OperationError(
                f"the backup is of Varco {backup.version}, which knows {later[0]}; this is {varco.__version__}: install that version"
            )


def _difference(told: dict[str, int], found: dict[str, int]) -> str:
    tables = sorted(table for table in told.keys() | found.keys() if told.get(table) != found.get(table))
    return ", ".join(f"{table} has {found.get(table, 0)} rows of {told.get(table, 0)}" for table in tables[:3])


def _verify(backup: Manifest, target: Path) -> None:
    """Look over what was restored and record it. Raises `OperationError` where something is wrong."""
    from varco.audit.services import record
    from varco.audit.tags import Tag
    from varco.ops import health, machine_user
    from varco.proof import upkeep

    wrong = health.schema_faults()
    if wrong:
        print(f"! {'; '.join(wrong)}; then: varco doctor")
    else:
        stopping, others = health.sealing_faults()
        wrong = [*health.writing_faults(), *stopping, *others, *attachments.faults(target)]
        if wrong:
            raise OperationError("; ".join(wrong))
        heads = upkeep.forget_heads_beyond()
        record(Tag.BACKUP_RESTORED, machine_user.origin(), at=backup.at, version=backup.version, heads=heads)
        print("✓ sealed    the master key opens everything")
    print(
        f"Restored to {_moment(backup.at)}. What was withdrawn, blocked, deactivated or revoked after that is in force again, and mail "
        "that waited then is sent once more: see docs/backup.md. Next: varco doctor"
    )


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%MZ")
