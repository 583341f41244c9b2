"""Reading authorizations: who may authorize what, and what somebody has given."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Max, Q

from varco import clock
from varco.accounts.models import User
from varco.grants.models import Consent, Grant
from varco.registry import queries as registry
from varco.registry.models import Application
from varco.tenants.models import Membership, Tenant


class Barrier(StrEnum):
    """Why a signed-in person cannot use an application just now (S5, S19, S26)."""

    NO_CLINIC = "no_clinic"
    SWITCHED_OFF = "switched_off"
    ENDED = "ended"
    CLINIC_SUSPENDED = "clinic_suspended"
    CLINIC_CLOSED = "clinic_closed"
    NOT_ALLOWED = "not_allowed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands towards an application: their membership, if any, and what bars them, if anything."""

    membership: Membership | None
    barrier: Barrier | None


def standing(user: User, application_id: int) -> Standing:
    """Whether a person may use an application, by their membership, their clinic, and both sides' lists (S19)."""
    membership = Membership.objects.select_related("tenant").filter(user=user).first()
    return Standing(membership, _barrier(membership, application_id))


def _barrier(membership: Membership | None, application_id: int) -> Barrier | None:
    if membership is None:
        return Barrier.NO_CLINIC
    if not membership.active:
        return Barrier.SWITCHED_OFF
    if membership.expires_at is not None and membership.expires_at <= clock.now():
        return Barrier.ENDED
    tenant = membership.tenant
    if tenant.state != Tenant.State.ACTIVE:
        return Barrier.CLINIC_SUSPENDED if tenant.state == Tenant.State.SUSPENDED else Barrier.CLINIC_CLOSED
    if registry.is_blocked(application_id, tenant.pk):
        return Barrier.BLOCKED
    return None if registry.admits_tenant(application_id, tenant.pk) else Barrier.NOT_ALLOWED


def consent(standing: Standing, application_id: int) -> Consent | None:
    """What somebody has accepted from an application at the clinic they belong to now, withdrawn or not.

    None if they never answered there: what they once accepted for another clinic's data says nothing of this one's.
    """
    if standing.membership is None:
        return None
    member = standing.membership
    return Consent.objects.filter(user=member.user_id, tenant=member.tenant_id, application_id=application_id).first()


@dataclass(frozen=True, slots=True)
class Connection:
    """An application somebody uses: what it may do, since when, and how it stands (times in epoch seconds)."""

    application: Application
    consent: Consent
    last_used_at: int  # 0: never
    holds_tokens: bool  # whether some of its tokens are good at the moment
    lasts_until: int  # the latest end of those; 0 without any

    @property
    def scopes(self) -> list[str]:
        """Accepted scopes."""
        return self.consent.scopes.split()

    @property
    def refused(self) -> list[str]:
        """What was asked for and refused."""
        return self.consent.refused.split()

    @property
    def in_force(self) -> bool:
        """Whether the application itself may be used at the moment."""
        return self.application.state == Application.State.ACTIVE


def connections(user: User) -> list[Connection]:
    """Everything somebody has accepted and not withdrawn, by the application's name."""
    consents = Consent.objects.filter(user=user, withdrawn_at=None).select_related("application__live_revision")
    return [_connection(found) for found in consents.order_by("application__name", "pk")]


def connection(user: User, client_id: str) -> Connection | None:
    """One of `connections`; None for an application of which this person has accepted nothing."""
    consents = Consent.objects.filter(user=user, withdrawn_at=None, application__client_id=client_id)
    found = consents.select_related("application__live_revision").first()
    return _connection(found) if found else None


def _connection(found: Consent) -> Connection:
    grants = Grant.objects.filter(user_id=found.user_id, application_id=found.application_id)
    now = clock.now()
    not_idle = Q(rid=None) | Q(idle_expires_at__gt=now)
    live = grants.filter(not_idle, state=Grant.State.ACTIVE, expires_at__gt=now)
    last_used = grants.aggregate(at=Max("last_used_at"))["at"] or 0
    until = live.aggregate(at=Max("expires_at"))["at"] or 0
    return Connection(found.application, found, last_used, until > 0, until)
