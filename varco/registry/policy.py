"""The vendor's policy: which registrations are approved at once, for the sandboxes of their team alone (S44).

It decides about registrations for development, where nothing speaks against it; a person decides about everything else.
"""

from collections.abc import Iterable
from enum import StrEnum

from django.conf import settings

from varco.registry.lifecycle import ApplicationAct, Role, may
from varco.registry.lint import Finding, Grade
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration

NAME = "sandboxes"
"""What events call it, as their actor."""

_SENT_BACK = {Revision.State.REJECTED, Revision.State.CHANGES_REQUESTED}


class Obstacle(StrEnum):
    """Why a person reads a registration."""

    SWITCHED_OFF = "switched_off"
    NOT_DEVELOPMENT = "not_development"
    STOPPED = "stopped"
    APPROVED_BY_A_PERSON = "approved_by_a_person"
    SENT_BACK = "sent_back"
    FINDINGS = "findings"


def obstacle(application: Application, registration: Registration, found: Iterable[Finding]) -> Obstacle | None:
    """The first reason for which a person decides; None: the policy approves it. `found` are its findings."""
    if not settings.VARCO.sandbox_policy:
        return Obstacle.SWITCHED_OFF
    if registration.environment != Revision.Environment.DEVELOPMENT:
        return Obstacle.NOT_DEVELOPMENT
    if not may(application.state, ApplicationAct.APPROVE, Role.POLICY):
        return Obstacle.STOPPED
    # Elsewhere than in sandboxes, people may be using it: a lock would shut them out, without anybody having read why.
    if application.live_revision and not application.live_revision.sandboxes_only:
        return Obstacle.APPROVED_BY_A_PERSON
    if _sent_back(application):
        return Obstacle.SENT_BACK
    if any(finding.grade == Grade.BLOCKER for finding in found):
        return Obstacle.FINDINGS
    return None


def _sent_back(application: Application) -> bool:
    """Whether the last to decide was a person, who did not approve: they read what comes next, too."""
    decided = application.revisions.exclude(decided_at=None).order_by("-number")
    return decided.values_list("state", flat=True).first() in _SENT_BACK
