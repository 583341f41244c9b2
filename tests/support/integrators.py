"""Integrator users, through the services: asked for, given, accepted, with a second factor."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from allauth.mfa.models import Authenticator

from tests.support import people
from varco import clock
from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.integrators import dates, services
from varco.integrators.models import IntegratorAccess
from varco.integrators.notifications import (
    ConnectionToConfirm,
    ConnectionUnconfirmed,
    IntegratorDatesChanged,
    IntegratorEnded,
    IntegratorEnding,
    IntegratorIdle,
    IntegratorInvited,
    IntegratorStarted,
    IntegratorToConfirm,
)
from varco.integrators.services import AccessRequest
from varco.mail.models import Message
from varco.mail.notifications import Notification
from varco.people import invitations
from varco.registry.models import Application
from varco.tenants.models import Tenant

EMAIL = "ines@integra.example"
ZONE = "Europe/Rome"


def today() -> dt.date:
    """The day it is at the clinic."""
    return dates.today(clock.now(), ZONE)


def asked(*, days: int = 60, **changes: Any) -> AccessRequest:
    """A request that is right, to change one thing in; `days` from today to its last day."""
    right = AccessRequest(
        email=EMAIL,
        project="Integra Srl moves the agenda over.",
        permissions=("agenda.read", "patients.read"),
        last_day=today() + dt.timedelta(days=days),
    )
    return replace(right, **changes)


def given(*, tenant: Tenant | None = None, days: int = 60, **changes: Any) -> IntegratorAccess:
    """One that support has granted to a manager of Aurora."""
    manager = accounts.by_email("marta@aurora.example") or people.marta()
    support = accounts.by_email("sara@support.example") or people.sara()
    wanted = asked(days=days, **changes)
    return services.grant(wanted, tenant or manager.membership.tenant, manager, Origin(support), ticket=10_000_001)


def secret_of(email: str = EMAIL) -> str:
    """The secret of the link in the last invitation to an address."""
    invitation = Message.objects.filter(to=email, sealed_text__gt="").latest("pk")
    found = re.search(r"/account/integrator/\?token=(\S+)", invitation.text)
    assert found, invitation.text
    return found[1]


def accepted(access: IntegratorAccess, *, factor: bool = True) -> User:
    """Whoever was invited, after the link, the password and the authenticator app."""
    opens = services.accept(secret_of(access.email), Origin())
    user = invitations.accept(opens, Origin(), given_name="Ines", family_name="Integra")
    assert user is not None
    user.set_password(people.PASSWORD)
    user.save()
    if factor:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return user


def active(**changes: Any) -> tuple[IntegratorAccess, User]:
    """An access that is used, and its person."""
    access = given(**changes)
    user = accepted(access)
    return fresh(access), accounts.read_again(user) or user


def fresh(access: IntegratorAccess) -> IntegratorAccess:
    """The access as it stands now."""
    return IntegratorAccess.objects.select_related("tenant", "user", "application", "asked_by").get(pk=access.pk)


def one_of_each(application: Application, tenant: Tenant, person: User) -> list[Notification]:
    """Everything that is told of an access and of connected applications, to both sides."""
    day = today()
    access = IntegratorAccess(
        pk=1, tenant=tenant, email=EMAIL, project="The agenda moves.", first_day=day, last_day=day, asked_by=person,
        end_reason=IntegratorAccess.End.IDLE, report={"calls": 2},
    )  # fmt: skip
    sides = [
        kind
        for to_manager in (True, False)
        for kind in (
            IntegratorDatesChanged(access, to_manager=to_manager),
            IntegratorEnded(access, to_manager=to_manager),
            IntegratorEnding(access, 14, to_manager=to_manager),
            IntegratorIdle(access, 30, clock.now(), to_manager=to_manager),
        )
    ]
    return [
        *sides,
        IntegratorEnding(access, 0, to_manager=False),
        IntegratorInvited(access, "vin.a-secret", 48),
        IntegratorStarted(access),
        IntegratorToConfirm(access, clock.now()),
        ConnectionToConfirm(tenant, application, clock.now()),
        ConnectionUnconfirmed(tenant, application),
    ]
