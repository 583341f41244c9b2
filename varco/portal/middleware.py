"""What stands around every page: a request id, the honest host, the security headers, the person's language."""

import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from varco.accounts.browser_session import SEEN, SEEN_EVERY
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.page_headers import CONFINING, HSTS, UNLESS_SAID, content_security_policy
from varco.portal.common.request import PortalRequest

Handler = Callable[[PortalRequest], HttpResponse]

# Session key: a sign-in in progress may end at an application; see `sign_in_may_leave`.
_MAY_LEAVE = "sign_in_may_leave"
# Pages whose form may be answered by a chain of redirects that ends at a client's redirect URI, or goes on from there.
_SIGN_IN_PAGES = frozenset(
    {"account_login", "account_reauthenticate", "mfa_authenticate", "mfa_reauthenticate", "account:passkey_confirm"}
)
_STATUS = "/status/"  # stands while nothing can be written


def request_context(get_response: Handler) -> Handler:
    """Give the request its id and the issuer's host.

    The `Host` header is the sender's to choose, so it is replaced: whatever asks Django or a library for the host of this
    request, for a link in a mail or a passkey's domain, gets the issuer's.
    """
    issuer = urlsplit(settings.VARCO.issuer)

    def handle(request: PortalRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)
        request.form_may_leave = False
        request.META["HTTP_HOST"] = issuer.netloc
        request.META["wsgi.url_scheme"] = issuer.scheme
        for name in ("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PORT"):
            request.META.pop(name, None)
        # A quoted cookie can spell a NUL, which PostgreSQL refuses to look for: such a cookie is none of ours.
        if any("\0" in value for value in request.COOKIES.values()):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        response = get_response(request)
        response["X-Request-Id"] = request_id(request)
        return response

    return handle


def request_id(request: HttpRequest) -> str:
    """The id of this request: in the header `X-Request-Id`, on error pages, in the audit and in the developer's trace."""
    return str(getattr(request, "request_id", ""))


def origin(request: HttpRequest) -> Origin:
    """Where an act comes from, for the audit: the signed-in person, the client's address and the request id.

    `REMOTE_ADDR` is the real client already: `varco serve` has unwound the trusted proxies, and no other is believed.
    """
    user = getattr(request, "user", None)
    return Origin(
        actor=user if isinstance(user, User) else None,
        ip=str(request.META.get("REMOTE_ADDR", "")),
        request_id=request_id(request),
    )


def sign_in_may_leave(request: HttpRequest) -> None:
    """Let the sign-in pages of this browser end at an application: call it before sending somebody to sign in for one.

    A sign-in that needs no consent page is one chain of redirects: sign-in → authorize → the client's redirect URI.
    """
    request.session[_MAY_LEAVE] = True


def security_headers(get_response: Handler) -> Handler:
    """Set the headers that confine every page.

    A view whose form may lead to an application says `request.form_may_leave = True`.
    """

    def handle(request: PortalRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Content-Security-Policy"):
            response["Content-Security-Policy"] = content_security_policy(form_may_leave=_may_leave(request))
        for name, value in CONFINING.items():
            response[name] = value
        if settings.VARCO.https:
            response["Strict-Transport-Security"] = HSTS
        for name, value in UNLESS_SAID.items():
            response.headers.setdefault(name, value)
        return response

    return handle


def _may_leave(request: PortalRequest) -> bool:
    match = request.resolver_match
    signs_in = match is not None and match.view_name in _SIGN_IN_PAGES
    return request.form_may_leave or (signs_in and bool(request.session.get(_MAY_LEAVE)))


def see_other_after_a_form(get_response: Handler) -> Handler:
    """Answer a form with 303 where Django and its libraries say 302, above all the form with the password.

    Only 303 makes every browser drop the body of the form on its way, which may lead to a client (RFC 9700 §4.12).
    """

    def handle(request: PortalRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 302 and request.method == "POST":
            response.status_code = 303
        return response

    return handle


def user_language(get_response: Handler) -> Handler:
    """Answer a signed-in person in the language of their account; everybody else is LocaleMiddleware's."""

    def handle(request: PortalRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return get_response(request)

    return handle


def session_activity(get_response: Handler) -> Handler:
    """Keep "last seen" in the list of one's sessions: a write every few minutes, not one a page, and none at the status page."""
    from allauth.usersessions.models import UserSession

    def handle(request: PortalRequest) -> HttpResponse:
        # Wall-clock time, as everything that allauth keeps about a session.
        due = request.user.is_authenticated and time.time() - request.session.get(SEEN, 0) > SEEN_EVERY
        if due and request.path != _STATUS:
            request.session[SEEN] = int(time.time())
            UserSession.objects.create_from_request(request)
        return get_response(request)

    return handle
