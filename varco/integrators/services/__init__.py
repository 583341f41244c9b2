"""What is done to integrator access. Each service is one transaction with its record and its mail.

It raises `Denied` for whoever has no part in the access, and `Invalid` with codes of `faults` for what cannot be done.
"""

from varco.integrators.services.accepting import accept, follow_factors
from varco.integrators.services.changing import confirm, extend, fault_of_extension, shorten
from varco.integrators.services.ending import end, member_left
from varco.integrators.services.granting import create, grant, invite_again
from varco.integrators.services.request import AccessRequest, check

__all__ = [
    "AccessRequest",
    "accept",
    "check",
    "confirm",
    "create",
    "end",
    "extend",
    "fault_of_extension",
    "follow_factors",
    "grant",
    "invite_again",
    "member_left",
    "shorten",
]
