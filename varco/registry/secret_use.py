"""Whether a secret may be revoked without breaking anything, as far as its use tells."""

from collections.abc import Iterable
from enum import StrEnum

from varco.registry.models import Secret

QUIET_DAYS = 7
"""A secret counts as out of use when it was not used for so many days, and another one was since."""


class Use(StrEnum):
    """What the use of a live secret says of revoking it."""

    SAFE = "safe"  # quiet for `QUIET_DAYS`, and another one is in use
    RECENT = "recent"  # used, or made, within `QUIET_DAYS`
    ALONE = "alone"  # quiet, but no other live secret was used since


def use_of(secret: Secret, live: Iterable[Secret], now: int) -> Use:
    """What the use of a secret among those that are live says of revoking it. Times are epoch seconds."""
    last = secret.last_used_at or secret.created_at
    if last > now - QUIET_DAYS * 86400:
        return Use.RECENT
    others = (other.last_used_at for other in live if other.pk != secret.pk)
    return Use.SAFE if any(used is not None and used > last for used in others) else Use.ALONE
