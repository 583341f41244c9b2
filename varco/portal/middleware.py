"""What stands around every page: a request id, the honest host, the security headers, the person's language."""

import secrets
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.portal.common.request import PortalRequest

Handler = Callable[[PortalRequest], HttpResponse]

# Session key of where a sign-in in progress may end up; see `allow_form_target`.
_TARGETS = "form_targets"
_TARGETS_KEPT = 5
# Pages whose form may be answered by a chain of redirects that ends at a client's redirect URI.
_SIGN_IN_PAGES = frozenset(
    {"account_login", "account_reauthenticate", "mfa_authenticate", "mfa_reauthenticate", "account:passkey_confirm"}
)
_SEEN, SEEN_EVERY = "seen_at", 300  # seconds between two notes of "last seen" in the list of sessions
HSTS = "max-age=31536000"
PERMISSIONS = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)"
)


def request_context(get_response: Handler) -> Handler:
    """Give the request its id and the issuer's host.

    The `Host` header is the sender's to choose, so it is replaced: whatever asks Django or a library for the host of this
    request, for a link in a mail or a passkey's domain, gets the issuer's.
    """
    issuer = urlsplit(settings.VARCO.issuer)

    def handle(request: PortalRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)
        request.csp_form_action = ()
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


def allow_form_target(request: HttpRequest, redirect_uri: str) -> None:
    """Let the sign-in pages of this browser end at `redirect_uri`.

    Browsers hold a whole chain of redirects after a form against `form-action`, and a sign-in that needs no consent page
    is such a chain: sign-in → authorize → the client's redirect URI. Call it before sending somebody to sign in.
    """
    kept = [uri for uri in request.session.get(_TARGETS, []) if uri != redirect_uri]
    request.session[_TARGETS] = [*kept, redirect_uri][-_TARGETS_KEPT:]


def form_action_source(uri: str) -> str | None:
    """CSP sources for a form whose answer leads to a redirect URI; None when CSP has no word for it (IPv6 loopback).

    Browsers hold every later redirect against `form-action` too, and where a client sends the person on to from its
    callback (its home page, the application behind a broker) nobody knows here. So the scheme is allowed, not the host.
    """
    parts = urlsplit(uri)
    if parts.scheme == "https":
        return "https:"
    if parts.scheme != "http":
        return f"{parts.scheme}:" if parts.scheme else None
    # CSP 3 §2.3.1 knows no IPv6 literal, and of IPv4 browsers match 127.0.0.1 only.
    return "http://localhost:* http://127.0.0.1:* https:" if parts.hostname in {"localhost", "127.0.0.1"} else None


def content_security_policy(form_targets: Iterable[str] = ()) -> str:
    """The policy of a page whose forms may end at `form_targets` (redirect URIs) besides this server.

    `form-action` is left out when one of them cannot be expressed: the browser would block a legitimate answer.
    """
    policy = ["default-src 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"]
    sources = [form_action_source(uri) for uri in form_targets]
    if None not in sources:
        policy.append(" ".join(["form-action 'self'", *dict.fromkeys(source for source in sources if source)]))
    return "; ".join(policy)


def security_headers(get_response: Handler) -> Handler:
    """Set the headers that confine every page.

    A view adds where its form may lead as `request.csp_form_action = [redirect_uri, …]`. Referrer-Policy is
    `same-origin`, not `no-referrer`: nothing leaves this server either way, and with the latter browsers send
    `Origin: null`, which the CSRF check over https rightly refuses. No Cross-Origin-Opener-Policy: single-page
    applications that sign in through a popup need its opener, and no page of ours gives anything to one.
    """

    def handle(request: PortalRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Content-Security-Policy"):
            response["Content-Security-Policy"] = content_security_policy(_form_targets(request))
        response["Referrer-Policy"] = "same-origin"
        response["X-Content-Type-Options"] = "nosniff"
        response["X-Frame-Options"] = "DENY"  # for browsers too old for frame-ancestors (RFC 9700 §4.16)
        response["Permissions-Policy"] = PERMISSIONS
        if settings.VARCO.https:
            response["Strict-Transport-Security"] = HSTS
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    return handle


def _form_targets(request: PortalRequest) -> list[str]:
    targets = list(request.csp_form_action)
    match = request.resolver_match
    if match and match.view_name in _SIGN_IN_PAGES:
        targets += request.session.get(_TARGETS, [])
    return targets


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
    """Keep "last seen" in the list of one's sessions: a write every few minutes, not one a page."""
    from allauth.usersessions.models import UserSession

    def handle(request: PortalRequest) -> HttpResponse:
        # Wall-clock time, as everything that allauth keeps about a session.
        if request.user.is_authenticated and time.time() - request.session.get(_SEEN, 0) > SEEN_EVERY:
            request.session[_SEEN] = int(time.time())
            UserSession.objects.create_from_request(request)
        return get_response(request)

    return handle
