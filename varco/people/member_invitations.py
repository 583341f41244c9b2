"""Joining a clinic: a link, good once and for some days, sent to the address that its manager names.

Whoever invites learns nothing of the address: with an account or without, a member elsewhere or nowhere, the same mail goes
out and the same is said. Who comes by the link joins; without an account they get one, whose password they set.
"""

import secrets

from django.db import transaction

from varco import catalog, clock
from varco.accounts import queries as accounts_queries
from varco.accounts.addresses import canonical
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.people import accounts, clinics, invitations, members, reasons
from varco.people.errors import PeopleFault, Refused, sound
from varco.people.notifications import MemberInvited
from varco.protocol.credentials import INVITATION, hash_of
from varco.tenants import queries, services
from varco.tenants.models import MemberInvitation, Tenant

DAYS = 7
"""How long a link is good, in days."""

PAUSE = 600
"""Seconds before another link goes to the same address: nobody's mailbox is filled from here."""

MOST = 100
"""Invitations of one clinic that may wait at once."""


@transaction.atomic
def invite(
    tenant: Tenant, email: str, origin: Origin, *, role: str, permissions: tuple[str, ...] | None = None
) -> MemberInvitation:
    """Send a link to join the clinic in a role, with these permissions or those of the role. Raises `Denied` and `Refused`."""
    actor = members.may_manage(tenant, origin)
    return _invite(tenant, email, origin, role=role, permissions=permissions, by=actor)


@transaction.atomic
def invite_first_manager(tenant: Tenant, email: str, origin: Origin, *, reason: str = "") -> MemberInvitation:
    """The same for somebody who is to answer for the clinic, by whoever made it. Raises `Refused`."""
    if tenant.state == Tenant.State.CLOSED:
        raise Refused(PeopleFault.TENANT_CLOSED, tenant=tenant.public_id)
    role = catalog.current().managers[0]
    return _invite(tenant, email, origin, role=role, permissions=None, by=origin.actor, reason=reason)


def _invite(
    tenant: Tenant,
    email: str,
    origin: Origin,
    *,
    role: str,
    permissions: tuple[str, ...] | None,
    by: User | None,
    reason: str = "",
) -> MemberInvitation:
    email, now = canonical(email), clock.now()
    queries.locked(tenant)  # one after another: the number of invitations is a limit
    known = catalog.current().roles
    given = permissions if permissions is not None or role not in known else known[role].permissions
    wanted = members.checked_permissions(role, given or ())
    if "\0" not in email and queries.members_with(tenant, email):
        raise Refused(PeopleFault.MEMBER_ALREADY, email=email, tenant=tenant.public_id)
    before = None if "\0" in email else queries.invitation_to(tenant, email)
    if before and before.created_at > now - PAUSE:
        raise Refused(PeopleFault.INVITED_JUST_NOW, minutes=PAUSE // 60)
    if before is None and queries.invitations(tenant).count() >= MOST:
        raise Refused(PeopleFault.INVITATIONS_TOO_MANY, limit=MOST)
    secret = INVITATION + secrets.token_urlsafe(32)
    until = now + DAYS * 86400
    with sound():
        made = services.invite(
            tenant, email, role=role, permissions=wanted, digest=hash_of(secret), expires_at=until, by=by
        )
    detail = {"email": email, "role": role, "permissions": " ".join(wanted), "until": until, **reasons.kept(reason)}
    record(Tag.MEMBER_INVITED, origin, tenant=tenant, **detail)
    reader = accounts_queries.by_email(email) or User(email=email, language=by.language if by else "en")
    notify(MemberInvited(secret, DAYS, tenant, role, by), [reader])
    return made


@transaction.atomic
def withdraw(tenant: Tenant, invitation: MemberInvitation, origin: Origin) -> None:
    """Let a link open nothing any more. Raises `Denied`, and `Refused` where it is gone."""
    members.may_manage(tenant, origin)
    if invitation.tenant_id != tenant.pk or not services.withdraw_invitation(invitation):
        raise Refused(PeopleFault.INVITATION_OVER)
    record(Tag.MEMBER_INVITATION_WITHDRAWN, origin, tenant=tenant, email=invitation.email)


def opened(secret: str) -> MemberInvitation | None:
    """Which invitation this link is; None for one that opens nothing."""
    if not secret.startswith(INVITATION) or len(secret) != invitations.LENGTH or not secret.isascii():
        return None
    found = queries.invited(hash_of(secret))
    invitee = accounts_queries.by_email(found.email) if found else None
    return None if invitee and not invitee.is_active else found


@transaction.atomic
def accept(secret: str, user: User, origin: Origin) -> Tenant:
    """Join the clinic of a link as the person it was sent to, who leaves the one they belong to. Raises `Refused`."""
    invitation = _used(secret)
    if invitation.email != user.email:
        raise Refused(PeopleFault.OTHER_ADDRESS)
    _join(user, invitation, origin)
    return invitation.tenant


@transaction.atomic
def accept_as_somebody_new(secret: str, origin: Origin) -> str:
    """Join with an account that is made now; the secret of the link by which its person sets the password. Raises `Refused`."""
    invitation = _used(secret)
    user = accounts_queries.by_email(invitation.email)
    if user is None:
        language = invitation.invited_by.language if invitation.invited_by else "en"
        user = accounts.create(accounts.NewAccount(email=invitation.email, language=language), origin)
    elif user.has_usable_password():
        raise Refused(PeopleFault.HAS_PASSWORD, email=user.email)
    _join(user, invitation, origin)
    return invitations.invite(user, origin, by_mail=False, days=1)


def _used(secret: str) -> MemberInvitation:
    """The invitation of a link, used up. Raises `Refused`."""
    invitation = opened(secret)
    if invitation is None or not services.use_invitation(hash_of(secret)):
        raise Refused(PeopleFault.INVITATION_OVER)
    return invitation


def _join(user: User, invitation: MemberInvitation, origin: Origin) -> None:
    there = queries.tenant_of(user)
    if there == invitation.tenant:
        raise Refused(PeopleFault.MEMBER_ALREADY, email=user.email, tenant=invitation.tenant.public_id)
    if there is not None:
        clinics.remove_member(user, Origin(user, origin.ip, origin.request_id))
    clinics.add_member(
        user,
        invitation.tenant,
        invitation.role,
        Origin(user, origin.ip, origin.request_id),
        permissions=invitation.permissions.split(),
        on_behalf_of=invitation.invited_by,
    )
