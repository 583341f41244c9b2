"""The forms of the account pages: django-allauth's, with our words and without placeholders for labels."""

import struct
from collections.abc import Callable
from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as second_step
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkey
from cryptography.exceptions import InvalidSignature
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from varco.accounts.addresses import canonical
from varco.accounts.models import User
from varco.portal.account import email_change, limits, used_codes
from varco.portal.account.limits import LimitedFactor, LimitedForms, LimitedPassword, LimitedPlace
from varco.validators import ReadableText

# What parsing and checking the bytes of a made-up passkey may raise in fido2, besides the ValueError that allauth expects.
_MALFORMED = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input--code", "spellcheck": "false"}


class Worded:
    """Gives fields the labels and help of `words` (name → label, help), and takes placeholders away."""

    words: dict[str, tuple[Any, Any]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]


class OneTimeCode:
    """Accepts the code of an app once, whichever form it is sent with; recovery codes see to that themselves."""

    user: User

    def clean_code(self) -> str:
        """Check the code and use it up."""
        code = str(super().clean_code())  # type: ignore[misc]
        factor = getattr(self, "authenticator", None)  # a form that sets an app up has none yet
        of_app = factor is None or factor.type == Authenticator.Type.TOTP
        if of_app and not used_codes.use(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


_EMAIL = _("E-mail address")
_NEW = (
    _("New password"),
    _("At least 15 characters; 8 are enough with two-step sign-in. Several words are easy to remember."),
)
_REPEAT = (_("New password again"), "")


class LoginForm(LimitedForms, Worded, account.LoginForm):
    """Sign-in."""

    words = {"login": (_EMAIL, ""), "password": (_("Password"), "")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        # An application that knows who is coming says so (OpenID Connect Core §3.1.2.1 login_hint).
        hint = self.request.GET.get("login_hint", "").replace("\0", "")
        self.initial.setdefault("login", hint[:254])

    def clean_login(self) -> str:
        """Look for the address in the form in which accounts are kept."""
        return canonical(str(super().clean_login()))


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    """The password again, before something sensitive."""

    words = {"password": (_("Password"), "")}


class ResetPasswordForm(Worded, account.ResetPasswordForm):
    """Asking for a link to choose a new password."""

    words = {"email": (_EMAIL, "")}

    def save(self, request: HttpRequest, **facts: Any) -> str:
        """Send the link, unless this address got several of late; an address that nobody has costs the same work."""
        email = str(self.cleaned_data["email"])
        if not limits.may_send_link(request, email):
            return email
        if self.users:
            return str(super().save(request, **facts))
        with transaction.atomic():
            stranger = User(pk=0, email=email)
            key = get_random_string(40)
            words = {
                "user": stranger,
                "password_reset_url": account_adapter().get_reset_password_from_key_url(f"0-{key}"),
            }
            account_adapter().send_password_reset_mail(stranger, email, words | {"key": key, "request": request})
            transaction.set_rollback(True)
        return email


class ChangePasswordForm(LimitedPassword, Worded, account.ChangePasswordForm):
    """A new password for somebody signed in."""

    words = {"oldpassword": (_("Current password"), ""), "password1": _NEW, "password2": _REPEAT}


class SetPasswordForm(Worded, account.SetPasswordForm):
    """A first password."""

    words = {"password1": _NEW, "password2": _REPEAT}


class ResetPasswordKeyForm(Worded, account.ResetPasswordKeyForm):
    """A new password for somebody who came by a link."""

    words = {"password1": _NEW, "password2": _REPEAT}


class AddEmailForm(Worded, account.AddEmailForm):
    """Another e-mail address for the account."""

    words = {
        "email": (_("New e-mail address"), _("You get a mail there with a link; until you follow it, nothing changes."))
    }

    def clean_email(self) -> str:
        """Check the address; the one that waits to be confirmed may be entered again."""
        email = canonical(str(self.cleaned_data["email"]))
        waiting = EmailAddress.objects.get_new(self.user)
        return email if waiting is not None and waiting.email == email else str(super().clean_email())

    def save(self, request: HttpRequest) -> EmailAddress:
        """Keep the address and send its link, or say why no mail was sent."""
        return email_change.change(request, self.cleaned_data["email"])


class AuthenticateForm(LimitedFactor, OneTimeCode, Worded, second_step.AuthenticateForm):
    """The second step of sign-in."""

    words = {"code": (_("Code"), _("The six digits your app shows, or one of your recovery codes."))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= _CODE


class SecondStepReauthenticateForm(LimitedFactor, OneTimeCode, Worded, second_step.ReauthenticateForm):
    """A code again, before something sensitive."""

    words = {"code": (_("Code"), _("The six digits your app shows, or one of your recovery codes."))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= _CODE


class ActivateTOTPForm(LimitedFactor, OneTimeCode, Worded, totp.ActivateTOTPForm):
    """The first code of a new authenticator app."""

    words = {"code": (_("Code"), _("The six digits the app shows now."))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= _CODE


class Parsed:
    """Makes whatever a made-up passkey does to its parser a fault of the form."""

    def clean(self) -> Any:
        """Check the whole form."""
        return _checked(super().clean)  # type: ignore[misc]

    def clean_credential(self) -> Any:
        """Check the passkey by itself, where allauth does."""
        check = getattr(super(), "clean_credential", None)
        return _checked(check) if check else self.cleaned_data["credential"]  # type: ignore[attr-defined]


def _checked(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except forms.ValidationError as fault:
        if fault.code == "incorrect_code":  # allauth has one word for codes and passkeys
            raise get_adapter().validation_error("incorrect_passkey") from None
        raise
    except _MALFORMED:
        raise get_adapter().validation_error("incorrect_passkey") from None


class LoginWebAuthnForm(LimitedPlace, Parsed, passkey.LoginWebAuthnForm):
    """A passkey in the place of the address, the password and the second step."""


class AuthenticateWebAuthnForm(LimitedFactor, Parsed, passkey.AuthenticateWebAuthnForm):
    """A passkey as the second step of sign-in."""


class ReauthenticateWebAuthnForm(LimitedFactor, Parsed, passkey.ReauthenticateWebAuthnForm):
    """A passkey again, before something sensitive."""


class PasskeyName(Worded):
    """A name of a passkey, which its owner alone reads: one line of what can be seen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(ReadableText())


class AddWebAuthnForm(PasskeyName, Parsed, passkey.AddWebAuthnForm):
    """A new passkey. Whether it signs in by itself too is not asked: one that can, may."""

    passwordless = None
    words = {"name": (_("Name"), _("To tell it from others later, such as “Office laptop”."))}


class EditWebAuthnForm(PasskeyName, passkey.EditWebAuthnForm):
    """Another name for a passkey."""

    words = {"name": (_("Name"), "")}


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg] # not subscriptable at run time
    """One's own name and language."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("given_name", "family_name", "language")
        labels = {"given_name": _("First name"), "family_name": _("Last name")}
        widgets = {
            "given_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "family_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }
