"""Which applications the people of a clinic use (S21)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Lower

from varco.accounts.models import User
from varco.grants.models import Consent, Grant
from varco.registry import queries as registry
from varco.registry.models import Application, BlockedApplication
from varco.searching import containing
from varco.tenants.models import Tenant
from varco.tenants.queries import members


@dataclass(slots=True)
class ApplicationUse:
    """What becomes of one application in a clinic: by how many people, what they granted it, and whether it is blocked."""

    application: Application
    people: int = 0  # who have accepted it and not withdrawn that
    scopes: Counter[str] = field(default_factory=Counter)  # granted by any of them, and by how many
    last_used_at: int = 0  # epoch seconds, of the last token issued for anybody of the clinic; 0: never
    block: BlockedApplication | None = None


def used_applications(tenant: Tenant, words: str = "") -> QuerySet[Application]:
    """Every application that somebody of the clinic has connected, and every one that is blocked, by name."""
    # Looked for application by application: most questions are about one, and a page shows a few of very many.
    used = Exists(_accepted(tenant).filter(application=OuterRef("pk")))
    blocked = Exists(tenant.blocked_applications.filter(application=OuterRef("pk")))
    found = registry.approved_once().filter(used | blocked)
    return containing(found, words, "name", "publisher").order_by(Lower("name"), "pk")


def uses(tenant: Tenant, listed: Iterable[Application]) -> list[ApplicationUse]:
    """What becomes of some of `used_applications`, in their order; three statements for all of them."""
    found = {application.pk: ApplicationUse(application) for application in listed}
    for block in tenant.blocked_applications.filter(application__in=found).select_related("blocked_by"):
        found[block.application_id].block = block
    accepted = _accepted(tenant).filter(application__in=found).order_by()
    for row in accepted.values("application", "scopes").annotate(people=Count("pk")):
        use = found[row["application"]]
        use.people += row["people"]
        use.scopes.update(dict.fromkeys(row["scopes"].split(), row["people"]))
    used = Grant.objects.filter(tenant=tenant, application__in=found).order_by()
    for application_id, at in used.values_list("application").annotate(at=Max("last_used_at")):
        found[application_id].last_used_at = at or 0
    return list(found.values())


def application_use(tenant: Tenant, client_id: str) -> ApplicationUse | None:
    """One of `uses`; None for an application that nobody of the clinic has connected and that is not blocked."""
    return next(iter(uses(tenant, used_applications(tenant).filter(client_id=client_id)[:1])), None)


@dataclass(frozen=True, slots=True)
class PersonUsing:
    """Somebody of the clinic who uses an application; times in epoch seconds, 0: never."""

    user: User
    since: int
    last_used_at: int


def users(tenant: Tenant, application: Application, words: str = "") -> QuerySet[Consent]:
    """What people of the clinic have accepted of one application, by their family name; words narrow it by name and address."""
    found = _accepted(tenant).filter(application=application).select_related("user")
    found = containing(found, words, "user__given_name", "user__family_name", "user__email")
    return found.order_by(Lower("user__family_name"), Lower("user__given_name"), "pk")


def people(listed: Iterable[Consent]) -> list[PersonUsing]:
    """Who gave some of the consents of `users`, in their order; one statement for all of them."""
    consents = list(listed)
    grants = Grant.objects.filter(
        user__in=[consent.user_id for consent in consents],
        application__in={consent.application_id for consent in consents},
        tenant__in={consent.tenant_id for consent in consents},
    )
    used = dict(grants.order_by().values_list("user").annotate(at=Max("last_used_at")))
    return [PersonUsing(consent.user, consent.given_at, used.get(consent.user_id) or 0) for consent in consents]


def count_in_use(tenant: Tenant) -> int:
    """How many applications people of the clinic have connected, without the blocked ones."""
    blocked = tenant.blocked_applications.values("application")
    return _accepted(tenant).exclude(application__in=blocked).values("application").distinct().count()


def connections() -> QuerySet[Consent]:
    """What people of every clinic have accepted and not withdrawn, where the application is not blocked for it."""
    given = Consent.objects.filter(withdrawn_at=None, tenant__state=Tenant.State.ACTIVE)
    return given.exclude(registry.blocked_at(OuterRef("tenant"), OuterRef("application"))).order_by()


def _accepted(tenant: Tenant) -> QuerySet[Consent]:
    # Asked person by person: a list of all who work there would be gone through for each application of a page.
    there = Exists(members(tenant).filter(user=OuterRef("user")))
    return Consent.objects.filter(there, tenant=tenant, withdrawn_at=None)
