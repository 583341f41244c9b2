"""A database of a few tables for the tests of the store, on the engine of the run, and another connection to it."""

import asyncio
import contextlib
import datetime as dt
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path

import psycopg

from varco.gate.store import Database, KeyedStatement, LongStatement, Row, Schema, Statement
from varco.gate.store.engine import READ_SECONDS
from varco.gate.store.postgres import PostgresDatabase
from varco.gate.store.sqlite import SqliteDatabase

SCRATCH = Schema("scratch")

TABLES = """
    CREATE TABLE kept (
        id bigint PRIMARY KEY, value text NOT NULL, day date, done boolean NOT NULL,
        parent bigint REFERENCES kept (id) DEFERRABLE INITIALLY DEFERRED
    )
"""


class KeptRow(Row, frozen=True):
    id: int
    value: str
    day: dt.date | None
    done: bool


class IdRow(Row, frozen=True):
    id: int


_KEPT = "SELECT id, value, day, done FROM kept"
_INSERT = "INSERT INTO kept (id, value, done, parent) VALUES"

KEPT = Statement(SCRATCH, f"{_KEPT} WHERE id = :id", KeptRow)
KEPT_BY_KEY = KeyedStatement(SCRATCH, f"{_KEPT} WHERE id = :id AND value <> :other", KeptRow, key="id")
ALL = Statement(SCRATCH, f"{_KEPT} ORDER BY id", KeptRow)
ALL_APART = LongStatement(SCRATCH, f"{_KEPT} WHERE id > :beyond ORDER BY id", KeptRow)
ENDLESS = LongStatement(
    SCRATCH,
    """
    WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id % :parts + 1 FROM n)
    SELECT max(id) AS id FROM (SELECT id FROM n WHERE id > 0) every
    """,
    IdRow,
)
ADD = Statement(SCRATCH, f"{_INSERT} (:id, :value, false, NULL)")
ADD_TOLD = Statement(SCRATCH, f"{_INSERT} (:id, :value, false, NULL) RETURNING id, value, day, done", KeptRow)
ADD_CHILD = Statement(SCRATCH, f"{_INSERT} (:id, 'child', false, :parent)")
FINISH = Statement(SCRATCH, "UPDATE kept SET done = true WHERE id = :id AND NOT done RETURNING id", IdRow)


class Scratch:
    """`database()` is what is tested; `rows` and `locked` go by a connection of their own."""

    def __init__(self, engine: str, directory: Path, server: str = os.environ.get("VARCO_TEST_POSTGRES", "")) -> None:
        """`server`: address of a PostgreSQL, by default that of the run."""
        self.engine = engine
        self.path = directory / "scratch.sqlite3"
        self._server = server
        self._name = f"scratch_{os.getpid()}"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}" if self.engine == "sqlite" else f"{self._server}/{self._name}"

    def create(self) -> "Scratch":
        """The database, with its tables."""
        if self.engine == "sqlite":
            with contextlib.closing(sqlite3.connect(self.path)) as connection:
                connection.executescript(f"PRAGMA journal_mode=WAL; {TABLES}")
        else:
            self._administer(f"CREATE DATABASE {self._name}")
            with psycopg.connect(self.url) as there:
                there.execute(TABLES.encode())
        return self

    def drop(self) -> None:
        if self.engine == "postgres":
            self._administer(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    def _administer(self, command: str) -> None:
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as connection:
            connection.execute(command.encode())

    @contextlib.asynccontextmanager
    async def database(self, size: int = 3, read_seconds: float = READ_SECONDS) -> AsyncIterator[Database]:
        """The store under test, open; on PostgreSQL with at most so many connections."""
        database: Database
        if self.engine == "sqlite":
            database = SqliteDatabase(str(self.path), patience=0.3, read_seconds=read_seconds)
        else:
            database = PostgresDatabase(self.url, size=size, read_seconds=read_seconds)
        await database.open()
        try:
            yield database
        finally:
            await database.close()

    def sqlite(self) -> SqliteDatabase:
        return SqliteDatabase(str(self.path), patience=0.3)

    def rows(self) -> dict[int, str]:
        """What is committed: id and value."""
        query = "SELECT id, value FROM kept ORDER BY id"
        if self.engine == "sqlite":
            with contextlib.closing(sqlite3.connect(self.path)) as connection:
                return dict(connection.execute(query).fetchall())
        with psycopg.connect(self.url) as there:
            return dict(there.execute(query).fetchall())

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Another connection has what a write needs."""
        if self.engine == "sqlite":
            with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
                other.execute("ROLLBACK")
        else:
            with psycopg.connect(self.url) as there:
                there.execute("LOCK TABLE kept IN SHARE MODE")
                yield
                there.rollback()


async def outcomes(*acts: Awaitable[object]) -> list[object]:
    """What calls made at one moment came to: their answers, or the types of their errors."""
    ended = await asyncio.gather(*acts, return_exceptions=True)
    return [type(end) if isinstance(end, BaseException) else end for end in ended]
