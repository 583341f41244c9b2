"""A grant as its rules see it, and how the gate words that its person may not use the application any more."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from varco.protocol.eligibility import EligibilityFacts, Ineligible, eligibility
from varco.protocol.errors import Fixer, invalid_grant


class GrantState(StrEnum):
    """Where a grant stands: `code → active → ended`."""

    CODE = "code"
    ACTIVE = "active"
    ENDED = "ended"


class GrantRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A grant's row with the liveness of its user, membership and tenant, as read in one statement.

    Times are epoch seconds, `rotated_at` epoch milliseconds. A user without membership has `membership_tenant_id` None.
    The clinic has `blocked` the application, or not; it is `listed` unless its owner has restricted it to other clinics (S19),
    and `within_lock` unless it is locked to sandboxes of which the clinic is none (S44).
    """

    id: int
    application_id: int
    state: str
    scopes: str = ""
    code_expires_at: int | None = None
    redirect_uri: str = ""
    redirect_uri_sent: bool = True
    code_challenge: str = ""
    code_challenge_method: str = ""
    dpop_jkt: str = ""
    n: int = 0
    rotated_at: int = 0
    idle_expires_at: int = 0
    expires_at: int = 0
    end_reason: str = ""
    tenant_id: int = 0
    tenant_state: str = "active"
    user_is_active: bool = True
    membership_active: bool = True
    membership_expires_at: int | None = None
    membership_tenant_id: int | None = None
    membership_application_id: int | None = None
    blocked: bool = False
    listed: bool = True
    within_lock: bool = True

    @property
    def facts(self) -> EligibilityFacts:
        """What eligibility looks at. The application is the client's: `version` proves that it is still in force."""
        return EligibilityFacts(
            tenant_id=self.tenant_id,
            membership_tenant_id=self.membership_tenant_id,
            membership_active=self.membership_active,
            membership_expires_at=self.membership_expires_at,
            membership_application_id=self.membership_application_id,
            application_id=self.application_id,
            tenant_state=self.tenant_state,
            user_active=self.user_is_active,
            blocked=self.blocked,
            listed=self.listed,
            within_lock=self.within_lock,
        )


class Explanation(NamedTuple):
    """Why a person may not use an application, for the program that asks and for its developer's log."""

    description: str
    rule: str
    fixer: Fixer
    received: str
    expected: str


_NO_MEMBERSHIP = Explanation(
    "The person does not work for this medical centre any more.",
    "S5 membership of the tenant",
    Fixer.MANAGER,
    "no active membership",
    "an active membership of the grant's tenant",
)
_NOT_ALLOWED = Explanation(
    "This application may not be used at this medical centre.",
    "S19 tenant policy",
    Fixer.MANAGER,
    "blocked by the medical centre, or not among those the application is for",
    "an application the medical centre allows",
)
_EXPLANATIONS = {
    Ineligible.APPLICATION_INACTIVE: Explanation(
        "The application is not in force.",
        "S16 application in force",
        Fixer.ADMINISTRATOR,
        "application not active",
        "application active",
    ),
    Ineligible.ACCOUNT_INACTIVE: Explanation(
        "The person's account is not active.",
        "S21 account active",
        Fixer.ADMINISTRATOR,
        "account switched off",
        "account active",
    ),
    Ineligible.NO_MEMBERSHIP: _NO_MEMBERSHIP,
    Ineligible.OTHER_TENANT: _NO_MEMBERSHIP,
    Ineligible.MEMBERSHIP_INACTIVE: _NO_MEMBERSHIP,
    Ineligible.MEMBERSHIP_EXPIRED: Explanation(
        "The person's access to this medical centre has ended on its date.",
        "S26 membership end",
        Fixer.MANAGER,
        "a membership that has ended",
        "a membership that has not ended",
    ),
    Ineligible.OTHER_APPLICATION: Explanation(
        "The person's access to this medical centre is for one other application.",
        "S25 application of the access",
        Fixer.MANAGER,
        "access for another application",
        "access for this application",
    ),
    Ineligible.TENANT_SUSPENDED: Explanation(
        "The medical centre is not active.",
        "S19 tenant active",
        Fixer.ADMINISTRATOR,
        "tenant suspended",
        "tenant active",
    ),
    Ineligible.TENANT_CLOSED: Explanation(
        "The medical centre is not active.",
        "S19 tenant active",
        Fixer.ADMINISTRATOR,
        "tenant closed",
        "tenant active",
    ),
    # Which of the two lists it is, a program is not told: it is between the medical centre and the developer.
    Ineligible.APPLICATION_BLOCKED: _NOT_ALLOWED,
    Ineligible.TENANT_NOT_LISTED: _NOT_ALLOWED,
    Ineligible.OUTSIDE_SANDBOXES: Explanation(
        "This application is approved for the sandboxes of the team that makes it, and for no other medical centre.",
        "S44 lock to sandboxes",
        Fixer.DEVELOPER,
        "a medical centre that is not a sandbox of the application's team",
        "a sandbox of the application's team, or a revision that a person has approved",
    ),
}


def explanation(reason: Ineligible) -> Explanation:
    """The words of the gate for a reason."""
    return _EXPLANATIONS[reason]


def check_eligibility(record: GrantRecord, now: int) -> None:
    """Refuse a grant whose person may not use its application at its medical centre now. Raises `OAuthError` (invalid_grant)."""
    reason = eligibility(record.facts, now)
    if reason is None:
        return
    words = explanation(reason)
    received = words.received
    if reason is Ineligible.MEMBERSHIP_EXPIRED:
        received = f"ended {now - (record.membership_expires_at or 0)} s ago"
    raise invalid_grant(
        words.description, rule=words.rule, fixer=words.fixer, received=received, expected=words.expected
    )
