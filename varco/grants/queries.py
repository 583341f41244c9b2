"""Reading authorizations: who may use which application, and what somebody has given."""

from dataclasses import dataclass

from django.db.models import Max, Q

from varco import clock
from varco.accounts.models import User
from varco.databases import only
from varco.grants.models import Consent, Grant
from varco.protocol.eligibility import EligibilityFacts, Ineligible, eligibility
from varco.registry import queries as registry
from varco.registry.models import Application
from varco.tenants import queries as tenants
from varco.tenants.models import Membership, Tenant


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a person may use an application, at the clinic of their membership; `ineligible` says why not."""

    membership: Membership | None
    ineligible: Ineligible | None

    @property
    def tenant(self) -> Tenant | None:
        """The clinic the person acts for; None without a membership."""
        return self.membership.tenant if self.membership else None


def eligibility_of(user: User, application: Application) -> Eligibility:
    """Whether a person may use an application now."""
    in_force = application.state == Application.State.ACTIVE and application.live_revision_id is not None
    membership = tenants.membership_of(user)
    facts = EligibilityFacts(in_force=in_force, user_active=user.is_active, tenant_id=None, membership_tenant_id=None)
    if membership is not None:
        policy = registry.tenant_policy(application.pk, membership.tenant_id)
        facts = EligibilityFacts(
            in_force=in_force,
            user_active=user.is_active,
            tenant_id=membership.tenant_id,
            membership_tenant_id=membership.tenant_id,
            membership_active=membership.active,
            membership_expires_at=membership.expires_at,
            tenant_state=membership.tenant.state,
            blocked=policy.blocked,
            listed=policy.listed,
        )
    return Eligibility(membership, eligibility(facts, clock.now()))


def consent(user: User, tenant: Tenant | None, application: Application) -> Consent | None:
    """What somebody has accepted from an application at the clinic they belong to now, withdrawn or not.

    None if they never answered there: what they once accepted for another clinic's data says nothing of this one's.
    """
    return only(Consent.objects.filter(user=user, tenant=tenant, application=application)) if tenant else None


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
