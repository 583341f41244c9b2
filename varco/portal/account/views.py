"""`/account/`: one's own profile and how one signs in."""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco import catalog, clock
from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.audit.services import record
from varco.audit.tags import Tag
from varco.grants import session_end
from varco.portal import middleware
from varco.portal.account.forms import ProfileForm
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.request import SignedInRequest
from varco.tenants.queries import membership_of

MAX_PASSKEYS = 20


@page(SIGNED_IN, "GET")
def overview(request: SignedInRequest) -> HttpResponse:
    """The account at a glance."""
    user = request.user
    membership = membership_of(user)
    role = catalog.current().roles.get(membership.role) if membership else None
    factors = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "membership": membership,
        "role": role.label if role else None,
        "second_step": bool(factors & {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}),
        "sessions": UserSession.objects.filter(user=user).count(),
    }
    return render(request, "account/overview.html", context)


@page(SIGNED_IN, "GET POST")
def profile(request: SignedInRequest) -> HttpResponse:
    """Change one's own name and language."""
    user = request.user
    form = ProfileForm(request.POST or None, instance=accounts.read_again(user))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            changed = form.save(commit=False)
            changed.updated_at = clock.now()
            changed.save(update_fields=[*form.changed_data, "updated_at"])
            if form.changed_data:
                record(Tag.ACCOUNT_PROFILE_CHANGED, middleware.origin(request), user=changed, fields=form.changed_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("account:overview")
    return render(request, "account/profile.html", {"form": form})


@page(SIGNED_IN, "POST")
def sign_out_everywhere(request: SignedInRequest) -> HttpResponse:
    """End every session of this person, this browser's included."""
    user = request.user
    with transaction.atomic():
        ended = list(UserSession.objects.filter(user=user))
        for session in ended:
            session.end()
        origin = middleware.origin(request)
        record(Tag.ACCOUNT_SESSIONS_ENDED, origin, user=user, sessions=len(ended))
        session_end.sessions_over(user, origin)
        get_account_adapter().logout(request)
    messages.success(request, _("You are signed out everywhere, in this browser too."))
    return redirect("account_login")


class AddPasskeyView(AddWebAuthnView):
    """allauth's page, up to a number: each passkey is named in every request for one (Web Authentication §5.5)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or the list of passkeys with the reason why there can be no more."""
        if (
            Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN).count()
            < MAX_PASSKEYS
        ):
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
            return response
        text = _("You have %(count)d passkeys, which is as many as there can be. Remove one first.")
        messages.error(request, text % {"count": MAX_PASSKEYS})
        return redirect("mfa_list_webauthn")


class _OneAtATime:
    """Removing factors one after the other: of two tabs that each remove another one, the later sees that its own is the last."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """allauth's, with the account's row locked from the question whether it may go until it is gone."""
        with transaction.atomic():
            if isinstance(request.user, User):
                accounts.locked(request.user)
            response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc] # of the view it is mixed into
            return response


class DeactivateAppView(_OneAtATime, DeactivateTOTPView):
    """allauth's page, which asks in its form whether the last factor may go."""


class RemovePasskeyView(_OneAtATime, RemoveWebAuthnView):
    """allauth's page, which does not ask by itself whether the last factor may go."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, or say why it has to stay."""
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            fault: ValidationError = adapter.validation_error("cannot_delete_authenticator")
            form.add_error(None, fault)
            return self.form_invalid(form)
        return super().form_valid(form)
