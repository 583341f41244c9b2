"""Developers of whoever used a deprecated operation within 30 days are told once, whoever of many workers does it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.conftest import FrozenClock
from tests.support import access_rows, people
from tests.support import deprecations as declared
from tests.support.people import Registered
from tests.support.races import race
from varco import catalog
from varco.accounts.models import User
from varco.audit.models import Event
from varco.changes import services
from varco.changes.models import DeprecatedUse, DeprecationNotice, Looked
from varco.mail.models import Message
from varco.mail.notifications import notify
from varco.ops.maintenance import tell_of_deprecations
from varco.registry.models import Application

DAY = 86400


@pytest.fixture(autouse=True)
def _deprecated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = declared.catalogue(tmp_path, declared.LIST_PATIENTS, declared.READ_PATIENT, declared.USERINFO)
    monkeypatch.setenv("VARCO_CATALOG", path)
    catalog.current.cache_clear()
    yield
    catalog.current.cache_clear()
    catalog.load.cache_clear()


@pytest.fixture
def davide(db: None) -> User:
    return people.davide()


@pytest.fixture
def app(davide: User) -> Registered:
    return people.application(davide)


def used(
    app: Registered, frozen: FrozenClock, days: int = 0, operation: str = "patients.listed", **fields: Any
) -> None:
    """An access record of some days ago, in its chain."""
    at = (frozen.seconds - days * DAY) * 1000
    access_rows.records([0], operation=operation, at=at, application_id=app.application.pk, **fields)


def told() -> list[str]:
    """To whom mails of deprecations go."""
    return [message.to for message in Message.objects.order_by("pk") if "deprecated" in message.subject]


def test_whoever_used_one_within_30_days_is_told_and_nobody_else(
    davide: User, app: Registered, frozen: FrozenClock
) -> None:
    others = [
        people.application(davide, name=name) for name in ("Long ago", "Another", "Refused", "Retired", "Never", "Test")
    ]
    used(app, frozen, 29)
    used(others[0], frozen, 31)
    used(others[1], frozen, operation="patient.added")
    used(others[2], frozen, outcome="forbidden")
    used(others[3], frozen)
    Application.objects.filter(pk=others[3].application.pk).update(state="retired")
    used(others[5], frozen, alias="sandbox", tenant_id="tenant-sandbox")
    assert tell_of_deprecations() == 2
    assert told() == [davide.email] * 2
    assert {notice.application_id for notice in DeprecationNotice.objects.all()} == {
        app.application.pk,
        others[5].application.pk,
    }
    event = Event.objects.filter(tag="application.deprecation_told").first()
    assert event
    assert (event.application_id, event.actor, event.detail) == (
        app.application.pk,
        "",
        {"change": declared.CHANGE, "operations": [declared.LIST_PATIENTS]},
    )


def test_the_mail_names_operations_end_and_what_to_do_in_the_reader_s_language(
    davide: User, app: Registered, frozen: FrozenClock
) -> None:
    for operation in ("patients.listed", "patient.read"):
        used(app, frozen, operation=operation)
    for language in ("en", "it"):
        User.objects.update(language=language)
        DeprecationNotice.objects.all().delete()
        Looked.objects.all().delete()
        assert tell_of_deprecations() == 1  # both operations in one
    english, italian = (message.text for message in Message.objects.order_by("pk"))
    for text in (english, italian):
        assert declared.LIST_PATIENTS in text
        assert declared.READ_PATIENT in text
        assert declared.USERINFO not in text
        assert f"http://localhost:8000/docs/changes/#{declared.CHANGE}" in text
    assert "cease to answer on 1 December 2027" in english
    assert "Use the newer <list> & pages." in english
    assert "Dal 1 dicembre 2027" in italian


def test_once_for_each_and_again_for_what_it_uses_later(app: Registered, frozen: FrozenClock) -> None:
    used(app, frozen, 3)
    assert (tell_of_deprecations(), tell_of_deprecations()) == (1, 0)
    frozen.advance(3600)
    used(app, frozen)
    assert tell_of_deprecations() == 0
    used(app, frozen, operation="patient.read")
    assert tell_of_deprecations() == 1
    frozen.advance(90 * DAY)
    used(app, frozen)
    assert tell_of_deprecations() == 0
    assert len(told()) == 2


def test_what_is_committed_late_is_not_missed(app: Registered, frozen: FrozenClock) -> None:
    assert tell_of_deprecations() == 0
    frozen.advance(300)
    access_rows.records(
        [0], operation="patients.listed", at=(frozen.seconds - 400) * 1000, application_id=app.application.pk
    )
    assert tell_of_deprecations() == 1


def test_uses_that_leave_no_record_are_told_by_what_the_gate_noted(app: Registered, frozen: FrozenClock) -> None:
    use = DeprecatedUse.objects.create(
        application_id=app.application.pk, operation=declared.USERINFO, last_used_at=frozen.seconds - 31 * DAY
    )
    assert tell_of_deprecations() == 0
    DeprecatedUse.objects.update(last_used_at=frozen.seconds - 29 * DAY)
    assert (tell_of_deprecations(), tell_of_deprecations()) == (1, 0)
    assert services.sweep() == 0
    frozen.advance(2 * DAY)
    assert services.sweep() == 1
    assert not DeprecatedUse.objects.filter(pk=use.pk).exists()


def test_one_that_cannot_be_told_keeps_nobody_else_from_it_and_is_tried_again(
    davide: User, app: Registered, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = people.application(davide, name="Another")
    for each in (app, other):
        used(each, frozen)

    def failing(notification: Any, readers: Any) -> None:
        if notification.application.pk == app.application.pk:
            raise RuntimeError("no words")
        notify(notification, readers)

    with monkeypatch.context() as broken:
        broken.setattr("varco.changes.services.notify", failing)
        assert tell_of_deprecations() == 1
    assert DeprecationNotice.objects.count() == 1
    assert tell_of_deprecations() == 1
    assert len(told()) == 2


def test_without_deprecations_nothing_is_looked_for(
    app: Registered, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.delenv("VARCO_CATALOG")
    catalog.current.cache_clear()
    used(app, frozen)
    with django_assert_num_queries(0, connection=connection):
        assert tell_of_deprecations() == 0


@pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])
def test_of_many_workers_at_one_moment_one_tells(transactional_db: None, frozen: FrozenClock) -> None:
    davide = people.davide()
    for name in ("One", "Two", "Three"):
        made = people.application(davide, name=name)
        for operation in ("patients.listed", "patient.read"):
            used(made, frozen, operation=operation)
    results = race(lambda _number: tell_of_deprecations(), 6)
    assert sum(results) == 3
    assert len(told()) == 3
    assert DeprecationNotice.objects.count() == 6
