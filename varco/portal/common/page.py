"""Declares the pages of the portal: `@page(role, methods)` is the one decorator of every view.

It checks in this order, so that no view can have another one:

1. Sign-in. Whoever is signed out goes to the sign-in page; a form they sent is handed back, not dropped (S37).
2. The role. To people without it the page does not exist (404), whatever the method (S8, S16).
3. The method: 405. A page that answers GET answers HEAD.
4. Step-up, for the methods that it is declared for: whoever gave their second factor too long ago goes to the page that asks for
   it and comes back; a form they sent is kept meanwhile (`step_up`).
5. The view. A service's `Denied` is a 404, its `Conflict` a page with status 409 on which what was written still stands.

That no answer is cached is the rule for all of them (`middleware.security_headers`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Concatenate, Generic, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from varco.accounts.models import User
from varco.portal.common import step_up
from varco.portal.common.forms import conflict
from varco.portal.common.handed_back import hand_back, holds_a_password
from varco.portal.common.request import PortalRequest, SignedInRequest
from varco.registry.errors import Conflict, Denied
from varco.tenants.queries import managed_by, records_of

Request_contra = TypeVar("Request_contra", bound=PortalRequest, contravariant=True)


@dataclass(frozen=True, slots=True)
class Role(Generic[Request_contra]):
    """Who may open a page.

    `admit` answers with what the view is called with after the request, or None for a person to whom the page does not
    exist. A role without it is open to anybody, signed in or not.
    """

    name: str
    admit: Callable[[User], tuple[object, ...] | None] | None = None


def _manager(user: User) -> tuple[object, ...] | None:
    tenant = managed_by(user)
    return (tenant,) if tenant else None


def _reader_of_records(user: User) -> tuple[object, ...] | None:
    tenant = records_of(user)
    return (tenant,) if tenant else None


ANYONE: Role[PortalRequest] = Role("anyone")
SIGNED_IN: Role[SignedInRequest] = Role("signed in", lambda _user: ())
DEVELOPER: Role[SignedInRequest] = Role("developer", lambda user: () if user.is_developer else None)
OPERATOR: Role[SignedInRequest] = Role("operator", lambda user: () if user.is_operator else None)
STAFF: Role[SignedInRequest] = Role("staff", lambda user: () if user.answers_for_all else None)
"""The vendor's people: operators and support."""
MANAGER: Role[SignedInRequest] = Role("manager", _manager)
"""The view gets the clinic that the person manages, which is the only one it knows."""
RECORDS: Role[SignedInRequest] = Role("reader of records", _reader_of_records)
"""A manager or data protection officer; the view gets the clinic whose access records they read (S39)."""

View = Callable[..., HttpResponseBase]


class Page:
    """A view behind the checks of its declaration."""

    def __init__(self, view: View, role: Role[Any], methods: str, *, csrf_exempt: bool, stepped_up: str) -> None:
        update_wrapper(self, view)
        self.view = view
        self.role = role
        self.methods = _with_head(methods)
        self.stepped_up = _with_head(stepped_up)
        # Django's CSRF middleware reads this of a view.
        self.csrf_exempt = csrf_exempt

    def __call__(self, request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        """Answer a request. Raises `Http404`."""
        admitted: tuple[object, ...] = ()
        if self.role.admit is not None:
            if not isinstance(request.user, User):
                return self._signed_out(request)
            found = self.role.admit(request.user)
            if found is None:
                raise Http404
            admitted = found
        if request.method not in self.methods:
            return HttpResponseNotAllowed(self.methods)
        if request.method in self.stepped_up:
            asked = step_up.required(cast("SignedInRequest", request))
            if asked is not None:
                return asked
        try:
            return self.view(request, *admitted, **arguments)
        except Denied:
            raise Http404 from None
        except Conflict as refusal:
            return conflict(request, refusal)

    def _signed_out(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.methods:
            return HttpResponseNotAllowed(self.methods)
        if request.method == "POST" and not holds_a_password(request):
            return hand_back(request)
        return redirect_to_login(request.get_full_path())


def _with_head(methods: str) -> tuple[str, ...]:
    return (*methods.split(), *(("HEAD",) if "GET" in methods.split() else ()))


def page(
    role: Role[Request_contra], methods: str, *, csrf_exempt: bool = False, step_up: str = ""
) -> Callable[[Callable[Concatenate[Request_contra, ...], HttpResponseBase]], Page]:
    """Declare a view: who may open it and with which methods, such as `"GET"`, `"POST"` or `"GET POST"`.

    `step_up` are the methods before which a fresh second factor is asked for, where what they do is sensitive; a role that is open to
    anybody has none. `csrf_exempt` is for an address to which other sites send forms by design; its view has to say why nothing is lost.
    """

    def declare(view: Callable[Concatenate[Request_contra, ...], HttpResponseBase]) -> Page:
        return Page(view, role, methods, csrf_exempt=csrf_exempt, stepped_up=step_up)

    return declare


def may_be_handed_back(request: HttpRequest) -> bool:
    """Whether a form without a valid proof of origin may be: the browser itself says that a page of ours sent it.

    Otherwise a foreign page could fill in a form here and leave only the button to be pressed.
    """
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    view = request.resolver_match.func if request.resolver_match else None
    return ours and isinstance(view, Page) and view.role.admit is not None and not holds_a_password(request)
