"""How long an access lives unused and unconfirmed, as the settings say."""

from typing import NamedTuple

from django.conf import settings

DAY = 86400
WARNINGS = (14, 3, 0)
"""Days before the last one on which both sides are warned."""

IDLE_GRACE = 7 * DAY
"""Seconds from the warning that nobody uses it to its end."""

CONFIRM_NOTICE = 14 * DAY
"""Seconds before it would end unconfirmed in which the manager is asked."""

INVITATION = 2 * DAY
"""Seconds that the link of an invitation is good."""

PAUSE = 600
"""Seconds before another link goes to the same address: nobody's mailbox is filled from here."""

AHEAD = 90
"""Days ahead that the first day may lie."""


class Limits(NamedTuple):
    """Both in seconds."""

    idle: int
    confirmation: int


def current() -> Limits:
    """What the settings say."""
    return Limits(settings.VARCO.integrator_idle_days * DAY, settings.VARCO.recertification_days * DAY)
