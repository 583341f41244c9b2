"""Reads what belongs to the teams of the signed-in developer; any other application does not exist to them (S8, S15)."""

from django.http import Http404

from varco.portal.common.request import SignedInRequest
from varco.registry.access import team_role_of, visible_to
from varco.registry.lifecycle import TeamRole
from varco.registry.models import Application


def working_application(request: SignedInRequest, pk: int, *, owners_only: bool = False) -> Application:
    """The same where the person may change it, or do what is for the owners of its team (`owners_only`). Raises `Http404`."""
    found = own_application(request, pk)
    role = team_role_of(request.user, found)
    if role == TeamRole.VIEWER or (owners_only and role != TeamRole.OWNER):
        raise Http404
    return found


def works_on(request: SignedInRequest, application: Application) -> bool:
    """Whether the person may change what is of an application of their team, rather than read it alone."""
    return team_role_of(request.user, application) in (TeamRole.OWNER, TeamRole.MAINTAINER)


def own_application(request: SignedInRequest, pk: int) -> Application:
    """An application of a team of the signed-in developer. Raises `Http404` for anybody else's."""
    found = visible_to(request.user).select_related("live_revision").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
