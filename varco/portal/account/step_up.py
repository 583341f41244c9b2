"""`/account/step-up/`: the second factor once more, or the password of somebody without one, before something sensitive (S38)."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string

from varco.audit.services import record
from varco.audit.tags import Tag
from varco.portal import middleware
from varco.portal.common import sign_in, step_up
from varco.portal.common.forms import UNPROCESSABLE, posted
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.sign_in import Proof


@page(SIGNED_IN, "GET POST")
def confirm(request: SignedInRequest) -> HttpResponse:
    """Ask for it; once it is given, on to where the person was going, with what they had typed."""
    wanted = request.GET.get("next", "")
    after = wanted if wanted and get_adapter(request).is_safe_url(wanted) else reverse("home")
    proof = step_up.to_prove(request)
    if proof is None:
        return _go_on(request, after)
    form = _form(request, proof)
    if request.method == "POST" and form.is_valid():
        if proof == "password":
            sign_in.prove_again(request, request.user, proof)
        else:
            form.save()  # which allauth tells `sign_in`
        record(Tag.ACCOUNT_STEPPED_UP, middleware.origin(request), user=request.user, proof=proof, page=_name(after))
        return _go_on(request, after)
    context = {"form": form, "proof": proof, "passkey_url": _passkey_url(request, proof)}
    context["keeps_a_form"] = step_up.kept(request, after) is not None
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "account/step_up.html", context, status=status)


def _form(request: SignedInRequest, proof: Proof) -> Any:
    """The form of the account pages that asks for it, which keeps their limits of attempts."""
    named = settings.ACCOUNT_FORMS if proof == "password" else settings.MFA_FORMS
    return import_string(named["reauthenticate"])(posted(request), user=request.user)


def _go_on(request: SignedInRequest, after: str) -> HttpResponse:
    """Back, or to the form that waits: it is sent by a button, so that nothing happens that its sender does not see."""
    typed = step_up.kept(request, after)
    if typed is None:
        return redirect(after)
    return render(request, "account/step_up_done.html", {"typed": typed, "address": after})


def _passkey_url(request: SignedInRequest, proof: Proof) -> str:
    """Where a passkey is asked for instead of a code; empty for somebody without one."""
    passkeys = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    if proof == "password" or not passkeys.exists():
        return ""
    return f"{reverse('mfa_reauthenticate_webauthn')}?{urlencode({'next': request.get_full_path()})}"


def _name(path: str) -> str:
    """The name of the page that is opened by it, for the audit."""
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""
