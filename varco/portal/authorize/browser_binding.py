"""Which browser an interaction belongs to: a random cookie of its own, of which the row keeps the hash."""

import re
import secrets

from django.conf import settings
from django.http import HttpResponse

from varco.accounts.browser_session import browser_cookie
from varco.grants.interactions import browser_hash
from varco.portal.common.request import PortalRequest

COOKIE = browser_cookie(https=settings.VARCO.https)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def browser_of(request: PortalRequest) -> str:
    """Hash of the secret this browser sent; empty if it sent none."""
    secret = request.COOKIES.get(COOKIE, "")
    return browser_hash(secret) if _SECRET.fullmatch(secret) else ""


def new_browser_secret() -> str:
    """A secret for a browser that has none."""
    return secrets.token_urlsafe(32)


def remember_browser(response: HttpResponse, secret: str) -> None:
    """Give the browser its secret, until it is closed.

    Lax, not Strict: the browser comes here from the application's site. It is not sent with a form posted from there,
    which is why such a request is bound at its next step.
    """
    response.set_cookie(COOKIE, secret, secure=settings.VARCO.https, httponly=True, samesite="Lax", path="/")
