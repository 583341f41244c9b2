"""`/account/signup/`: registering by oneself. The page says the same to everybody; the mail tells who has an account already.

The link works at once in the browser in which it was begun. Anywhere else it asks for the password that was chosen then: whoever
gave somebody else's address must not get an account made by its owner, under a password of their own.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from varco.accounts.addresses import mailbox
from varco.accounts.models import PendingAccount, User
from varco.network import client_network, neighbourhood
from varco.people import registration
from varco.people.registration import NewPerson
from varco.portal import middleware
from varco.portal.account import limits
from varco.portal.common import attempts
from varco.portal.common.attempts import Limit, Limits
from varco.portal.common.forms import UNPROCESSABLE, posted
from varco.portal.common.page import ANYONE, page
from varco.portal.common.sandbox_words import sandbox_of
from varco.portal.errors import too_many
from varco.protocol.credentials import hash_of

GONE = 410
FROM_ONE_PLACE = Limit(5, 3600)
NEARBY = Limit(30, 3600)
MAILS = Limit(3, 86_400, first=60, longest=3600)
"""Mails to one mailbox, whatever follows the plus in its address; beyond them the page says the same, and none is sent."""
GUESSES = Limit(5, 3600)
_BEGUN, _KEPT = "varco_registrations", 5


class RegistrationForm(forms.ModelForm):  # type: ignore[type-arg] # not subscriptable at run time
    """Address, name, password and the terms."""

    use_required_attribute = False
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("You get a mail there with a link."),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    password1 = SetPasswordField(
        label=_("Password"), help_text=_("At least 15 characters. Several words are easy to remember.")
    )
    password2 = PasswordField(label=_("Password again"), autocomplete="new-password")
    terms = forms.BooleanField(
        label=_("I accept the terms"), error_messages={"required": _("Without the terms there is no account.")}
    )
    field_order = ("email", "given_name", "family_name", "password1", "password2", "terms")

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
        for name in ("given_name", "family_name"):
            self.fields[name].required = True
        for name in ("password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean_email(self) -> str:
        """Take the address in the form in which accounts are kept; the rules for passwords, which come later, know it."""
        self.instance.email = str(get_adapter().clean_email(self.cleaned_data["email"]))
        return self.instance.email

    def clean_given_name(self) -> str:
        """Let the rules for passwords know the name."""
        self.instance.given_name = str(self.cleaned_data["given_name"]).strip()
        return self.instance.given_name

    def clean_family_name(self) -> str:
        """Let the rules for passwords know the name."""
        self.instance.family_name = str(self.cleaned_data["family_name"]).strip()
        return self.instance.family_name

    def clean_password2(self) -> str:
        """Check that both are the same."""
        again = str(self.cleaned_data["password2"])
        if self.cleaned_data.get("password1", again) != again:
            raise ValidationError(_("The two passwords are not the same."), code="password_mismatch")
        return again


class ConfirmForm(forms.Form):
    """The password that was chosen, in another browser than that in which it was."""

    use_required_attribute = False
    password = PasswordField(label=_("Password"), help_text=_("The one you chose when you registered."))

    def __init__(self, *args: Any, pending: PendingAccount, asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pending = pending
        if asked:
            self.fields["password"].widget.attrs.pop("placeholder", None)
        else:
            del self.fields["password"]

    def clean_password(self) -> str:
        """Check it, so many times within an hour."""
        password = str(self.cleaned_data["password"])

        def prove() -> str:
            if not check_password(password, self.pending.password):
                raise ValidationError(_("This is not the password that was chosen."), code="incorrect_password")
            return password

        with limits.as_validation_error():
            return attempts.judge({f"registration:confirm:{self.pending.digest}": GUESSES}, prove)


@page(ANYONE, "GET POST")
def register(request: HttpRequest) -> HttpResponse:
    """Show the form; with it, send a mail and say so."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    if not settings.VARCO.registration:
        return render(request, "account/signup_closed.html")
    form = RegistrationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        _begin(request, form.cleaned_data)
        return redirect("account:registration_sent")
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "account/signup.html", {"form": form, "terms_url": settings.VARCO.terms_url}, status=status)


@page(ANYONE, "GET")
def sent(request: HttpRequest) -> HttpResponse:
    """Say where to look now."""
    return render(request, "account/registration_sent.html", {"hours": registration.HOURS})


@page(ANYONE, "GET")
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of a sandbox account."""
    if settings.VARCO.terms_url:
        return redirect(settings.VARCO.terms_url)
    return render(request, "account/terms.html", {"version": settings.VARCO.terms_version})


@page(ANYONE, "GET POST")
def confirm(request: HttpRequest) -> HttpResponse:
    """Show whose account this link makes; with the form, make it and sign in. To open the page uses nothing up."""
    secret = request.GET.get("token", "")
    pending = registration.opened(secret) if settings.VARCO.registration else None
    if pending is None:
        return render(request, "account/registration_over.html", status=GONE)
    asked = not _begun_here(request, secret)
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    with translation.override(translation.get_language() if chosen else pending.language):
        form = ConfirmForm(posted(request), pending=pending, asked=asked)
        if request.method == "POST" and form.is_valid():
            return _confirmed(request, secret, pending)
        status = UNPROCESSABLE if request.method == "POST" else 200
        context = {"form": form, "email": pending.email, "asked": asked}
        return render(request, "account/registration_confirm.html", context, status=status)


def _begin(request: HttpRequest, given: dict[str, Any]) -> None:
    """Count it, and begin unless this mailbox got several mails. Raises `ImmediateHttpResponse` for a place that registers very many."""
    places = _places(request)
    if attempts.wait(places):
        raise ImmediateHttpResponse(too_many(request))
    attempts.failed(places)
    password = make_password(str(given["password1"]))  # before anything else, so that it takes as long for everybody
    of_mailbox = {f"registration:mail:{mailbox(str(given['email']))}": MAILS}
    if attempts.wait(of_mailbox):
        return
    attempts.failed(of_mailbox)
    person = NewPerson(
        email=str(given["email"]),
        given_name=str(given["given_name"]),
        family_name=str(given["family_name"]),
        language=translation.get_language() or settings.LANGUAGE_CODE,
        password=password,
        terms_version=settings.VARCO.terms_version,
    )
    digest = registration.begin(person)
    request.session[_BEGUN] = [digest, *request.session.get(_BEGUN, [])][:_KEPT]


def _places(request: HttpRequest) -> Limits:
    ip = str(request.META["REMOTE_ADDR"])
    return {
        f"registration:ip:{client_network(ip)}": FROM_ONE_PLACE,
        f"registration:near:{neighbourhood(ip)}": NEARBY,
    }


def _begun_here(request: HttpRequest, secret: str) -> bool:
    digest = hash_of(secret)
    return any(constant_time_compare(digest, str(each)) for each in request.session.get(_BEGUN, []))


def _confirmed(request: HttpRequest, secret: str, pending: PendingAccount) -> HttpResponse:
    """Make the account, and sign in as nobody else."""
    sandbox = sandbox_of(f"{pending.given_name} {pending.family_name}")
    user = registration.complete(secret, middleware.origin(request), sandbox)
    if user is None:
        return render(request, "account/registration_over.html", status=GONE)
    if isinstance(request.user, User):
        get_adapter(request).logout(request)
    request.session.pop(_BEGUN, None)
    answer: HttpResponse = perform_login(request, user)
    return answer
