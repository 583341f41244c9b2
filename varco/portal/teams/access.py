"""Reads what belongs to the signed-in member of a team; any other team does not exist to them."""

from django.http import Http404

from varco.portal.common.request import SignedInRequest
from varco.registry import teams
from varco.registry.models import TeamMember


def own_team(request: SignedInRequest, team_id: str, *, owners_only: bool = False) -> TeamMember:
    """The person's membership in a team, with it; as an owner where the page is for `owners_only`. Raises `Http404`."""
    found = teams.membership(request.user, team_id)
    if found is None or (owners_only and found.role != TeamMember.Role.OWNER):
        raise Http404
    return found
