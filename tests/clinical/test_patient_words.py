"""The words of names that searches look at are those of the patients there are, whoever wrote them and however."""

import pytest
from django.core.management import call_command
from django.db import connections

from varco.clinical.models import Patient, PatientWord
from varco.clinical.names import search_name
from varco.clinical.seed import services

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def patients() -> list[Patient]:
    return list(Patient.objects.using("clinic").order_by("id"))


def unsaved(name: str, tenant: str = "tenant-a") -> Patient:
    return Patient(tenant_id=tenant, first_name="A", last_name="B", search_name=name)


def assert_words_are_those_of_the_patients() -> None:
    written = PatientWord.objects.using("clinic").values_list("tenant_id", "word", "search_name", "patient_id")
    expected = {
        (patient.tenant_id, word, patient.search_name, patient.pk)
        for patient in patients()
        for word in patient.search_name.split(" ")
        if word and patient.state == Patient.State.ACTIVE
    }
    assert len(written) == len(expected)
    assert set(written) == expected


def test_each_way_of_writing_a_patient_writes_the_words() -> None:
    rows = Patient.objects.using("clinic")
    names = [
        "rossi mario",
        "rossi rossi anna",
        "de luca d",
        search_name("D'Amàto Østergård", "Nicolò 𝔄"),
        "陳 大文",
        "",
    ]
    rows.bulk_create(unsaved(name) for name in [*names, 'a "quoted\\" [name],', "  two  blanks "])
    assert_words_are_those_of_the_patients()
    rows.create(tenant_id="tenant-b", first_name="A", last_name="B", search_name="rossi mario")
    first, second, third, *_ = patients()
    rows.filter(pk=first.pk).update(search_name="rossi maria")
    rows.filter(pk=second.pk).update(tenant_id="tenant-b", search_name="verdi")
    rows.filter(pk=third.pk).update(phone="1", search_name=third.search_name)
    rows.filter(pk=patients()[3].pk).update(state=Patient.State.ARCHIVED)
    assert_words_are_those_of_the_patients()
    rows.filter(state=Patient.State.ARCHIVED).update(state=Patient.State.ACTIVE)
    assert_words_are_those_of_the_patients()
    rows.filter(tenant_id="tenant-a", search_name__startswith="rossi").delete()
    assert_words_are_those_of_the_patients()
    rows.all().delete()
    assert not PatientWord.objects.using("clinic").exists()


OF_BEFORE = """
    INSERT INTO clinic_patient (tenant_id, fiscal_code, sex, email, version, created_at, updated_at, phone,
                                last_name, first_name, search_name)
    VALUES ('tenant-a', '', '', '', 1, 0, 0, '06 5550 1234', %s, %s, %s)
"""
BEFORE = {
    ("De Luca", "Maria Pia"): "de luca maria pia",
    ("D'Angelo", "Anna"): "dangelo anna",
    ("Rossi", "Mario"): "rossi mario",
    ("Neri", "Anna"): "somebody else",
}


def test_patients_of_before_the_table_get_their_words_when_migrating() -> None:
    call_command("migrate", "clinic", "0002", database="clinic", verbosity=0)
    try:
        with connections["clinic"].cursor() as cursor:
            cursor.executemany(OF_BEFORE, [(*name, search) for name, search in BEFORE.items()])
    finally:
        call_command("migrate", "clinic", database="clinic", verbosity=0)
    assert [(row.search_name, row.phone_e164) for row in patients()] == [
        ("de luca maria pia deluca mariapia", "+390655501234"),
        ("dangelo anna d angelo", "+390655501234"),
        ("rossi mario", "+390655501234"),
        ("somebody else", "+390655501234"),
    ]
    assert_words_are_those_of_the_patients()
    services.fill("tenant-b", database="clinic", seed="words", patients=5)
    assert_words_are_those_of_the_patients()
