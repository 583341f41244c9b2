"""Browsers for the tests of pages: Django's client, signed out or signed in through the real sign-in page."""

from typing import Any, Protocol

import pytest
from django.test import Client
from django.urls import reverse

from tests.support import people, registrations
from varco.accounts.models import User
from varco.registry.models import Application


class AsUser(Protocol):
    """Makes a browser of its own in which this person has signed in with this password."""

    def __call__(self, user: User, password: str = ...) -> Client: ...


@pytest.fixture
def browser(db: None) -> Client:
    """A browser that nobody has signed in with."""
    return Client()


@pytest.fixture
def as_user(db: None) -> AsUser:
    """`as_user(user)`: a browser of its own in which this person has signed in with `people.PASSWORD`."""

    def signed_in(user: User, password: str = people.PASSWORD) -> Client:
        client = Client()
        answer = client.post(reverse("account_login"), {"login": user.email, "password": password})
        assert answer.status_code == 303, answer.content.decode()
        return client

    return signed_in


@pytest.fixture
def davide(db: None) -> User:
    """A developer."""
    return people.davide()


@pytest.fixture
def olga(db: None) -> User:
    """An operator."""
    return people.olga()


@pytest.fixture
def application(davide: User) -> Application:
    """An application of his, as review has put it in force."""
    return registrations.approved(davide, people.olga())


@pytest.fixture(autouse=True)
def _real_outbox(settings: Any) -> None:
    """Mail goes to the outbox table, as in real life; Django's test runner would put its own in the place of it."""
    settings.EMAIL_BACKEND = "varco.mail.backend.OutboxBackend"
