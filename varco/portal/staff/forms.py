"""The forms of the review desk. What is needed for a decision is decided by `registry.services`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from varco.portal.common.forms import LenientForm, ServiceForm
from varco.registry.models import Application, Revision
from varco.registry.reasons import Reason

MAX_TEXT = 4000


class DecisionForm(ServiceForm):
    """Reasons, words and the stamp of what the reviewer read; the button pressed is the decision."""

    codes = forms.MultipleChoiceField(
        label=_("Reasons"),
        choices=Reason.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Needed to request changes or to reject."),
    )
    text = forms.CharField(
        label=_("Message to the developer"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is wrong and what to do about it. It is mailed and stays in the timeline."),
    )
    stamp = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class ReasonForm(LenientForm):
    """The reason for which an application is suspended, or restored."""

    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is mailed to the developer and stays in the timeline."),
    )


class PkceForm(LenientForm):
    """The exception for a client that cannot do PKCE."""

    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It stays in the timeline, where the developer can read it."),
    )
    required = forms.BooleanField(label=_("PKCE is required"), required=False)


class QueueForm(forms.Form):
    """Narrowing the queue. What cannot be read narrows nothing."""

    words = forms.CharField(label=_("Name, publisher, client_id or developer"), required=False, max_length=100)
    environment = forms.ChoiceField(
        label=_("Environment"),
        required=False,
        choices=lambda: [("", _("Any environment")), *Revision.Environment.choices],
    )
    risk = forms.ChoiceField(
        label=_("Risk"), required=False, choices=[("", _("Any risk")), ("high", _("Findings of high risk"))]
    )

    def narrowing(self) -> dict[str, Any]:
        """The arguments of the search, without those that are empty or make no sense."""
        self.full_clean()
        entered = {name: value for name, value in self.cleaned_data.items() if value}
        if entered.pop("risk", ""):
            entered["high_risk"] = True
        return entered


class SearchForm(QueueForm):
    """Finding one application among all."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=lambda: [("", _("Any state")), *Application.State.choices]
    )
    developer = forms.CharField(label=_("Developer's whole e-mail address"), required=False, max_length=254)
    field_order = ("words", "state", "environment", "risk", "developer")
