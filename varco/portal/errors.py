"""Error pages: what happened for the person, one sentence for the developer, and a reference id (S37)."""

import sys
from collections.abc import Callable
from typing import Any

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from varco.database_away import database_away
from varco.portal.common.handed_back import hand_back
from varco.portal.common.page import may_be_handed_back
from varco.portal.common.unopened import FactorUnopenedError
from varco.portal.middleware import request_id

RETRY_AFTER = "5"  # seconds
_SIGN_IN_FORMS = frozenset({"account_login", "account:passkey_sign_in", "mfa_authenticate"})


def problem(
    request: HttpRequest, status: int, title: str, person: str, developer: str = "", **context: Any
) -> HttpResponse:
    """An error page that any view may answer with.

    `context`: `received`, what came in (the page escapes it); `refusal`, that `developer` is the protocol's English sentence.
    """
    words = {
        "title": title,
        "person": person,
        "developer": developer,
        "status": status,
        "reference": request_id(request),
    }
    return HttpResponse(render_to_string("errors/problem.html", words | context, request), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: Django could not make sense of the request."""
    return problem(
        request,
        400,
        _("This request cannot be read"),
        _("Something in the address or the form is not as it should be. Go back and try again from the page before."),
        _("The request was malformed: %(kind)s.") % {"kind": type(exception).__name__ if exception else "bad request"},
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person is known and may not do this."""
    return problem(
        request,
        403,
        _("You cannot open this page"),
        str(exception or "")
        or _("Your account does not have the right this page needs. If you think it should, ask who manages it."),
        _("Access was refused for the signed-in account (403)."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """404: there is no such page, or not for this person; the two look the same on purpose."""
    return problem(
        request,
        404,
        _("There is no page here"),
        _("The address may be mistyped, or the page may have moved, or it belongs to somebody else."),
        _("No page answers at this address, or not for this account (404)."),
    )


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """429: a rate limit of the account pages."""
    response = problem(
        request,
        429,
        _("Too many attempts"),
        _("To keep accounts safe, this page pauses after many attempts in a row. Wait a few minutes, then try again."),
        _("The rate limit of this address was reached (429)."),
    )
    response["Retry-After"] = "60"
    return response


def explain_method(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give Django's bare 405 a page; somebody has reloaded or typed the address of a form."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = problem(
            request,
            405,
            _("This page cannot be opened like this"),
            _("Its address belongs to a button or a form. Go back to the page with that button and press it there."),
            _("The method %(method)s is not allowed here; allowed: %(allowed)s (405).")
            % {"method": request.method, "allowed": response["Allow"]},
        )
        page["Allow"] = response["Allow"]
        return page

    return handle


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its proof of coming from our own page; one that demonstrably came from there is handed back.

    A sign-in form is out of date once its sender signed in in another tab: it goes on to where it would have led.
    """
    if _signed_in_elsewhere(request):
        return redirect(get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL)
    if may_be_handed_back(request):
        return hand_back(request)
    return problem(
        request,
        403,
        _("This form has expired"),
        _(
            "Nothing was changed. Go back, reload the page and send the form again; cookies must be allowed for this site."
        ),
        _("Cross-site request check: %(reason)s") % {"reason": reason},
        retry=_same_page(request),
    )


def _signed_in_elsewhere(request: HttpRequest) -> bool:
    """Whether this is a sign-in form of ours, as the browser itself says, and its sender is signed in by now."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    ours = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    named = request.headers.get("Origin", settings.VARCO.issuer) == settings.VARCO.issuer
    told = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    return name in _SIGN_IN_FORMS and request.user.is_authenticated and told and ours and named


def _same_page(request: HttpRequest) -> str:
    """The address of the page that a form came from, with its query, and where it leads on to."""
    query = request.GET.copy()
    after = get_next_redirect_url(request)
    if after:
        query[REDIRECT_FIELD_NAME] = after
    return request.path + (f"?{query.urlencode()}" if query else "")


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when a database is away or too busy. The page reads nothing: what failed might fail again."""
    unavailable = database_away(sys.exc_info()[1])
    unopened = isinstance(sys.exc_info()[1], FactorUnopenedError)
    if unopened:
        words = {
            "title": _("Your second step cannot be checked"),
            "person": _(
                "It is not your fault, and your code may well be right: this server lacks the key to your second step. A passkey "
                "works, if you have one. Otherwise tell support the reference below; they can put it right, or remove your "
                "second step so that you set up a new one."
            ),
            "developer": _("A second factor is sealed under a master key that this server does not have (503)."),
        }
    elif unavailable:
        words = {
            "title": _("Varco is busy for a moment"),
            "person": _("Nothing was lost. Wait a few seconds and try again."),
            "developer": _("A database did not answer in time (503); the request can be repeated."),
        }
    else:
        words = {
            "title": _("Something went wrong on our side"),
            "person": _(
                "It is not your fault, and it has been recorded. Try again; if it happens again, tell support the reference below."
            ),
            "developer": _("The server failed while answering (500); the reference finds it in the log."),
        }
    context = {
        "reference": request_id(request),
        "vendor": settings.VARCO.vendor,
        "status": 503 if unavailable or unopened else 500,
    }
    response = HttpResponse(render_to_string("errors/problem.html", context | words), status=context["status"])
    if unavailable:
        response["Retry-After"] = RETRY_AFTER
    return response
