"""The portal's addresses, and some that fail on purpose; for the tests of error pages."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from varco.portal import errors, urls


def fails(request: HttpRequest, how: str) -> HttpResponse:
    raise {
        "suspicious": SuspiciousOperation("received something odd"),
        "denied": PermissionDenied(),
        "explained": PermissionDenied("Only the manager may do this."),
        "bug": RuntimeError("a secret detail"),
        "database": OperationalError("database is locked"),
    }[how]


def shows(request: HttpRequest) -> HttpResponse:
    return errors.problem(request, 400, "A title", "A sentence.", f"received {request.GET['received']}")


urlpatterns = [*urls.urlpatterns, path("fails/<str:how>/", fails), path("shows/", shows)]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
