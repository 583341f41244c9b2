"""Notifications in words: every kind, in both languages, with a page that it leads to."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve

from tests.support import people, registrations
from varco.accounts.models import User
from varco.mail import notifications
from varco.mail.models import Message
from varco.mail.notifications import Mail, Notification
from varco.people.notifications import AccountInvited, FactorsReset
from varco.portal.notifications import compose
from varco.registry.models import Application, Revision
from varco.registry.notifications import (
    ApplicationApproved,
    ApplicationChangesRequested,
    ApplicationRejected,
    ApplicationRenamed,
    ApplicationRestored,
    ApplicationSubmitted,
    ApplicationSuspended,
)


def one_of_each(application: Application, revision: Revision, person: User) -> dict[str, Notification]:
    made: list[Notification] = [
        ApplicationSubmitted(application, revision, person),
        ApplicationApproved(application, revision, first=True),
        ApplicationChangesRequested(application, revision),
        ApplicationRejected(application, revision),
        ApplicationSuspended(application, "A key has leaked."),
        ApplicationRestored(application, "The key is replaced."),
        ApplicationRenamed(application, "Former name", "Former publisher", person),
        AccountInvited("vin.a-secret", 7),
        FactorsReset(password_too=True),
    ]
    return {notification.code: notification for notification in made}


@pytest.mark.parametrize("code", sorted(notifications.KINDS))
def test_every_kind_is_told_in_english_and_in_italian(db: None, code: str) -> None:
    davide, olga = people.davide(), people.olga()
    application = registrations.approved(davide, olga)
    revision, issuer = application.revisions.get(), settings.VARCO.issuer
    revision.decision_codes, revision.decision_text = ["scope_reason"], "Why the e-mail address?"
    notification = one_of_each(application, revision, davide)[code]
    written: dict[str, Mail] = {}
    for language in ("en", "it"):
        davide.language = language
        written[language] = compose(notification, davide)
    assert written["en"].subject != written["it"].subject
    assert written["en"].text != written["it"].text
    for mail in written.values():
        assert mail.subject
        assert application.name in mail.subject + mail.text or code.startswith("account_")
        page, sender = [line for line in mail.text.splitlines() if line.startswith(issuer)]
        assert sender == issuer
        try:
            resolve(page.removeprefix(issuer).partition("?")[0])
        except Resolver404:
            pytest.fail(f"{code} leads nowhere: {page}")


def test_each_reader_gets_one_mail_of_their_own(db: None) -> None:
    davide, olga = people.davide(), people.olga()
    application = registrations.approved(davide, olga)
    Message.objects.all().delete()
    notifications.notify(ApplicationSuspended(application, "A key has leaked."), [davide, olga])
    assert sorted(Message.objects.values_list("to", flat=True)) == sorted([davide.email, olga.email])


def test_a_kind_without_words_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "KINDS", dict(notifications.KINDS))
    with pytest.raises(ImproperlyConfigured, match="application_forgotten"):

        @dataclass(frozen=True)
        class ApplicationForgotten(Notification):
            code: ClassVar[str] = "application_forgotten"

    with pytest.raises(ImproperlyConfigured, match="application_forgotten"):
        notifications.compose_with(compose, set(notifications.KINDS) - {"application_forgotten"})
