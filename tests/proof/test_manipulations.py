"""Whoever has the databases and changes a row is found out: twenty-odd manipulations by SQL, each named with its row (S42)."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connections

from tests.support import access_rows
from varco.audit.models import ChainHead
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.chains.verifying import Verdict, Wrong
from varco.keys import services as keys
from varco.proof import upkeep
from varco.proof.verification import verify

pytestmark = pytest.mark.django_db(databases=["default", "clinic", "sandbox"])

ROWS = 12
AURORA, LEVANTE, PLATFORM = "clinic:tenant-aurora", "clinic:tenant-levante", "platform"
A, E = "clinic_accessrecord", "audit_event"


def sql(text: str, alias: str = "clinic") -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(text)


def at(place: int, tenant: str = "tenant-aurora") -> str:
    return f"tenant_id = '{tenant}' AND seq = {place}"


@pytest.fixture(autouse=True)
def world(db: None) -> None:
    """Two clinics and the platform with some rows, linked; heads signed in the middle and at the end."""
    keys.ensure(algorithms=["ES256"])
    for number in range(ROWS):
        record(Tag.ACCOUNT_SIGNED_IN, Origin(ip=f"192.0.2.{number}"), step=number)
        if number == ROWS // 2:
            access_rows.records(range(ROWS // 2))
            access_rows.records(range(ROWS // 2), tenant_id="tenant-levante")
            upkeep.sign_now()
    access_rows.records(range(ROWS // 2, ROWS))
    upkeep.sign_now()
    access_rows.records(range(ROWS, ROWS + 2))


def faults() -> dict[str, Verdict]:
    return {verdict.stream: verdict for verdict in verify() if verdict.fault}


@dataclass(frozen=True)
class Manipulation:
    name: str
    act: Callable[[], None]
    wrong: Wrong
    place: int
    stream: str = AURORA


def swap(one: int, other: int) -> None:
    for before, after in ((one, -1), (other, one), (-1, other)):
        sql(f"UPDATE {A} SET seq = {after} WHERE {at(before)}")


def copy_of_a_row_put_in() -> None:
    """Everything after it moves on by one, as it would after a real one."""
    sql("UPDATE clinic_accessrecord SET seq = seq + 100 WHERE tenant_id = 'tenant-aurora' AND seq >= 5")
    columns = (
        "at, tenant_id, operation, category, person, person_name, person_kind, application_id, application_name, outcome,"
        " patients, detail, network, request_id, digest"
    )
    sql(f"INSERT INTO {A} (seq, {columns}) SELECT 5, {columns} FROM {A} WHERE {at(3)}")
    sql("UPDATE clinic_accessrecord SET seq = seq - 99 WHERE tenant_id = 'tenant-aurora' AND seq > 100")


def renumbered_after_a_removal() -> None:
    sql(f"DELETE FROM {A} WHERE {at(4)}")
    for place in range(5, ROWS + 3):
        sql(f"UPDATE {A} SET seq = {place - 1} WHERE {at(place)}")


def end_cut_off_and_state_moved_back() -> None:
    sql("DELETE FROM clinic_accessrecord WHERE tenant_id = 'tenant-aurora' AND seq > 13")
    sql("UPDATE clinic_accesschain SET seq = 13 WHERE stream = 'clinic:tenant-aurora'")


def whole_clinic_removed() -> None:
    sql("DELETE FROM clinic_accessrecord WHERE tenant_id = 'tenant-levante'")
    sql("DELETE FROM clinic_accesspatient WHERE tenant_id = 'tenant-levante'")
    sql("DELETE FROM clinic_accesschain WHERE stream = 'clinic:tenant-levante'")


def forged_cut() -> None:
    """As if the first rows had been removed because they were old."""
    sql("DELETE FROM clinic_accessrecord WHERE tenant_id = 'tenant-aurora' AND seq <= 3")
    sql(
        "INSERT INTO audit_chainhead (stream, seq, digest, kind, at, kid, jws)"
        " SELECT stream, 3, digest, 'cut', at, kid, jws FROM audit_chainhead WHERE stream = 'clinic:tenant-aurora' AND seq = 6",
        "default",
    )


def update(column: str, value: str, place: int = 5) -> Callable[[], None]:
    return lambda: sql(f"UPDATE {A} SET {column} = {value} WHERE {at(place)}")


def of_event(text: str) -> Callable[[], None]:
    return lambda: sql(text, "default")


MANIPULATIONS = [
    Manipulation("another person", update("person", "'sub-lia'"), Wrong.ALTERED, 5),
    Manipulation("another name", update("person_name", "'Lia Levante'"), Wrong.ALTERED, 5),
    Manipulation("staff instead of integrator", update("person_kind", "'integrator'"), Wrong.ALTERED, 5),
    Manipulation("another application", update("application_id", "2"), Wrong.ALTERED, 5),
    Manipulation("another time", update("at", "at - 1"), Wrong.ALTERED, 5),
    Manipulation("another operation", update("operation", "'patients.listed'"), Wrong.ALTERED, 5),
    Manipulation("another outcome", update("outcome", "'forbidden'"), Wrong.ALTERED, 5),
    Manipulation("one patient fewer", update("patients", "''"), Wrong.ALTERED, 5),
    Manipulation("another network", update("network", "'198.51.100.1'"), Wrong.ALTERED, 5),
    Manipulation("another request", update("request_id", "'other'"), Wrong.ALTERED, 5),
    Manipulation("another key", update("id", "id + 1000"), Wrong.ALTERED, 5),
    Manipulation("another digest", lambda: sql(
        f"UPDATE {A} SET digest = (SELECT digest FROM {A} WHERE {at(2)}) WHERE {at(5)}"), Wrong.ALTERED, 5),
    Manipulation("words and digest of an earlier row", lambda: sql(
        f"UPDATE {A} SET patients = (SELECT patients FROM {A} WHERE {at(2)}), digest = (SELECT digest FROM {A} WHERE {at(2)}) WHERE {at(5)}"
    ), Wrong.ALTERED, 5),
    Manipulation("the last row altered", update("patients", "''", ROWS + 2), Wrong.ALTERED, ROWS + 2),
    Manipulation("the first row altered", update("patients", "'9'", 1), Wrong.ALTERED, 1),
    Manipulation("the first row removed", lambda: sql(f"DELETE FROM {A} WHERE {at(1)}"), Wrong.REMOVED, 1),
    Manipulation("a row removed", lambda: sql(f"DELETE FROM {A} WHERE {at(4)}"), Wrong.REMOVED, 4),
    Manipulation("three rows removed", lambda: sql(f"DELETE FROM {A} WHERE {at(4)} OR {at(5)} OR {at(6)}"), Wrong.REMOVED, 4),
    Manipulation("a row removed, the others moved up", renumbered_after_a_removal, Wrong.ALTERED, 4),
    Manipulation("the last rows removed", lambda: sql(f"DELETE FROM {A} WHERE {at(13)} OR {at(14)}"), Wrong.REMOVED, 13),
    Manipulation("the last row removed, and the end moved back", end_cut_off_and_state_moved_back, Wrong.STATE, 13),
    Manipulation("what was signed removed", lambda: sql(
        "DELETE FROM clinic_accessrecord WHERE tenant_id = 'tenant-aurora' AND seq > 10"), Wrong.REMOVED, 11),
    Manipulation("a copy put in", copy_of_a_row_put_in, Wrong.INSERTED, 5),
    Manipulation("two neighbours exchanged", lambda: swap(4, 5), Wrong.MOVED, 4),
    Manipulation("two distant rows exchanged", lambda: swap(3, 9), Wrong.MOVED, 3),
    Manipulation("a row given to another clinic", update("tenant_id", "'tenant-other'"), Wrong.REMOVED, 5),
    Manipulation("a patient taken out of the index", lambda: sql(
        f"DELETE FROM clinic_accesspatient WHERE record_id = (SELECT id FROM {A} WHERE {at(5)})"), Wrong.INDEX, 5),
    Manipulation("a patient put into the index", lambda: sql(
        f"INSERT INTO clinic_accesspatient (tenant_id, patient_id, at, record_id) SELECT tenant_id, 77, at, id FROM {A} WHERE {at(5)}"
    ), Wrong.INDEX, 5),
    Manipulation("the end of the chain forgotten", lambda: sql(
        "DELETE FROM clinic_accesschain WHERE stream = 'clinic:tenant-aurora'"), Wrong.STATE, ROWS + 2),
    Manipulation("all of a clinic removed", whole_clinic_removed, Wrong.REMOVED, 1, LEVANTE),
    Manipulation("a cut that nobody signed", forged_cut, Wrong.REMOVED, 1),
    Manipulation("a head altered", of_event(
        "UPDATE audit_chainhead SET jws = 'x' WHERE stream = 'clinic:tenant-aurora' AND seq = 6"), Wrong.HEAD, 6),
    Manipulation("an event altered", of_event(f"UPDATE {E} SET ip = '198.51.100.1' WHERE seq = 8"), Wrong.ALTERED, 8, PLATFORM),
    Manipulation("the detail of an event altered", of_event(
        f"UPDATE {E} SET detail = '{{\"step\": 99}}' WHERE seq = 8"), Wrong.ALTERED, 8, PLATFORM),
    Manipulation("an event removed", of_event(f"DELETE FROM {E} WHERE seq = 8"), Wrong.REMOVED, 8, PLATFORM),
]  # fmt: skip


def test_an_untouched_installation_is_found_so() -> None:
    verdicts = {verdict.stream: verdict for verdict in verify()}
    assert {stream: (v.fault, v.waiting) for stream, v in verdicts.items()} == dict.fromkeys(
        (PLATFORM, AURORA, LEVANTE), (None, 0)
    )
    assert (verdicts[AURORA].rows, verdicts[AURORA].heads) == (ROWS + 2, 2)


@pytest.mark.parametrize("manipulation", MANIPULATIONS, ids=lambda each: each.name)
def test_each_manipulation_is_named_with_its_first_row(manipulation: Manipulation) -> None:
    manipulation.act()
    fault = faults()[manipulation.stream].fault
    assert fault is not None
    assert (fault.wrong, fault.seq) == (manipulation.wrong, manipulation.place), fault


def test_nothing_is_linked_to_an_end_that_was_moved_back() -> None:
    """What would come after would make it look right again."""
    end_cut_off_and_state_moved_back()
    access_rows.records([50])
    found = faults()[AURORA]
    assert (found.waiting, found.fault and found.fault.wrong) == (1, Wrong.STATE)


def test_who_put_an_old_end_back_is_found_out_by_a_head_that_was_kept_outside() -> None:
    with connections["clinic"].cursor() as cursor:
        cursor.execute("SELECT seq, digest, proof FROM clinic_accesschain WHERE stream = %s", [AURORA])
        seq, digest, proof = cursor.fetchone()
    access_rows.records(range(60, 63))
    kept = next(head.jws for head in upkeep.sign_now() if head.stream == AURORA)
    sql(f"DELETE FROM {A} WHERE tenant_id = 'tenant-aurora' AND seq > {seq}")
    with connections["clinic"].cursor() as cursor:
        cursor.execute(
            "UPDATE clinic_accesschain SET seq = %s, digest = %s, proof = %s WHERE stream = %s",
            [seq, digest, proof, AURORA],
        )
    ChainHead.objects.filter(stream=AURORA, seq__gt=seq).delete()
    assert AURORA not in faults()
    found = {verdict.stream: verdict.fault for verdict in verify(kept=kept)}[AURORA]
    assert found is not None
    assert (found.wrong, found.seq) == (Wrong.REMOVED, seq + 1)
