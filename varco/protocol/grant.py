"""A grant as its rules see it, and whether the people behind it are live (S5, S21, S26)."""

from enum import StrEnum

import msgspec

from varco.protocol.errors import Fixer, invalid_grant


class GrantState(StrEnum):
    """Where a grant stands: `code → active → ended`."""

    CODE = "code"
    ACTIVE = "active"
    ENDED = "ended"


class GrantRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A grant's row with the liveness of its user, membership and tenant, as read in one statement.

    Times are epoch seconds, `rotated_at` epoch milliseconds. A user without membership has `membership_tenant_id` None.
    `tenant_allows`: the clinic has not blocked the application, and its owner has not restricted it to other clinics (S19).
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
    tenant_allows: bool = True


def check_people(record: GrantRecord, now: int) -> None:
    """Whether user, membership and tenant of a grant are live (S5, S21, S26). Raises `OAuthError` (invalid_grant)."""
    if not record.user_is_active:
        raise invalid_grant(
            "The person's account is not active.",
            rule="S21 account active",
            fixer=Fixer.ADMINISTRATOR,
            received="account switched off",
            expected="account active",
        )
    if not record.membership_active or record.membership_tenant_id != record.tenant_id:
        raise invalid_grant(
            "The person does not work for this medical centre any more.",
            rule="S5 membership of the tenant",
            fixer=Fixer.MANAGER,
            received="no active membership",
            expected="an active membership of the grant's tenant",
        )
    if record.membership_expires_at is not None and record.membership_expires_at <= now:
        raise invalid_grant(
            "The person's access to this medical centre has ended on its date.",
            rule="S26 membership end",
            fixer=Fixer.MANAGER,
            received=f"ended {now - record.membership_expires_at} s ago",
            expected="a membership that has not ended",
        )
    if record.tenant_state != "active":
        raise invalid_grant(
            "The medical centre is not active.",
            rule="S19 tenant active",
            fixer=Fixer.ADMINISTRATOR,
            received=f"tenant {record.tenant_state}",
            expected="tenant active",
        )
    if not record.tenant_allows:
        raise invalid_grant(
            "This application may not be used at this medical centre.",
            rule="S19 tenant policy",
            fixer=Fixer.MANAGER,
            received="blocked by the medical centre, or not among those the application is for",
            expected="an application the medical centre allows",
        )
