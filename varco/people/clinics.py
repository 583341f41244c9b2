"""Clinics, and who works there as what."""

import re

from django.db import IntegrityError, transaction

from varco import catalog
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants.services import end_grants_of
from varco.people.errors import PeopleFault, Refused, sound
from varco.protocol.errors import EndReason
from varco.tenants import queries, services
from varco.tenants.models import Membership, Tenant

_ID = re.compile(r"[a-z0-9._-]{1,40}")


def find(public_id: str) -> Tenant:
    """The clinic with a public id. Raises `Refused`."""
    tenant = queries.of_any_state(public_id)
    if tenant is None:
        raise Refused(PeopleFault.UNKNOWN_TENANT, tenant=public_id)
    return tenant


@transaction.atomic
def create(name: str, origin: Origin, *, sandbox: bool = False, public_id: str = "") -> Tenant:
    """Make a clinic. Raises `Refused`."""
    if public_id and not _ID.fullmatch(public_id):
        raise Refused(
            PeopleFault.UNSOUND, field="id", text="1 to 40 of the characters a-z, 0-9, dot, dash and underscore"
        )
    if public_id and queries.of_any_state(public_id):
        raise Refused(PeopleFault.TENANT_TAKEN, tenant=public_id)
    with sound():
        kind = Tenant.Kind.SANDBOX if sandbox else Tenant.Kind.PRODUCTION
        tenant = services.add(name, kind, public_id)
    record(Tag.TENANT_CREATED, origin, tenant=tenant, name=tenant.name, kind=tenant.kind)
    return tenant


@transaction.atomic
def rename(tenant: Tenant, name: str, origin: Origin) -> None:
    """Give a clinic another name. Raises `Refused`."""
    before = tenant.name
    with sound():
        services.rename(tenant, name)
    record(Tag.TENANT_RENAMED, origin, tenant=tenant, before=before, name=tenant.name)


@transaction.atomic
def suspend(tenant: Tenant, origin: Origin) -> None:
    """Let nobody of a clinic use an application until it is resumed; grants stay. Raises `Refused`."""
    _move(tenant, Tenant.State.SUSPENDED)
    record(Tag.TENANT_SUSPENDED, origin, tenant=tenant)


@transaction.atomic
def resume(tenant: Tenant, origin: Origin) -> None:
    """End the suspension of a clinic. Raises `Refused`."""
    _move(tenant, Tenant.State.ACTIVE)
    record(Tag.TENANT_RESUMED, origin, tenant=tenant)


def _move(tenant: Tenant, state: Tenant.State) -> None:
    if not services.set_state(tenant, state):
        raise Refused(PeopleFault.TENANT_STATE, tenant=tenant.public_id, state=tenant.state)


def add_member(user: User, tenant: Tenant, role: str, origin: Origin) -> Membership:
    """Make somebody a member of a clinic, with the permissions that the catalogue gives the role. Raises `Refused`."""
    known = catalog.current().roles
    if role not in known:
        raise Refused(PeopleFault.UNKNOWN_ROLE, role=role, known=", ".join(known))
    if tenant.state == Tenant.State.CLOSED:
        raise Refused(PeopleFault.TENANT_CLOSED, tenant=tenant.public_id)
    try:
        with transaction.atomic():
            membership = services.add_member(user, tenant, role, known[role].permissions)
            record(Tag.MEMBER_ADDED, origin, user=user, tenant=tenant, role=role)
    except IntegrityError:
        there = queries.tenant_of(user)
        raise Refused(
            PeopleFault.MEMBER_ALREADY, email=user.email, tenant=there.public_id if there else tenant.public_id
        ) from None
    return membership


@transaction.atomic
def remove_member(user: User, origin: Origin) -> Tenant:
    """Take somebody out of their clinic, which ends what they granted there. Raises `Refused`."""
    tenant = queries.tenant_of(user)
    if tenant is None or not services.remove_member(user):
        raise Refused(PeopleFault.NO_MEMBER, email=user.email)
    grants = end_grants_of(user, EndReason.MEMBERSHIP_ENDED, origin, tenant=tenant)
    record(Tag.MEMBER_REMOVED, origin, user=user, tenant=tenant, grants=grants)
    return tenant
