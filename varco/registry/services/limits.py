"""How many applications a team may have, and how often in a day somebody may do what writes to others or leaves rows behind."""

from collections.abc import Mapping

from varco import clock
from varco.audit.queries import done_since
from varco.audit.services import Origin
from varco.audit.tags import Tag
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.models import Application, Team

MAX_APPLICATIONS = 100
"""Applications not retired that one team may have."""


def check_applications(team: Team) -> None:
    """Raise `Conflict` where a team, whose row is held, has as many applications as it may."""
    if Application.objects.filter(team=team).exclude(state=Application.State.RETIRED).count() >= MAX_APPLICATIONS:
        raise Conflict(ConflictFault.APPLICATIONS_TOO_MANY, limit=MAX_APPLICATIONS)


A_DAY: Mapping[Tag, int] = {
    Tag.APPLICATION_CREATED: 100,
    Tag.APPLICATION_SUBMITTED: 100,
    Tag.APPLICATION_ANSWERED: 50,
    Tag.APPLICATION_LOGO_CHANGED: 50,
    Tag.APPLICATION_TRANSFER_OFFERED: 50,
    Tag.TEAM_CREATED: 20,
    Tag.TEAM_INVITED: 50,
    Tag.STREAM_CHANGED: 200,
    Tag.APPLICATION_KEYS_READ: 100,
}
"""How often one person may do what writes mail to others, calls addresses, or leaves rows behind, through pages and programs together.

A team's own limits are of what it has; whoever ends it and begins anew would know none.
"""

_DAY_MS = 86_400_000


def check_often(tag: Tag, origin: Origin) -> None:
    """Raise `Conflict` where the actor did this as often within a day as they may."""
    limit = A_DAY[tag]
    if origin.actor and done_since(origin.actor.public_id, tag, clock.now_ms() - _DAY_MS) >= limit:
        raise Conflict(ConflictFault.DONE_OFTEN, limit=limit)
