"""The report on an access: which application did what how often, from when to when. Never what was seen or written."""

from typing import Any

from varco.audit import queries as audit
from varco.clinical.access.records import Wanted, summary
from varco.integrators.models import IntegratorAccess

DONE = "ok"
"""Outcome of a call that was answered as it was meant to be."""


def made(access: IntegratorAccess) -> dict[str, Any]:
    """What the clinic's access records say of it until now; times in epoch seconds."""
    wanted = _records(access)
    found = [group for group in summary(wanted) if group["outcome"] == DONE] if wanted else []
    return {
        "calls": sum(group["number"] for group in found),
        "first": min((group["first"] for group in found), default=0) // 1000,
        "last": max((group["last"] for group in found), default=0) // 1000,
        "operations": [
            {
                "application": group["application_name"],
                "operation": group["operation"],
                "times": group["number"],
                "first": group["first"] // 1000,
                "last": group["last"] // 1000,
            }
            for group in found
        ],
    }


def last_use(access: IntegratorAccess) -> int | None:
    """When whoever has it last did anything, themselves or through an application (epoch seconds)."""
    wanted = _records(access)
    if access.user is None or wanted is None:
        return None
    acts = [audit.last_act_of(access.user.public_id), *(record.at for record in wanted.newest(1))]
    return max((at // 1000 for at in acts if at is not None), default=None)


def _records(access: IntegratorAccess) -> Wanted | None:
    """The calls of programs for whoever has it, since they accepted; None while nobody has."""
    if access.user is None or access.accepted_at is None:
        return None
    tenant = access.tenant
    return Wanted(tenant.database, tenant.public_id, person=access.user.public_id, since=access.accepted_at * 1000)
