"""Spoiled installations: each gets one line that names the fault and the cure, from `varco doctor` and from the start."""

import dataclasses
import logging
import os
import socket
import sqlite3
import stat
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import make_password
from django.db.utils import ConnectionHandler

from tests.conftest import FrozenClock
from tests.support import people, spoiled_keys
from tests.support.commands import MASTER_KEY, Databases, varco
from tests.support.postgres import free_port
from varco import clock, config, databases, sealing
from varco.accounts import services as accounts
from varco.accounts.models import User
from varco.config import Settings
from varco.keys import services as keys
from varco.keys.models import SigningKey
from varco.mail.models import Message
from varco.ops import cli, database_reasons, doctor, health, ignored_header
from varco.ops.demo import cast
from varco.ops.preflight import OperationError

pytestmark = pytest.mark.django_db(databases=["default", "clinic", "sandbox"])

Told = tuple[list[str], str]
Look = Callable[..., Told]


@pytest.fixture
def sound(tmp_path: Path) -> Settings:
    """The settings of this run, with a data directory of its own."""
    tmp_path.chmod(0o700)
    return dataclasses.replace(django_settings.VARCO, data_dir=tmp_path, demo=False)


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Look:
    """The lines of `varco doctor` that tell a fault, and what a starting server says."""

    def looked(settings: Settings, urls: dict[str, str] | None = None) -> Told:
        changes: dict[str, Any] = {**(urls or {})}
        settings = dataclasses.replace(settings, **changes)
        monkeypatch.setattr(config, "load", lambda: settings)
        monkeypatch.setattr(config, "master_keys", lambda _settings: ())
        if not urls:
            return told(settings)
        with monkeypatch.context() as patch:
            others = ConnectionHandler(databases.django_databases(settings))
            patch.setattr("django.db.connections", others)
            try:
                return told(settings)
            finally:
                others.close_all()

    def told(settings: Settings) -> Told:
        doctor.run()
        faults = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("✓")]
        caplog.clear()
        with caplog.at_level(logging.WARNING, "varco.doctor"):
            try:
                doctor.before_start(settings)
            except OperationError as stopped:
                return faults, f"stopped: {stopped}"
        return faults, "\n".join(record.getMessage() for record in caplog.records)

    return looked


def no_operator(_settings: Settings) -> None:
    User.objects.all().delete()


def operator_without_password(_settings: Settings) -> None:
    User.objects.all().delete()
    accounts.add("olga@vendor.example", platform_role="operator")


def demo_by_its_mark(_settings: Settings) -> None:
    accounts.mark_as_demo()


def demo_of_an_older_version(_settings: Settings) -> None:
    User.objects.create(email=cast.ACCOUNTS[1].email, password=make_password(cast.PASSWORD))


def other_master_key(_settings: Settings) -> None:
    keys.ensure()
    SigningKey.objects.update(sealed_private=sealing.seal((b"x" * 32,), "signing-key", b"private"))


def keys_too_old(_settings: Settings) -> None:
    keys.ensure(algorithms=["ES256"])
    SigningKey.objects.update(retires_at=clock.now() - 2, gone_at=clock.now() - 1)


def proxy_not_trusted(settings: Settings) -> None:
    ignored_header.write(settings.data_dir, "10.1.2.3")


def mail_without_server(_settings: Settings) -> None:
    message = Message(to="a@x.example", subject="Hello", next_try_at=clock.now() - 3600)
    message.save()


def mail_given_up(_settings: Settings) -> None:
    Message(to="a@x.example", subject="Hello", next_try_at=None).save()


def readable_files(settings: Settings) -> None:
    settings.data_dir.chmod(0o755)


SPOILED: dict[str, tuple[Callable[[Settings], None], bool, str, str]] = {
    # name: (what is done, whether it stops a server, the fault, the cure)
    "no operator": (no_operator, False, "nobody can sign in yet", "run: varco account create EMAIL --role operator"),
    "no password": (operator_without_password, False, "nobody can sign in yet: operator olga", "varco account invite-again"),
    "a demo": (demo_by_its_mark, True, "hold the data of a demo", "give this installation databases of its own"),
    "an older demo": (demo_of_an_older_version, True, "hold the data of a demo", "or serve these with: varco demo"),
    "another master key": (other_master_key, True, "sealed under another master key", "put that one into VARCO_MASTER_KEYS"),
    "another key of factors": (spoiled_keys.factors_of_another_master_key, True, "1 of 1 second factors were sealed", "put that one into VARCO_MASTER_KEYS"),
    "one factor's key": (spoiled_keys.one_factor_of_another_master_key, False, "1 of 2 second factors were sealed", "varco account reset-factors"),
    "a restored backup": (spoiled_keys.restored_from_a_backup, False, "newer than the database were accepted (1 noted since", "as docs/backup.md says"),
    "no keys any more": (keys_too_old, False, "no active signing key for RS256, ES256", "run: varco keys ensure"),
    "proxy": (proxy_not_trusted, False, "X-Forwarded-For of 10.1.2.3 is ignored", "VARCO_TRUSTED_PROXIES=10.1.2.3/32"),
    "no mail server": (mail_without_server, False, "1 mails wait and no mail server is set", "set VARCO_SMTP_URL"),
    "mail given up": (mail_given_up, False, "1 mails of the last week were given up", "their last_error"),
    "files of all": (readable_files, True, "can be read by others", "run: chmod 700"),
}  # fmt: skip


def test_a_sound_installation_has_no_line(look: Look, sound: Settings) -> None:
    people.olga()
    assert look(sound) == ([], "")


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_spoiled_gets_one_line_from_both(look: Look, sound: Settings, name: str) -> None:
    people.olga()
    spoil, stops, fault, cure = SPOILED[name]
    spoil(sound)
    (line,), start = look(sound)
    for text in (line, start):
        assert fault in text
        assert cure in text
        assert "\n" not in text
    assert start.startswith("stopped: ") == stops


def test_a_mail_server_that_is_not_there(look: Look, sound: Settings) -> None:
    people.olga()
    (line,), start = look(dataclasses.replace(sound, smtp_url=f"smtp://user:hunter2@127.0.0.1:{free_port()}"))
    for text in (line, start):
        assert "the mail server did not let us in ([Errno 111] Connection refused); correct VARCO_SMTP_URL" in text
        assert "hunter2" not in text


def test_a_rate_limit_store_that_is_not_there(look: Look, sound: Settings) -> None:
    people.olga()
    (line,), start = look(dataclasses.replace(sound, rate_limit_store=f"redis://:hunter2@127.0.0.1:{free_port()}"))
    for text in (line, start):
        assert "the rate-limit store does not answer (Error 111" in text
        assert "start it, or correct VARCO_RATE_LIMIT_STORE" in text
        assert "hunter2" not in text


def test_a_disk_that_is_nearly_full(look: Look, sound: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    people.olga()
    small = dataclasses.replace(sound, platform_database=f"sqlite:///{sound.data_dir}/platform.sqlite3")
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_bavail=512, f_frsize=4096))
    (line,), start = look(small)
    assert "has 2 MiB left; make room, 100 MiB at least" in line
    assert "has 2 MiB left" in start


def test_a_proxy_that_is_trusted_since_or_was_seen_long_ago_is_no_fault(
    look: Look, sound: Settings, frozen: FrozenClock
) -> None:
    people.olga()
    proxy_not_trusted(sound)
    (network,) = config.load(
        {"VARCO_ISSUER": "http://localhost", "VARCO_TRUSTED_PROXIES": "10.0.0.0/8"}
    ).trusted_proxies
    trusting = dataclasses.replace(sound, trusted_proxies=(network,))
    assert not any("proxy" in line for line in look(trusting)[0])
    assert stat.S_IMODE(next(sound.data_dir.iterdir()).stat().st_mode) == 0o600
    assert any("proxy" in line for line in look(sound)[0])
    frozen.advance(8 * 86400)
    assert not any("proxy" in line for line in look(sound)[0])


def _refusing(sock: socket.socket, message: str) -> None:
    """A PostgreSQL that lets nobody in: it answers each start-up with one error (PostgreSQL, "Message Formats")."""
    fields = b"SFATAL\0C28P01\0M" + message.encode() + b"\0\0"
    while True:
        try:
            client, _ = sock.accept()
        except OSError:
            return
        with client:
            while (head := client.recv(8)) and struct.unpack("!II", head)[1] in {80877103, 80877104}:  # TLS, GSSAPI
                client.sendall(b"N")
            if head:
                client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)


@contextmanager
def refusing_server(message: str) -> Iterator[int]:
    """The port of such a server."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        threading.Thread(target=_refusing, args=(sock, message), daemon=True).start()
        yield sock.getsockname()[1]


AWAY = {
    'password authentication failed for user "varco"': ("refuses the password or the user", "correct it in VARCO_PLATFORM_DATABASE"),
    'role "varco" does not exist': ("knows no such user", "createuser"),
    'database "secret_name" does not exist': ("no database of that name", "createdb"),
    'no pg_hba.conf entry for host "127.0.0.1"': ("lets this user not in", "add a line to its pg_hba.conf"),
    "sorry, too many clients already": ("no connection left", "max_connections"),
}  # fmt: skip


@pytest.mark.parametrize("message", AWAY)
def test_a_database_that_lets_nobody_in_says_why(look: Look, sound: Settings, message: str) -> None:
    why, cure = AWAY[message]
    with refusing_server(message) as port:
        url = f"postgresql://varco:hunter2@127.0.0.1:{port}/secret_name"
        (line,), start = look(sound, {"platform_database": url})
    for text in (line, start):
        assert why in text
        assert cure in text
        assert not any(secret in text for secret in ("hunter2", "secret_name", "127.0.0.1"))


def test_a_database_that_is_not_where_it_should_be(look: Look, sound: Settings, tmp_path: Path) -> None:
    nothing = f"postgresql://varco@127.0.0.1:{free_port()}/varco"
    (line,), start = look(sound, {"platform_database": nothing})
    assert "nothing listens there; start PostgreSQL, or correct host and port in VARCO_PLATFORM_DATABASE" in line
    assert line.endswith(start.removeprefix("stopped: "))
    (line,), _ = look(sound, {"platform_database": "postgresql://varco@nowhere.invalid/varco"})
    assert "its host is unknown; correct the host in VARCO_PLATFORM_DATABASE" in line
    (line,), _ = look(sound, {"platform_database": f"sqlite:///{tmp_path}/nothing.sqlite3"})
    assert "database platform" in line
    assert "not there yet; run: varco migrate" in line
    assert not (tmp_path / "nothing.sqlite3").exists()


@contextmanager
def spoiled_for_writing(engine: str, made: Databases) -> Iterator[dict[str, str]]:
    """The platform database of `made`, which answers and cannot be written."""
    if engine == "sqlite":
        file = made.directory / "platform.sqlite3"
        # Of a version that is only read by those who know less: file format, "File format version numbers".
        with file.open("r+b") as database:
            database.seek(18)
            database.write(b"\x03")
        yield {
            f"{name}_database": f"sqlite:///{made.directory}/{name}.sqlite3"
            for name in ("platform", "clinic", "sandbox")
        }
        return
    url = made.settings["platform_database"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on".encode())
    yield made.settings


def test_a_database_that_only_reads(look: Look, sound: Settings, engine: str, tmp_path: Path) -> None:
    with Databases(engine, tmp_path, migrated=tmp_path) as made, spoiled_for_writing(engine, made) as urls:
        (line,), start = look(sound, urls)
        assert line.startswith("✗ writing     database platform cannot be written: ")
        cure = "chown" if engine == "sqlite" else "name the primary in VARCO_PLATFORM_DATABASE"
        assert cure in line
        assert line.endswith(start.removeprefix("stopped: "))


def test_tables_that_the_user_may_not_write(look: Look, sound: Settings, engine: str, tmp_path: Path) -> None:
    if engine == "sqlite":
        return  # it knows no users
    with Databases(engine, tmp_path, migrated=tmp_path) as made:
        url = made.settings["platform_database"]
        role = f"reader_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as connection:
            grants = f"""
                CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
                REVOKE INSERT ON mail_message FROM {role}
            """
            connection.execute(grants.encode())
            try:
                host = url.partition("://")[2].rpartition("@")[2]
                (line,), start = look(sound, made.settings | {"platform_database": f"postgresql://{role}@{host}"})
                assert "may not write table mail_message; as its owner run: GRANT SELECT, INSERT" in line
                assert line.endswith(start.removeprefix("stopped: "))
            finally:
                connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_a_disk_of_the_server_that_is_full(look: Look, sound: Settings, engine: str, tmp_path: Path) -> None:
    if engine == "sqlite":
        for message in ("database or disk is full", "disk I/O error"):
            assert "make room" in database_reasons.of(sqlite3.OperationalError(message))[1]
        return
    full = """
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
        END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON grants_usedjti EXECUTE FUNCTION full_disk();
    """
    with Databases(engine, tmp_path, migrated=tmp_path) as made:
        with psycopg.connect(made.settings["platform_database"], autocommit=True) as connection:
            connection.execute(full)
        (line,), start = look(sound, made.settings)
    assert "database platform cannot be written: its disk is full; make room" in line
    assert line.endswith(start.removeprefix("stopped: "))


def test_a_portal_by_itself_is_not_ready_while_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, engine: str, tmp_path: Path, sound: Settings
) -> None:
    monkeypatch.setattr(health, "_written_at", 0.0)
    keys.ensure()
    with Databases(engine, tmp_path, migrated=tmp_path) as made, spoiled_for_writing(engine, made) as urls:
        changes: dict[str, Any] = dict(urls)
        others = ConnectionHandler(databases.django_databases(dataclasses.replace(sound, **changes)))
        with monkeypatch.context() as patch:
            patch.setattr("django.db.connections", others)
            for _ in range(2):  # one that failed is tried again at once
                (fault,) = health.faults()
                assert fault.startswith("database platform cannot be written: ")
            patch.setattr(health, "writing_faults", list)
            assert health.faults() == []
        others.close_all()


def test_a_server_does_not_serve_a_demo(engine: str, tmp_path: Path) -> None:
    """As a process: the same line, and no port is opened."""
    with Databases(engine, tmp_path, migrated=tmp_path) as made:
        changes: dict[str, Any] = {
            f"{name}_database": f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("platform", "clinic", "sandbox")
        }
        changes |= made.settings
        load = {f"VARCO_{name.upper()}": value for name, value in changes.items()} | {
            "VARCO_ISSUER": "http://localhost"
        }
        others = ConnectionHandler(databases.django_databases(config.load(load)))
        with others["default"].cursor() as cursor:
            cursor.execute("INSERT INTO accounts_demomark (made_at) VALUES (1)")
        others.close_all()
        settings = made.settings | {
            "issuer": "http://localhost:8000",
            "data_dir": str(tmp_path),
            "master_keys": MASTER_KEY,
        }
        run = varco("serve", port=str(free_port()), **settings)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
    assert run.stderr.startswith(
        "varco: these databases hold the data of a demo, whose passwords everybody knows; give"
    )


WRONG_SETTINGS = {
    "a misspelt setting": ({"VARCO_PROT": "8001"}, "VARCO_PROT is not a setting of Varco; did you mean VARCO_PORT?"),
    "no master key": ({"VARCO_MASTER_KEYS": ""}, "no master key: set VARCO_MASTER_KEYS, or run `varco keys master`"),
    "a number out of range": ({"VARCO_PORT": "80000"}, "VARCO_PORT: must be at most 65535"),
    "plain http": ({"VARCO_ISSUER": "http://login.example.org"}, "VARCO_ISSUER: must be https://"),
}


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_wrong_setting_is_the_same_line_from_both(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    changes, said = WRONG_SETTINGS[name]
    monkeypatch.setenv("VARCO_DATA_DIR", str(tmp_path / "data"))
    for variable, value in changes.items():
        monkeypatch.setenv(variable, value)
    mask = os.umask(0o077)
    told = []
    for command in ("doctor", "serve"):
        assert cli.main([command]) == 2
        told.append(capsys.readouterr().err)
    os.umask(mask)
    assert told[0] == told[1]
    assert said in told[0]
    assert told[0].count("\n") == 1
