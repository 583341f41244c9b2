"""Which device requests a person has confirmed in this browser session, by typing their code.

Kept in the session and held against the person, so that nobody finishes what somebody else, or another browser, began.
"""

from dataclasses import dataclass

from varco.accounts.models import User
from varco.portal.common.request import PortalRequest

_KEY = "device_requests"
_KEPT = 5  # several tabs, but not without end


@dataclass(frozen=True, slots=True)
class ConfirmedCode:
    """One confirmed request: its code, and what was answered, if anything."""

    request_id: int
    user_code: str  # as normalised
    decision: str = ""


def keep(http: PortalRequest, user: User, confirmed: ConfirmedCode) -> None:
    """Note a confirmed request, or what has become of it."""
    others = [row for row in http.session.get(_KEY, []) if row[0] != confirmed.request_id]
    row = [confirmed.request_id, user.public_id, confirmed.user_code, confirmed.decision]
    http.session[_KEY] = [*others, row][-_KEPT:]


def find(http: PortalRequest, user: User, request_id: str) -> ConfirmedCode | None:
    """The request of this id, as the address has it, if this very person has confirmed it in this session."""
    for known_id, owner, user_code, decision in http.session.get(_KEY, []):
        if str(known_id) == request_id and owner == user.public_id:
            return ConfirmedCode(known_id, user_code, decision)
    return None
