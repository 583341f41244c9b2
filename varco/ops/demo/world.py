"""Building the demo's world. Every step looks first whether its part is there, so a second start changes nothing."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from varco import catalog, clock
from varco.accounts.models import User
from varco.accounts.services import mark_as_demo
from varco.clinical.seed import services as seed
from varco.ops.demo import applications, cast, history, state, tickets
from varco.ops.demo.client_file import Change, Changes
from varco.ops.demo.clients import PLANS
from varco.ops.preflight import OperationError
from varco.people import clinics
from varco.registry.models import Application
from varco.tenants.models import Membership, Tenant

World = dict[str, Application]


def build(changes: Changes) -> tuple[World, state.State]:
    """Build what is missing and return the applications by key and what is known about them.

    `changes` are those of a client file. Raises `OperationError` on databases that belong to someone else.
    """
    directory, masters = Path(settings.VARCO.data_dir), settings.MASTER_KEYS
    refuse_other_worlds()
    mark_as_demo()
    people = {account.key: _account(account) for account in cast.ACCOUNTS}
    for clinic in cast.CLINICS:
        _clinic_data(clinic)
    known = state.load(directory, masters)
    davide, olga = people["developer"], people["operator"]
    made = {plan.key: applications.build(plan, changes.get(plan.key, Change()), known, davide, olga) for plan in PLANS}
    state.save(directory, masters, known)
    if not known.history:
        history.build(people, made)
        known.history = True
        state.save(directory, masters, known)
    tickets.build(people)
    return made, known


def refuse_other_worlds() -> None:
    """The demo's passwords are public: never put its people into databases that already have other ones."""
    ours = [account.email for account in cast.ACCOUNTS]
    if User.objects.exists() and not User.objects.filter(email__in=ours).exists():
        raise OperationError(
            "these databases already hold people who are not of the demo; give the demo databases of its own"
        )


@cache
def _password() -> str:
    """The hash of everyone's password: one for all, because it is public and a hash takes a quarter of a second on purpose."""
    return make_password(cast.PASSWORD)


@transaction.atomic
def _account(account: cast.Account) -> User:
    from allauth.account.models import EmailAddress

    user = User.objects.filter(email=account.email).first()
    if user:
        return user
    user = User.objects.create(
        email=account.email,
        password=_password(),
        given_name=account.given_name,
        family_name=account.family_name,
        language=account.language,
        platform_role=account.role if account.role in User.PlatformRole.values else "",
        developer_since=clock.now() if account.role == "developer" else None,
    )
    EmailAddress.objects.create(user=user, email=account.email, verified=True, primary=True)
    if account.clinic:
        known = catalog.current()
        # A developer manages the sandbox, which is their team's by that: what a policy approves of it works there.
        manages = account.role == "developer"
        role = known.managers[0] if manages else account.role
        permissions = clinics.every_permission() if manages else known.roles[role].permissions
        Membership.objects.create(
            user=user, tenant=_tenant(cast.clinic(account.clinic)), role=role, permissions=" ".join(permissions)
        )
    return user


def _tenant(clinic: cast.Clinic) -> Tenant:
    database = "sandbox" if clinic.kind == Tenant.Kind.SANDBOX else "clinic"
    values = {"name": clinic.name, "kind": clinic.kind, "database": database}
    return Tenant.objects.get_or_create(public_id=clinic.public_id, defaults=values)[0]


@transaction.atomic
def _clinic_data(clinic: cast.Clinic) -> None:
    tenant = _tenant(clinic)
    seed.fill(
        tenant.public_id,
        database=tenant.database,
        seed=clinic.key,
        patients=clinic.patients,
        agendas=clinic.agendas,
        zone=tenant.zone,
    )
