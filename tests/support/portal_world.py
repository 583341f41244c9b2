"""Both clinics, both developers and everybody else at once, each with a browser and with objects of their own.

The cast is named by its part: `developer` owns the objects of a side, `other developer` those of the other one. Seen from
the other side the same people change parts, so a rule is stated once and tried with the objects of both.
"""

import base64
import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from tests.support import access_rows, people, registrations, tickets
from tests.support.authorization_pages import CHALLENGE
from tests.support.session_age import signed_in_before
from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record_refusal
from varco.grants.models import Consent, Grant
from varco.integrators import dates
from varco.integrators.models import IntegratorAccess
from varco.mail.models import Message
from varco.people import sandboxes
from varco.people.models import Proposal
from varco.people.sandboxes import Wanted
from varco.proof import questions
from varco.proof.questions import NewQuestion
from varco.protocol.errors import OAuthError
from varco.protocol.signals.streams import StreamSettings
from varco.registry import services
from varco.registry.models import Application, Revision, Sandbox, SecretOverlap, Team, Transfer
from varco.signals import services as signals
from varco.tenants.models import MemberInvitation, Tenant
from varco.tickets.models import Attachment, Ticket
from varco.tickets.services import Upload

MIRRORED = {part: f"other {part}" for part in ("developer", "manager", "doctor", "secretary", "dpo")}
PARTS = ("anonymous", *MIRRORED, *MIRRORED.values(), "operator", "support", "sandbox doctor")


def _signed_in(user: User) -> Client:
    """A browser with a sign-in of some minutes ago, so that what is sensitive asks for it again."""
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    answer = browser.post(reverse("account_login"), {"login": user.email, "password": people.PASSWORD})
    assert answer.status_code == 303, answer.content.decode()
    return signed_in_before(browser)


@dataclass(slots=True)
class Side:
    """One clinic with its people, the developer whose application they use, and all that has an address of its own."""

    name: str
    people: dict[str, User]
    browsers: dict[str, Client]
    tenant: Tenant
    application: Application
    first: Revision
    draft: Revision
    secret_id: int
    request_id: str
    message_id: int
    passkey_id: int
    interaction_id: str
    invitation_id: int
    proposal_id: int
    question_id: int
    confirmation: str = field(default="")
    question: Ticket = field(default_factory=Ticket)  # the doctor's, with a file
    activation: Ticket = field(default_factory=Ticket)  # the manager's
    integrator_id: int = 0  # somebody with temporary access to the clinic
    lost_factor: Ticket = field(default_factory=Ticket)  # the secretary's, which the manager can confirm

    offer_id: int = 0  # of an application of nobody's, to the developer's team
    sandbox: Sandbox = field(default_factory=Sandbox)  # of the developer's team

    @property
    def team(self) -> Team:
        return people.team_of(self.people["developer"])

    @property
    def client_id(self) -> str:
        return self.application.client_id or ""

    @property
    def file_id(self) -> int:
        return Attachment.objects.get(ticket=self.question).pk


def _cast(first: bool) -> dict[str, User]:
    if first:
        return {
            "developer": people.davide(),
            "manager": people.marta(),
            "doctor": people.dario(),
            "secretary": people.silvia(),
            "dpo": people.member("Petra", "Aurora", "dpo"),
        }
    dora = people.person("Dora", "Developer", developer_since=1)
    sofia = people.member("Sofia", "Levante", "secretary")
    return {
        "developer": dora,
        "manager": people.luca(),
        "doctor": people.lia(),
        "secretary": sofia,
        "dpo": people.member("Paolo", "Levante", "dpo"),
    }


def _registered(
    developer: User, operator: User, tenant: Tenant, request_id: str
) -> tuple[Application, Revision, Revision, int]:
    application = registrations.approved(developer, operator, name=f"Agenda of {developer.given_name}")
    secret = services.create_secret(application, Origin(developer), label="first").secret
    # As if it had moved to keys lately, for the page that ends its secrets.
    now = clock.now()
    SecretOverlap.objects.create(
        application=application, method="client_secret", begun_at=now, ends_at=now + 86400 * 20
    )
    asked = registrations.registration(redirect_uris=("https://b.example/callback",))
    draft = services.save_draft(application, asked, Origin(developer))
    services.add_tenant(application, Origin(developer), tenant_id=tenant.public_id)
    signals.save(application, StreamSettings(), Origin(developer))
    refusal = OAuthError(
        "invalid_grant", "The code is used up.", rule="RFC 6749 §4.1.2", received="a code", expected="a fresh one"
    )
    record_refusal(refusal, endpoint="/oauth2/token", request_id=request_id, application_id=application.pk)
    return application, application.revisions.get(number=1), draft, secret.pk


def _used(application: Application, doctor: User, tenant: Tenant) -> None:
    scopes = "openid giponext.patients"
    Consent.objects.create(user=doctor, application=application, tenant=tenant, scopes=scopes)
    Grant.objects.create(user=doctor, application=application, tenant=tenant, state="active", scopes=scopes)


def made_passkey() -> dict[str, Any]:
    """What a browser answers when it makes a passkey (Web Authentication §5.8.1), of a key that everybody knows."""
    key = ES256.from_cryptography_key(  # type: ignore[no-untyped-call]
        ec.derive_private_key(1, ec.SECP256R1()).public_key()
    )
    made = AuthenticatorData.create(
        bytes(32), AuthenticatorData.FLAG(0x45), 0, AttestedCredentialData.create(bytes(16), b"a passkey of one", key)
    )
    said = {"type": "webauthn.create", "challenge": "AA", "origin": "http://localhost:8000"}

    def text(octets: bytes) -> str:
        return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

    answer = {
        "clientDataJSON": text(json.dumps(said).encode()),
        "attestationObject": text(bytes(AttestationObject.create("none", made, {}))),
    }
    return {
        "id": text(b"a passkey of one"),
        "rawId": text(b"a passkey of one"),
        "type": "public-key",
        "response": answer,
    }


def begun(browser: Client, application: Application, **changes: str) -> str:
    """The handle of an authorization request that waits for this browser's answer."""
    asked = {
        "response_type": "code",
        "client_id": application.client_id or "",
        "redirect_uri": registrations.REGISTRATION.redirect_uris[0],
        "scope": "openid giponext.patients",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "prompt": "consent",
    } | changes
    answer = browser.get(f"/oauth2/authorize?{urlencode(asked)}")
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"].split("/")[3])


def _integrator(tenant: Tenant, manager: User) -> int:
    """An access that was given and not accepted yet."""
    day = dates.today(clock.now(), tenant.zone)
    last = day + dt.timedelta(days=90)
    made = IntegratorAccess.objects.create(
        tenant=tenant, email=f"ines@{tenant.public_id}.example", project="The agenda moves.", permissions="agenda.read",
        first_day=day, last_day=last, starts_at=dates.beginning_of(day, tenant.zone), ends_at=dates.end_of(last, tenant.zone),
        asked_by=manager, confirmed_at=clock.now(), invitation=f"invitation of {tenant.public_id}", invited_at=clock.now(),
    )  # fmt: skip
    return made.pk


def _asked(tenant: Tenant, manager: User) -> int:
    """A patient's question, with one record that answers it. Numbers of the two clinics differ."""
    access_rows.record(0, [7], tenant_id=tenant.public_id)
    for _ in range(2 if tenant.name == "Levante" else 1):
        made = questions.open_question(tenant, NewQuestion(7, access_rows.START // 1000), Origin(manager))
    return made.pk


def _offer(developer: User) -> int:
    """An application that the developer's team is offered."""
    foreign = Application.objects.create(team=Team.objects.create(name="Former"), owner=developer, name="Handed over")
    until = clock.now() + 86400
    return Transfer.objects.create(
        application=foreign, team=people.team_of(developer), offered_by=developer, expires_at=until
    ).pk


def _side(name: str, operator: User) -> Side:
    cast = _cast(name == "Aurora")
    tenant = people.tenant(name)
    request_id = f"request-{name.lower()}"
    application, first, draft, secret_id = _registered(cast["developer"], operator, tenant, request_id)
    _used(application, cast["doctor"], tenant)
    browsers = {part: _signed_in(user) for part, user in cast.items()}
    passkey = Authenticator.objects.create(
        user=cast["doctor"], type="webauthn", data={"name": "Laptop", "credential": made_passkey()}
    )
    unconfirmed = EmailAddress.objects.create(
        user=cast["secretary"], email=f"new@{name.lower()}.example", verified=False
    )
    invitation = MemberInvitation.objects.create(
        tenant=tenant, email=f"nadia@{name.lower()}.example", role="doctor", digest=name, expires_at=clock.now() + 86400
    )
    proposal = Proposal.objects.create(
        kind="reset_factors", user=cast["doctor"], proposed_by=operator, reason="Lost.", expires_at=clock.now() + 86400
    )
    return Side(
        name, cast, browsers, tenant, application, first, draft, secret_id, request_id,
        message_id=Message.objects.filter(to=cast["developer"].email).latest("pk").pk,
        passkey_id=passkey.pk,
        interaction_id=begun(browsers["doctor"], application),
        invitation_id=invitation.pk,
        proposal_id=proposal.pk,
        question_id=_asked(tenant, cast["manager"]),
        confirmation=EmailConfirmationHMAC(unconfirmed).key,
        question=tickets.opened(cast["doctor"], "question", Upload("screen.pdf", tickets.PDF)),
        activation=tickets.opened(cast["manager"], "developer_activation"),
        integrator_id=_integrator(tenant, cast["manager"]),
        lost_factor=tickets.opened(cast["secretary"], "lost_factor"),
        offer_id=_offer(cast["developer"]),
        sandbox=sandboxes.create(
            application.team, Wanted(name=f"Sandbox of {name}", seed="empty"), Origin(cast["developer"])
        ),
    )  # fmt: skip


@dataclass(slots=True)
class Viewpoint:
    """The cast as it stands to the objects of one side."""

    side: Side
    browsers: dict[str, Client]


def viewpoints() -> list[Viewpoint]:
    """Two of them: Aurora's objects, and Levante's with the people in each other's parts."""
    operator = people.olga()
    both = [_side(name, operator) for name in ("Aurora", "Levante")]
    rest = {
        "anonymous": Client(HTTP_ACCEPT_LANGUAGE="en"),
        "operator": _signed_in(operator),
        "support": _signed_in(people.sara()),
        "sandbox doctor": _signed_in(people.sandro()),
    }
    return [
        Viewpoint(mine, mine.browsers | {MIRRORED[part]: browser for part, browser in other.browsers.items()} | rest)
        for mine, other in (both, both[::-1])
    ]
