"""Who may open the operators' pages; for everybody else they do not exist (S8, S16)."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse

from varco.accounts.models import User
from varco.portal.common import forms
from varco.portal.common.signed_in import signed_in
from varco.registry.errors import Conflict, Denied

View = Callable[..., HttpResponse]


def operator_page(view: View) -> View:
    """A page for operators: 404 for anybody else; a service's `Denied` is a 404 too, its `Conflict` a 409."""

    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: object) -> HttpResponse:
        if not isinstance(request.user, User) or not request.user.is_operator:
            raise Http404
        try:
            return view(request, **arguments)
        except Denied:
            raise Http404 from None
        except Conflict as conflict:
            return forms.conflict(request, conflict)

    return guarded
