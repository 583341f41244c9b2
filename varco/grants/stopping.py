"""What stops working, and for whom, when an application is suspended or retired; what comes back when it is restored (S16).

Read for the page on which somebody decides, and nowhere else.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from varco import clock
from varco.accounts.models import User
from varco.grants.models import Consent, Grant
from varco.registry import access
from varco.registry import queries as registry
from varco.registry.lifecycle import Role
from varco.registry.models import Application
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant

RECENT_DAYS = 7
CLINICS_SHOWN = 20


class ClinicConcerned(NamedTuple):
    """A medical centre whose people use an application."""

    tenant: Tenant
    people: int  # whose access it has
    last_used_at: int  # epoch seconds, of the last token issued there; 0: never


@dataclass(frozen=True, slots=True)
class Concerned:
    """What stands on an application now."""

    clinics: list[ClinicConcerned]  # the most people first, `CLINICS_SHOWN` at most
    clinic_count: int
    people: int  # who have accepted it
    grants: int  # from which it can get tokens now
    recent: int  # of those, with a token issued within `RECENT_DAYS`
    secrets: int  # live
    bound: int  # people whose access to a medical centre is for this application alone (S25)
    told: list[User]  # who gets a mail about it


def concerned(application: Application) -> Concerned:
    """What stands on an application now; six statements, however many people use it."""
    now = clock.now()
    accepted = Consent.objects.filter(application=application, withdrawn_at=None)
    live = Grant.objects.filter(application=application, state=Grant.State.ACTIVE, expires_at__gt=now)
    counted = accepted.aggregate(people=Count("user", distinct=True), clinics=Count("tenant", distinct=True))
    recent = Count("pk", filter=Q(last_used_at__gt=now - RECENT_DAYS * 86400))
    held = live.aggregate(grants=Count("pk"), recent=recent)
    return Concerned(
        clinics=_clinics(application, accepted),
        clinic_count=counted["clinics"],
        people=counted["people"],
        grants=held["grants"],
        recent=held["recent"],
        secrets=registry.live_secrets(application).count(),
        bound=tenants.bound_to(application.pk).count(),
        told=access.whom_to_tell(application, Role.DEVELOPER),
    )


def _clinics(application: Application, accepted: QuerySet[Consent]) -> list[ClinicConcerned]:
    most = accepted.values("tenant").annotate(people=Count("user", distinct=True)).order_by("-people", "tenant")
    people = {row["tenant"]: row["people"] for row in most[:CLINICS_SHOWN]}
    used = Grant.objects.filter(application=application, tenant__in=people).order_by().values_list("tenant")
    last = dict(used.annotate(at=Max("last_used_at")))
    found = tenants.with_keys(people)
    return [ClinicConcerned(found[pk], count, last.get(pk) or 0) for pk, count in people.items()]
