"""Sends a browser on."""

from django.http import HttpResponse


def see_other(location: str) -> HttpResponse:
    """A 303: whatever the method was, the browser goes there with GET (RFC 9700 §4.12).

    Not Django's redirect, which knows http and https only: native applications have schemes of their own (RFC 8252 §7.1).
    """
    response = HttpResponse(status=303)
    response["Location"] = location
    return response
