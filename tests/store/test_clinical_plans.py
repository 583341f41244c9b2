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
    INSERT INTO clinic_treatment (tenant_id, name, code, duration_minutes, vat_code, active, created_at, updated_at)
    {_NUMBERS} SELECT {_TENANT}, 'Visita ' || i, '', 30, 'N4', true, 0, 0 FROM many
    """,
    f"""
    INSERT INTO clinic_agendatreatment (tenant_id, treatment_id, agenda_id, minutes)
    {_NUMBERS} SELECT {_TENANT}, (SELECT min(id) FROM clinic_treatment) + i / 2, (SELECT min(id) FROM clinic_agenda) + i % 2000, 0
    FROM many
    """,
    f"""
    INSERT INTO clinic_agendahours (tenant_id, agenda_id, weekday, opens, closes, is_break, treatments)
    {_NUMBERS} SELECT {_TENANT}, i % 4000, 1 + i % 5, 540, 780, false, '' FROM many
    """,
    f"""
    INSERT INTO clinic_agendaexception (tenant_id, agenda_id, first_day, last_day, opens, closes, is_open, note)
    {_NUMBERS} SELECT {_TENANT}, i % 2000, '2020-01-01', '2020-01-02', 0, 1440, false, '' FROM many
    """,
    f"""
    INSERT INTO clinic_clinicclosure (tenant_id, first_day, last_day, name, is_open)
    {_NUMBERS} SELECT {_TENANT}, '2020-01-01', '2020-01-02', '', false FROM many
    """,
    f"""
    INSERT INTO clinic_occupiedtime (tenant_id, agenda_id, start_at, end_at, appointment_id, hold_id, expires_at)
    {_NUMBERS} SELECT {_TENANT}, i % 10, {NOW} + i * 600, {NOW} + i * 600 + 600, CASE WHEN i % 3 > 0 THEN i END,
                      CASE WHEN i % 3 = 0 THEN i END, CASE WHEN i % 3 = 0 THEN {NOW} + i END FROM many
    """,
    f"""
    INSERT INTO clinic_appointment (tenant_id, agenda_id, patient_id, treatment_id, start_at, end_at, offset_minutes, state, clash,
                                    cancel_reason, booked_by, booked_by_name, booked_through, version, series_id, created_at, updated_at)
    {_NUMBERS} SELECT {_TENANT}, i % 10, (SELECT min(id) FROM clinic_patient) + i % 20, 11, {NOW} + i * 600, {NOW} + i * 600 + 600,
                      60, 'booked', false, '', '', '', '', 1, i / 10, 0, 0 FROM many
    """,
    f"""
    INSERT INTO clinic_appointmentstep (tenant_id, appointment_id, at, act, state, agenda_id, start_at, end_at, offset_minutes, person,
                                        person_name, application_name)
    {_NUMBERS} SELECT {_TENANT}, i / 3, 0, 'booked', 'booked', 7, 0, 1, 60, '', '', '' FROM many
    """,
    f"""
    INSERT INTO clinic_agendahold (tenant_id, agenda_id, treatment_id, start_at, end_at, offset_minutes, person, application_id,
                                   expires_at, version, created_at)
    {_NUMBERS} SELECT {_TENANT}, i % 10, 11, 0, 1, 60, '', 1, {NOW} + i, 1, 0 FROM many
    """,
    f"""
    INSERT INTO clinic_appointmentseries (tenant_id, patient_id, treatment_id, count, created_at)
    {_NUMBERS} SELECT {_TENANT}, i, 11, 2, 0 FROM many
    """,
    f"INSERT INTO clinic_bookinglock (id) {_NUMBERS} SELECT i FROM many WHERE i < 2048",
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


PATIENTS = {"consents", "guardians", "oppositions", "patients"}
"""Folders of statements whose parameters are those of patients, where others have parameters of the same name."""


def of_bookings(first: int) -> dict[str, Any]:
    """Values of statements about agendas and appointments."""
    known: dict[str, Any] = {}
    known |= {
        f"{letter}{number}": first + number if letter == "t" else number for letter in "at" for number in range(200)
    }  # agendas, treatments
    known |= {"first_day": dt.date(2027, 1, 1), "last_day": dt.date(2027, 1, 31)}
    known |= {"since": NOW, "until": NOW + 100_000, "treatment_id": first, "agenda_id": 7}
    known |= {
        "after_start": NOW,
        "patient_id": first + 3,
        "series_id": 7,
        "count": 2,
        "appointment_id": 8,
        "hold_id": 9,
    }
    known |= {
        "start_at": NOW + 102_600,
        "end_at": NOW + 103_200,
        "day_start": NOW,
        "day_end": NOW + 86_400,
        "daily_cap": 20,
    }
    known |= {"offset_minutes": 60, "clash": False, "room_id": None, "machine_id": None}
    known |= dict.fromkeys(("booked_by", "booked_by_name", "booked_through", "cancel_reason", "state", "act"), "x")
    return known


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
    if statement.name.split(".")[1] not in PATIENTS:
        known |= of_bookings(first)
    known |= {"at": NOW, "application_id": 1}  # of an access record, with texts for the rest
    known |= dict.fromkeys(("operation", "category", "person", "person_name", "person_kind", "application_name"), "x")
    known |= dict.fromkeys(("outcome", "patients", "detail", "network", "request_id"), "x")
    return tuple(known[name] for name in statement.parameters)


def test_what_answers_a_part_of_what_there_is_keeps_no_other_waiting() -> None:
    """PENDING_EVENTS reads the first rows of its primary key, for the gate itself; an identifier has one patient, a treatment some agendas."""
    short = {
        "audit.PENDING_EVENTS",
        "api.patients.sql.PATIENTS_IDENTIFIED",
        "api.availabilities.sql.AGENDAS_OF_TREATMENT",
    }
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
