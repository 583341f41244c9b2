"""What every template may rely on."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from varco.portal import middleware, navigation, temporary_access


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: `vendor`, `demo`, `registration_open`, `issuer`, `request_id`, `languages` and `navigation` (built when shown)."""
    return {
        "vendor": settings.VARCO.vendor,
        "demo": settings.VARCO.demo,
        "registration_open": settings.VARCO.registration,
        "issuer": settings.VARCO.issuer,
        "languages": settings.LANGUAGES,
        "request_id": middleware.request_id(request),
        "temporary_access": SimpleLazyObject(lambda: temporary_access.countdown(request)),
        "navigation": SimpleLazyObject(lambda: navigation.sections(request)),
    }
