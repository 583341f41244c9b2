"""At which clinics an application is used, for its developers: how many people, as what, and what is missing; never who."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from varco.grants.models import Consent, Grant
from varco.registry import queries as registry
from varco.registry.models import Application, BlockedApplication
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Missing:
    """A scope in force that some people of a clinic have not granted: how many, and how many of them refused it."""

    scope: str
    people: int
    refused: int


@dataclass(slots=True)
class ClinicUse:
    """One clinic of an application. Times are epoch seconds, 0: never."""

    tenant: Tenant
    people: int = 0  # who have accepted it and not withdrawn that
    roles: Counter[str] = field(default_factory=Counter)  # as what they work there, and how many
    since: int = 0  # when the first of them accepted
    last_used_at: int = 0  # when the last token was issued for anybody of the clinic
    missing: list[Missing] = field(default_factory=list)  # in the order of the registration
    block: BlockedApplication | None = None


def clinics(application: Application, words: str = "") -> QuerySet[Tenant]:
    """Every clinic where somebody has accepted the application, that has blocked it, or that it is limited to, by name."""
    # Whether they still work there is not asked here: that would be a question for each person of each clinic.
    given = Consent.objects.filter(application=application, withdrawn_at=None)
    used = Exists(given.filter(tenant=OuterRef("pk")))
    blocked = Exists(registry.blocks_of(application).filter(tenant=OuterRef("pk")))
    named = Exists(registry.allowed_tenants(application).filter(tenant=OuterRef("pk")).order_by())
    open_ones = tenants.search(words).exclude(state=Tenant.State.CLOSED)
    return open_ones.filter(used | blocked | named)


def uses(application: Application, listed: Iterable[Tenant], scopes: Collection[str]) -> list[ClinicUse]:
    """What becomes of an application at some of its `clinics`, in their order; `scopes` are in force. Two statements."""
    found = {tenant.pk: ClinicUse(tenant) for tenant in listed}
    for block in registry.blocks_of(application).filter(tenant__in=found):
        found[block.tenant_id].block = block
    lacking: Counter[tuple[int, str]] = Counter()
    refusing: Counter[tuple[int, str]] = Counter()
    accepted = _accepted(application).filter(tenant__in=found).order_by()
    groups = accepted.values_list("tenant", "scopes", "refused", "user__membership__role")
    for tenant, granted, refused, role, number, since in groups.annotate(number=Count("pk"), since=Min("given_at")):
        use = found[tenant]
        use.people += number
        use.roles[role] += number
        use.since = min(use.since or since, since)
        for scope in set(scopes).difference(granted.split()):
            lacking[tenant, scope] += number
            refusing[tenant, scope] += number if scope in refused.split() else 0
    for pk, use in found.items():
        use.missing = [
            Missing(scope, lacking[pk, scope], refusing[pk, scope]) for scope in scopes if lacking[pk, scope]
        ]
    return list(found.values())


def clinic_use(application: Application, public_id: str, scopes: Collection[str]) -> ClinicUse | None:
    """One of `uses` with its last use; None for a clinic that has nothing to do with the application."""
    tenant = clinics(application).filter(public_id=public_id).first()
    if tenant is None:
        return None
    [use] = uses(application, [tenant], scopes)
    given = Grant.objects.filter(application=application, tenant=tenant)
    use.last_used_at = given.aggregate(at=Max("last_used_at"))["at"] or 0
    return use


def _accepted(application: Application) -> QuerySet[Consent]:
    """What people who work at the clinic now have accepted there and not withdrawn."""
    there = Exists(tenants.member_now(OuterRef("tenant"), OuterRef("user")))
    return Consent.objects.filter(there, application=application, withdrawn_at=None)
