"""The Developer role as clinics ask for it (S7): given at once or by an invitation, kept with who introduced it, taken with a reason."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import BigIntegerField, Max, QuerySet

from varco import clock
from varco.accounts import queries as accounts_queries
from varco.accounts import services as accounts_services
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.compiled import Compiled
from varco.mail.notifications import notify
from varco.people import accounts, invitations
from varco.people.accounts import DEVELOPER, NewAccount
from varco.people.errors import PeopleFault, Refused
from varco.protocol.fault import Fault
from varco.registry.errors import Conflict, Denied, Invalid
from varco.searching import containing
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant
from varco.tickets import entries
from varco.tickets.errors import TicketConflict, TicketFault
from varco.tickets.fields import sound_text
from varco.tickets.models import Activation, Ticket
from varco.tickets.notifications import (
    DeveloperActivated,
    DeveloperDeactivated,
    DeveloperInvited,
    DeveloperRefused,
    IntroductionBegun,
    IntroductionEnded,
)


def approve(ticket: Ticket, origin: Origin, _text: str) -> str:
    """Activate the role of the developer that a ticket names, or invite them. Raises `Refused` for a deactivated account, and a clinic that is active no more."""
    if ticket.tenant is not None and ticket.tenant.state != Tenant.State.ACTIVE:
        raise Refused(PeopleFault.TENANT_STATE)
    user = accounts_queries.by_email(ticket.about_email)
    if user is None:
        language = ticket.opener.language if ticket.opener else "en"
        user = accounts.create(NewAccount(email=ticket.about_email, language=language), origin)
    if not user.is_active:
        raise Refused(PeopleFault.INACTIVE, email=user.email)
    invited = not user.has_usable_password()
    activation = Activation.objects.create(
        user=user,
        tenant=ticket.tenant,
        tenant_name=ticket.tenant.name if ticket.tenant else "",
        company=str(ticket.details.get("company", "")),
        ticket=ticket,
        state=Activation.State.INVITED,
        decided_by_name=origin.actor.name if origin.actor else "",
    )
    if invited:
        _invite(activation, origin)
        return "developer_invited"
    _begin(activation, origin)
    return "developer_activated"


def refuse(ticket: Ticket, _origin: Origin, text: str) -> str:
    """Tell the developer, if they have an account: nobody else gets mail because a clinic has named their address."""
    user = accounts_queries.by_email(ticket.about_email)
    if user is not None and user.is_active and user.has_usable_password():
        notify(DeveloperRefused(ticket.tenant.name if ticket.tenant else "", text), [user])
    return ""


@transaction.atomic
def invite_again(activation: Activation, origin: Origin) -> None:
    """Send the invitation once more; the link of before opens nothing any more. Raises `Conflict`, `Denied`."""
    locked = _locked(activation, origin)
    if locked.state != Activation.State.INVITED or locked.user.has_usable_password():
        raise Conflict(TicketConflict.NOT_INVITED)
    _invite(locked, origin)


@transaction.atomic
def deactivate(user: User, origin: Origin, *, reason: str) -> None:
    """Take the Developer role away, and what waits to become one. Applications go on. Raises `Conflict`, `Denied`, `Invalid`.

    The clinics that introduced them are told, as the developer is.
    """
    _check_staff(origin, user)
    reason = reason.replace("\r\n", "\n").strip()
    fault = Fault(TicketFault.REASON_MISSING) if not reason else sound_text(reason)
    if fault:
        raise Invalid({"text": [fault]})
    user = accounts_queries.locked(user) or user
    standing = list(of_user(user).exclude(state=Activation.State.ENDED).select_for_update(of=("self",)))
    if not user.is_developer and not standing:
        raise Conflict(TicketConflict.NO_DEVELOPER)
    if user.is_developer:
        accounts.set_role(user, DEVELOPER, origin, held=False)
    else:
        accounts_services.withdraw_invitation(user)
    for activation in standing:
        activation.state, activation.ended_at, activation.end_reason = Activation.State.ENDED, clock.now(), reason
        activation.ended_by_name = origin.actor.name if origin.actor else ""
        activation.save(update_fields=["state", "ended_at", "end_reason", "ended_by_name"])
    introduced_by = {activation.tenant_id: activation.tenant for activation in standing if activation.tenant}
    record(Tag.DEVELOPER_DEACTIVATED, origin, user=user, reason=reason, clinics=len(introduced_by))
    if user.is_active and user.has_usable_password():
        notify(DeveloperDeactivated(reason), [user])
    for tenant in introduced_by.values():
        notify(IntroductionEnded(user, tenant, reason), tenants.people_managing(tenant))


def of_user(user: User) -> QuerySet[Activation]:
    """What clinics have asked for somebody and got, the newest first."""
    return Activation.objects.filter(user=user).select_related("tenant", "ticket", "user").order_by("-pk")


def of_ticket(ticket: Ticket) -> Activation | None:
    """What came of a ticket."""
    return Activation.objects.filter(ticket=ticket).select_related("user", "tenant").first()


def stands(user: User) -> bool:
    """Whether an introduction of somebody has not ended."""
    return Activation.objects.filter(user=user).exclude(state=Activation.State.ENDED).exists()


def introduced_by(user: User) -> str:
    """The name of the clinic that introduced a developer, as it was called then; empty for one whom nobody has."""
    return introduced_by_of(user.pk)


def introduced_by_of(user_id: int) -> str:
    """The same by the key of the developer's account."""
    return _INTRODUCED_BY.only(user=user_id) or ""


_INTRODUCED_BY: Compiled[str] = Compiled(
    lambda user: (
        Activation.objects.filter(user=user, state=Activation.State.ACTIVE, user__developer_since__isnull=False)
        .order_by("-pk")
        .values_list("tenant_name", flat=True)[:1]
    ),
    user=BigIntegerField(),
)


def developers(words: str = "") -> QuerySet[Activation]:
    """The newest introduction of everybody who has one, by words of name, address, company or clinic."""
    newest = Activation.objects.order_by("-pk").select_related("user", "tenant")
    fields = ("user__email", "user__given_name", "user__family_name", "company", "tenant_name")
    return containing(newest.filter(pk__in=_newest()), words, *fields)


def by_subject(subject: str) -> User | None:
    """The account with a `sub`, if it is a developer's or was to be one."""
    user = accounts_queries.of_any_state(subject)
    known = user is not None and (user.is_developer or Activation.objects.filter(user=user).exists())
    return user if known else None


def connect() -> None:
    """Begin what waits for an invitation when it is accepted, or when its person signs in by another way to a first password."""
    invitations.accepted.connect(_on_acceptance, dispatch_uid="varco.tickets.accepted")
    user_logged_in.connect(_on_sign_in, dispatch_uid="varco.tickets.signed_in")


def _on_acceptance(user: User, origin: Origin, **_more: Any) -> None:
    _begin_waiting(user, origin)
    user.refresh_from_db(fields=["developer_since"])  # whoever accepts saves this account once more, with its password


def _on_sign_in(user: User, request: Any = None, **_more: Any) -> None:
    if not user.is_developer and Activation.objects.filter(user=user, state=Activation.State.INVITED).exists():
        _begin_waiting(user, Origin(user, str(request.META.get("REMOTE_ADDR", "")) if request else ""))


@transaction.atomic
def _begin_waiting(user: User, origin: Origin) -> None:
    waiting = of_user(user).filter(state=Activation.State.INVITED).order_by("pk")
    for activation in waiting.select_for_update(of=("self",)):
        _begin(activation, Origin(user, origin.ip, origin.request_id))


def _begin(activation: Activation, origin: Origin) -> None:
    """Switch the role on and tell both sides; somebody who has it keeps it, with who introduced them."""
    user = activation.user
    if not user.is_developer:
        accounts.set_role(user, DEVELOPER, origin)
        user.refresh_from_db(fields=["developer_since"])
    activation.state, activation.active_at = Activation.State.ACTIVE, clock.now()
    activation.save(update_fields=["state", "active_at"])
    record(
        Tag.DEVELOPER_ACTIVATED, origin, user=user, tenant=activation.tenant, number=_number(activation),
        introduced_by=activation.tenant_name,
    )  # fmt: skip
    notify(DeveloperActivated(activation.tenant_name), [user])
    if activation.ticket and activation.ticket.state == Ticket.State.CLOSED:  # an invitation that is accepted only now
        entries.add_act(activation.ticket, "developer_activated", Origin())
        if activation.tenant:
            notify(IntroductionBegun(user, activation.ticket), tenants.people_managing(activation.tenant))


def _invite(activation: Activation, origin: Origin) -> None:
    secret = invitations.invite(activation.user, origin, by_mail=False)
    told = DeveloperInvited(secret, invitations.DAYS, activation.tenant_name, activation.company)
    notify(told, [activation.user])


def _locked(activation: Activation, origin: Origin) -> Activation:
    found = Activation.objects.select_for_update(of=("self",)).select_related("user").filter(pk=activation.pk).first()
    if found is None:
        raise Denied
    _check_staff(origin, found.user)
    return found


def _check_staff(origin: Origin, user: User) -> None:
    actor = accounts_queries.read_again(origin.actor)
    if actor is None or not actor.is_active or not actor.answers_for_all or actor.pk == user.pk:
        raise Denied


def _number(activation: Activation) -> int | None:
    return activation.ticket.number if activation.ticket else None


def _newest() -> QuerySet[Activation, int]:
    return Activation.objects.values("user").annotate(newest=Max("pk")).values_list("newest", flat=True)
