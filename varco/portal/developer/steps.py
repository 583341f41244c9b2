"""The steps of a registration: which fields each has, and what is still missing in it.

Nothing is kept about how far somebody got: it follows from what the draft holds, so that it is right whoever edits it, and by
whatever page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco import catalog
from varco.portal.developer.forms import DetailsForm
from varco.protocol.client import AUTHORIZATION_CODE, PUBLIC_TYPES
from varco.registry import validation
from varco.registry.errors import Faults
from varco.registry.fault_codes import RegistrationFault
from varco.registry.models import Application
from varco.registry.registration import Details, Registration


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `fields` are those of its form, where scopes have several each, named after the part before the colon."""

    name: str
    title: Promise
    lead: Promise
    fields: tuple[str, ...] = ()

    def has(self, field: str) -> bool:
        """Whether a field, or a fault of that name, belongs here."""
        return field.partition(":")[0] in self.fields


SCOPE_FIELDS = ("scope", "reason", "reason_it", "required")
ABOUT = Step(
    "about",
    _("About it"),
    _(
        "What people read when they are asked for consent, and where they and we reach you. None of it needs a review later."
    ),
    tuple(name for name in DetailsForm.base_fields if name != "stamp"),
)
SUMMARY = Step(
    "summary", _("Check and submit"), _("Everything once more, as the reviewer sees it, and what is still missing.")
)
STEPS = (
    Step("kind", _("Kind"), _("What runs where decides how it can sign people in, and what it can keep secret."), ("type", "environment", "acts_by_itself")),
    Step("grants", _("Signing in"), _("The ways to sign in that fit this kind of application."), ("grant_types",)),
    Step("redirects", _("Addresses"), _("Where people come back to. Nothing is ever sent anywhere else."), ("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri")),
    Step("scopes", _("Scopes"), _("The most the application can ever ask for. Each user accepts or refuses each one, so choose only what it uses and say why: reviewers and users read the reason."), ("scopes", *SCOPE_FIELDS)),
    Step("claims", _("Claims"), _("What the application may learn about the person who signs in."), ("claims",)),
    ABOUT,
    Step("security", _("Security"), _("How the application proves that it is itself. What stands here already is right for nearly every application."), ("profile", "token_endpoint_auth_method", "pkce_exception", "jwks", "jwks_uri", "token_endpoint_audience", "id_token_alg", "userinfo_alg")),
    SUMMARY,
)  # fmt: skip
"""In their order. A field of the registration or of the details that is in none would be one that nobody can fill in here."""

BY_NAME = {step.name: step for step in STEPS}
_WITH_SECRET = ("token_endpoint_auth_method", "pkce_exception", "jwks", "jwks_uri", "token_endpoint_audience")
_NOT_BEGUN = frozenset(
    {
        RegistrationFault.SCOPE_REASON_MISSING,
        RegistrationFault.GRANT_TYPES_MISSING, RegistrationFault.REDIRECT_URIS_MISSING, RegistrationFault.SCOPES_MISSING,
        RegistrationFault.DESCRIPTION_MISSING, RegistrationFault.PUBLISHER_MISSING, RegistrationFault.CONTACTS_MISSING,
    }
)  # fmt: skip
"""Faults of a field that is empty, or of a reason just begun: no reproach to somebody who has not come to it yet."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a step stands: how much in it is missing or wrong, and its address."""

    step: Step
    address: str
    faults: int
    current: bool

    @property
    def state(self) -> str:
        """As the style sheet names it."""
        if self.current:
            return "current"
        return "ahead" if self.faults or self.step is SUMMARY else "done"


def address_of(application: Application, step: Step) -> str:
    """The address of a step."""
    if step is SUMMARY:
        return reverse("developer:summary", kwargs={"pk": application.pk})
    return reverse("developer:step", kwargs={"pk": application.pk, "name": step.name})


def faults_of(details: Details, registration: Registration) -> Faults:
    """All that keeps a draft from being submitted."""
    return validation.all_faults(details, registration)


def step_of(field: str) -> Step:
    """The step in which a field, or a fault of that name, stands; the summary for what belongs to no field."""
    return next((step for step in STEPS if step.has(field)), SUMMARY)


def field_id(field: str) -> str:
    """The id of a field on the page of its step; scopes as a whole have that of the first one."""
    return f"id_scope:{next(iter(catalog.current().scopes))}" if field == "scopes" else f"id_{field}"


def link_here(field: str) -> str:
    """The link to a field on the same page."""
    return f"#{field_id(field)}"


def address_of_field(application: Application, field: str) -> str:
    """The address of a field in its step."""
    return f"{address_of(application, step_of(field))}#{field_id(field)}"


def within(step: Step, faults: Faults) -> Faults:
    """The faults of one step."""
    return {name: found for name, found in faults.items() if step_of(name) is step}


def begun(faults: Faults) -> Faults:
    """Without those of fields that are merely empty."""
    kept = {name: [fault for fault in found if fault.code not in _NOT_BEGUN] for name, found in faults.items()}
    return {name: found for name, found in kept.items() if found}


def progress(application: Application, current: Step, faults: Faults) -> list[Progress]:
    """Every step with where it stands."""
    return [
        Progress(step, address_of(application, step), sum(map(len, within(step, faults).values())), step is current)
        for step in STEPS
    ]


def next_after(step: Step) -> Step:
    """The step that follows."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def resumed(faults: Faults, remarked: Iterable[str]) -> Step:
    """Where to go on: the first step in which something is missing or was remarked on, else the summary."""
    waiting = {step_of(field) for field in (*faults, *remarked)}
    return next((step for step in STEPS if step in waiting), SUMMARY)


def fitting_fields(step: Step, registration: Registration) -> Iterator[str]:
    """The fields of a step that mean something for this kind of application, and those that hold something all the same."""
    for name in step.fields:
        idle = (
            (name in _WITH_SECRET or (name == "profile" and not registration.profile))
            and registration.type in PUBLIC_TYPES
        ) or (
            name == "redirect_uris"
            and not registration.redirect_uris
            and AUTHORIZATION_CODE not in registration.grant_types
        )
        if not idle:
            yield name
