"""What every other test stands on: the three databases of the run, and the cast."""

import contextlib

import pytest

from tests.support import people
from varco.clinical.models import Patient


def test_the_cast_stands_in_the_platform_database_and_patients_in_the_clinics(db: None) -> None:
    dario = people.dario()
    tenant = dario.membership.tenant
    Patient.objects.using(tenant.database).create(
        tenant_id=tenant.public_id, first_name="Mario", last_name="Rossi", search_name="rossi mario"
    )
    assert Patient.objects.using("clinic").count() == 1
    assert Patient.objects.using("sandbox").count() == 0


def test_other_connections_see_committed_rows(database_urls: dict[str, str], engine: str) -> None:
    people.application(people.davide())
    statement = "SELECT name FROM registry_application"
    if engine == "postgres":
        import psycopg

        with psycopg.connect(database_urls["platform"]) as there:
            rows = there.execute(statement).fetchall()
    else:
        import sqlite3

        with contextlib.closing(sqlite3.connect(database_urls["platform"].removeprefix("sqlite:///"))) as connection:
            rows = connection.execute(statement).fetchall()
    assert rows == [("Agenda Facile",)]


@pytest.mark.django_db(transaction=True)
def test_the_cache_has_its_table() -> None:
    from django.core.cache import cache

    cache.set("word", "varco")
    assert cache.get("word") == "varco"
