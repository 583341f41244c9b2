"""The images of applications, each at an address that names what it shows, so that it can be kept for good."""

from django.http import Http404, HttpResponse

from varco.portal.common.page import ANYONE, page
from varco.portal.common.request import PortalRequest
from varco.registry import queries

FOR_GOOD = "public, max-age=31536000, immutable"
# Drawn anew by us, and even so: a browser that took it for a document would find nothing to run.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@page(ANYONE, "GET")
def image(_request: PortalRequest, digest: str) -> HttpResponse:
    """The PNG with this SHA-256, while an application shows it."""
    png = queries.logo(digest)
    if png is None:
        raise Http404
    response = HttpResponse(png, content_type="image/png")
    response["Cache-Control"] = FOR_GOOD
    response["Content-Security-Policy"] = POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
