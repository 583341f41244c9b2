"""Telling operators of what changed without a review: at once, and no more than once an hour of each application and kind.

Whoever changes it again and again fills nobody's mailbox, and the last change is not kept quiet either: a mail about what
followed waits until the hour is over. Every change stands in the audit.
"""

from varco import clock
from varco.mail.notifications import Notification, notify
from varco.registry.access import whom_to_tell
from varco.registry.lifecycle import Role
from varco.registry.models import Application

AGAIN = 3600
"""Seconds between two mails about the same kind of change of one application."""


def tell_operators(application: Application, told: Notification, column: str) -> None:
    """Tell operators; `column` of the application, whose row is held, says when they are told, or were last told, of such a change."""
    last, now = getattr(application, column), clock.now()
    if last > now:
        return  # a mail that waits leads to how it stands then
    at = max(now, last + AGAIN)
    setattr(application, column, at)
    application.save(update_fields=[column])
    notify(told, whom_to_tell(application, Role.OPERATOR), at=at)
