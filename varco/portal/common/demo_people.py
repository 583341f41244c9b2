"""The people of the demo, for whoever tries it: the sign-in page offers them, and a page of its own to whoever is signed in."""

from dataclasses import dataclass

from varco import catalog
from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.catalog import Words
from varco.tenants.queries import memberships_of

SHOWN = 20


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody one can be. `role` is that of their clinic, or None."""

    user: User
    role: Words | None
    clinic: str


def demo_people() -> list[DemoPerson]:
    """Those who came first into this installation: the cast, and nobody whom a visitor has made since."""
    roles = catalog.current().roles
    people = list(accounts.eldest(SHOWN))
    memberships = {membership.user_id: membership for membership in memberships_of(people)}
    found = []
    for user in people:
        membership = memberships.get(user.pk)
        role = roles.get(membership.role) if membership else None
        found.append(DemoPerson(user, role.label if role else None, membership.tenant.name if membership else ""))
    return found
