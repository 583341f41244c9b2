"""The report on an access: which application did what how often, from when to when. Never what was seen or written."""

from typing import Any

from varco.audit import queries as audit
from varco.integrators.models import IntegratorAccess


def made(access: IntegratorAccess) -> dict[str, Any]:
    """What stands in the record of an access until now; times in epoch seconds."""
    found = []
    if access.user is not None and access.accepted_at is not None:
        since = access.accepted_at * 1000
        found = audit.operations_of_person(access.user.public_id, access.tenant.public_id, since)
    return {
        "calls": sum(row.times for row in found),
        "first": min((row.first_ms for row in found), default=0) // 1000,
        "last": max((row.last_ms for row in found), default=0) // 1000,
        "operations": [
            {
                "application": row.application_name,
                "operation": row.tag,
                "times": row.times,
                "first": row.first_ms // 1000,
                "last": row.last_ms // 1000,
            }
            for row in found
        ],
    }


def last_use(access: IntegratorAccess) -> int | None:
    """When whoever has it last did anything (epoch seconds)."""
    if access.user is None:
        return None
    at_ms = audit.last_act_of(access.user.public_id)
    return None if at_ms is None else at_ms // 1000
