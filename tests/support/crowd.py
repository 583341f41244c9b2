"""Many of everything around one side of `portal_world`: what its lists hold, as rows."""

import datetime as dt
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import count

from allauth.usersessions.models import UserSession
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from tests.support import access_rows, people
from tests.support.portal_world import Side
from varco import clock
from varco.accounts.models import User
from varco.audit.models import Event, RefusedRequest
from varco.audit.services import Origin
from varco.grants.models import Consent, Grant
from varco.integrators.models import ConnectedApplication, IntegratorAccess
from varco.keys.models import SigningKey
from varco.mail.models import Message
from varco.people.models import Proposal
from varco.portal.session_store import SessionStore
from varco.proof import questions, upkeep
from varco.proof.questions import NewQuestion
from varco.registry import placing
from varco.registry.models import (
    AllowedTenant,
    Application,
    BlockedApplication,
    Review,
    ReviewMessage,
    Revision,
    RevisionHost,
    Sandbox,
    Secret,
    Team,
    TeamInvitation,
    TeamMember,
    Transfer,
)
from varco.signals.models import Signal, Stream
from varco.tenants.models import MemberInvitation, Membership, Tenant
from varco.tickets.models import Activation, Entry, Ticket
from varco.upkeep.models import Run, Step
from varco.usage.models import DayCount

NUMBERS = count(1000)
STATES = ("approved", "draft", "changes_requested")


def numbers(size: int) -> list[int]:
    return [next(NUMBERS) for _ in range(size)]


def grow(side: Side, size: int, *, of_one: int | None = None) -> None:
    """`size` more of everything; `of_one` of what one application has, if that is to be fewer."""
    _of_application(side, size if of_one is None else of_one)
    listed = applications(side.people["developer"], size)
    doctor, tenant = side.people["doctor"], side.tenant
    Consent.objects.bulk_create(
        Consent(user=doctor, application=item, tenant=tenant, scopes="openid giponext.patients") for item in listed
    )
    Grant.objects.bulk_create(
        Grant(user=doctor, application=item, tenant=tenant, state="active", last_used_at=9) for item in listed
    )
    BlockedApplication.objects.bulk_create(
        BlockedApplication(tenant=tenant, application=item, blocked_by=side.people["manager"]) for item in listed[::2]
    )
    _tickets(side, size)
    _sandboxes(side, size)
    _people(side, size)
    _of_administration(side, size)
    _records(side, size)
    _teams(side, size)
    _integrators(side, size)
    for person in side.people.values():
        sessions(person, size)
        Message.objects.bulk_create(Message(to=person.email, subject="Hello", sealed_text="") for _ in range(size))


def integrator_accesses(tenant: Tenant, manager: User, several: Iterable[int]) -> None:
    """Temporary users of a clinic, half of them over."""
    day = dt.date(2027, 1, 15)
    IntegratorAccess.objects.bulk_create(
        IntegratorAccess(
            tenant=tenant, email=f"i{number}@integra.example", project="The agenda moves.", permissions="patients.read agenda.read",
            first_day=day, last_day=day, starts_at=1, ends_at=2_000_000_000, confirmed_at=1_700_000_000, asked_by=manager,
            state="ended" if number % 2 else "granted", ended_at=1_700_000_000 if number % 2 else None, invited_at=1,
        )
        for number in several
    )  # fmt: skip


def _integrators(side: Side, size: int) -> None:
    """Temporary users of the clinic, and applications that wait to be confirmed."""
    integrator_accesses(side.tenant, side.people["manager"], numbers(size))
    made = applications(side.people["developer"], size)
    ConnectedApplication.objects.bulk_create(
        ConnectedApplication(tenant=side.tenant, application=application) for application in made
    )


def _teams(side: Side, size: int) -> None:
    """Members of the developer's team, invitations to it, what it is offered, and as many teams of others."""
    developer, several = side.people["developer"], numbers(size)
    others = User.objects.bulk_create(User(email=f"t{number}@many.example", developer_since=1) for number in several)
    TeamMember.objects.bulk_create(TeamMember(team=side.team, user=other, role="viewer") for other in others)
    TeamInvitation.objects.bulk_create(
        TeamInvitation(
            team=side.team, email=f"t{n}@new.example", role="viewer", digest=f"t{n}", expires_at=2_000_000_000
        )
        for n in several
    )
    teams = Team.objects.bulk_create(Team(name=f"Team {number}") for number in several)
    pairs = zip(teams, others, strict=True)
    TeamMember.objects.bulk_create(TeamMember(team=team, user=other, role="owner") for team, other in pairs)
    Transfer.objects.bulk_create(
        Transfer(application=application, team=side.team, offered_by=developer, expires_at=2_000_000_000)
        for application in applications(developer, size)
    )


def _records(side: Side, size: int) -> None:
    """Accesses of as many people to one patient, and as many questions."""
    for number in numbers(size):
        access_rows.record(
            number,
            range(1, 30),
            tenant_id=side.tenant.public_id,
            person=f"user-{number}",
            person_name=f"Person {number}",
            application_id=side.application.pk,
        )
        questions.open_question(side.tenant, NewQuestion(7, number), Origin(side.people["manager"]))
    upkeep.link_rows()


def applications(developer: User, size: int) -> list[Application]:
    """Applications of which one is in force, one a draft, one sent back, and the rest wait; all with a `client_id`."""
    team = people.team_of(developer)
    made = Application.objects.bulk_create(
        Application(
            team=team, owner=developer, name=f"Product {number}", publisher="Many Srl", client_id=f"varco-{number:016x}"
        )
        for number in numbers(size)
    )
    revisions = Revision.objects.bulk_create(
        Revision(
            application=item,
            number=1,
            type="web",
            state=state,
            submitted_at=number,
            redirect_uris=["https://app.facile.example/callback"],
            high_risks=number % 3,
        )
        for number, (item, state) in enumerate(zip(made, _states(), strict=False))
    )
    placing.place(Application.objects.filter(pk__in=[item.pk for item in made]))
    RevisionHost.objects.bulk_create(
        RevisionHost(revision=revision, host="app.facile.example")
        for revision in revisions
        if revision.state != "draft"
    )
    Review.objects.bulk_create(
        Review(revision=revision, assignee=developer, first_approver=developer)
        for revision in revisions
        if revision.state == "submitted"
    )
    for item, revision in zip(made, revisions, strict=True):
        if revision.state == "approved":
            item.live_revision, item.state = revision, Application.State.ACTIVE
    Application.objects.bulk_update(made, ["live_revision", "state"])
    return made


def _states() -> Iterator[str]:
    yield from STATES
    while True:
        yield "submitted"


def _of_application(side: Side, size: int) -> None:
    application, developer = side.application, side.people["developer"]
    several = numbers(size)
    Revision.objects.bulk_create(
        Revision(application=application, number=number, type="web", state="rejected", submitted_at=9, decided_at=9)
        for number in several
    )
    operator = User.objects.filter(platform_role="operator").first()
    ReviewMessage.objects.bulk_create(
        ReviewMessage(
            application=application, revision=side.first, sort=sort, side=written, author=operator, author_name="Olga", text="And?"
        )
        for sort, written in (("message", "operator"), ("message", "developer"), ("note", "operator"))
        for _ in several
    )  # fmt: skip
    # The draft stays the newest.
    Revision.objects.filter(pk=side.draft.pk).update(number=next(NUMBERS))
    Secret.objects.bulk_create(
        Secret(application=application, label=f"old {number}", digest=str(number), revoked_at=9, created_by=developer)
        for number in several
    )
    tenants = Tenant.objects.bulk_create(
        Tenant(public_id=f"tenant-{number}", name=f"Clinic {number}", kind="production", database="clinic")
        for number in several
    )
    AllowedTenant.objects.bulk_create(AllowedTenant(application=application, tenant=item) for item in tenants)
    Event.objects.bulk_create(
        Event(application_id=application.pk, tag="secret.created", detail={"label": "x"}) for _ in several
    )
    stream = Stream.objects.get(application=application)
    Signal.objects.bulk_create(
        Signal(stream=stream, jti=f"j{number}", kind="account-disabled", sub="user-x", txn="t") for number in several
    )
    RefusedRequest.objects.bulk_create(
        RefusedRequest(application_id=application.pk, request_id=f"r{number}", endpoint="/oauth2/token", error="x")
        for number in several
    )
    today = clock.now() // 86400
    DayCount.objects.bulk_create(
        DayCount(
            application_id=application.pk,
            day=today,
            kind="error",
            operation=f"/v2/{number}",
            status=400,
            number=number + 1,
        )
        for number in several
    )


def _sandboxes(side: Side, size: int) -> None:
    """Sandboxes of many teams that the developer belongs to."""
    developer = side.people["developer"]
    teams = Team.objects.bulk_create(Team(name=f"Team {number}") for number in numbers(size))
    TeamMember.objects.bulk_create(TeamMember(team=team, user=developer, role="viewer") for team in teams)
    clinics = Tenant.objects.bulk_create(
        Tenant(name=f"Sandbox {number}", kind="sandbox", database="sandbox") for number in numbers(2 * size)
    )
    Sandbox.objects.bulk_create(
        Sandbox(team=team, tenant=main, neighbour=beside, seed="small", number=1, sealed_password=b"-")
        for team, main, beside in zip(teams, clinics[::2], clinics[1::2], strict=True)
    )


def _tickets(side: Side, size: int) -> None:
    """Tickets of the doctor and of the clinic, threads as long, and introductions of the developer and of others."""
    doctor, manager, tenant = side.people["doctor"], side.people["manager"], side.tenant
    Ticket.objects.bulk_create(
        [
            Ticket(number=100_000_000 + number, kind="question", subject="Why?", opener=doctor, opener_name="Dario")
            for number in numbers(size)
        ]
        + [
            Ticket(
                number=200_000_000 + number,
                kind="developer_activation",
                opener=manager,
                opener_name="Marta",
                tenant=tenant,
                about_email=f"n+{number}@nuova.example",
                about_key=side.activation.about_key,
            )
            for number in numbers(size)
        ]
    )
    Entry.objects.bulk_create(
        Entry(ticket=ticket, sort="message", author=doctor, author_name="Dario", side="asker", text="And?")
        for ticket in (side.question, side.activation)
        for _ in range(size)
    )
    others = User.objects.bulk_create(User(email=f"d{number}@many.example") for number in numbers(size))
    Activation.objects.bulk_create(
        Activation(user=user, tenant=tenant, tenant_name=tenant.name, state="active", active_at=9)
        for user in (*others, *[side.people["developer"]] * size, *[doctor] * size)
    )


def _people(side: Side, size: int) -> None:
    people = User.objects.bulk_create(
        User(email=f"p{number}@many.example", given_name="Pia", family_name=str(number)) for number in numbers(size)
    )
    Membership.objects.bulk_create(Membership(user=person, tenant=side.tenant, role="doctor") for person in people)
    Consent.objects.bulk_create(
        Consent(user=person, application=side.application, tenant=side.tenant, scopes="openid") for person in people
    )


def _of_administration(side: Side, size: int) -> None:
    doctor, several = side.people["doctor"], numbers(size)
    MemberInvitation.objects.bulk_create(
        MemberInvitation(
            tenant=side.tenant, email=f"i{number}@many.example", role="doctor", digest=str(number), expires_at=9
        )
        for number in several
    )
    Proposal.objects.bulk_create(
        Proposal(kind="reset_factors", user=doctor, proposed_by=doctor, reason="x", state="refused", expires_at=number)
        for number in several
    )
    Step.objects.get_or_create(name="sweep", defaults={"every_ms": 600_000, "last_at": 1})
    Run.objects.bulk_create(Run(step="sweep", at=number, took_ms=1, done={"sessions": number}) for number in several)
    Event.objects.bulk_create(
        Event(
            tag="member.changed",
            actor=side.people["manager"].public_id,
            user=doctor.public_id,
            tenant=side.tenant.public_id,
            detail={"before": "", "after": "patients.read"},
        )
        for _ in several
    )
    SigningKey.objects.bulk_create(
        SigningKey(
            kid=f"k{number}", alg="ES256", public_jwk={}, sealed_private=b"", published_at=1, active_at=1, retires_at=1,
            gone_at=number,
        )
        for number in several
    )  # fmt: skip


def sessions(person: User, size: int) -> None:
    """Browsers in which somebody is signed in."""
    held = {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }
    keys = [f"session{number}" for number in numbers(size)]
    until = timezone.now() + timedelta(hours=1)
    Session.objects.bulk_create(
        Session(session_key=key, session_data=SessionStore(key).encode(held), expire_date=until) for key in keys
    )
    UserSession.objects.bulk_create(
        UserSession(user=person, ip="127.0.0.1", session_key=key, user_agent="Firefox") for key in keys
    )
