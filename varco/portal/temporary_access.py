"""The countdown that an integrator user sees on every page: how long their access lasts, and to what."""

from dataclasses import dataclass

from django.http import HttpRequest

from varco import clock
from varco.accounts.models import User
from varco.integrators import dates, queries
from varco.integrators.models import IntegratorAccess
from varco.tenants.queries import membership_of

SOON = 14
"""Days before the end from which the countdown presses."""


@dataclass(frozen=True, slots=True)
class Countdown:
    """An access, and how many days of it are left after today."""

    access: IntegratorAccess
    days: int
    waits: bool
    """Whether it is off until a second factor is set up."""

    @property
    def soon(self) -> bool:
        """Whether the end is near."""
        return self.days <= SOON


def countdown(request: HttpRequest) -> Countdown | None:
    """The countdown of whoever is signed in; None for everybody who is no integrator user."""
    user = getattr(request, "user", None)
    access = queries.current_of(user) if isinstance(user, User) else None
    if access is None:
        return None
    left = access.last_day - dates.today(clock.now(), access.tenant.zone)
    membership = membership_of(user) if isinstance(user, User) else None
    return Countdown(access, max(left.days, 0), waits=membership is None or not membership.active)
