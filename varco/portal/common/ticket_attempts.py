"""Forged kinds and foreign ticket numbers: whoever sends a form for one is recorded, and told that there is no such page."""

from typing import Any

from varco.audit.services import record
from varco.audit.tags import Tag
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin


def noted(request: SignedInRequest, what: str, **detail: str | int) -> None:
    """Record a form that was sent for something that does not exist for its sender. Opening an address is not recorded."""
    if request.method == "POST":
        shown: dict[str, Any] = {
            name: value[:40] if isinstance(value, str) else value for name, value in detail.items()
        }
        record(Tag.TICKET_ATTEMPT_REFUSED, origin(request), what=what, **shown)
