"""Reading authorizations: who may use which application, and what somebody has given."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import BigIntegerField, Max, Q, QuerySet

from varco import clock
from varco.accounts.models import User
from varco.compiled import Compiled
from varco.grants.models import Consent, Grant, LogoutNotice
from varco.protocol.eligibility import EligibilityFacts, Ineligible, eligibility
from varco.registry import queries as registry
from varco.registry.models import Application
from varco.searching import containing
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
    standing = registry.standing_of(user, application)
    facts = EligibilityFacts(in_force=in_force, user_active=user.is_active, tenant_id=None, membership_tenant_id=None)
    if standing is not None:
        membership, policy = standing
        facts = EligibilityFacts(
            in_force=in_force,
            user_active=user.is_active,
            tenant_id=membership.tenant_id,
            membership_tenant_id=membership.tenant_id,
            membership_active=membership.active,
            membership_expires_at=membership.expires_at,
            membership_application_id=membership.only_application_id,
            application_id=application.pk,
            tenant_state=membership.tenant.state,
            blocked=policy.blocked,
            listed=policy.listed,
            within_lock=policy.within_lock,
        )
    return Eligibility(standing.membership if standing else None, eligibility(facts, clock.now()))


def last_used_at(tenants: Iterable[Tenant]) -> int:
    """When the last token was issued for anybody of some clinics (epoch seconds); 0: never."""
    return Grant.objects.filter(tenant__in=list(tenants)).aggregate(at=Max("last_used_at"))["at"] or 0


def consent(user: User, tenant: Tenant | None, application: Application) -> Consent | None:
    """What somebody has accepted from an application at the clinic they belong to now, withdrawn or not.

    None if they never answered there: what they once accepted for another clinic's data says nothing of this one's.
    """
    return _CONSENT.only(user=user.pk, tenant=tenant.pk, application=application.pk) if tenant else None


_CONSENT = Compiled(
    lambda user, tenant, application: Consent.objects.filter(user=user, tenant=tenant, application=application),
    user=BigIntegerField(),
    tenant=BigIntegerField(),
    application=BigIntegerField(),
)


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


def consents(user: User, words: str = "") -> QuerySet[Consent]:
    """Everything somebody has accepted and not withdrawn, by the application's name; words narrow it by that."""
    found = Consent.objects.filter(user=user, withdrawn_at=None).select_related("application__live_revision")
    found = containing(found, words, "application__name", "application__publisher")
    return found.order_by("application__name", "pk")


def consents_ever(user: User) -> QuerySet[Consent]:
    """Everything somebody has accepted, withdrawn or not, in the order of time."""
    return Consent.objects.filter(user=user).select_related("application", "tenant").order_by("given_at", "pk")


def grants_of(user: User) -> QuerySet[Grant]:
    """Every grant of somebody that is still kept, in the order of time."""
    return Grant.objects.filter(user=user).select_related("application", "tenant").order_by("created_at", "pk")


def connections(user: User, accepted: Iterable[Consent]) -> list[Connection]:
    """How some of somebody's `consents` stand, in their order; one statement for all of them."""
    listed = list(accepted)
    now = clock.now()
    live = Q(Q(rid=None) | Q(idle_expires_at__gt=now), state=Grant.State.ACTIVE, expires_at__gt=now)
    grants = Grant.objects.filter(user=user, application__in=[consent.application_id for consent in listed])
    rows = grants.values("application").annotate(used=Max("last_used_at"), until=Max("expires_at", filter=live))
    stands = {row["application"]: (row["used"] or 0, row["until"] or 0) for row in rows}
    found = []
    for consent in listed:
        used, until = stands.get(consent.application_id, (0, 0))
        found.append(Connection(consent.application, consent, used, until > 0, until))
    return found


def connection(user: User, client_id: str) -> Connection | None:
    """One of `connections`; None for an application of which this person has accepted nothing."""
    return next(iter(connections(user, consents(user).filter(application__client_id=client_id)[:1])), None)


def logout_notices() -> QuerySet[LogoutNotice]:
    """Every notice of a session's end that applications are told, or were."""
    return LogoutNotice.objects.all()


def refresh_tokens_before(moment: int) -> int:
    """How many grants still live by a refresh token that was made before a moment (epoch seconds)."""
    now = clock.now()
    living = Grant.objects.filter(state=Grant.State.ACTIVE, n__gt=0, expires_at__gt=now, idle_expires_at__gt=now)
    return living.filter(rotated_at__lt=moment * 1000).count()


class SignedIn(NamedTuple):
    """How somebody signed in for a grant: when (epoch seconds; 0: not known) and how strongly (`acr`)."""

    auth_time: int
    acr: str


def sign_in_of(grant_id: int) -> SignedIn:
    """The sign-in that a grant came from."""
    found = Grant.objects.filter(pk=grant_id).values_list("auth_time", "acr").first()
    return SignedIn(*found) if found else SignedIn(0, "")


class Refreshed(NamedTuple):
    """A grant that was refreshed: `n` is the number of its refresh token, `created_at` in epoch seconds, `rotated_at` in epoch ms."""

    id: int
    application_id: int
    created_at: int
    n: int
    rotated_at: int


def refreshed(since_ms: int, until_ms: int, *, after: int, limit: int) -> list[Refreshed]:
    """Grants whose refresh token was last renewed after a moment and no later than another, by their key and behind one."""
    # No index has the moment: it would be written with each refresh. This goes through the grants once, in parts.
    found = Grant.objects.filter(rotated_at__gt=since_ms, rotated_at__lte=until_ms, n__gt=1, pk__gt=after).order_by(
        "pk"
    )
    return [Refreshed(*row) for row in found.values_list(*Refreshed._fields)[:limit]]
