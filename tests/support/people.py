"""The cast. Olga (operator), Sara (support), Davide (developer); clinic Aurora: Marta (manager), Dario (doctor), Silvia
(secretary); clinic Levante, the *other* one: Luca (manager), Lia (doctor); the sandbox: Sandro (doctor).

Rows are written straight to the models: what a test is about goes through the public face, what it stands on does not.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from varco import catalog, clock
from varco.accounts.models import User
from varco.registry.models import Application, Revision, Secret, Team, TeamMember
from varco.tenants.models import Membership, Tenant

PASSWORD = "correct horse battery staple"


def person(given: str, family: str, **fields: Any) -> User:
    """An account with a verified address and `PASSWORD`."""
    from allauth.account.models import EmailAddress

    email = fields.pop("email", f"{given}@{family}.example".lower())
    user = User.objects.create_user(email, PASSWORD, given_name=given, family_name=family, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def olga() -> User:
    return person("Olga", "Operator", platform_role="operator")


def sara() -> User:
    return person("Sara", "Support", platform_role="support")


def davide() -> User:
    """A developer: the role is on, and he belongs to no clinic."""
    return person("Davide", "Developer", developer_since=clock.now())


def tenant(name: str, kind: str = "production") -> Tenant:
    found = Tenant.objects.filter(public_id=f"tenant-{name.lower()}").first()
    return found or Tenant.objects.create(
        public_id=f"tenant-{name.lower()}",
        name=f"Clinic {name}",
        kind=kind,
        database="clinic" if kind == "production" else "sandbox",
    )


def member(given: str, clinic: str, role: str, kind: str = "production") -> User:
    """Somebody of a clinic, with the permissions the catalogue gives the role."""
    user = person(given, clinic)
    permissions = " ".join(catalog.current().roles[role].permissions)
    Membership.objects.create(user=user, tenant=tenant(clinic, kind), role=role, permissions=permissions)
    return user


def marta() -> User:
    return member("Marta", "Aurora", "manager")


def dario() -> User:
    return member("Dario", "Aurora", "doctor")


def silvia() -> User:
    return member("Silvia", "Aurora", "secretary")


def luca() -> User:
    return member("Luca", "Levante", "manager")


def lia() -> User:
    return member("Lia", "Levante", "doctor")


def sandro() -> User:
    return member("Sandro", "Sandbox", "doctor", "sandbox")


CALLBACK = "https://agenda.example/callback"


@dataclass(frozen=True, slots=True)
class Registered:
    """An approved application and the clear text of its one secret (empty for a public client)."""

    application: Application
    revision: Revision
    secret: str

    @property
    def client_id(self) -> str:
        return self.application.client_id or ""


def scope(name: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "reason": f"The application needs {name}.", "required": required}


DEFAULT_SCOPES = ("openid", "profile", "email", "offline_access", "giponext.patients", "giponext.agenda")


def team_of(owner: User, name: str = "") -> Team:
    """The first team that somebody owns, or a new one of theirs."""
    found = TeamMember.objects.filter(user=owner, role="owner").select_related("team").order_by("pk").first()
    if found:
        return found.team
    team = Team.objects.create(name=name or f"Team of {owner.given_name}")
    TeamMember.objects.create(team=team, user=owner, role="owner")
    return team


def application(owner: User, **changes: Any) -> Registered:
    """An approved web application of `owner`; `changes` go to the revision, `pkce_required` and `name` to the application."""
    public = changes.get("type") in {"spa", "native", "device"}
    made = Application.objects.create(
        client_id=f"varco-{secrets.token_hex(8)}",
        team=team_of(owner),
        owner=owner,
        name=changes.pop("name", "Agenda Facile"),
        publisher="Facile Srl",
        state=Application.State.ACTIVE,
        pkce_required=changes.pop("pkce_required", True),
    )
    fields: dict[str, Any] = {
        "type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [CALLBACK],
        "scopes": [scope(name) for name in DEFAULT_SCOPES],
        "claims": ["profile", "email", "tenant"],
        "token_endpoint_auth_method": "none" if public else "client_secret_basic",
    } | changes
    revision = Revision.objects.create(
        application=made, number=1, state="approved", submitted_at=clock.now(), decided_at=clock.now(), **fields
    )
    made.live_revision, made.environment = revision, revision.environment
    made.save()
    text = "" if public else f"vs.{secrets.token_urlsafe(32)}"
    if text:
        Secret.objects.create(
            application=made,
            label="first",
            digest=hashlib.sha256(text.encode()).hexdigest(),
            hint=text[-4:],
            created_by=owner,
        )
    return Registered(made, revision, text)
