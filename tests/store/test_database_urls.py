"""A database URL means the same to Django (migrate, doctor, portal) and to the gate: tried on both, on servers with and without TLS."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError
from django.db.utils import ConnectionHandler
from psycopg.conninfo import conninfo_to_dict

from tests.support.postgres import Cluster, free_port
from tests.support.tls import make_certificate
from varco import config, databases, postgres_url
from varco.database_away import database_away
from varco.gate.store.connecting import Connector
from varco.gate.store.postgres import _AWAY

ASKED = """
    SELECT CASE WHEN ssl THEN 'tls' ELSE 'plain' END, coalesce(client_dn, ''), current_setting('port'),
           current_setting('application_name'), current_setting('work_mem')
    FROM pg_stat_ssl WHERE pid = pg_backend_pid()
"""
Found = tuple[str, ...]


def through_django(url: str) -> Found:
    """What Django's connection says of itself; raises `psycopg.Error`."""
    settings = config.load({"VARCO_ISSUER": "http://localhost", "VARCO_PLATFORM_DATABASE": url})
    connection = ConnectionHandler({"default": databases.django_databases(settings)["default"]})["default"]
    opened = connection.get_new_connection(connection.get_connection_params())
    try:
        return tuple(opened.cursor().execute(ASKED.encode()).fetchone())
    finally:
        opened.close()


def through_the_gate(url: str) -> Found:
    """What the gate's connection says of itself."""

    async def ask() -> Found:
        connection = await Connector(url, {"enable_hashjoin": "off"}, command_timeout=5)()
        try:
            return tuple(await connection.fetchrow(ASKED))
        finally:
            await connection.close()

    return asyncio.run(ask())


PLANES = (through_django, through_the_gate)


@dataclass
class Servers:
    """`tls` speaks TLS with a certificate of `localhost` at `root`; `reading` speaks none and takes no writes."""

    tls: Cluster
    reading: Cluster
    root: Path
    key: Path
    other_root: Path
    nobody: int

    def fill(self, text: str) -> str:
        values: dict[str, Any] = {
            "tls": self.tls.port,
            "reading": self.reading.port,
            "nobody": self.nobody,
            "root": self.root,
            "key": self.key,
            "other": self.other_root,
            "socket": self.tls.directory,
            "quoted": str(self.tls.directory).replace("/", "%2F"),
        }
        return f"postgresql://{text.format(**values)}"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    root, key = make_certificate(tmp_path_factory.mktemp("right"), by_number=False)
    other, _ = make_certificate(tmp_path_factory.mktemp("wrong"), by_number=False)
    tls = Cluster(durable=False, certificate=(root, key)).start()
    reading = Cluster("default_transaction_read_only=on", durable=False).start()
    yield Servers(tls, reading, root, key, other, free_port())
    tls.stop()
    reading.stop()


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("varco@localhost:{tls}/postgres", ("tls", "", "{tls}")),
        ("varco@localhost:{tls}/postgres?sslmode=disable", ("plain", "", "{tls}")),
        ("varco@localhost:{tls}/postgres?sslmode=allow", ("plain", "", "{tls}")),
        ("varco@localhost:{reading}/postgres?sslmode=prefer", ("plain", "", "{reading}")),
        ("varco@localhost:{tls}/postgres?sslmode=require", ("tls", "", "{tls}")),
        ("varco@localhost:{tls}/postgres?sslmode=verify-full&sslrootcert={root}", ("tls", "", "{tls}")),
        ("varco@127.0.0.1:{tls}/postgres?sslmode=verify-ca&sslrootcert={root}", ("tls", "", "{tls}")),
        (
            "varco@localhost:{tls}/postgres?sslmode=verify-full&sslrootcert={root}&sslcert={root}&sslkey={key}",
            ("tls", "/CN=localhost", "{tls}"),
        ),
        ("varco@localhost:{nobody},localhost:{tls}/postgres", ("tls", "", "{tls}")),
        ("varco@/postgres?host=127.0.0.1,localhost&port={nobody},{tls}", ("tls", "", "{tls}")),
        (
            "varco@localhost:{reading},localhost:{tls}/postgres?target_session_attrs=read-write",
            ("tls", "", "{tls}"),
        ),
        (
            "varco@localhost:{tls},localhost:{reading}/postgres?target_session_attrs=read-only",
            ("plain", "", "{reading}"),
        ),
        ("varco@localhost:{tls},localhost:{reading}/postgres?target_session_attrs=primary", ("tls", "", "{tls}")),
        (
            "varco@localhost:{nobody},localhost:{tls}/postgres?target_session_attrs=prefer-standby",
            ("tls", "", "{tls}"),
        ),
        ("varco@/postgres?host={socket}&port={tls}", ("plain", "", "{tls}")),
        ("varco@{quoted}:{tls}/postgres?sslmode=verify-full&sslrootcert={root}", ("plain", "", "{tls}")),
        (
            "varco@localhost:{tls}/?dbname=postgres&connect_timeout=2&application_name=a%20b&options=-c%20work_mem%3D5MB",
            ("tls", "", "{tls}", "a b", "5MB"),
        ),
    ],
)
def test_a_url_that_is_taken(servers: Servers, plane: Callable[[str], Found], url: str, expected: Found) -> None:
    found = plane(servers.fill(url))
    assert found[: len(expected)] == tuple(
        part.format(tls=servers.tls.port, reading=servers.reading.port) for part in expected
    )


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize(
    "url",
    [
        "varco@localhost:{reading}/postgres?sslmode=require",
        "varco@localhost:{reading}/postgres?sslmode=verify-full&sslrootcert={root}",
        "varco@localhost:{tls}/postgres?sslmode=verify-full&sslrootcert={other}",
        "varco@localhost:{tls}/postgres?sslmode=verify-ca&sslrootcert={other}",
        "varco@localhost:{tls}/postgres?sslmode=require&sslrootcert={other}",
        "varco@127.0.0.1:{tls}/postgres?sslmode=verify-full&sslrootcert={root}",
        "varco@localhost:{reading}/postgres?target_session_attrs=read-write",
        "varco@localhost:{nobody}/postgres",
    ],
)
def test_a_url_that_comes_to_nothing(servers: Servers, plane: Callable[[str], Found], url: str) -> None:
    with pytest.raises((psycopg.OperationalError, *_AWAY)):
        plane(servers.fill(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@h:1/d",
        "postgres://u:p%40%3A%2F@h/d",
        "postgresql://u@h1:1,h2,[::1]:3/d?connect_timeout=7&application_name=a+b",
        "postgresql://%2Ftmp%2Fx/d",
        "postgresql:///d?host=/tmp/a,/tmp/b&port=7&user=u&password=p%26",
        "postgresql://h/a?dbname=b",
        "postgresql://u:p/w@h/d",
        "postgresql://u:p@w@h/d",
    ],
)
def test_a_url_is_read_as_libpq_reads_it(url: str) -> None:
    try:
        theirs = {name: value for name, value in conninfo_to_dict(url).items() if value}
        ours = postgres_url.parse(url)
    except ValueError:
        assert url.endswith("w@h/d")  # what libpq takes for a host of that name, if for anything
        return
    count = len(ours.hosts)
    hosts, ports = str(theirs.pop("host")).split(","), str(theirs.pop("port", "")).split(",")
    ports = ports * count if len(ports) == 1 else ports
    assert ours.hosts == tuple((host, int(port or 5432)) for host, port in zip(hosts, ports, strict=True))
    named = {"dbname": ours.name, "user": ours.user, "password": ours.password} | dict(ours.options)
    assert {name: value for name, value in named.items() if value} == theirs


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://h/d?sslmod=require", "the parameter 'sslmod'"),
        ("postgresql://h/d?keepalives=1", "the parameter 'keepalives'"),
        ("postgresql://h/d?sslmode=on", "sslmode must be one of disable,"),
        ("postgresql://h/d?target_session_attrs=rw", "target_session_attrs must be one of any,"),
        ("postgresql://h/d?connect_timeout=soon", "connect_timeout must be a whole number"),
        (
            "postgresql://h/d?sslmode=require&sslrootcert=/nowhere/root.crt",
            "sslrootcert names a file that is not there",
        ),
        ("postgresql://h/d?sslmode=require&sslmode=disable", "sslmode must be given once"),
        ("postgresql://h/d?sslmode", "sslmode must be given once, with a value"),
        ("postgresql://h", "must name a database"),
        ("postgresql://h:70000/d", "ports between 1 and 65535"),
        ("postgresql://h1,h2,h3/d?port=1,2", "port must have one port for all hosts"),
        ("postgresql://user:pa@ss@h/d", "write @ : / ? of a password"),
        ("mysql://h/d", "must be sqlite:///path/to/file or postgresql://"),
    ],
)
def test_a_url_that_is_refused_is_named_with_its_fault_and_without_its_password(url: str, words: str) -> None:
    with pytest.raises(config.ConfigError) as refused:
        config.load({"VARCO_ISSUER": "http://localhost", "VARCO_CLINIC_DATABASE": url})
    assert str(refused.value).startswith("VARCO_CLINIC_DATABASE: ")
    assert words in str(refused.value)
    assert "pa@ss" not in str(refused.value)


def test_a_server_that_only_reads_is_away_for_the_portal_and_one_without_a_table_is_not(servers: Servers) -> None:
    entry = postgres_url.parse(servers.fill("varco@localhost:{reading}/postgres")).django()
    connection = ConnectionHandler({"default": entry})["default"]
    opened = connection.get_new_connection(connection.get_connection_params())
    try:
        for statement, away in ((b"CREATE TABLE made (id int)", True), (b"SELECT * FROM nowhere", False)):
            with pytest.raises(DatabaseError) as refused, connection.wrap_database_errors:
                opened.execute(statement)
            assert database_away(refused.value) is away
            opened.rollback()
    finally:
        opened.close()
