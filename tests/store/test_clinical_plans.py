"""No statement about clinical data reads more of a clinic of very many rows than it answers."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from tests.support.plans import postgres_rows_read, sqlite_steps
from varco.databases import sqlite_path
from varco.gate.store import CLINICAL, LongStatement, Statement

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

MANY = 10_000
"""Rows of each table, all of one clinic, but for one row in twenty."""

NOW = 1_800_000_000
READ_AT_MOST = 500
"""Rows of all tables together; a page has fifty."""

STEPS_AT_MOST = 20_000
"""Of SQLite's machine: some two hundred rows with all their columns. To look at every row of a table takes 50,000 and more."""

_NUMBERS = f"WITH RECURSIVE many(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM many WHERE i < {MANY})"
_TENANT = "CASE WHEN i % 20 = 0 THEN 'tenant-' || i ELSE 'tenant-huge' END"
_DATE = "CAST('19' || (10 + i % 90) || '-' || (10 + i % 3) || '-' || (10 + i % 19) AS {date})"
_FILLED = (
    f"""
    INSERT INTO clinic_patient (tenant_id, first_name, last_name, search_name, fiscal_code, sex, email, phone, phone_e164,
                                state, birth_date, version, created_at, updated_at)
    {_NUMBERS} SELECT {_TENANT}, 'Anna ' || i, 'Neri' || i % 100, 'neri' || i % 100 || ' anna ' || i,
                      CASE WHEN i % 2 = 0 THEN '' ELSE 'FC' || i END, '', '', '',
                      CASE WHEN i % 3 = 0 THEN '' ELSE '+39' || i % 500 END, CASE WHEN i % 50 = 1 THEN 'archived' ELSE 'active' END,
                      {_DATE}, 1, 0, 0 FROM many
    """,
    f"""
    INSERT INTO clinic_patientidentifier (tenant_id, patient_id, kind, issuer, value)
    {_NUMBERS} SELECT {_TENANT}, i, CASE WHEN i % 2 = 0 THEN 'stp' ELSE 'other' END, 'asl', 'ID' || i FROM many
    """,
    f"""
    INSERT INTO clinic_patientmerge (tenant_id, survivor_id, duplicate_id, taken, fiscal_code, identifiers, state, merged_by, merged_at)
    {_NUMBERS} SELECT {_TENANT}, i, -i, '[]', '', '', 'active', 'sub', 0 FROM many
    """,
    f"""
    INSERT INTO clinic_patientguardian (tenant_id, patient_id, name, relation, phone, email, version)
    {_NUMBERS} SELECT {_TENANT}, i, '', 'mother', '', '', 1 FROM many
    """,
    f"""
    INSERT INTO clinic_patientconsent (tenant_id, patient_id, kind, text_version, given_on, recorded_by, recorded_by_name,
                                       recorded_at, version)
    {_NUMBERS} SELECT {_TENANT}, i, 'privacy', '1', {_DATE}, 'sub', '', 0, 1 FROM many
    """,
    f"""
    INSERT INTO clinic_patientopposition (tenant_id, patient_id, opposed, since, recorded_by, recorded_by_name, recorded_at)
    {_NUMBERS} SELECT {_TENANT}, i, true, {_DATE}, 'sub', '', 0 FROM many
    """,
    f"""
    INSERT INTO clinic_agenda (tenant_id, name, doctor_name, color, active, created_at, updated_at)
    {_NUMBERS} SELECT {_TENANT}, 'Sala ' || i, '', '', true, 0, 0 FROM many
    """,
    f"""
    INSERT INTO clinic_idempotencykey (id, fingerprint, status, headers, body, created_at, expires_at)
    {_NUMBERS} SELECT 'key' || i, '', 201, '', '', 0, {NOW} FROM many
    """,
    f"INSERT INTO clinic_pendingevent (event_id, event) {_NUMBERS} SELECT 'event' || i, '' FROM many",
)


@pytest.fixture
def _huge_clinic(engine: str) -> Iterator[None]:
    with connections["clinic"].cursor() as cursor:
        for text in _FILLED:
            cursor.execute(text.replace("AS {date}", "AS text" if engine == "sqlite" else "AS date"))
        cursor.execute("ANALYZE")
    yield
    if engine == "sqlite":  # the next test has its rows without these statistics
        with connections["clinic"].cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")


def of_patients(first: int) -> dict[str, Any]:
    """Values of the statements about patients and what hangs on them."""
    day = "1977-11-12" if connections["clinic"].vendor == "sqlite" else dt.date(1977, 11, 12)
    days = ("birth_date", "given_on", "confirm_from", "confirmed_on", "withdrawn_on", "since", "valid_from", "valid_to")
    known: dict[str, Any] = dict.fromkeys(days, day)
    known |= dict.fromkeys(("name", "relation", "text_version", "recorded_by", "recorded_by_name", "merged_by"), "x")
    known |= dict.fromkeys(("sex", "email", "phone_e164", "birth_place", "identifiers", "issuer"), "")
    return known | {
        "born": None,
        "phones": "%",
        "phone": "+3977",
        "state": "active",
        "identifier": "FCNEW",
        "survivor": first,
        "patient": first,
        "guardian": None,
        "opposed": True,
        "taken": "[]",
        "kind": "other",
        "value": "IDNEW",
    }


def values_of(statement: Statement[Any]) -> tuple[Any, ...]:
    """Values as an endpoint would give, about the clinic that has nearly all rows."""
    with connections["clinic"].cursor() as cursor:
        cursor.execute("SELECT min(id) FROM clinic_patient")
        first = cursor.fetchone()[0]
    known: dict[str, Any] = {
        "tenant_id": "tenant-huge",
        "id": "new" if statement.name.startswith("idempotency.") else first + MANY // 2 - 1,
        "fiscal_code": "FCNEW",
        "first": "neri77",
        "beyond": "neri77\U0010ffff",
        "pattern1": "% neri77%",
        "pattern2": "% anna%",
        "pattern3": "%",
        "after_text": "neri5",
        "after_id": 0,
        "limit": 51,
        "offset": 0,
        "version": 1,
        "now": NOW,
        "created_at": NOW,
        "expires_at": NOW,
        "status": 201,
    }
    known |= of_patients(first)
    known |= dict.fromkeys(("body", "headers", "fingerprint", "event", "event_id"), "")
    known |= dict.fromkeys(("first_name", "last_name", "search_name"), "neri7")
    known |= {"at": NOW, "application_id": 1}  # of an access record, with texts for the rest
    known |= dict.fromkeys(("operation", "category", "person", "person_name", "person_kind", "application_name"), "x")
    known |= dict.fromkeys(("outcome", "patients", "detail", "network", "request_id"), "x")
    return tuple(known[name] for name in statement.parameters)


def test_what_answers_a_part_of_what_there_is_keeps_no_other_waiting() -> None:
    """PENDING_EVENTS reads the first rows of its primary key, for the gate itself; an identifier has one patient."""
    short = {"audit.PENDING_EVENTS", "api.patients.sql.PATIENTS_IDENTIFIED"}
    parts = [statement for statement in CLINICAL.statements if " LIMIT " in statement.postgres]
    assert {statement.name for statement in parts if not isinstance(statement, LongStatement)} == short
    assert len(parts) > len(short)


@pytest.mark.usefixtures("_huge_clinic")
def test_no_statement_reads_more_of_a_huge_clinic_than_it_answers(database_urls: dict[str, str], engine: str) -> None:
    pairs = [(statement, values_of(statement)) for statement in CLINICAL.statements]
    if engine == "sqlite":
        cost, most = sqlite_steps(sqlite_path(database_urls["clinic"]), pairs), STEPS_AT_MOST
    else:
        cost, most = asyncio.run(postgres_rows_read(database_urls["clinic"], pairs)), READ_AT_MOST
    assert {name: spent for name, spent in cost.items() if spent > most} == {}
    assert len(cost) >= len(pairs) > 3
