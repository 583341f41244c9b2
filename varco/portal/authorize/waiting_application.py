"""Which application a browser was sent to sign in for, by the address where the sign-in leads: kept in its session."""

from django.http import HttpRequest

_KEY = "waiting_applications"
_KEPT = 5  # several tabs, but not without end


def remember(request: HttpRequest, after_sign_in: str, name: str) -> None:
    """Note the application's name before the person is sent to the sign-in page."""
    others = [entry for entry in request.session.get(_KEY, []) if entry[0] != after_sign_in]
    request.session[_KEY] = [*others, [after_sign_in, name]][-_KEPT:]


def waiting_for(request: HttpRequest, after_sign_in: str) -> str:
    """The name of the application that waits at an address; empty without one."""
    return next((str(name) for address, name in request.session.get(_KEY, []) if address == after_sign_in), "")
