"""Why something cannot be done to an account, clinic or membership: codes, worded by the face that shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from django.core.exceptions import ValidationError

from varco.protocol.fault import Fault


class PeopleFault(StrEnum):
    """Why not."""

    EMAIL_TAKEN = "email_taken"
    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_TENANT = "unknown_tenant"
    UNKNOWN_ROLE = "unknown_role"
    UNSOUND = "unsound"
    LAST_OPERATOR = "last_operator"
    ALREADY_INACTIVE = "already_inactive"
    ALREADY_ACTIVE = "already_active"
    ROLE_HELD = "role_held"
    ROLE_NOT_HELD = "role_not_held"
    TENANT_STATE = "tenant_state"
    INACTIVE = "inactive"
    ACCOUNT_CLOSED = "account_closed"
    OWNS_APPLICATIONS = "owns_applications"
    HAS_PASSWORD = "has_password"  # noqa: S105 - the name of a fault
    NO_FACTORS = "no_factors"
    TENANT_TAKEN = "tenant_taken"
    TENANT_CLOSED = "tenant_closed"
    MEMBER_ALREADY = "member_already"
    NO_MEMBER = "no_member"
    REASON_MISSING = "reason_missing"
    REASON_TOO_LONG = "reason_too_long"
    STALE = "stale"
    NOTHING_CHANGED = "nothing_changed"
    OWN_ACCOUNT = "own_account"
    LAST_MANAGER = "last_manager"
    MEMBER_INACTIVE = "member_inactive"
    MEMBER_ACTIVE = "member_active"
    TEMPORARY_ROLE = "temporary_role"
    UNKNOWN_PERMISSION = "unknown_permission"
    READS_NO_DATA = "reads_no_data"
    INVITATION_OVER = "invitation_over"
    INVITED_JUST_NOW = "invited_just_now"
    INVITATIONS_TOO_MANY = "invitations_too_many"
    OTHER_ADDRESS = "other_address"
    TAKES_TWO = "takes_two"
    PROPOSED_ALREADY = "proposed_already"
    PROPOSAL_OVER = "proposal_over"
    PROPOSAL_OWN = "proposal_own"
    PROPOSER_GONE = "proposer_gone"


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the program
    """It was not done; everything is as it was."""

    def __init__(self, code: StrEnum, **parameters: str | int) -> None:
        super().__init__(str(code))
        self.fault = Fault(code, parameters)


@contextmanager
def sound() -> Iterator[None]:
    """Turn what a model refuses into `Refused` with its first fault."""
    try:
        yield
    except ValidationError as fault:
        (field, messages), *_ = fault.message_dict.items()
        raise Refused(PeopleFault.UNSOUND, field=field, text=messages[0]) from None
