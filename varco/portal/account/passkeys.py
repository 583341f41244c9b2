"""Pages that ask for a passkey: allauth's, but one that does not fit loses nobody where they were going."""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode


class LoginView(LoginWebAuthnView):
    """Signing in with a passkey alone: asked with `Accept: application/json` it gives the options for the browser."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Back to the sign-in page, which says what is wrong and leads on to where one was going."""
        for text in form.errors.get("credential", []):
            messages.error(self.request, text)
        after = self.request.POST.get("next", "")
        known = after and get_account_adapter().is_safe_url(after)
        return redirect(reverse("account_login") + (f"?{urlencode({'next': after})}" if known else ""))


class ReauthenticateView(ReauthenticateWebAuthnView):
    """A passkey again, before something sensitive."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again, for the same end."""
        return self.render_to_response(self.get_context_data(form=form))
