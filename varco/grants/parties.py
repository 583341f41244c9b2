"""Whose authorization it is, and how the person had signed in: what every way to a grant starts from."""

from collections.abc import Callable
from dataclasses import dataclass

from varco.accounts.models import User
from varco.registry.models import Application
from varco.tenants.models import Tenant

StillSignedIn = Callable[[], bool]
"""Whether the browser session that answers is not over; from then on it cannot end before the transaction does."""


class SessionOver(Exception):  # noqa: N818 - it is an answer, not a failure
    """The browser session was ended while its answer was under way: nothing was given."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose authorization it is: the person, the clinic they act for, and the application."""

    user: User
    tenant: Tenant
    application: Application
