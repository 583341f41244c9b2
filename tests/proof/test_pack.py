"""The pack of an incident: all rows of one window, signed, and proven without any of our databases."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tests.support import access_rows, people
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.keys import services as keys
from varco.keys.models import SigningKey
from varco.ops.cli import main
from varco.proof import pack, pack_check
from varco.proof.pack import Window

pytestmark = pytest.mark.django_db(databases=["default", "clinic", "sandbox"])

START = access_rows.START
EVER = 4_000_000_000_000  # epoch milliseconds


@pytest.fixture
def world(db: None) -> User:
    """Dario, at a clinic whose records are twelve of his and three of another person, a second after the other."""
    keys.ensure(algorithms=["ES256"])
    dario = people.dario()
    access_rows.records(range(12), person=dario.public_id)
    access_rows.records(range(3), person="sub-lia", application_id=2)
    access_rows.records(range(3), person="sub-lia", application_id=2, tenant_id="tenant-levante")
    record(Tag.ACCOUNT_SIGNED_IN, Origin(actor=dario))
    record(Tag.ACCOUNT_DEACTIVATED, Origin(), user=dario)
    return dario


def jwks() -> bytes:
    return json.dumps({"keys": [key.public_jwk for key in SigningKey.objects.all()]}).encode()


def written(window: Window) -> tuple[bytes, list[dict[str, Any]]]:
    found = b"".join(pack.lines(window))
    return found, [json.loads(line) for line in found.splitlines()]


def test_a_pack_holds_every_row_of_its_window_and_no_other(world: User) -> None:
    _, lines = written(Window(0, EVER, person=world.public_id))
    rows = lines[1:-1]
    assert [(row["stream"], row.get("tag")) for row in rows if row["stream"] == "platform"] == [
        ("platform", "account.signed_in"),
        ("platform", "account.deactivated"),
    ]
    assert [row["at"] for row in rows[2:]] == [START + number * 1000 for number in range(12)]
    assert lines[0]["about"]["person"] == world.public_id
    assert lines[-1]["rows"] == 14
    # From a moment on, and before another.
    _, lines = written(Window(START + 1000, START + 3000, person=world.public_id))
    assert [row["at"] for row in lines[1:-1]] == [START + 1000, START + 2000]
    _, lines = written(Window(0, EVER, application=(2, "client")))
    assert [row["stream"] for row in lines[1:-1]] == ["clinic:tenant-aurora"] * 3 + ["clinic:tenant-levante"] * 3
    _, lines = written(Window(0, EVER, tenant=("clinic", "tenant-levante")))
    assert [row["seq"] for row in lines[1:-1]] == [1, 2, 3]


def test_it_is_proven_offline_and_any_change_is_found(world: User) -> None:
    text, lines = written(Window(0, EVER, person=world.public_id))
    published = pack_check.keys_of(jwks())
    claims = pack_check.check(io.BytesIO(text), published)
    assert (claims.rows, claims.about["person"]) == (14, world.public_id)
    changed = text.replace(b"192.0.2.7", b"192.0.2.8", 1)
    without = b"".join(line for number, line in enumerate(text.splitlines(keepends=True)) if number != 3)
    for bad in (changed, without, text[: len(text) // 2], b"", text + text):
        with pytest.raises(pack_check.BadPackError):
            pack_check.check(io.BytesIO(bad), published)
    with pytest.raises(pack_check.BadPackError, match="none of the keys"):
        pack_check.check(io.BytesIO(text), pack_check.keys_of(b'{"keys": []}'))
    # As docs/audit.md says, with other software than ours.
    end = text.rindex(b"\n", 0, -1) + 1
    published_keys = KeySet.import_key_set(json.loads(jwks()))
    signed = jws.deserialize_compact(lines[-1]["jws"], published_keys, algorithms=["ES256"])
    assert signed.payload is not None
    assert json.loads(signed.payload)["sha256"] == hashlib.sha256(text[:end]).hexdigest()


def test_the_command_writes_a_pack_and_checks_it(
    world: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, published = tmp_path / "pack.jsonl", tmp_path / "jwks.json"
    published.write_bytes(jwks())
    window = ["--from", "2020-01-01", "--to", "2040-01-01T00:00Z"]
    assert main(["audit", "pack", "--person", world.email, *window, "--out", str(file)]) == 0
    assert main(["audit", "pack", "--person", world.email, *window, "--out", str(file)]) != 0
    assert main(["audit", "check", str(file), "--jwks", str(published)]) == 0
    assert "14 rows as http" in capsys.readouterr().out
    file.write_bytes(file.read_bytes().replace(b"patient.read", b"patient.seen", 1))
    assert main(["audit", "check", str(file), "--jwks", str(published)]) == 1
    for wrong in (["--tenant", "tenant-nowhere"], ["--application", "nothing"], ["--person", "nobody@example.com"]):
        assert main(["audit", "pack", *wrong, *window]) != 0
    assert main(["audit", "pack", "--tenant", "tenant-aurora", "--from", "2026-02-01", "--to", "2026-01-01"]) != 0
    assert main(["audit", "pack", "--tenant", "tenant-aurora", "--from", "yesterday", "--to", "2026-01-01"]) != 0
