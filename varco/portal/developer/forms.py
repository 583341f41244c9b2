"""The forms of a registration. They only parse; what is right or wrong is decided by `registry.validation`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from varco import catalog
from varco.catalog import Scope
from varco.portal.common.forms import LenientForm, StampedForm
from varco.portal.common.registration_difference import auth_method_label, grant_label, profile_label
from varco.portal.developer.key_forms import KEY_SET_CHARS, read_key_set
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.registry.errors import Faults
from varco.registry.models import Revision, Team
from varco.registry.registration import (
    AUTH_METHODS,
    PROFILES,
    Details,
    Registration,
    ScopeRequest,
)

LIST_CHARS = 50_000


def lines(text: str) -> tuple[str, ...]:
    """One entry a line, without blanks around and empty lines."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


class DetailsForm(StampedForm):
    """What a developer may change without a review."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("People see it when they are asked for consent.")
    )
    publisher = forms.CharField(
        label=_("Publisher"), max_length=120, help_text=_("The company or person that offers the application.")
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What it does and for whom, in a few sentences."),
    )
    description_it = forms.CharField(
        label=_("Description in Italian"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "it"}),
        help_text=_("People read it in their language; where one is missing, in the other."),
    )
    product = forms.CharField(
        label=_("Product"),
        required=False,
        max_length=80,
        help_text=_("Registrations with the same product stand together in your list."),
    )
    contacts = forms.CharField(
        label=_("Contacts"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "email"}),
        help_text=_("E-mail addresses where we reach you about this application, one a line."),
    )
    home_url = forms.CharField(
        label=_("Home page"), required=False, max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )
    privacy_url = forms.CharField(
        label=_("Privacy policy"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def marked_for(self, environment: str) -> Self:
        """The form with those fields marked that a registration for an environment needs."""
        self.fields["description"].required = environment != Revision.Environment.DEVELOPMENT
        return self

    @staticmethod
    def initial_of(details: Details) -> dict[str, Any]:
        """Initial values from the details an application has."""
        return details.columns() | {"contacts": "\n".join(details.contacts)}

    def details(self) -> Details:
        """What was entered."""
        entered = {
            name: self.cleaned_data[name] for name in DetailsForm.base_fields if name not in {"stamp", "contacts"}
        }
        return Details(**entered, contacts=lines(self.cleaned_data["contacts"]))


TYPE_HELP: dict[str, str | Promise] = {
    "web": _("It runs on a server of yours and can keep a secret."),
    "spa": _("It runs wholly in the browser and cannot keep a secret."),
    "native": _("It is installed on a phone or computer and cannot keep a secret."),
    "device": _("It has no screen or browser: people confirm on another device."),
}
PROFILE_HELP: dict[str, str | Promise] = {
    "": _("Right for nearly every application: authorization code with PKCE, as OAuth 2.0 is best used today."),
    "fapi2": _(
        "For web applications under stricter rules, such as the exchange of health records between institutions."
    ),
}


def explained(label: object, text: object) -> SafeString:
    """A choice with a line of explanation under it."""
    return format_html('{}<span class="choice__help">{}</span>', label, text)


@dataclass(frozen=True, slots=True)
class ScopeFields:
    """The fields of one scope, for the template."""

    scope: Scope
    label: str
    requested: forms.BoundField
    reason: forms.BoundField
    reason_it: forms.BoundField
    required: forms.BoundField


class RegistrationForm(StampedForm):
    """What is reviewed."""

    type = forms.ChoiceField(
        label=_("What kind of application is it?"),
        choices=Revision.Type.choices,
        widget=forms.RadioSelect,
        initial="web",
    )
    environment = forms.ChoiceField(
        label=_("What is this registration for?"),
        choices=Revision.Environment.choices,
        widget=forms.RadioSelect,
        initial="development",
        help_text=_("Register each environment separately: one client must not open both tests and production."),
    )
    acts_by_itself = forms.BooleanField(
        label=_("It acts by itself"),
        required=False,
        help_text=_("An agent or a batch job, at work while nobody watches. People read it before they agree."),
    )
    grant_types = forms.MultipleChoiceField(
        label=_("How do people sign in to it?"),
        widget=forms.CheckboxSelectMultiple,
        initial=[AUTHORIZATION_CODE],
        help_text=_(
            "A device without a screen uses the device code, everything else the authorization code; a native application may use both."
        ),
    )
    redirect_uris = forms.CharField(
        label=_("Redirect URIs"),
        max_length=LIST_CHARS,
        widget=forms.Textarea(
            attrs={"rows": 3, "spellcheck": "false", "placeholder": "https://app.example.com/callback"}
        ),
        help_text=_(
            "Where people come back to after signing in, one a line. They are compared character by character."
        ),
    )
    post_logout_redirect_uris = forms.CharField(
        label=_("Redirect URIs after logout"),
        required=False,
        max_length=LIST_CHARS,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("Where people come back to after signing out, one a line."),
    )
    backchannel_logout_uri = forms.CharField(
        label=_("Back-channel logout URI"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("Where our server tells yours that somebody has signed out."),
    )
    profile = forms.ChoiceField(label=_("Security profile"), required=False, widget=forms.RadioSelect, initial="")
    token_endpoint_auth_method = forms.ChoiceField(
        label=_("How does the application authenticate?"),
        help_text=_("Only a web application can; the others are protected by PKCE alone."),
    )
    jwks = forms.CharField(
        label=_("Public keys"),
        required=False,
        max_length=KEY_SET_CHARS,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("Only for private_key_jwt: a JWK set with public keys. Never paste a private key."),
    )
    jwks_uri = forms.CharField(
        label=_("Address of the public keys"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("Only for private_key_jwt, instead of the keys themselves."),
    )
    token_endpoint_audience = forms.BooleanField(
        label=_("Its library signs assertions for the address of the token endpoint"),
        required=False,
        help_text=_(
            "Only for private_key_jwt, and not under FAPI 2.0. Leave it off if the library can sign for the issuer: an address of ours as audience can be asked for by a hostile server."
        ),
    )
    pkce_exception = forms.CharField(
        label=_("Why its library cannot use PKCE"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Leave it empty if it can: nearly every library does. Otherwise say which one cannot and why; once an administrator has approved it, the application may send nonce instead, with the scope openid. Only for web applications, and not under FAPI 2.0."
        ),
    )
    id_token_alg = forms.ChoiceField(
        label=_("Signature of ID tokens"),
        choices=[(name, name) for name in ALGORITHMS],
        initial="RS256",
        help_text=_("Leave RS256 unless your library asks for another; FAPI 2.0 needs one of the others."),
    )
    userinfo_alg = forms.ChoiceField(
        label=_("Signature of UserInfo"),
        required=False,
        help_text=_("Leave it unsigned unless you pass the answer on to somebody who has to check where it came from."),
    )
    claims = forms.MultipleChoiceField(
        label=_("Claims it may ask for"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, base: Registration | None = None, scopes: bool = True, **kwargs: Any) -> None:
        """Fill the choices from the catalogue; `base` keeps what the form has no field for, such as the `scopes` where it leaves them out."""
        super().__init__(*args, **kwargs)
        self.base = base or Registration(type="web")
        language = get_language() or "en"
        self.choices("type", [(key, explained(label, TYPE_HELP[key])) for key, label in Revision.Type.choices])
        self.choices("grant_types", [(name, grant_label(name)) for name in (AUTHORIZATION_CODE, DEVICE_CODE)])
        self.choices("profile", [(name, explained(profile_label(name), PROFILE_HELP[name])) for name in PROFILES])
        self.choices("token_endpoint_auth_method", [(name, auth_method_label(name)) for name in AUTH_METHODS["web"]])
        self.choices("userinfo_alg", [("", gettext("Not signed, plain JSON")), *((name, name) for name in ALGORITHMS)])
        claims = catalog.current().claims.values()
        self.choices("claims", [(claim.name, claim.sentence.in_language(language)) for claim in claims])
        if scopes:
            self._add_scopes(language)

    def _add_scopes(self, language: str) -> None:
        """The fields of each scope of the catalogue."""
        for scope in catalog.current().scopes.values():
            label = scope.label.in_language(language)
            self.fields[f"scope:{scope.name}"] = forms.BooleanField(
                label=label, required=False, help_text=scope.sentence.in_language(language)
            )
            self.fields[f"reason:{scope.name}"] = forms.CharField(
                label=gettext("Why it needs %(name)s") % {"name": scope.name},
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "cols": False}),  # their width is the style sheet's
            )
            self.fields[f"reason_it:{scope.name}"] = forms.CharField(
                label=gettext("%(name)s: the reason in Italian") % {"name": scope.name},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "cols": False, "lang": "it"}),
            )
            self.fields[f"required:{scope.name}"] = forms.BooleanField(
                label=_("The application is of no use without it"), required=False
            )

    def choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Set the choices of a field in the reader's language."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def scope_rows(self) -> Iterator[ScopeFields]:
        """The scopes of the catalogue with their fields."""
        for scope in catalog.current().scopes.values():
            label = scope.label.in_language(get_language() or "en")
            yield ScopeFields(
                scope, label, *(self[f"{kind}:{scope.name}"] for kind in ("scope", "reason", "reason_it", "required"))
            )

    def show(self, faults: Faults) -> None:
        """As for every form; the faults of the scopes as a whole stand at the first scope."""
        first = f"scope:{next(iter(catalog.current().scopes))}"
        super().show({first if name == "scopes" else name: found for name, found in faults.items()})

    @staticmethod
    def initial_of(registration: Registration) -> dict[str, Any]:
        """Initial values from a registration."""
        initial = registration.columns() | {
            "redirect_uris": "\n".join(registration.redirect_uris),
            "post_logout_redirect_uris": "\n".join(registration.post_logout_redirect_uris),
            "jwks": json.dumps(registration.jwks, indent=2) if registration.jwks else "",
        }
        for scope in registration.scopes:
            initial |= {
                f"scope:{scope.name}": True,
                f"reason:{scope.name}": scope.reason,
                f"reason_it:{scope.name}": scope.reason_it,
                f"required:{scope.name}": scope.required,
            }
        return initial

    def clean_jwks(self) -> dict[str, Any] | None:
        """Only the public members of what was pasted."""
        return read_key_set(self, "jwks")

    def registration(self) -> Registration:
        """What was entered, completed as `Registration.normalised` does."""
        entered = self.cleaned_data
        scopes = tuple(
            ScopeRequest(name, entered[f"reason:{name}"], entered[f"required:{name}"], entered[f"reason_it:{name}"])
            for name in catalog.current().scopes
            if entered[f"scope:{name}"]
        )
        method = entered["token_endpoint_auth_method"]
        return replace(
            self.base,
            type=entered["type"],
            environment=entered["environment"],
            acts_by_itself=entered["acts_by_itself"],
            grant_types=tuple(entered["grant_types"]),
            redirect_uris=lines(entered["redirect_uris"]),
            post_logout_redirect_uris=lines(entered["post_logout_redirect_uris"]),
            backchannel_logout_uri=entered["backchannel_logout_uri"],
            scopes=scopes,
            claims=tuple(entered["claims"]),
            profile=entered["profile"],
            token_endpoint_auth_method=method,
            id_token_alg=entered["id_token_alg"],
            userinfo_alg=entered["userinfo_alg"],
            jwks=entered["jwks"],
            jwks_uri=entered["jwks_uri"],
            token_endpoint_audience=entered["token_endpoint_audience"],
            pkce_exception=entered["pkce_exception"],
        ).normalised()


class TeamChoice(LenientForm):
    """The team that a new application is to have; asked only of whoever has several."""

    team = forms.ChoiceField(label=_("Team"), help_text=_("Its members see the application and work on it."))

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {team.public_id: team for team in teams}
        self.fields["team"].choices = [(key, team.name) for key, team in self.teams.items()]  # type: ignore[attr-defined]

    @property
    def asks(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.teams) > 1

    def chosen(self) -> Team | None:
        """The team chosen, if any was."""
        return self.teams.get(str(self.cleaned_data.get("team") or ""))


class TenantForm(StampedForm):
    """A clinic that may use an application."""

    tenant_id = forms.CharField(
        label=_("Id of the medical centre"),
        max_length=60,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none", "placeholder": "tenant-"}),
        help_text=_("Its manager can tell you, and so does /v2/userinfo for people who have signed in."),
    )
