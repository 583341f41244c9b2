"""Eligibility: may this person use this application at this medical centre now (S5, S19, S21, S26).

The one rule of the portal, of code exchange, refresh, device polling, introspection and bearer tokens. Each face words an
`Ineligible` for its readers; none decides by itself. The gate's statements prove the same in SQL at the moment they read or
write, and a table of every combination of facts holds them to this function, on both engines.

What a later rule looks at becomes one more fact, one more line in `eligibility` and one more column of that table.
"""

from enum import StrEnum

import msgspec


class Ineligible(StrEnum):
    """Why a person may not use an application at a medical centre."""

    APPLICATION_INACTIVE = "application_inactive"
    ACCOUNT_INACTIVE = "account_inactive"
    NO_MEMBERSHIP = "no_membership"
    OTHER_TENANT = "other_tenant"
    MEMBERSHIP_INACTIVE = "membership_inactive"
    MEMBERSHIP_EXPIRED = "membership_expired"
    OTHER_APPLICATION = "other_application"
    TENANT_SUSPENDED = "tenant_suspended"
    TENANT_CLOSED = "tenant_closed"
    APPLICATION_BLOCKED = "application_blocked"
    TENANT_NOT_LISTED = "tenant_not_listed"
    OUTSIDE_SANDBOXES = "outside_sandboxes"


class EligibilityFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What `eligibility` looks at, as read at one moment (times in epoch seconds).

    `tenant_id` is the medical centre the person acts for: a grant's, or that of their membership while there is no grant.
    A person without membership has `membership_tenant_id` None. The application is `in_force` while it is active under an
    approved revision. A membership of `membership_application_id` is for that application alone (S25). The medical centre's manager has `blocked` it; it is `listed` where the application's owner has named
    this medical centre, or none at all. It is `within_lock` unless what is approved is locked to the sandboxes of its team and
    this medical centre is none of them (S44).
    """

    tenant_id: int | None
    membership_tenant_id: int | None
    membership_active: bool = True
    membership_expires_at: int | None = None
    membership_application_id: int | None = None
    application_id: int | None = None
    tenant_state: str = "active"
    user_active: bool = True
    in_force: bool = True
    blocked: bool = False
    listed: bool = True
    within_lock: bool = True


def eligibility(facts: EligibilityFacts, now: int) -> Ineligible | None:
    """The first reason against it at `now` (epoch seconds), from the application to what both sides' lists say; None: none."""
    if not facts.in_force:
        return Ineligible.APPLICATION_INACTIVE  # S16
    if not facts.user_active:
        return Ineligible.ACCOUNT_INACTIVE  # S21
    if facts.membership_tenant_id is None:
        return Ineligible.NO_MEMBERSHIP  # S5
    if facts.membership_tenant_id != facts.tenant_id:
        return Ineligible.OTHER_TENANT  # S5
    of_membership = _of_membership(facts, now)
    if of_membership is not None:
        return of_membership
    if facts.tenant_state != "active":
        return Ineligible.TENANT_SUSPENDED if facts.tenant_state == "suspended" else Ineligible.TENANT_CLOSED  # S19
    if facts.blocked:
        return Ineligible.APPLICATION_BLOCKED  # S19
    if not facts.listed:
        return Ineligible.TENANT_NOT_LISTED  # S19
    if not facts.within_lock:
        return Ineligible.OUTSIDE_SANDBOXES  # S44
    return None


def _of_membership(facts: EligibilityFacts, now: int) -> Ineligible | None:
    """The first reason that stands in the person's membership itself."""
    if not facts.membership_active:
        return Ineligible.MEMBERSHIP_INACTIVE  # S5
    if facts.membership_expires_at is not None and facts.membership_expires_at <= now:
        return Ineligible.MEMBERSHIP_EXPIRED  # S26: over from the second it names
    if facts.membership_application_id not in {None, facts.application_id}:
        return Ineligible.OTHER_APPLICATION  # S25
    return None
