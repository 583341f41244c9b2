"""Each filter of the access log is found in an index: five million records are no slower than a page of them (S41)."""

import pytest
from django.db import connections
from django.db.models import QuerySet

from tests.support import access_rows
from varco.clinical.access.records import Wanted
from varco.clinical.models import AccessRecord

pytestmark = pytest.mark.django_db(databases=["default", "clinic", "sandbox"])

CLINIC = ("clinic", "tenant-aurora")
UNIQUE = "sqlite_autoindex_clinic_accesspatient_1"  # what SQLite calls it
FILTERS = {
    "everything": (Wanted(*CLINIC), "access_of_tenant"),
    "time": (Wanted(*CLINIC, since=1, until=2), "access_of_tenant"),
    "person": (Wanted(*CLINIC, person="sub-dario"), "access_of_person"),
    "person and time": (Wanted(*CLINIC, person="sub-dario", since=1, until=2), "access_of_person access_of_tenant"),
    "application": (Wanted(*CLINIC, application_id=7), "access_of_application"),
    "person and application": (Wanted(*CLINIC, person="sub-dario", application_id=7), "access_of_both"),
    "patient": (Wanted(*CLINIC, patient=3), f"access_patient_once {UNIQUE}"),
    "patient and person": (
        Wanted(*CLINIC, patient=3, person="sub-dario"),
        f"access_patient_once access_of_person {UNIQUE}",
    ),
}


@pytest.fixture
def many(db: None) -> None:
    """Records of many clinics, people, applications and patients; few of each."""
    access_rows.record(0)
    fields = access_rows.FIELDS
    rows = [
        AccessRecord(
            **fields
            | {
                "at": access_rows.START + number,
                "tenant_id": "tenant-aurora" if number % 2 else f"tenant-{number % 50}",
                "person": f"sub-{number % 97}",
                "application_id": number % 89,
                "patients": str(number % 83),
            }
        )
        for number in range(3000)
    ]
    AccessRecord.objects.using("clinic").bulk_create(rows)
    access_rows.records([])
    with connections["clinic"].cursor() as cursor:
        cursor.execute("ANALYZE")
        if connections["clinic"].vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")


def page(wanted: Wanted) -> QuerySet[AccessRecord]:
    return wanted.found().order_by(f"-{wanted.time}", "-pk")[:26]


@pytest.mark.parametrize("name", FILTERS)
def test_a_page_of_the_log_is_read_from_an_index(many: None, name: str) -> None:
    wanted, index = FILTERS[name]
    plan = page(wanted).explain()
    assert any(each in plan for each in index.split()), plan
    assert "SCAN clinic_access" not in plan, plan
    assert "Seq Scan" not in plan, plan
