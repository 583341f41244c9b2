"""The reason of an act, as somebody wrote it: it stays in the record, and is never empty where an act needs one."""

from typing import Any

from django.core.exceptions import ValidationError

from varco.people.errors import PeopleFault, Refused
from varco.people.models import MAX_REASON
from varco.validators import ReadableText


def checked(text: str) -> str:
    """The reason as it is kept. Raises `Refused` for none, one that is too long, and what cannot be seen in it."""
    reason = text.replace("\r\n", "\n").strip()
    if not reason:
        raise Refused(PeopleFault.REASON_MISSING)
    if len(reason) > MAX_REASON:
        raise Refused(PeopleFault.REASON_TOO_LONG, limit=MAX_REASON)
    try:
        ReadableText(lines=True)(reason)
    except ValidationError as fault:
        raise Refused(PeopleFault.UNSOUND, field="reason", text=fault.messages[0]) from None
    return reason


def kept(reason: str) -> dict[str, Any]:
    """What the record keeps of a reason, where there is one."""
    return {"text": reason} if reason else {}
