"""When and how the person of this browser session signed in, for `max_age`, `auth_time`, `acr` and `amr`."""

from collections.abc import Iterable
from typing import Any, Literal

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import CharField
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from varco import clock
from varco.accounts import browser_session
from varco.accounts.browser_session import SignIn
from varco.accounts.models import User
from varco.compiled import Compiled

_AT, _SID, _AGAIN = browser_session.SIGNED_IN_AT, browser_session.SID, "varco_proven_again_ms"
_SECOND = "varco_second_step_ms"  # whose second step was given last, and when
Proof = Literal["password", "second"]
"""What may be proven again: the password, or the second step, in whichever way."""


def _signed_in(request: HttpRequest, **_: Any) -> None:
    request.session[_AT] = clock.now_ms()
    request.session[_SID] = get_random_string(32)
    request.session.pop(_AGAIN, None)


def _proven_again(
    request: HttpRequest, user: User, *, method: str = "", reauthenticated: bool = False, **_: Any
) -> None:
    if reauthenticated and request.user == user:
        prove_again(request, user, "password" if method == "password" else "second")


def _second_step_given(request: HttpRequest, user: User, *, method: str = "", **_: Any) -> None:
    if method == "mfa":
        request.session[_SECOND] = [user.public_id, clock.now_ms()]


def factor_added(request: HttpRequest, user: User) -> None:
    """Note that the person signed in has set a factor up: it takes a fresh password, and proves that they have it."""
    _second_step_given(request, user, method="mfa")


def stepped_up(request: HttpRequest, user: User, seconds: int) -> Proof | None:
    """What is to be proven before something sensitive; None if it was within so many seconds.

    It is the second step, whatever the password; only of somebody without one the password.
    """
    since_ms = clock.now_ms() - seconds * 1000
    if not has_second_step(user):
        return None if at_ms(request) > since_ms else "password"
    whose, given_ms = request.session.get(_SECOND, ["", 0])
    return None if whose == user.public_id and given_ms > since_ms else "second"


def prove_again(request: HttpRequest, user: User, proof: Proof) -> None:
    """Note that the person signed in has proven this anew.

    It is a sign-in of now, which `auth_time` tells, when everything was proven that signing in takes from this person.
    """
    now = clock.now_ms()
    request.session[_AGAIN] = {**request.session.get(_AGAIN, {}), proof: now}
    if to_prove(request, user, since_ms=0) is None:
        request.session[_AT] = now
        del request.session[_AGAIN]


def to_prove(request: HttpRequest, user: User, *, since_ms: int) -> Proof | None:
    """What is still to be proven for a sign-in anew, begun at `since_ms`; a proof counts for some minutes. None: nothing is."""
    since_ms = max(since_ms, clock.now_ms() - app_settings.REAUTHENTICATION_TIMEOUT * 1000)
    again = request.session.get(_AGAIN, {})
    if again.get("password", 0) <= since_ms:
        return "password"
    return "second" if has_second_step(user) and again.get("second", 0) <= since_ms else None


def has_second_step(user: User) -> bool:
    """Whether sign-in asks this person for more than the password; recovery codes alone are nothing to ask for."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))


def with_second_step(users: Iterable[User]) -> set[int]:
    """Which of several people (by key) `has_second_step` holds for; one statement for all of them."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    found = Authenticator.objects.filter(user__in=list(users), type__in=kinds)
    return set(found.values_list("user_id", flat=True))


def connect() -> None:
    """Note every sign-in, and every fresh proof of one, in the browser session."""
    user_logged_in.connect(_signed_in, dispatch_uid="varco-signed-in")
    authentication_step_completed.connect(_proven_again, dispatch_uid="varco-proven-again")
    authentication_step_completed.connect(_second_step_given, dispatch_uid="varco-second-step-given")


def at_ms(request: HttpRequest) -> int:
    """Epoch milliseconds of the last time the person proved who they are; 0 if that is not known."""
    return browser_session.signed_in_ms(request.session)


def sid(request: HttpRequest) -> str:
    """The name that ID tokens give this browser session; empty before a sign-in."""
    return sid_of(request.session)


def sid_of(session: SessionBase) -> str:
    """`sid` of any browser session."""
    return str(session.get(_SID, ""))


def hold(request: HttpRequest) -> bool:
    """Lock the row of this browser session until the transaction ends; False if the session was ended meanwhile.

    What ends sessions waits here, or was waited for.
    """
    return bool(_HELD(key=request.session.session_key))


_HELD = Compiled(
    lambda key: Session.objects.select_for_update().filter(session_key=key).values_list("session_key", flat=True),
    key=CharField(),
)


def end_others(request: HttpRequest, user: User) -> None:
    """Delete the browser sessions of somebody but the one of this request."""
    keys = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    Session.objects.filter(pk__in=list(keys.values_list("session_key", flat=True))).delete()


def facts(request: HttpRequest, user: User) -> SignIn:
    """What an ID token may say about the sign-in of this browser session."""
    return browser_session.sign_in_of(request.session, get_authentication_records(request, user))
