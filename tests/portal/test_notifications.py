"""Notifications in words: every kind, in both languages, with a page that it leads to."""

import re
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import Resolver404, resolve

from tests.support import people, registrations
from tests.support.html import parse
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

pytestmark = pytest.mark.either_engine


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


def said(html: str) -> str:
    """The words of the HTML part, without the button: that says the address, which stands beneath it, in other words."""
    shown = parse(html)
    for button in shown.select("a.button"):
        assert str(button["href"]) in shown.get_text()
        button.remove()
    return " ".join(shown.one("body").get_text(" ").split())


def plainly(text: str) -> str:
    return " ".join(re.sub(r"^(- |-- $)", "", text, flags=re.MULTILINE).split())


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("code", sorted(notifications.KINDS))
def test_the_html_of_every_mail_says_what_its_text_says(db: None, code: str, language: str) -> None:
    davide, olga = people.davide(), people.olga()
    davide.language = language
    application = registrations.approved(davide, olga, name="A <b>&amp; C")
    revision, issuer = application.revisions.get(), settings.VARCO.issuer
    revision.decision_codes, revision.decision_text = ["scope_reason", "name"], "Why?\nhttps://evil.example/x\n<script>"
    Message.objects.all().delete()
    notifications.notify(one_of_each(application, revision, davide)[code], [davide])
    mail = Message.objects.get()
    assert said(mail.html) == plainly(mail.text)
    shown = parse(mail.html)
    assert shown["lang"] == language
    assert {str(link["href"]).startswith(issuer) for link in shown.select("[href]")} == {True}
    assert shown.select("a.button")[0].get_text()
    assert not shown.select("script, img, link, table, [src], b")


def test_so_does_that_of_the_mails_about_an_account(db: None) -> None:
    dario = people.dario()
    Message.objects.all().delete()
    Client().post("/account/password/reset/", {"email": dario.email})
    mail = Message.objects.get()
    assert said(mail.html) == plainly(mail.text)
    button = parse(mail.html).select("a.button")[0]
    assert (button.get_text(), "/account/password/reset/key/" in str(button["href"])) == ("Choose it here", True)


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
