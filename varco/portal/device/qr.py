"""The user code as a QR code: a help for devices that can show a picture or print text, and have no room for a library.

It only spells an address, so it is made of any code that could be one and tells nobody whether a device waits under it.
"""

import io
from collections.abc import Callable

import segno
from django.conf import settings
from django.http import Http404, HttpResponse

from varco.portal.common.page import ANYONE, page
from varco.portal.common.request import PortalRequest
from varco.protocol import device_authorization

SCALE = 8
"""Pixels of a module of the PNG: some three hundred pixels in all, sharp on a television."""


def _svg(code: segno.QRCode) -> bytes:
    out = io.BytesIO()
    code.save(out, kind="svg", scale=SCALE, border=4, light="#fff", xmldecl=False)
    return out.getvalue()


def _png(code: segno.QRCode) -> bytes:
    out = io.BytesIO()
    code.save(out, kind="png", scale=SCALE, border=4)
    return out.getvalue()


def _text(code: segno.QRCode) -> bytes:
    out = io.StringIO()
    code.terminal(out, border=2, compact=True)
    return out.getvalue().encode()


FORMS: dict[str, tuple[str, Callable[[segno.QRCode], bytes]]] = {
    "svg": ("image/svg+xml", _svg),
    "png": ("image/png", _png),
    "txt": ("text/plain; charset=utf-8", _text),
}
"""By the end of the address: media type, and how it is drawn. `txt` is for a terminal."""


@page(ANYONE, "GET")
def image(request: PortalRequest, form: str) -> HttpResponse:
    """`/device/qr.svg?user_code=…`: the `verification_uri_complete` of that code (RFC 8628 §3.3.1)."""
    user_code = device_authorization.normalized_user_code(request.GET.get("user_code", ""))
    if form not in FORMS or not user_code:
        raise Http404
    address = device_authorization.complete_uri(user_code, issuer=settings.VARCO.issuer)
    media_type, draw = FORMS[form]
    response = HttpResponse(draw(segno.make_qr(address, error="m")), media_type)
    # A device whose screen is a web page of its own shows it from there.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
