"""The attachments of tickets in a backup: they go along, come back whole, and what lacks is told."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support import people, tickets
from tests.support.commands import MASTER_KEY, Databases, varco
from varco.ops.backup import attachments
from varco.ops.backup.manifest import Files
from varco.ops.preflight import OperationError
from varco.tickets import files
from varco.tickets.models import Attachment
from varco.tickets.services import Upload


@pytest.fixture
def kept(db: None, settings: Any, tmp_path: Path) -> Attachment:
    settings.VARCO = replace(settings.VARCO, data_dir=tmp_path / "data")
    ticket = tickets.opened(people.silvia(), "question", Upload("a.pdf", tickets.PDF))
    return Attachment.objects.get(ticket=ticket)


def test_every_file_comes_back_under_its_name_for_its_owner_alone(kept: Attachment, tmp_path: Path) -> None:
    half = files.path_of(kept.stored).with_name(f"{'0' * 64}.partial")
    half.write_bytes(b"half")
    taken = attachments.dump(files.directory(), tmp_path)
    elsewhere = tmp_path / "elsewhere"
    attachments.check_empty(elsewhere)
    assert (taken.number, attachments.load(taken, tmp_path, elsewhere)) == (1, 1)
    restored = files.path_of(kept.stored, elsewhere)
    assert (restored.read_bytes(), restored.stat().st_mode & 0o077) == (tickets.PDF, 0)
    assert attachments.faults(elsewhere) == []
    with pytest.raises(OperationError, match="already"):
        attachments.check_empty(elsewhere)
    restored.write_bytes(b"something else")
    assert "1 attachments are missing or not what was kept" in attachments.faults(elsewhere)[0]
    restored.unlink()
    assert len(attachments.faults(elsewhere)) == 1


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "a", "0" * 63 + "g", "0" * 64 + "/x"])
def test_an_archive_that_leads_out_of_its_place_is_refused(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / attachments.FILE, "w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(OperationError, match="cannot be restored"):
        attachments.load(Files(file=attachments.FILE, sha256="", number=1), tmp_path, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_in_an_archive_is_no_attachment(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / attachments.FILE, "w") as archive:
        entry = tarfile.TarInfo("0" * 64)
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(OperationError, match="no attachment"):
        attachments.load(Files(file=attachments.FILE, sha256="", number=1), tmp_path, tmp_path / "elsewhere")


def test_the_commands_take_them_along_and_older_backups_go_without(engine: str, tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    with Databases(engine, tmp_path, migrated=data) as databases:
        plain = databases.settings | {
            "issuer": "http://localhost:8000",
            "data_dir": str(data),
            "master_keys": MASTER_KEY,
        }
        path = files.path_of("ab" * 32, data / files.DIRECTORY)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"kept")
        made = varco("backup", str(backup), **plain)
        assert "attachments.tar, 1 attachments" in made.stdout, made.stderr
    manifest = backup / "manifest.json"
    told = json.loads(manifest.read_text("utf-8"))
    elsewhere = tmp_path / "elsewhere"
    with Databases(engine, elsewhere) as databases:
        place = databases.settings | {
            "issuer": "http://localhost:8000",
            "data_dir": str(elsewhere),
            "master_keys": MASTER_KEY,
        }
        broken = told | {"attachments": told["attachments"] | {"sha256": "0" * 64}}
        manifest.write_text(json.dumps(broken), "utf-8")
        refused = varco("restore", str(backup), **place)
        assert (refused.returncode, "its SHA-256 differs" in refused.stderr) == (1, True), refused.stderr
        manifest.write_text(json.dumps(told), "utf-8")
        restored = varco("restore", str(backup), **place)
        assert (restored.returncode, "1 attachments" in restored.stdout) == (0, True), restored.stderr
    assert files.path_of("ab" * 32, elsewhere / files.DIRECTORY).read_bytes() == b"kept"
    before = {name: value for name, value in told.items() if name != "attachments"}
    manifest.write_text(json.dumps(before), "utf-8")
    with Databases(engine, tmp_path / "older") as databases:
        place |= databases.settings | {"data_dir": str(tmp_path / "older")}
        assert varco("restore", str(backup), **place).returncode == 0
