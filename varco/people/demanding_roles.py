"""For which role somebody must have a second factor, by what is known of them (S38); no Django here, for the gate asks it too."""

from collections.abc import Collection
from typing import NamedTuple

from varco.catalog import Catalog

DEVELOPER, MANAGER, INTEGRATOR = "developer", "manager", "integrator"


class Post(NamedTuple):
    """A membership, as far as it demands a second factor (`expires_at` in epoch seconds)."""

    role: str
    active: bool
    expires_at: int | None
    of_production: bool


def demanding_role(
    roles: Collection[str], catalog: Catalog, now: int, *, platform_role: str, is_developer: bool, post: Post | None
) -> str:
    """The one of `roles` (`VARCO_SECOND_FACTOR_ROLES`) for which somebody must have a second factor; empty if they need none.

    A manager is one of a production clinic: whoever registered a sandbox for themselves answers for nobody's data.
    """
    if platform_role and platform_role in roles:
        return platform_role
    if is_developer and DEVELOPER in roles:
        return DEVELOPER
    return _of_post(roles, catalog, now, post) if post else ""


def _of_post(roles: Collection[str], catalog: Catalog, now: int, post: Post) -> str:
    """The same of a membership; one with an end, or in a role that has one, is an integrator's (S4, S26)."""
    if post.expires_at is not None and post.expires_at <= now:
        return ""
    role = catalog.roles.get(post.role)
    if post.expires_at is not None or (role is not None and role.temporary):
        return INTEGRATOR if INTEGRATOR in roles else ""  # off, too: the second factor is what switches it on
    manages = post.active and post.role in catalog.managers and post.of_production
    return MANAGER if manages and MANAGER in roles else ""
