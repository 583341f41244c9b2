"""Reads what belongs to the teams of the signed-in developer; any other application does not exist to them (S8, S15)."""

from django.db.models import Q
from django.http import Http404

from varco.portal.common.request import SignedInRequest
from varco.registry import access, queries
from varco.registry.access import team_role_of
from varco.registry.lifecycle import ApplicationAct, team_may
from varco.registry.models import Application
from varco.registry.registration import stamp
from varco.tenants.models import Tenant


def working_application(request: SignedInRequest, pk: int, act: ApplicationAct = ApplicationAct.EDIT) -> Application:
    """The same where the person's role in the team lets them do an act. Raises `Http404`."""
    found = own_application(request, pk)
    if not may_do(request, found, act):
        raise Http404
    return found


def may_do(request: SignedInRequest, application: Application, act: ApplicationAct = ApplicationAct.EDIT) -> bool:
    """Whether the person's role in the team of an application lets them do an act, whatever its state."""
    return team_may(act, team_role_of(request.user, application))


def own_application(request: SignedInRequest, pk: int) -> Application:
    """An application of a team of the signed-in developer. Raises `Http404` for anybody else's."""
    found = access.own(request.user, pk)
    if found is None:
        raise Http404
    return found


def sandboxes_of(application: Application) -> list[Tenant]:
    """The sandboxes in which an application that is locked to them works, by name; none for any other.

    Without those beside one, whose people it should turn away.
    """
    live = application.live_revision
    if live is None or not live.sandboxes_only:
        return []
    found = access.sandboxes(application).filter(sandbox_beside=None)
    return list(found.annotate(made=Q(sandbox__isnull=False)).order_by("name", "pk"))


def current_stamp(application: Application) -> str:
    """The stamp of how an application stands now, for a page that came too late and is shown again."""
    application.refresh_from_db()
    return stamp(application, queries.latest_revision(application))
