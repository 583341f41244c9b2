"""Reads the parameters of an OAuth request that a browser brings."""

from django.http import HttpRequest

from varco.protocol import parameters
from varco.protocol.parameters import Parameters


def parameters_of(request: HttpRequest) -> Parameters:
    """The parameters from the bytes as they came; Django would replace what it cannot decode. Raises `OAuthError`."""
    if request.method == "POST":
        return parameters.parse_form(request.META.get("CONTENT_TYPE"), request.body, defer=True)
    return parameters.parse_query(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"), defer=True)
