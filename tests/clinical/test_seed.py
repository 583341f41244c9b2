"""Fiscal codes of the demo's patients are valid ones."""

import datetime as dt
import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import FrozenClock
from varco.clinical.agenda.local_days import holiday
from varco.clinical.fiscal_code import check_letter, code_fault, fiscal_code
from varco.clinical.models import Agenda, AgendaHours, Appointment, OccupiedTime, Patient, PatientIdentifier
from varco.clinical.phones import e164
from varco.clinical.seed import services
from varco.clinical.seed.patients import invented

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        # Published examples, with their check letters.
        (("Mario", "Rossi", "M", date(1980, 1, 1), "H501"), "RSSMRA80A01H501U"),
        (("Matteo", "Moretti", "M", date(1925, 4, 9), "F205"), "MRTMTT25D09F205Z"),
        (("Samantha", "Miller", "F", date(1982, 9, 25), "Z404"), "MLLSNT82P65Z404U"),
    ],
)
def test_a_fiscal_code_is_computed_as_the_decree_says(person: tuple[str, str, str, date, str], expected: str) -> None:
    assert fiscal_code(*person) == expected


@pytest.mark.parametrize(
    ("first", "last", "letters"),
    [
        ("Ada", "Fo", "FOXDAA"),
        ("Gianfranco", "D'Angelo", "DNGGFR"),
        ("Nicolò", "De Sanctis", "DSNNCL"),
        ("Io", "Aia", "AIAIOX"),
    ],
)
def test_short_accented_and_apostrophed_names_give_six_letters(first: str, last: str, letters: str) -> None:
    assert fiscal_code(first, last, "M", date(2001, 6, 9), "D969")[:6] == letters


def test_invented_patients_have_distinct_codes_that_check() -> None:
    people = list(invented("aurora", 300))
    codes = {person.fiscal_code for person in people}
    assert len(codes) == 300
    assert all(re.fullmatch(r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]", code) for code in codes)
    assert all(check_letter(code[:15]) == code[15] for code in codes)


def test_the_same_clinic_gets_the_same_patients_and_another_clinic_others() -> None:
    assert list(invented("aurora", 20)) == list(invented("aurora", 20))
    assert not {person.fiscal_code for person in invented("aurora", 100)} & {
        person.fiscal_code for person in invented("levante", 100)
    }


def test_a_tenant_is_filled_once_and_in_its_own_database(db: None) -> None:
    for _ in range(2):
        services.fill(
            "tenant-x", database="sandbox", seed="x", patients=5, agendas=[("Prelievi", "Lia Leone", "#46617a")]
        )
    written = Patient.objects.using("sandbox").filter(tenant_id="tenant-x").values_list("fiscal_code", flat=True)
    assert sorted(written) == sorted(person.fiscal_code for person in invented("x", 5))
    assert Agenda.objects.using("sandbox").get(tenant_id="tenant-x", kind="doctor").name == "Prelievi"
    assert not Patient.objects.using("clinic").exists()
    shown = Patient.objects.using("sandbox").filter(tenant_id="tenant-x").exclude(identifiers="").count()
    assert PatientIdentifier.objects.using("sandbox").filter(kind="passport").count() == shown


def test_new_agendas_have_appointments_around_today_that_their_rules_allow(db: None, frozen: FrozenClock) -> None:
    agendas = [("Prelievi", "Lia Leone", "#46617a"), ("Cardiologia", "", "")]
    services.fill("tenant-x", database="sandbox", seed="x", patients=40, agendas=agendas)
    rows = Appointment.objects.using("sandbox").filter(tenant_id="tenant-x")
    days = {dt.datetime.fromtimestamp(row.start_at, ROME).date() for row in rows}
    today = dt.datetime.fromtimestamp(frozen.seconds, ROME).date()
    assert min(days) < today < max(days)
    assert all(day.isoweekday() < 6 and not holiday(day) for day in days)
    assert {row.state for row in rows if row.start_at >= frozen.seconds} == {"booked", "confirmed"}
    assert {row.state for row in rows if row.start_at < frozen.seconds} <= {"done", "absent", "cancelled"}
    blocks = list(AgendaHours.objects.using("sandbox").filter(tenant_id="tenant-x"))
    for row in rows:
        local = dt.datetime.fromtimestamp(row.start_at, ROME)
        begins = local.hour * 60 + local.minute
        ends = begins + (row.end_at - row.start_at) // 60
        of_day = [block for block in blocks if (block.agenda_id, block.weekday) == (row.agenda_id, local.isoweekday())]
        assert any(not block.is_break and block.opens <= begins and ends <= block.closes for block in of_day)
        assert not any(block.is_break and block.opens < ends and begins < block.closes for block in of_day)
    assert OccupiedTime.objects.using("sandbox").count() == rows.exclude(state="cancelled").count()


def test_invented_patients_fit_their_codes_and_some_have_a_passport_too() -> None:
    people = list(invented("aurora", 100))
    assert {code_fault(person.fiscal_code) for person in people} == {None}
    assert {e164(person.phone) if person.phone else "" for person in people} == {person.phone_e164 for person in people}
    assert 3 < sum("passport" in person.identifiers for person in people) < 30
