"""Which applications the people of a clinic use (S21)."""

from dataclasses import dataclass, field

from django.db.models import Max

from varco.grants.models import Consent, Grant
from varco.registry.models import Application, BlockedApplication
from varco.tenants.models import Tenant
from varco.tenants.queries import members


@dataclass(slots=True)
class ApplicationUse:
    """What becomes of one application in a clinic: by how many people, what they granted it, and whether it is blocked."""

    application: Application
    people: int = 0  # who have accepted it and not withdrawn that
    scopes: set[str] = field(default_factory=set)  # granted by any of them
    last_used_at: int = 0  # epoch seconds, of the last token issued for anybody of the clinic; 0: never
    block: BlockedApplication | None = None


def application_uses(tenant: Tenant) -> list[ApplicationUse]:
    """Every application that somebody of the clinic has connected, and every one that is blocked, by name."""
    found: dict[int, ApplicationUse] = {}
    for block in tenant.blocked_applications.select_related("application", "blocked_by"):
        found[block.application_id] = ApplicationUse(block.application, block=block)
    given = Consent.objects.filter(tenant=tenant, withdrawn_at=None)
    accepted = given.filter(user__in=members(tenant).values("user"))
    for consent in accepted.select_related("application"):
        use = found.setdefault(consent.application_id, ApplicationUse(consent.application))
        use.people += 1
        use.scopes.update(consent.scopes.split())
    used = (
        Grant.objects.filter(tenant=tenant, application__in=found)
        .values("application")
        .annotate(at=Max("last_used_at"))
    )
    for row in used:
        found[row["application"]].last_used_at = row["at"] or 0
    return sorted(found.values(), key=lambda use: (use.application.name.casefold(), use.application.pk))


def application_use(tenant: Tenant, client_id: str) -> ApplicationUse | None:
    """One of `uses`; None for an application that nobody of the clinic has connected and that is not blocked."""
    return next((item for item in application_uses(tenant) if item.application.client_id == client_id), None)
