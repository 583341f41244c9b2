"""Every statement of the gate fits the migrated schema of this run's engine, and none escapes being looked at."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import msgspec
import pytest

from tests.store.conftest import settings_of
from varco.gate.store import CLINICAL, PLATFORM, Row, Schema, Statement, StatementError, Stores

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


class NameRow(Row, frozen=True):
    name: str


@contextmanager
def listed(schema: Schema, text: str) -> Iterator[Statement[NameRow]]:
    """A statement that somebody writes, and does nothing else about."""
    yield Statement(schema, text, NameRow)
    schema.statements.pop()


def faults(database_urls: dict[str, str]) -> dict[str, str]:
    async def ask() -> dict[str, str]:
        stores = Stores(settings_of(database_urls))
        await stores.open()
        try:
            return await stores.faults()
        finally:
            await stores.close()

    return asyncio.run(ask())


def test_every_statement_fits_the_schema_of_its_databases(database_urls: dict[str, str]) -> None:
    assert len(PLATFORM.statements) > 20
    assert len(CLINICAL.statements) > 3
    assert faults(database_urls) == {}


@pytest.mark.parametrize(
    ("schema", "unready"), [(PLATFORM, {"platform"}), (CLINICAL, {"clinic", "sandbox"})], ids=["platform", "clinical"]
)
def test_a_statement_that_does_not_fit_makes_the_gate_unready(
    schema: Schema, unready: set[str], database_urls: dict[str, str]
) -> None:
    with listed(schema, "SELECT name FROM treatment WHERE id = :id"):
        assert faults(database_urls).keys() == unready


@pytest.mark.parametrize(
    "text", ["SELECT name FROM treatment", "SELECT nickname FROM accounts_user", "SELECT FROM WHERE"]
)
def test_a_wrong_statement_is_told_by_name(text: str, database_urls: dict[str, str]) -> None:
    async def prepare() -> None:
        stores = Stores(settings_of(database_urls))
        try:
            for statement in PLATFORM.statements:
                await stores.platform.prepare(statement)
        finally:
            await stores.close()

    with listed(PLATFORM, text), pytest.raises(StatementError, match="test_statements"):
        asyncio.run(prepare())


def test_every_statement_has_a_name() -> None:
    names = [statement.name for schema in (PLATFORM, CLINICAL) for statement in schema.statements]
    assert "clients.CLIENT" in names
    assert [name for name in names if not name.rpartition(".")[2].isupper()] == []


def test_the_columns_of_every_statement_are_those_of_its_row_type(database_urls: dict[str, str], engine: str) -> None:
    columns_of = _columns_in_sqlite if engine == "sqlite" else _columns_in_postgres

    for schema, alias in ((PLATFORM, "platform"), (CLINICAL, "clinic")):
        told = columns_of(database_urls[alias], schema.statements)
        for statement in schema.statements:
            fields = [field.name for field in msgspec.structs.fields(statement.row)] if statement.row else []
            assert told[statement.name] == fields, statement.name


def _columns_in_sqlite(url: str, statements: list[Statement[Any]]) -> dict[str, list[str]]:
    """SQLite names the columns when it runs a statement: in a transaction that is rolled back, with 0 for every value."""
    import sqlite3

    from varco.databases import sqlite_path

    connection = sqlite3.connect(sqlite_path(url), isolation_level=None)
    try:
        connection.execute("BEGIN")
        told = {}
        for statement in statements:
            cursor = connection.execute(statement.sqlite, (0,) * len(statement.parameters))
            told[statement.name] = [column[0] for column in cursor.description or ()]
            cursor.close()
        connection.execute("ROLLBACK")
        return told
    finally:
        connection.close()


def _columns_in_postgres(url: str, statements: list[Statement[Any]]) -> dict[str, list[str]]:
    async def ask() -> dict[str, list[str]]:
        connection = await asyncpg.connect(url)
        try:
            return {
                statement.name: [
                    column.name for column in (await connection.prepare(statement.postgres)).get_attributes()
                ]
                for statement in statements
            }
        finally:
            await connection.close()

    return asyncio.run(ask())
