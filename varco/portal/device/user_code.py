"""Typing a user code: the form, and how often one may try (RFC 8628 §3.3, §5.1)."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.grants import device_approval
from varco.grants.models import DeviceRequest
from varco.network import client_network
from varco.portal.common import attempts
from varco.portal.common.attempts import Limit
from varco.portal.common.request import PortalRequest
from varco.protocol import device_authorization

OF_ONE_PERSON, FROM_ONE_PLACE = Limit(10, 600), Limit(60, 600)
"""Codes that lead nowhere: of one person, and from one address, behind which there may be a whole clinic. With `USER_CODES`
possible and each alive for minutes only, nobody meets a stranger's code (RFC 8628 §5.1)."""


class CodeForm(forms.Form):
    """The user code, in any case and with any punctuation."""

    user_code = forms.CharField(
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Eight letters. Capitals, spaces and hyphens do not matter."),
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "class": "input--code",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "autocorrect": "off",
                "spellcheck": "false",
            }
        ),
    )
    found: DeviceRequest

    def clean_user_code(self) -> str:
        """Look for the request that waits under the code, and return that normalised. Why there is none, a guesser need not know."""
        typed = str(self.cleaned_data["user_code"])
        found = device_approval.find(typed)
        if found is None:
            minutes = device_authorization.LIFETIME // 60
            raise forms.ValidationError(
                _(
                    "This code does not work. Compare it with the one on your device. If it is the same, let the device "
                    "show a new one: a code can be used once, and only for %(minutes)d minutes."
                )
                % {"minutes": minutes}
            )
        self.found = found
        return device_authorization.normalized_user_code(typed) or typed


class WrongCodeError(Exception):
    """The code leads nowhere; `form` says so."""

    def __init__(self, form: CodeForm) -> None:
        super().__init__()
        self.form = form


def prefill(text: str) -> str:
    """A code that came with the address (`verification_uri_complete`, RFC 8628 §3.3.1), as people read it; empty if it is none."""
    typed = device_authorization.normalized_user_code(text)
    return device_authorization.formatted_user_code(typed) if typed else ""


def entered(request: PortalRequest) -> CodeForm:
    """The valid form that was sent. Raises `WrongCodeError`, and `TooManyFailuresError` when there were too many of those."""
    place = client_network(str(request.META["REMOTE_ADDR"]))
    limits = {f"user_code:user:{request.user.pk}": OF_ONE_PERSON, f"user_code:ip:{place}": FROM_ONE_PLACE}

    def prove() -> CodeForm:
        form = CodeForm(request.POST)
        if not form.is_valid():
            raise WrongCodeError(form)
        return form

    return attempts.judge(limits, prove, wrong=WrongCodeError)


def page(request: PortalRequest, form: CodeForm | None = None) -> HttpResponse:
    """The form; with a code from the address it still waits for the person to compare and to go on."""
    given = prefill(request.GET.get("user_code", "")) if form is None else ""
    form = form or CodeForm(initial={"user_code": given})
    return render(request, "device/enter.html", {"form": form, "given": given, "user": request.user})
