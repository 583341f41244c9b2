"""Reads what belongs to the signed-in member of a team; any other team does not exist to them."""

from django.http import Http404

from varco.portal.common.request import SignedInRequest
from varco.registry import teams
from varco.registry.models import TeamMember


def own_team(request: SignedInRequest, team_id: str, *, owner: bool = False) -> TeamMember:
    """The person's membership in a team, with it; as its `owner` where the page is for owners. Raises `Http404`."""
    found = teams.membership(request.user, team_id)
    if found is None or (owner and found.role != TeamMember.Role.OWNER):
        raise Http404
    return found
