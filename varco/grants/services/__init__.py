"""Every write to consents and grants that a person's decision asks for, each in one transaction with its record in the audit.

issuing.py   a code for what was accepted, now or before; consent.py   giving, refusing and withdrawing; ending.py   the end
of grants, and the narrowing of those that go on; sweeping.py   deleting what is over, for the upkeep.
"""

from varco.grants.services.consent import (
    TENANT_CLAIM,
    InteractionOver,
    NothingToWithdraw,
    covers,
    give_consent,
    locked_scopes,
    refuse_consent,
    withdraw,
    withdraw_scopes,
    withdrawable,
)
from varco.grants.services.ending import end_grants, end_grants_at, end_grants_of
from varco.grants.services.issuing import ConsentGone, create_grant, issue_code
from varco.grants.services.leaks import answer_leak
from varco.grants.services.sweeping import sweep

__all__ = [
    "TENANT_CLAIM",
    "ConsentGone",
    "InteractionOver",
    "NothingToWithdraw",
    "answer_leak",
    "covers",
    "create_grant",
    "end_grants",
    "end_grants_at",
    "end_grants_of",
    "give_consent",
    "issue_code",
    "locked_scopes",
    "refuse_consent",
    "sweep",
    "withdraw",
    "withdraw_scopes",
    "withdrawable",
]
