"""Step-up: what a page declares sensitive opens to whoever gave their second factor within some minutes (S38).

`page(role, methods, step_up="POST")` says for which methods. A form that comes too late is kept in the browser's session, sealed as
all of it, until it is sent once more.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from varco.portal.common import sign_in
from varco.portal.common.handed_back import holds_a_password, typed
from varco.portal.common.request import SignedInRequest
from varco.portal.common.sign_in import Proof

_KEPT = "varco_kept_form"
Typed = list[tuple[str, str]]


def to_prove(request: SignedInRequest) -> Proof | None:
    """What the person has to prove now before something sensitive; None: nothing."""
    return sign_in.stepped_up(request, request.user, settings.VARCO.step_up)


def demand(request: HttpRequest) -> HttpResponse:
    """On to the page that asks, which leads back here; what was typed is kept."""
    here = request.get_full_path()
    if request.method == "POST" and not holds_a_password(request):
        request.session[_KEPT] = {"path": here, "typed": typed(request)}
    return redirect(f"{reverse('account:step_up')}?{urlencode({'next': here})}")


def kept(request: HttpRequest, path: str) -> Typed | None:
    """The form that was to go to a path and came too late; None without one."""
    found = request.session.get(_KEPT)
    return [(name, value) for name, value in found["typed"]] if found and found["path"] == path else None


def required(request: SignedInRequest) -> HttpResponse | None:
    """The answer to somebody who has to prove something first; None: they go on, and the form that is here now is forgotten.

    For pages of which only some buttons do what is sensitive; `page(…, step_up=…)` asks it for a whole method.
    """
    if to_prove(request):
        return demand(request)
    if request.method == "POST" and _KEPT in request.session:
        del request.session[_KEPT]
    return None
