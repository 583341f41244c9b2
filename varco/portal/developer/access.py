"""Reads what belongs to the signed-in developer; anybody else's application does not exist to them (S8)."""

from django.http import Http404

from varco.portal.common.request import SignedInRequest
from varco.registry.access import visible_to
from varco.registry.models import Application


def own_application(request: SignedInRequest, pk: int) -> Application:
    """An application of the signed-in developer. Raises `Http404` for anybody else's."""
    found = visible_to(request.user).select_related("live_revision").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
