"""Browsers in which somebody has signed in before: their failures are counted by themselves, whatever strangers try.

A signed cookie says so, made after a full sign-in. It names nobody, opens nothing, and is worth nothing after 90 days or under
another password. A browser in which the person is signed in now is known too.
"""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from varco import clock
from varco.accounts.models import User
from varco.portal.common import sign_in

COOKIE = "__Host-varco_device" if settings.VARCO.https else "varco_device"
LIFETIME = 90 * 86400
"""Seconds after the last full sign-in in which a browser is known."""
_SALT, _PEOPLE = "varco.portal.known_devices", 5  # people of one browser, as at a reception
_NOTED = "varco_known_device"
Entry = tuple[str, str, int, bool]  # whose, which device, since when (epoch seconds), whether by a full sign-in


def device_of(request: HttpRequest, user: User | None, *, full: bool = False) -> str:
    """The name of this browser among the known ones of an account; empty if it is none.

    `full` leaves out those that are known by a new password alone, set by a link.
    """
    if user is None:
        return ""
    found = next((entry for entry in _entries(request) if _is_of(entry, user)), None)
    if found and (found[3] or not full):
        return found[1]
    return f"session:{sign_in.sid(request)}" if getattr(request, "user", None) == user else ""


def note(request: HttpRequest, user: User, *, full: bool) -> None:
    """Have the answer to this request make its browser a known one."""
    setattr(request, _NOTED, (user, full))


def remember(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Send the cookie, as middleware, when the view has called `note`."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        noted: tuple[User, bool] | None = getattr(request, _NOTED, None)
        if noted is not None:
            _send(request, response, *noted)
        return response

    return handle


def _send(request: HttpRequest, response: HttpResponse, user: User, full: bool) -> None:
    entries = _entries(request)
    before = next((entry for entry in entries if _is_of(entry, user)), None)
    # It keeps its name, so that whoever has the cookie gets no new attempts by it.
    device = before[1] if before else secrets.token_urlsafe(9)
    entry = (
        _tag(user, user.get_session_auth_hash(), settings.SECRET_KEY),
        device,
        clock.now(),
        full or bool(before and before[3]),
    )
    kept = [entry, *(each for each in entries if each is not before)][:_PEOPLE]
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT),
        max_age=LIFETIME,
        path="/",
        secure=settings.VARCO.https,
        httponly=True,
        samesite="Lax",
    )


def _entries(request: HttpRequest) -> list[Entry]:
    """What the cookie says, but for what is too old; nothing for one that is not ours."""
    try:
        read = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT)
        found = [(str(tag), str(device), int(since), bool(full)) for tag, device, since, full in read]
    except (signing.BadSignature, ValueError, TypeError):
        return []
    return [entry for entry in found if entry[2] > clock.now() - LIFETIME]


def _is_of(entry: Entry, user: User) -> bool:
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(entry[0], _tag(user, each, key)) for each in hashes for key in keys)


def _tag(user: User, session_auth_hash: str, key: str) -> str:
    """Whose a browser is known as: of this account, under this password."""
    value = f"{user.public_id}:{session_auth_hash}"
    return salted_hmac(_SALT, value, secret=key, algorithm="sha256").hexdigest()[:32]
