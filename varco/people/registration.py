"""Registering by oneself (S6): an account and a sandbox of one's own, once a link shows that one reads the mail of the address.

The page that begins it tells nobody whether an address has an account: the same work is done for either, and the mail alone
says which it is. Until the link is followed there is a row of what was said, and no account.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from varco import catalog, clock
from varco.accounts import queries, services
from varco.accounts.models import PendingAccount, User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.clinical.seed import services as seed
from varco.mail.notifications import notify
from varco.people import clinics
from varco.people.notifications import AccountExists, RegistrationBegun
from varco.protocol.credentials import REGISTRATION, hash_of
from varco.tenants.models import Tenant

HOURS = 24
"""How long a link is good, in hours."""
LENGTH = len(REGISTRATION) + 43
"""Characters of a link's secret."""
PATIENTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What somebody says who registers; `password` is its hash."""

    email: str
    given_name: str
    family_name: str
    language: str
    password: str
    terms_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """What the sandbox of somebody new is called, and its agendas as (name, doctor, colour), in their language."""

    name: str
    agendas: Sequence[tuple[str, str, str]]


@transaction.atomic
def begin(person: NewPerson) -> str:
    """Keep what somebody said and write to the address: the link, or that it has an account. Returns the hash of the link's secret."""
    secret = REGISTRATION + secrets.token_urlsafe(32)
    digest = hash_of(secret)
    pending = PendingAccount(
        digest=digest,
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        language=person.language,
        password=person.password,
        terms_version=person.terms_version,
        expires_at=clock.now() + HOURS * 3600,
    )
    services.keep_pending(pending)
    owner = queries.by_email(person.email)
    # Whoever reads the mail of an address that is not theirs yet gets no word of the sender's choosing, not even a name.
    reader = owner or User(email=person.email, language=person.language)
    notify(AccountExists() if owner else RegistrationBegun(secret, HOURS), [reader])
    return digest


def opened(secret: str) -> PendingAccount | None:
    """What this link makes an account of; None for one that opens nothing: used, expired, never made, or of an address with an account."""
    if not secret.startswith(REGISTRATION) or len(secret) != LENGTH:
        return None
    pending = queries.pending(hash_of(secret))
    return None if pending is None or queries.by_email(pending.email) else pending


def complete(secret: str, origin: Origin, sandbox: Sandbox) -> User | None:
    """Use a link up: make the account with its sandbox. None for a link that opens nothing, or nothing any more."""
    try:
        with transaction.atomic():
            return _completed(secret, origin, sandbox)
    except IntegrityError:  # an account was made for the address at this moment
        return None


def _completed(secret: str, origin: Origin, sandbox: Sandbox) -> User | None:
    pending = services.use_pending(hash_of(secret)) if opened(secret) else None
    if pending is None:
        return None
    user = services.add_registered(pending)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    own = Origin(user, origin.ip, origin.request_id)
    record(Tag.ACCOUNT_REGISTERED, own, user=user, terms=user.terms_version)
    give_sandbox(user, own, sandbox)
    return user


@transaction.atomic
def give_sandbox(user: User, origin: Origin, sandbox: Sandbox) -> Tenant:
    """A sandbox in which they answer for the clinic and may do all that anybody may in one: everything in it is invented.

    Raises `Refused` for whoever belongs to a clinic.
    """
    tenant = clinics.create(sandbox.name, origin, sandbox=True)
    clinics.add_member(user, tenant, catalog.current().managers[0], origin, permissions=clinics.every_permission())
    seed.fill(
        tenant.public_id,
        database=tenant.database,
        seed=tenant.public_id,
        patients=PATIENTS,
        agendas=sandbox.agendas,
    )
    return tenant
