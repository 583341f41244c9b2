"""Notifications in words: every kind, in both languages, with a page that it leads to."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import Resolver404, resolve

from tests.support import integrators, people, registrations
from tests.support.html import parse
from varco.accounts.models import User
from varco.changes.notifications import OperationsDeprecated
from varco.mail import notifications
from varco.mail.models import Message
from varco.mail.notifications import Mail, Notification
from varco.people.models import Proposal
from varco.people.notifications import (
    AccountClosed,
    AccountExists,
    AccountInvited,
    AccountSwitched,
    AddressChanged,
    AddressConfirmed,
    AddressRestored,
    DataOfficerChanged,
    FactorsReset,
    ManagerTookPermissions,
    MemberAct,
    MemberChanged,
    MemberInvited,
    OperatorEnded,
    OperatorMade,
    ProposalMade,
    RegistrationBegun,
    TenantStateChanged,
)
from varco.portal.notifications import compose
from varco.registry.models import Application, Revision, Sandbox, Secret, Team
from varco.registry.notifications import (
    ApplicationApproved,
    ApplicationChangesRequested,
    ApplicationLogoChanged,
    ApplicationRejected,
    ApplicationRenamed,
    ApplicationRestored,
    ApplicationRetired,
    ApplicationSubmitted,
    ApplicationSuspended,
    ContactToConfirm,
    SecretExpires,
    SecretLeaked,
    SecretsEnded,
    SecretsEndSoon,
)
from varco.registry.review_notifications import (
    ReviewAnswered,
    ReviewAssigned,
    ReviewHalfTime,
    ReviewOverdue,
    ReviewQuestioned,
    SecondApprovalNeeded,
)
from varco.registry.team_notifications import (
    SandboxRemoved,
    SandboxUnused,
    TeamInvited,
    TeamJoined,
    TeamMemberLeft,
    TeamMemberRemoved,
    TeamRoleChanged,
    TransferAccepted,
    TransferDeclined,
    TransferOffered,
)
from varco.tenants.models import Tenant
from varco.tickets.models import Ticket
from varco.tickets.notifications import (
    DeveloperActivated,
    DeveloperDeactivated,
    DeveloperInvited,
    DeveloperRefused,
    IntroductionBegun,
    IntroductionEnded,
    TicketAnswered,
    TicketClosed,
    TicketDecided,
    TicketOpened,
    TicketReceived,
    TicketToConfirm,
)

pytestmark = pytest.mark.either_engine


def one_of_each(application: Application, revision: Revision, person: User) -> dict[str, Notification]:
    ticket = Ticket(kind="question", subject=application.name, opener_name=person.name, outcome="approved")
    tenant = people.tenant("Aurora")
    made: list[Notification] = [
        TicketReceived(ticket),
        TicketOpened(ticket, new=True),
        TicketAnswered(ticket),
        TicketDecided(ticket, "Because."),
        TicketClosed(ticket),
        TicketToConfirm(ticket, person),
        DeveloperActivated("Clinic Aurora"),
        DeveloperInvited("vin.a-secret", 7, "Clinic Aurora", "Nuova Srl"),
        DeveloperRefused("Clinic Aurora", "Because."),
        DeveloperDeactivated("Because."),
        IntroductionBegun(person, ticket),
        IntroductionEnded(person, tenant, "Because."),
        ApplicationSubmitted(application, revision, person),
        ApplicationApproved(application, revision, first=True),
        ApplicationChangesRequested(application, revision),
        ApplicationRejected(application, revision),
        ApplicationSuspended(application, "A key has leaked."),
        ApplicationRestored(application, "The key is replaced."),
        ApplicationRetired(application, person),
        SecretLeaked(application, Secret(label="server", hint="abcd"), person, 1_800_000_000, grants=True),
        ContactToConfirm(application, person, "BCDF-GHJK"),
        SecretExpires(application, Secret(label="server", hint="abcd", expires_at=1_800_000_000), 7, 1),
        SecretsEndSoon(application, 1_800_000_000, 1_799_000_000),
        SecretsEnded(application, None, 1_799_000_000),
        ApplicationRenamed(application, "Former name", "Former publisher", person),
        ApplicationLogoChanged(application, person),
        ReviewAssigned(application, revision, person),
        ReviewQuestioned(application, revision, "Why the patients?"),
        ReviewAnswered(application, revision, "To book for them.", person),
        ReviewHalfTime(application, revision, 1_800_000_000, "Olga Operator"),
        ReviewOverdue(application, revision, 1_800_000_000, ""),
        SecondApprovalNeeded(application, revision, person),
        OperationsDeprecated(application, "version-2", ("GET /v2/userinfo",), dt.date(2027, 12, 1)),
        AccountInvited("vin.a-secret", 7),
        FactorsReset(password_too=True),
        RegistrationBegun("vra.a-secret", 24),
        AccountExists(),
        *integrators.one_of_each(application, people.tenant("Aurora"), person),
        AddressChanged("vau.a-secret", "old@x.example", "new@x.example", "192.0.2.1", "Firefox/140.0 (Linux)"),
        AccountClosed(),
        AddressConfirmed("old@x.example"),
        AddressRestored("new@x.example"),
        *of_people(person),
        *of_teams(application, person),
    ]
    return {notification.code: notification for notification in made}


def of_people(person: User) -> list[Notification]:
    tenant, permissions = people.tenant("Aurora"), ("patients.read", "invoices.write")
    proposal = Proposal(
        pk=7, kind="make_operator", user=person, proposed_by=person, decided_by=person, reason="New here."
    )
    return [
        MemberInvited("vin.a-secret", 7, tenant, "doctor", person),
        MemberChanged(tenant, MemberAct.CHANGED, "doctor", permissions, person),
        ManagerTookPermissions(tenant, person, permissions, "Until May."),
        DataOfficerChanged(tenant, person, "privacy@studio.example", "other@studio.example"),
        TenantStateChanged(tenant, "Not paid."),
        ProposalMade(proposal),
        OperatorMade(proposal),
        OperatorEnded(proposal),
        AccountSwitched(active=False),
    ]


def of_teams(application: Application, person: User) -> list[Notification]:
    team = Team(public_id="team-7", name="Facile")
    return [
        TeamInvited("vin.a-secret", 14, team, "viewer", person),
        TeamJoined(team, person, "viewer"),
        TeamRoleChanged(team, "owner", person, ""),
        TeamMemberRemoved(team, person),
        TeamMemberLeft(team, person, User(given_name="Olga")),
        TransferOffered(team, application, 14, person),
        TransferAccepted(team, application, "Former", person),
        TransferDeclined(team, application, person),
        SandboxUnused(Sandbox(tenant=Tenant(public_id="tenant-7", name="Prova"), team=team), 76, 14),
        SandboxRemoved("Prova", team, 90),
    ]


# About people, teams and clinics, not about an application.
ELSEWHERE = (
    "team_",
    "sandbox_",
    "integrator_",
    "account_",
    "member_",
    "tenant_",
    "ticket_to_confirm",
    "proposal_",
    "operator_",
)


def test_every_kind_is_told_in_english_and_in_italian(db: None) -> None:
    davide, olga = people.davide(), people.olga()
    application = registrations.approved(davide, olga)
    revision, issuer = application.revisions.get(), settings.VARCO.issuer
    revision.decision_codes, revision.decision_text = ["scope_reason"], "Why the e-mail address?"
    made = one_of_each(application, revision, davide)
    for code in notifications.KINDS:
        written: dict[str, Mail] = {}
        for language in ("en", "it"):
            davide.language = language
            written[language] = compose(made[code], davide)
        assert written["en"].subject != written["it"].subject, code
        assert written["en"].text != written["it"].text, code
        for mail in written.values():
            assert mail.subject, code
            assert application.name in mail.subject + mail.text or code.startswith(ELSEWHERE), code
            page, sender = [line for line in mail.text.splitlines() if line.startswith(issuer)]
            assert sender == issuer, code
            try:
                resolve(re.split("[?#]", page.removeprefix(issuer))[0])
            except Resolver404:
                pytest.fail(f"{code} leads nowhere: {page}")


@pytest.mark.parametrize("act", MemberAct)
@pytest.mark.parametrize("state", ["active", "suspended", "closed"])
def test_what_was_done_to_a_member_or_a_clinic_is_told_in_its_own_words(db: None, act: MemberAct, state: str) -> None:
    davide, tenant = people.davide(), people.tenant("Aurora")
    tenant.state = state
    told = [MemberChanged(tenant, act, "doctor", (), None), TenantStateChanged(tenant, "A reason.")]
    words = {"changed": "has changed", "deactivated": "has ended", "activated": "again"}[act]
    states = {"active": "active again", "suspended": "suspended", "closed": "closed"}
    assert [text in compose(item, davide).subject for item, text in zip(told, (words, states[state]), strict=True)] == [
        True, True,
    ]  # fmt: skip


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
def test_the_html_of_every_mail_says_what_its_text_says(db: None, language: str) -> None:
    davide, olga = people.davide(), people.olga()
    davide.language = language
    application = registrations.approved(davide, olga, name="A <b>&amp; C")
    revision, issuer = application.revisions.get(), settings.VARCO.issuer
    revision.decision_codes, revision.decision_text = ["scope_reason", "name"], "Why?\nhttps://evil.example/x\n<script>"
    made = one_of_each(application, revision, davide)
    for code in notifications.KINDS:
        Message.objects.all().delete()
        notifications.notify(made[code], [davide])
        mail = Message.objects.get()
        assert said(mail.html) == plainly(mail.text), code
        shown = parse(mail.html)
        assert shown["lang"] == language, code
        assert {str(link["href"]).startswith(issuer) for link in shown.select("[href]")} == {True}, code
        assert shown.select("a.button")[0].get_text(), code
        assert not shown.select("script, img, link, table, [src], b"), code


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
