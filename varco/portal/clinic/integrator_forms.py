"""Forms about integrator access."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from varco import catalog
from varco.integrators.models import MAX_PROJECT
from varco.integrators.services import AccessRequest
from varco.portal.common.forms import LenientForm
from varco.portal.templatetags.ui import words


def _day(**options: Any) -> forms.DateField:
    """A day as browsers' own date fields send it."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **options)


class RequestForm(LenientForm):
    """Who, what for, with what, from when to when."""

    email = forms.CharField(
        label=_("E-mail address of the integrator"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The invitation goes there. The access is for this one person."),
    )
    project = forms.CharField(
        label=_("What the access is for"),
        max_length=MAX_PROJECT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The project, the company, and why real data is needed. Support and the integrator read it."),
    )
    sets = forms.MultipleChoiceField(
        label=_("What the integrator may do"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("This is the most they can ever do, with every application."),
    )
    permissions = forms.MultipleChoiceField(
        label=_("Further single permissions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    client_id = forms.CharField(
        label=_("Only with this application (client_id)"),
        required=False,
        max_length=60,
        help_text=_("If the project has one application, give its client_id: the access then works with no other."),
    )
    first_day = _day(label=_("First day"), required=False, help_text=_("Empty: today."))
    last_day = _day(
        label=_("Last day"), help_text=_("It ends at 23:59:59 of that day by itself; at most twelve months ahead.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what the catalogue has."""
        super().__init__(*args, **kwargs)
        known = catalog.current()
        sets: Any = self.fields["sets"]
        sets.choices = [
            (one.name, f"{words(one.label)}: {words(one.sentence)}") for one in known.permission_sets.values()
        ]
        single: Any = self.fields["permissions"]
        single.choices = [(one.name, words(one.label)) for one in known.permissions.values()]

    @property
    def request(self) -> AccessRequest:
        """What was asked for; chosen sets as their permissions."""
        given = self.cleaned_data
        known = catalog.current().permission_sets
        chosen = {name for one in given["sets"] for name in known[one].permissions} | set(given["permissions"])
        return AccessRequest(
            email=given["email"],
            project=given["project"],
            permissions=tuple(sorted(chosen)),
            client_id=given["client_id"].strip(),
            first_day=given["first_day"],
            last_day=given["last_day"],
        )


class LastDayForm(LenientForm):
    """Another last day."""

    last_day = _day(label=_("New last day"))

    @property
    def day(self) -> dt.date | None:
        """The day, if one was given."""
        found: dt.date | None = self.cleaned_data["last_day"]
        return found


class EndForm(LenientForm):
    """The reason of an end."""

    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_PROJECT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the record. The integrator does not see it."),
    )
