"""Who may open the developer pages: without the role they do not exist, nor does anybody else's application (S8)."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse

from varco.accounts.models import User
from varco.portal.common import forms
from varco.portal.common.signed_in import signed_in
from varco.registry.access import visible_to
from varco.registry.errors import Conflict, Denied
from varco.registry.models import Application

View = Callable[..., HttpResponse]


def developer_page(view: View) -> View:
    """A page for developers: 404 without the role; a service's `Denied` is a 404 too, its `Conflict` a 409."""

    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: object) -> HttpResponse:
        if not person(request).is_developer:
            raise Http404
        try:
            return view(request, **arguments)
        except Denied:
            raise Http404 from None
        except Conflict as conflict:
            return forms.conflict(request, conflict)

    return guarded


def person(request: HttpRequest) -> User:
    """The signed-in account."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def own_application(request: HttpRequest, pk: int) -> Application:
    """An application of the signed-in developer; anybody else's is a 404."""
    found = visible_to(person(request)).select_related("live_revision").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
