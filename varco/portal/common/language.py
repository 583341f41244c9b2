"""Remembers in which language a browser is answered."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

LASTING = 365 * 86400
"""Seconds that a chosen language is remembered."""


def remember_language(request: HttpRequest, response: HttpResponse, ui_locales: str) -> None:
    """Let the pages that follow speak a language of `ui_locales`, to somebody who has not chosen one: by account or cookie."""
    language = requested_language(ui_locales)
    if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        set_language(response, language)


def requested_language(ui_locales: str) -> str:
    """The first language of `ui_locales` (OpenID Connect Core §3.1.2.1) that we speak; empty if there is none."""
    spoken = dict(settings.LANGUAGES)
    return next((tag[:2].lower() for tag in ui_locales.split() if tag.partition("-")[0].lower() in spoken), "")


def set_language(response: HttpResponse, language: str, *, max_age: int | None = None) -> None:
    """Set the language cookie for `max_age` seconds, or until the browser is closed."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=max_age,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
