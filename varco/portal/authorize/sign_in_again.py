"""The page on which a signed-in person proves anew who they are, for one application (prompt=login, max_age).

Their session stays, and with it what they do in other tabs. All that signing in takes from this person is asked for: the
password, and the second step where there is one. A passkey is asked for by the account's own page, which leads back here.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string

from varco.accounts.models import User
from varco.grants import interactions
from varco.portal.authorize import waiting_application
from varco.portal.authorize.state import AuthorizationState
from varco.portal.common import sign_in
from varco.portal.common.request import PortalRequest
from varco.portal.common.sign_in import Proof
from varco.portal.middleware import sign_in_may_leave


def show(request: PortalRequest, state: AuthorizationState) -> HttpResponse:
    """The page, with the next thing to prove."""
    user, proof = _person(state), _next(request, state)
    return _page(request, state, proof, _form(user, proof))


def prove(request: PortalRequest, state: AuthorizationState) -> HttpResponse | None:
    """Check what was sent; the page that says what is wrong with it, or None if it is right."""
    user, proof = _person(state), _next(request, state)
    form = _form(user, proof, request.POST)
    if not form.is_valid():
        return _page(request, state, proof, form)
    if proof == "password":
        sign_in.prove_again(request, user, proof)
    else:
        form.save()  # which allauth tells `sign_in`
    return None


def _person(state: AuthorizationState) -> User:
    if state.user is None:
        raise ValueError("nobody is signed in who could prove who they are anew")
    return state.user


def _next(request: PortalRequest, state: AuthorizationState) -> Proof:
    return sign_in.to_prove(request, _person(state), since_ms=state.stored.began_ms) or "password"


def _form(user: User, proof: Proof, data: Any = None) -> Any:
    """The form of the account pages that asks for it, which keeps their limits of attempts."""
    named = settings.ACCOUNT_FORMS if proof == "password" else settings.MFA_FORMS
    return import_string(named["reauthenticate"])(data, user=user)


def _page(request: PortalRequest, state: AuthorizationState, proof: Proof, form: forms.Form) -> HttpResponse:
    interactions.bind_user(state.interaction, _person(state))
    request.form_may_leave = True
    context = {"state": state, "form": form, "proof": proof, "passkey_url": _passkey_url(request, state, proof)}
    return render(request, "authorize/confirm.html", context)


def _passkey_url(request: PortalRequest, state: AuthorizationState, proof: Proof) -> str:
    """Where a passkey is asked for instead of a code; empty for somebody without one."""
    passkeys = Authenticator.objects.filter(user=_person(state), type=Authenticator.Type.WEBAUTHN)
    if proof == "password" or not passkeys.exists():
        return ""
    after = reverse("authorize:continue", args=[state.handle])
    sign_in_may_leave(request)
    waiting_application.remember(request, after, state.client.name)
    return f"{reverse('mfa_reauthenticate_webauthn')}?{urlencode({'next': after})}"
