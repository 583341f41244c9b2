"""The ready-made users of a sandbox: one of each role of the catalogue, and those that a program must be able to turn away.

All have the sandbox's password, an address that nobody can write to, and no end: they never expire.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from varco import catalog
from varco.accounts import queries as accounts
from varco.accounts import services as account_services
from varco.accounts.addresses import NOWHERE
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.people import clinics
from varco.people.accounts import end_everything
from varco.protocol.errors import EndReason
from varco.registry.models import Sandbox
from varco.tenants import queries as tenants
from varco.tenants import services as tenant_services
from varco.tenants.models import Tenant

SURNAME = "Sandbox"
NOBODY, DEACTIVATED, STRANGER = "no-permissions", "deactivated", "wrong-clinic"


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready-made user: `key` is the part of the address before the `@`, `role` one of the catalogue."""

    key: str
    role: str
    permissions: tuple[str, ...]
    active: bool = True
    beside: bool = False  # of the other clinic


def ready() -> Iterator[Ready]:
    """Every ready-made user, in the order in which they are shown."""
    known = catalog.current()
    lasting = [role for role in known.roles.values() if not role.temporary]
    for role in lasting:
        yield Ready(role.name, role.name, role.permissions)
    # Whoever may do most in the clinic shows best what is missing.
    most = max(lasting, key=lambda role: len(role.permissions))
    yield Ready(NOBODY, most.name, ())
    yield Ready(DEACTIVATED, most.name, most.permissions, active=False)
    yield Ready(STRANGER, most.name, most.permissions, beside=True)


def address(sandbox: Sandbox, key: str) -> str:
    """The e-mail address of a ready-made user: of a domain that reaches nobody (RFC 2606 §2)."""
    return f"{key}@{sandbox.tenant.public_id.removeprefix('tenant-')}.sandbox{NOWHERE}"


def users(sandbox: Sandbox) -> list[tuple[Ready, User]]:
    """The ready-made users that a sandbox has."""
    known = {address(sandbox, each.key): each for each in ready()}
    found = {user.email: user for user in accounts.by_emails(known)}
    return [(each, found[email]) for email, each in known.items() if email in found]


def user(sandbox: Sandbox, key: str) -> User | None:
    """One of them."""
    return next((found for each, found in users(sandbox) if each.key == key), None)


def make(sandbox: Sandbox, origin: Origin, *, password: str, language: str) -> None:
    """Make every ready-made user of a sandbox, or make them as they were; `password` is its hash."""
    for each in ready():
        tenant = sandbox.neighbour if each.beside else sandbox.tenant
        _make(each, address(sandbox, each.key), tenant, origin, password=password, language=language)


def _make(each: Ready, email: str, tenant: Tenant, origin: Origin, *, password: str, language: str) -> None:
    role = catalog.current().roles[each.role]
    label = role.label.in_language(language)
    person = accounts.by_email(email)
    if person is None:
        person = account_services.add(email, given_name=label, family_name=SURNAME, language=language)
        EmailAddress.objects.update_or_create(email=email, defaults={"user": person, "primary": True, "verified": True})
    else:
        end_everything(person, origin, EndReason.MEMBERSHIP_ENDED)
        Authenticator.objects.filter(user=person).delete()
        tenant_services.remove_member(person)
    account_services.change(
        person,
        password=password,
        password_is_short=False,
        is_active=each.active,
        given_name=label,
        family_name=SURNAME,
    )
    tenant_services.add_member(person, tenant, each.role, each.permissions)


def leave_alone(sandbox: Sandbox, origin: Origin) -> None:
    """Take out of its clinics whoever is none of the ready-made users: let in since, or under another address now."""
    known = {address(sandbox, each.key) for each in ready()}
    for tenant in tenants_of(sandbox):
        for membership in tenants.memberships(tenant).exclude(user__email__in=known):
            clinics.remove_member(membership.user, origin)


def retire(sandbox: Sandbox, origin: Origin) -> None:
    """Let the ready-made users of a sandbox do nothing any more."""
    for _each, person in users(sandbox):
        end_everything(person, origin, EndReason.MEMBERSHIP_ENDED)
        account_services.change(person, is_active=False)


def last_used_at(sandbox: Sandbox) -> int:
    """When somebody last signed in as one of them (epoch seconds); 0: nobody has."""
    moments = [person.last_login for _each, person in users(sandbox) if person.last_login]
    return int(max(moments).timestamp()) if moments else 0


def tenants_of(sandbox: Sandbox) -> tuple[Tenant, Tenant]:
    """Its two clinics."""
    return sandbox.tenant, sandbox.neighbour
