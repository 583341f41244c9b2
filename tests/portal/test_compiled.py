"""Queries that are compiled once a thread answer as Django's own do, and so do rows that are added by a compiled statement."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, Model
from django.db.transaction import TransactionManagementError
from django.test import Client
from django.utils import timezone

from tests.support import authorization_pages, people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event
from varco.compiled import Added, Compiled
from varco.grants.models import Interaction
from varco.registry.models import AllowedTenant, BlockedApplication
from varco.tenants.models import Membership

Samples = dict[str, list[Any]]


@pytest.fixture
def samples(db: None) -> Samples:
    """Values for each name that a parameter has: of what there is, and of nothing at all."""
    registered = people.application(davide := people.davide())
    other = people.application(people.person("Bea", "Boxes"), name="Another")
    browser = authorization_pages.signed_in(dario := people.dario())
    authorization_pages.consent_page(browser, registered).accept()
    clinic = Membership.objects.get(user=dario).tenant
    AllowedTenant.objects.create(application=other.application, tenant=clinic)
    BlockedApplication.objects.create(application=registered.application, tenant=clinic, blocked_by=dario)
    return {
        "user": [dario.pk, davide.pk, 0],
        "tenant": [clinic.pk, 0],
        "application": [registered.application.pk, other.application.pk, 0],
        "revision": [registered.revision.pk, other.revision.pk, 0],
        "team": [0, registered.application.team_id, 0],
        "client_id": [registered.client_id, "nobody", "a'b%s"],
        "key": [*Session.objects.values_list("pk", flat=True), "nothing"],
        "now": [timezone.now()],
        "number": [2, 1],
        "sort": ["message", "note"],
        "name_key": [registered.application.name_key, "nothing"],
        "apart": [registered.application.pk, 0],
        "moment": [1_700_000_000, 2**40],
        "pk": [dario.pk, 0],
        "interaction": [*Interaction.objects.values_list("pk", flat=True), "nothing"],
    }


def told(row: Any) -> Any:
    """All that a row says, with the rows that were read with it."""
    if not isinstance(row, Model):
        return row
    read_with_it = {name: told(other) for name, other in row._state.fields_cache.items()}
    columns = {name: value for name, value in vars(row).items() if name != "_state"}
    return type(row), columns, read_with_it, row._state.db, row._state.adding


def test_each_finds_what_its_query_finds_when_asked_again_and_by_another_thread(samples: Samples) -> None:
    assert len(Compiled.everything) > 5
    found = 0
    for compiled in Compiled.everything:
        for turn in range(3):
            values = {name: samples[name][turn % len(samples[name])] for name in compiled.fields}
            plain = [told(row) for row in compiled.query(**values)]
            assert [told(row) for row in compiled(**values)] == plain
            assert told(compiled.only(**values)) == (plain[0] if plain else None)
            found += len(plain)
    assert found >= len(Compiled.everything)


@pytest.mark.django_db(transaction=True)
def test_a_thread_has_its_own_connection_and_a_lost_one_is_opened_again() -> None:
    dario = people.dario()
    asked: list[User] = []

    def ask() -> None:
        asked.append(User.objects.get(pk=dario.pk))
        connection.close()
        asked.append(User.objects.get(pk=dario.pk))
        connection.close()

    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert [told(user) for user in asked] == [told(User.objects.filter(pk=dario.pk).get())] * 4


def test_the_parameters_of_a_query_are_named_and_used() -> None:
    by_key = Compiled(lambda pk: User.objects.filter(pk=pk), pk=BigIntegerField())
    unused = Compiled(lambda pk, other: User.objects.filter(pk=pk), pk=BigIntegerField(), other=BigIntegerField())
    try:
        wrong: list[Callable[[], Any]] = [
            lambda: by_key(key=1),
            by_key,
            lambda: by_key(pk=1, more=2),
            lambda: unused(pk=1, other=2),
            lambda: Compiled(lambda pk: User.objects.filter(pk=pk), key=BigIntegerField()),
        ]
        for attempt in wrong:
            with pytest.raises(TypeError):
                attempt()
    finally:
        del Compiled.everything[-2:]


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_in_a_transaction_only() -> None:
    locking = Compiled(lambda pk: User.objects.select_for_update().filter(pk=pk), pk=BigIntegerField())
    Compiled.everything.remove(locking)
    with transaction.atomic():
        assert locking(pk=0) == []
    if connection.features.has_select_for_update:
        with pytest.raises(TransactionManagementError):
            locking(pk=0)


@pytest.mark.django_db
def test_an_account_is_found_by_its_key_as_by_any_other_condition() -> None:
    dario = people.dario()
    assert told(User.objects.get(pk=dario.pk)) == told(User.objects.get(email=dario.email))
    assert User.objects.get(pk=str(dario.pk)) == dario
    for unknown in ({"pk": 0}, {"email": "nobody@x.example"}):
        with pytest.raises(User.DoesNotExist):
            User.objects.get(**unknown)


@pytest.mark.django_db
def test_an_added_row_is_as_one_that_is_created_and_a_refused_one_ends_the_transaction() -> None:
    added = Added(Event)
    columns: dict[str, Any] = {
        "at": 5, "tag": "code.issued", "actor": "è", "application_id": None, "detail": {"scopes": ["a%s", "è"], "n": None},
    }  # fmt: skip
    created = Event.objects.create(**columns)
    added(Event(**columns))
    added(Event(**columns, pk=created.pk + 100))
    added(Event(**columns))
    rows = Event.objects.filter(at=5).order_by("pk")
    told_of = [{name: value for name, value in vars(row).items() if name not in {"_state", "id"}} for row in rows]
    assert len(told_of) == 4
    assert told_of == [told_of[0]] * 4
    assert created.pk + 100 in {row.pk for row in rows}
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            added(Event(**columns, pk=created.pk))
        assert transaction.get_connection().needs_rollback
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_what_was_read_before_is_not_told_again() -> None:
    """Nothing but the SQL is kept: each answer is of what stands in the database."""
    registered: Registered = people.application(people.davide())
    browser: Client = authorization_pages.signed_in(dario := people.dario())
    authorization_pages.consent_page(browser, registered).accept()
    assert "code" in authorization_pages.answer_of(authorization_pages.ask(browser, registered))
    Membership.objects.filter(user=dario).update(active=False)
    assert authorization_pages.ask(browser, registered)["Location"].startswith("/oauth2/authorize/")
