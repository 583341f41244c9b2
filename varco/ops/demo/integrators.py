"""Integrator access in the demo: somebody with nine days left, and one that has ended with its report."""

import datetime as dt
import re
from dataclasses import dataclass

from varco import clock
from varco.accounts.models import User
from varco.accounts.services import change
from varco.audit.services import Origin
from varco.clinical.models import AccessRecord, Patient
from varco.integrators import dates, queries, services
from varco.integrators.models import IntegratorAccess
from varco.integrators.services import AccessRequest
from varco.mail import queries as mail
from varco.ops.demo import cast
from varco.ops.demo.past import DAY, HOUR, ago
from varco.people import invitations
from varco.people.accounts import confirm_address
from varco.registry.models import Application

LEFT = 9
"""Days that the one who is there now has left."""


@dataclass(frozen=True, slots=True)
class _Integrator:
    """Somebody of another company, and what they were let in for."""

    email: str
    given_name: str
    family_name: str
    language: str
    project: str
    permissions: tuple[str, ...]


INES = _Integrator(
    cast.INTEGRATOR.email, cast.INTEGRATOR.given_name, cast.INTEGRATOR.family_name, cast.INTEGRATOR.language,
    "Integra Srl collega il nuovo centralino all'agenda: prove con appuntamenti veri, richieste da Aurora.",
    ("patients.read", "agenda.read"),
)  # fmt: skip
IVO = _Integrator(
    "ivo@ponte.example", "Ivo", "Ponti", "en",
    "Ponte Dati moves patients' details from the former system, and checks them one by one.",
    ("patients.read", "patients.write"),
)  # fmt: skip


def build(manager: User, support: User, application: Application) -> None:
    """Both, once."""
    _active(manager, support, application)
    _ended(manager, support, application)


def _active(manager: User, support: User, application: Application) -> None:
    if queries.of_address(INES.email).exists():
        return
    with ago(30 * DAY):
        access, user = _accepted(INES, manager, support, days=30 + LEFT)
    _calls(access, user, application, {"patients.listed": 3, "patient.read": 11}, since=20 * DAY, every=26 * HOUR)


def _ended(manager: User, support: User, application: Application) -> None:
    if queries.of_address(IVO.email).exists():
        return
    with ago(50 * DAY):
        access, user = _accepted(IVO, manager, support, days=90)
    operations = {"patients.listed": 6, "patient.read": 41, "patient.changed": 17}
    _calls(access, user, application, operations, since=48 * DAY, every=8 * HOUR)
    with ago(12 * DAY):
        services.end(access, Origin(manager), text="The patients are moved, a week before it was planned.")


def _accepted(who: _Integrator, manager: User, support: User, *, days: int) -> tuple[IntegratorAccess, User]:
    """An access of so many days from now on, accepted, as its person would have done."""
    tenant = manager.membership.tenant
    asked = AccessRequest(
        email=who.email,
        project=who.project,
        permissions=who.permissions,
        last_day=dates.today(clock.now(), tenant.zone) + dt.timedelta(days=days),
    )
    access = services.grant(asked, tenant, manager, Origin(support), ticket=None)
    invitation = mail.newest(who.email).first()
    link = re.search(r"token=(\S+)", invitation.text) if invitation else None
    opens = services.accept(link[1] if link else "", Origin())
    user = invitations.accept(opens, Origin(), given_name=who.given_name, family_name=who.family_name)
    if user is None:
        raise RuntimeError(f"the demo's {who.email} was not invited")
    confirm_address(user)
    user.set_password(cast.PASSWORD)
    change(user, password=user.password, language=who.language)
    return queries.by_id(access.pk) or access, user


def _calls(
    access: IntegratorAccess,
    user: User,
    application: Application,
    operations: dict[str, int],
    *,
    since: int,
    every: int,
) -> None:
    """Calls of an application for that person, as the gate would have recorded them, from `since` seconds ago on."""
    tenant = access.tenant
    shown = list(
        Patient.objects.using(tenant.database)
        .filter(tenant_id=tenant.public_id)
        .order_by("pk")
        .values_list("pk", flat=True)[:40]
    )
    at, rows = clock.now_ms() - since * 1000, []
    for operation, times in operations.items():
        for number in range(times):
            at += every * 1000 // 4
            rows.append(
                AccessRecord(
                    at=at,
                    tenant_id=tenant.public_id,
                    operation=operation,
                    category="patients",
                    person=user.public_id,
                    person_name=user.name,
                    person_kind=AccessRecord.PersonKind.INTEGRATOR,
                    application_id=application.pk,
                    application_name=application.name,
                    outcome="ok",
                    patients=str(shown[number % len(shown)])
                    if operation != "patients.listed"
                    else " ".join(map(str, shown)),
                    network="203.0.113.40",
                    request_id=f"demo-{operation}-{number}",
                )
            )
    AccessRecord.objects.using(tenant.database).bulk_create(rows)
