"""How many applications a team may have, so that nobody registers without end."""

from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.models import Application, Team

MAX_APPLICATIONS = 100
"""Applications not retired that one team may have."""


def check_applications(team: Team) -> None:
    """Raise `Conflict` where a team, whose row is held, has as many applications as it may."""
    if Application.objects.filter(team=team).exclude(state=Application.State.RETIRED).count() >= MAX_APPLICATIONS:
        raise Conflict(ConflictFault.APPLICATIONS_TOO_MANY, limit=MAX_APPLICATIONS)
