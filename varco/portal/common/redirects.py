"""Sends a browser on."""

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.utils.translation import gettext as _

from varco.protocol.redirect_uri import is_loopback


def see_other(location: str) -> HttpResponse:
    """A 303: whatever the method was, the browser goes there with GET (RFC 9700 §4.12).

    Not Django's redirect, which knows http and https only: native applications have schemes of their own (RFC 8252 §7.1).
    """
    response = HttpResponse(status=303)
    response["Location"] = location
    return response


def place(redirect_uri: str) -> str:
    """Where a redirect URI leads, in words for the person who is sent there: its host, this device, or an installed application."""
    parts = urlsplit(redirect_uri)
    if is_loopback(redirect_uri):
        return _("a program on this device (%(host)s)") % {"host": parts.netloc}
    if parts.scheme in {"http", "https"}:
        return parts.netloc
    return _("an application installed on this device (%(scheme)s)") % {"scheme": parts.scheme}
