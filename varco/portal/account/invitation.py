"""`/account/invitation/?token=…`: where an invited person says their name and sets the first password of their account.

The secret stands in the query, which no log of ours keeps. Whoever only opens the page has used nothing up: some mail
programs open each link by themselves.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from varco.accounts import queries
from varco.accounts.models import User
from varco.people import accounts, invitations
from varco.portal import middleware
from varco.portal.common.forms import UNPROCESSABLE, posted
from varco.portal.common.page import ANYONE, page

GONE = 410


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg] # not subscriptable at run time
    """One's name and first password."""

    use_required_attribute = False
    password1 = SetPasswordField(
        label=_("Password"),
        help_text=_("At least 15 characters. Several words are easy to remember."),
    )
    password2 = PasswordField(label=_("Password again"), autocomplete="new-password")

    class Meta:
        model = User
        fields = ("given_name", "family_name")
        labels = {"given_name": _("First name"), "family_name": _("Last name")}
        widgets = {
            "given_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "family_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].user = self.instance  # type: ignore[attr-defined] # allauth's way to name whose it is
        for name in ("password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean_family_name(self) -> str:
        """Let the rules for passwords, which come next, know the name as it is typed."""
        self.instance.given_name = self.cleaned_data.get("given_name", "")
        self.instance.family_name = str(self.cleaned_data["family_name"])
        return self.instance.family_name

    def clean_password2(self) -> str:
        """Check that both are the same."""
        again = str(self.cleaned_data["password2"])
        if self.cleaned_data.get("password1", again) != again:
            raise ValidationError(_("The two passwords are not the same."), code="password_mismatch")
        return again


@page(ANYONE, "GET POST")
def accept(request: HttpRequest) -> HttpResponse:
    """Show whose invitation this is; with the form, set the password and sign in.

    It speaks the person's language, unless another one was chosen in this browser.
    """
    secret = request.GET.get("token", "")
    user = invitations.opened(secret)
    if user is None:
        return render(request, "account/invitation_over.html", status=GONE)
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    with translation.override(translation.get_language() if chosen else user.language):
        form = InvitationForm(posted(request), instance=user)
        if request.method == "POST" and form.is_valid():
            return _accepted(request, secret, form.cleaned_data)
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, "account/invitation.html", {"form": form, "email": user.email}, status=status)


def _accepted(request: HttpRequest, secret: str, given: dict[str, Any]) -> HttpResponse:
    """Use the link up, set the password and sign in, as nobody else than the invited person."""
    adapter = get_adapter(request)
    with transaction.atomic():
        origin = middleware.origin(request)
        names = {name: str(given[name]) for name in ("given_name", "family_name")}
        user = invitations.accept(secret, origin, **names)
        if user is None:  # used in another tab at this moment
            return render(request, "account/invitation_over.html", status=GONE)
        accounts.confirm_address(user)
        if isinstance(request.user, User):
            adapter.logout(request)
        adapter.set_password(user, str(given["password1"]))
    # Read again: the new password has ended the sign-ins of before, and this one is not among them.
    answer: HttpResponse = perform_login(request, queries.read_again(user))
    return answer
