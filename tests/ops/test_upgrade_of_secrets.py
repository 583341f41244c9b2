"""Migrations that take what opened something out of the databases of versions before, and leave the rest."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore as OfBefore
from django.contrib.sessions.models import Session
from django.db import connection

from tests.conftest import FrozenClock
from varco.mail.models import Message

pytestmark = pytest.mark.django_db
HERE = SimpleNamespace(connection=connection)  # all that these migrations ask of a schema editor


class _Before:
    """The models as they were, where they are called otherwise."""

    def __init__(self, app: str, model: str) -> None:
        self.objects = self
        self._rows = apps.get_model(app, model)._default_manager.all()

    def using(self, _alias: str) -> "_Before":
        return self

    def filter(self, **which: object) -> "_Before":
        self._rows = self._rows.filter(**which)
        return self

    def update(self, *, text: str, html: str) -> None:
        self._rows.update(sealed_text=text, sealed_html=html)


class _Apps:
    get_model = staticmethod(_Before)


def test_words_of_mail_that_was_sent_go_and_what_waits_is_sent_as_it_is(frozen: FrozenClock) -> None:
    link = "http://localhost:8000/account/password/reset/key/4-x/"
    for subject, next_try in (("sent", None), ("waits", frozen.seconds)):
        Message.objects.create(to="a@b.example", subject=subject, sealed_text=link, next_try_at=next_try)
    migration = import_module("varco.mail.migrations.0002_sealed_words")
    migration.empty_what_is_over(_Apps, HERE)
    assert {mail.subject: mail.text for mail in Message.objects.all()} == {"sent": "", "waits": link}


def test_sessions_under_their_cookie_are_deleted() -> None:
    before = OfBefore()
    before.create()
    assert Session.objects.filter(pk=before.session_key).exists()
    migration = import_module("varco.accounts.migrations.0004_sessions_end")
    migration.delete_sessions(apps, HERE)
    assert not Session.objects.exists()
