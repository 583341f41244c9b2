"""Who may open the pages of a clinic's manager: to everybody else they do not exist."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse

from varco.accounts.models import User
from varco.portal.common import forms
from varco.portal.common.signed_in import signed_in
from varco.registry.errors import Conflict, Denied
from varco.tenants.queries import managed_by

View = Callable[..., HttpResponse]


def manager_page(view: View) -> View:
    """A page for managers; the view gets the clinic that the signed-in person manages, which is the only one it knows.

    404 for anybody else; a service's `Denied` is a 404 too, its `Conflict` a 409.
    """

    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: object) -> HttpResponse:
        tenant = managed_by(request.user) if isinstance(request.user, User) else None
        if tenant is None:
            raise Http404
        try:
            return view(request, tenant, **arguments)
        except Denied:
            raise Http404 from None
        except Conflict as conflict:
            return forms.conflict(request, conflict)

    return guarded
