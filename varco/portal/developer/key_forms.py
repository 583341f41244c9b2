"""The public keys of an application as people give them: pasted as a JWK set, or by the address where they are published."""

import json
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from varco import clock
from varco.portal.common import fault_words
from varco.portal.common.forms import ServiceForm, StampedForm
from varco.protocol.fault import Fault
from varco.registry import secret_overlap
from varco.registry.fault_codes import RegistrationFault
from varco.registry.jwks import holds_secret, public_only
from varco.registry.registration import Registration

KEY_SET_CHARS = 20_000
_PRIVATE_PEM = "PRIVATE KEY-----"


def read_key_set(form: ServiceForm, name: str) -> dict[str, Any] | None:
    """The public members of the key set in a field; one key alone is taken for a set of one.

    Raises `ValidationError`; what holds a private key is emptied too, so that it does not go back over the network.
    """
    text = form.cleaned_data[name].strip()
    if not text:
        return None
    if _PRIVATE_PEM in text:
        raise _private(form, name)
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise forms.ValidationError(_("This is not JSON.")) from None
    if isinstance(read, dict) and "kty" in read and "keys" not in read:
        read = {"keys": [read]}
    key_set = public_only(read)
    if holds_secret(key_set):
        raise _private(form, name)
    return key_set


def _private(form: ServiceForm, name: str) -> forms.ValidationError:
    form.refill(name, "")
    return forms.ValidationError(fault_words.sentence(Fault(RegistrationFault.JWK_PRIVATE)))


class KeysForm(StampedForm):
    """With which keys an application signs: the keys themselves, or their address."""

    jwks = forms.CharField(
        label=_("Public keys"),
        required=False,
        max_length=KEY_SET_CHARS,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_("A JWK set with public keys, each with a kid of its own, five at most. Never paste a private key."),
    )
    jwks_uri = forms.CharField(
        label=_("Or the address where you publish them"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_(
            "We read it when a signature is checked and keep a copy for five minutes. You then change keys without a review."
        ),
    )

    @staticmethod
    def initial_of(registration: Registration) -> dict[str, Any]:
        """Initial values from a registration."""
        jwks = json.dumps(registration.jwks, indent=2) if registration.jwks else ""
        return {"jwks": jwks, "jwks_uri": registration.jwks_uri}

    def clean_jwks(self) -> dict[str, Any] | None:
        """Only the public members of what was pasted."""
        return read_key_set(self, "jwks")


class SecretsEndForm(ServiceForm):
    """When the secrets of an application that signs end."""

    LATEST = -1
    """As late as may be."""

    ends = forms.TypedChoiceField(
        label=_("The secrets end"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (0, _("Now")),
            (1, _("In one day")),
            (3, _("In three days")),
            (7, _("In a week")),
            (14, _("In two weeks")),
            (LATEST, _("30 days after the approval, at the latest")),
        ],
    )

    def __init__(self, *args: Any, latest: int, **kwargs: Any) -> None:
        """Offer what is not later than `latest` (epoch seconds)."""
        super().__init__(*args, **kwargs)
        self.latest, self.now = latest, clock.now()
        field = cast("forms.TypedChoiceField", self.fields["ends"])
        offered = cast("list[Any]", field.choices)
        field.choices = [(days, words) for days, words in offered if self.now + days * secret_overlap.DAY < latest]

    def ends_at(self) -> int:
        """The end that was chosen (epoch seconds)."""
        days: int = self.cleaned_data["ends"]
        return self.latest if days == self.LATEST else self.now + days * secret_overlap.DAY
