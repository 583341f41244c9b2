"""Binds a sign-in that waits at its second step to the password and the sessions it was begun with.

Whatever ends somebody's sessions ends it too: another password changes the session authentication hash, and the end of all
sessions counts `User.session_generation` on. `AccountAdapter` keeps the binding after the first step and checks it last, in
the transaction that makes the session; the page of the second step checks it earlier, so that nobody types a code in vain.
"""

import functools
from collections.abc import Callable

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from varco.accounts.models import User

_BINDING = "varco_unfinished_sign_in"


def bind(request: HttpRequest, user: User) -> None:
    """Keep in the browser session what the sign-in was begun with: `user` as read before the password was checked."""
    request.session[_BINDING] = _binding(user, user.get_session_auth_hash())


def is_bound(request: HttpRequest, user: User | None) -> bool:
    """Whether nothing has ended the sign-in; `user` is the account as it stands now, None if there is none any more."""
    if user is None or not user.is_active:
        return False
    kept = str(request.session.get(_BINDING, ""))
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(kept, _binding(user, each)) for each in hashes)


def forget(request: HttpRequest) -> None:
    """Drop the binding of a sign-in that is finished or over."""
    request.session.pop(_BINDING, None)


def start_again(request: HttpRequest, after: str | None) -> HttpResponse:
    """Drop the sign-in and send the person to the sign-in page, which says why and leads on to `after`."""
    waiting = LoginStageController.enter(request, AuthenticateStage.key)
    if waiting is not None:
        waiting.abort()
    request.session.pop(AUTHENTICATION_METHODS_SESSION_KEY, None)
    forget(request)
    messages.error(request, _("Your password was changed or you were signed out everywhere meanwhile. Sign in again."))
    return redirect(reverse("account_login") + (f"?{urlencode({'next': after})}" if after else ""))


def end_with_sessions(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse the page of the second step, as middleware, to a sign-in that is over. Other pages pay nothing."""
    second_step = functools.cache(lambda: reverse("mfa_authenticate"))  # when the addresses are known

    def handle(request: HttpRequest) -> HttpResponse:
        if request.path == second_step():
            waiting = LoginStageController.enter(request, AuthenticateStage.key)
            if waiting is not None and not is_bound(request, waiting.login.user):
                return start_again(request, waiting.login.redirect_url)
        return get_response(request)

    return handle


def _binding(user: User, session_auth_hash: str) -> str:
    return f"{session_auth_hash}:{user.session_generation}"
