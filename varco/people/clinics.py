"""Clinics, and who works there as what."""

import re
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from varco import catalog
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import signalling
from varco.grants.services import end_grants_at, end_grants_of
from varco.mail.notifications import notify
from varco.people import members, reasons
from varco.people.errors import PeopleFault, Refused, sound
from varco.people.notifications import DataOfficerChanged, TenantStateChanged
from varco.protocol.errors import EndReason
from varco.tenants import queries, services
from varco.tenants.models import Membership, Tenant
from varco.validators import PersonName

_ID = re.compile(r"[a-z0-9._-]{1,40}")


def find(public_id: str) -> Tenant:
    """The clinic with a public id. Raises `Refused`."""
    tenant = queries.of_any_state(public_id)
    if tenant is None:
        raise Refused(PeopleFault.UNKNOWN_TENANT, tenant=public_id)
    return tenant


@transaction.atomic
def create(
    name: str, origin: Origin, *, sandbox: bool = False, public_id: str = "", zone: str = "", reason: str = ""
) -> Tenant:
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
        if zone:
            services.change_settings(tenant, zone=zone)
    record(Tag.TENANT_CREATED, origin, tenant=tenant, name=tenant.name, kind=tenant.kind, **reasons.kept(reason))
    return tenant


@transaction.atomic
def rename(tenant: Tenant, name: str, origin: Origin) -> None:
    """Give a clinic another name. Raises `Refused`."""
    before = tenant.name
    with sound():
        services.rename(tenant, name)
    record(Tag.TENANT_RENAMED, origin, tenant=tenant, before=before, name=tenant.name)


@transaction.atomic
def suspend(tenant: Tenant, origin: Origin, *, reason: str | None = None) -> None:
    """Let nobody of a clinic use an application until it is resumed; grants stay. Raises `Refused`.

    With a `reason`, which may not be empty then, its managers are told.
    """
    _move(tenant, Tenant.State.SUSPENDED, Tag.TENANT_SUSPENDED, origin, reason)


@transaction.atomic
def resume(tenant: Tenant, origin: Origin, *, reason: str | None = None) -> None:
    """End the suspension of a clinic. Raises `Refused`."""
    _move(tenant, Tenant.State.ACTIVE, Tag.TENANT_RESUMED, origin, reason)


@transaction.atomic
def close(tenant: Tenant, origin: Origin, *, reason: str) -> None:
    """Close a clinic for good: what its people granted ends, and nobody joins it any more. Raises `Refused`.

    Its data stays where it is; who was a member still is, of a clinic that is closed, until they join another one.
    """
    _move(tenant, Tenant.State.CLOSED, Tag.TENANT_CLOSED, origin, reason)
    end_grants_at(tenant, EndReason.MEMBERSHIP_ENDED, origin)


@transaction.atomic
def close_sandbox(tenant: Tenant, origin: Origin) -> None:
    """Close a sandbox for good, as whoever has it wishes: nobody is told, as nobody's data is in it. Does nothing to a closed one."""
    if services.set_state(tenant, Tenant.State.CLOSED):
        record(Tag.TENANT_CLOSED, origin, tenant=tenant)
        end_grants_at(tenant, EndReason.MEMBERSHIP_ENDED, origin)


def _move(tenant: Tenant, state: Tenant.State, tag: Tag, origin: Origin, reason: str | None) -> None:
    text = None if reason is None else reasons.checked(reason)
    readers = [item.user for item in queries.managers(tenant)]
    if not services.set_state(tenant, state):
        now = queries.of_any_state(tenant.public_id)
        raise Refused(PeopleFault.TENANT_STATE, tenant=tenant.public_id, state=now.state if now else tenant.state)
    tenant.state = state
    record(tag, origin, tenant=tenant, **reasons.kept(text or ""))
    if text:
        notify(TenantStateChanged(tenant, text), readers)


@transaction.atomic
def change_settings(tenant: Tenant, origin: Origin, **fields: str) -> bool:
    """Let a manager change what a clinic says of itself: `name`, `zone`, `place`, `local_holiday`, `dpo_name`, `dpo_email`.

    False where nothing was different. Raises `Denied` and `Refused`.
    """
    actor = members.may_manage(tenant, origin)
    fresh = queries.locked(tenant) or tenant
    before = {name: getattr(fresh, name) for name in fields}
    changed = {name: value.strip() for name, value in fields.items() if value.strip() != before[name]}
    if not changed:
        return False
    with sound():
        if "name" in changed:
            if not changed["name"]:
                raise Refused(PeopleFault.UNSOUND, field="name", text="must not be empty")
            check_name(changed["name"])
        services.change_settings(fresh, **changed)
    detail = {name: {"before": before[name], "after": value} for name, value in changed.items()}
    record(Tag.TENANT_SETTINGS_CHANGED, origin, tenant=fresh, changed=detail)
    if "dpo_email" in changed and actor is not None:
        _tell_of_officer(fresh, actor, before["dpo_email"])
    return True


def _tell_of_officer(tenant: Tenant, actor: User, before: str) -> None:
    """Tell whoever watched until now, too: a manager who names another reader could take permissions unseen."""
    readers = {user.email: user for user in members.watchers(tenant, but=actor)}
    if before:
        readers.setdefault(before.lower(), User(email=before, language=actor.language))
    notify(DataOfficerChanged(tenant, actor, before, tenant.dpo_email), readers.values())


def check_name(name: str) -> None:
    """Raise `ValidationError` for a name in which a mail program would find a link: it stands in mails to strangers."""
    try:
        PersonName()(name)
    except ValidationError as fault:
        raise ValidationError({"name": fault.messages}) from None


def every_permission() -> list[str]:
    """All that anybody may do in a clinic: what whoever has a sandbox may there, as everything in it is invented."""
    roles = catalog.current().roles.values()
    return sorted({permission for each in roles for permission in each.permissions})


def add_member(
    user: User,
    tenant: Tenant,
    role: str,
    origin: Origin,
    *,
    permissions: Collection[str] | None = None,
    on_behalf_of: User | None = None,
) -> Membership:
    """Make somebody a member of a clinic, with these permissions or those the catalogue gives the role. Raises `Refused`."""
    known = catalog.current().roles
    if role not in known:
        raise Refused(PeopleFault.UNKNOWN_ROLE, role=role, known=", ".join(known))
    if tenant.state == Tenant.State.CLOSED:
        raise Refused(PeopleFault.TENANT_CLOSED, tenant=tenant.public_id)
    try:
        with transaction.atomic():
            given = known[role].permissions if permissions is None else permissions
            membership = services.add_member(user, tenant, role, given)
            signalling.access_opened(user, origin)
            record(Tag.MEMBER_ADDED, origin, user=user, tenant=tenant, role=role, on_behalf_of=on_behalf_of)
    except IntegrityError:
        there = queries.tenant_of(user)
        raise Refused(
            PeopleFault.MEMBER_ALREADY, email=user.email, tenant=there.public_id if there else tenant.public_id
        ) from None
    return membership


@transaction.atomic
def remove_member(user: User, origin: Origin, *, last_too: bool = False) -> Tenant:
    """Take somebody out of their clinic, which ends what they granted there. Raises `Refused`.

    The last manager of a clinic of real data goes only with `last_too`.
    """
    tenant = queries.tenant_of(user)
    if tenant is None:
        raise Refused(PeopleFault.NO_MEMBER, email=user.email)
    if not last_too:
        members.keep_a_manager(tenant, user)
    services.withdraw_invitations_of(user, tenant)
    signalling.access_closing(user, origin)
    if not services.remove_member(user):
        raise Refused(PeopleFault.NO_MEMBER, email=user.email)
    grants = end_grants_of(user, EndReason.MEMBERSHIP_ENDED, origin, tenant=tenant)
    record(Tag.MEMBER_REMOVED, origin, user=user, tenant=tenant, grants=grants)
    return tenant
