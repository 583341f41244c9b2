"""What is done to integrator access. Each service is one transaction with its record and its mail.

It raises `Denied` for whoever has no part in the access, and `Invalid` with codes of `faults` for what cannot be done.
"""

from varco.integrators.services.accepting import accept, follow_factors
from varco.integrators.services.changing import confirm, extend, shorten
from varco.integrators.services.ending import end, member_left
from varco.integrators.services.granting import grant, invite_again, refuse, withdraw
from varco.integrators.services.requesting import Asked, check, request

__all__ = [
    "Asked",
    "accept",
    "check",
    "confirm",
    "end",
    "extend",
    "follow_factors",
    "grant",
    "invite_again",
    "member_left",
    "refuse",
    "request",
    "shorten",
    "withdraw",
]
