"""Whoever has only read for 60 days is told that a scope for reading would do."""

import pytest

from tests.conftest import FrozenClock
from tests.support import registrations
from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.gate.api.resources import OPERATIONS
from varco.registry.models import Application
from varco.usage import reads
from varco.usage.models import DayCount

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
DAY = 86_400
TITLE = "For 60 days it has only read"


def called(application: Application, operation: str, at_ms: int, days_ago: int) -> None:
    day = at_ms // 1000 // DAY - days_ago
    DayCount.objects.create(
        application_id=application.pk, day=day, kind="call", operation=operation, status=200, number=3
    )


@pytest.fixture
def reader(davide: User, olga: User, frozen: FrozenClock) -> Application:
    """An application in force for 61 days, which may change patients."""
    application = registrations.approved(davide, olga)
    frozen.advance(61 * DAY)
    return application


def test_only_reads_are_told_to_developer_and_reviewer(reader: Application, frozen: FrozenClock) -> None:
    client = signed_in(reader.owner)
    scopes = f"{BASE}{reader.pk}/edit/scopes/"
    assert TITLE not in client.get(scopes).content.decode()  # it did nothing
    called(reader, "patient.read", frozen(), 59)
    called(reader, "patient.changed", frozen(), 61)  # long ago
    shown = page(client.get(scopes)).one(".finding").get_text(" ", strip=True)
    assert TITLE in shown
    assert "giponext.patients.read" in shown
    assert TITLE not in client.get(f"{BASE}{reader.pk}/edit/redirects/").content.decode()
    called(reader, "patient.changed", frozen(), 3)
    assert TITLE not in client.get(scopes).content.decode()


def test_what_is_in_force_for_less_is_told_nothing(davide: User, olga: User, frozen: FrozenClock) -> None:
    application = registrations.approved(davide, olga)
    called(application, "patient.read", frozen(), 0)
    frozen.advance(59 * DAY)
    application.refresh_from_db()
    assert reads.only_read(application) == frozenset()
    frozen.advance(2 * DAY)
    called(application, "patients.listed", frozen(), 0)
    assert reads.only_read(application) == {"patients"}


def test_the_acts_of_each_resource_are_those_of_the_api() -> None:
    of_api: dict[str, tuple[set[str], set[str]]] = {}
    for operation in OPERATIONS:
        if operation.audit:
            read, written = of_api.setdefault(operation.resource, (set(), set()))
            (read if operation.method == "GET" else written).add(operation.audit)
    assert {name: (set(acts.reads), set(acts.writes)) for name, acts in reads.ACTS.items()} == of_api
