"""The forms of the review desk. What is needed for a decision is decided by `registry.services`."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from varco.accounts.models import User
from varco.portal.common import remark_words
from varco.portal.common.forms import LenientForm, ServiceForm
from varco.registry.models import Application, Revision
from varco.registry.reasons import Reason
from varco.registry.services.texts import MAX_REMARK

MAX_TEXT = 4000
REMARK = "remark:"
"""Before the name of a field, the name of what is remarked on it."""


class DecisionForm(ServiceForm):
    """Reasons, words, remarks on fields and the stamp of what the reviewer read; the button pressed is the decision."""

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As for every form, with a remark for each field of a registration."""
        super().__init__(*args, **kwargs)
        for field, label in remark_words.labels().items():
            self.fields[REMARK + field] = forms.CharField(label=label, required=False, max_length=MAX_REMARK)

    def compare(self) -> None:
        """Nothing of a decision is saved before it is taken, so there is nothing to compare with."""

    @property
    def remarks(self) -> dict[str, str]:
        """The remarks entered, by field; of a form that is valid."""
        return {
            name.removeprefix(REMARK): value
            for name, value in self.cleaned_data.items()
            if name.startswith(REMARK) and value
        }

    @property
    def remarks_sent(self) -> dict[str, str]:
        """The remarks as they were sent, valid or not, by field."""
        sent = {name: str(self.data.get(name) or "").strip() for name in self.fields if name.startswith(REMARK)}
        return {name.removeprefix(REMARK): value for name, value in sent.items() if value}


class ReviewMessageForm(LenientForm):
    """What is written in the thread, or kept as a note; the button pressed says which."""

    text = forms.CharField(label=_("Text"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 4}))


class AssignForm(ServiceForm):
    """Who reviews it, from those who may."""

    assignee = forms.ChoiceField(label=_("Reviewed by"), required=False)
    stamp = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, deciders: Sequence[User], *args: Any, **kwargs: Any) -> None:
        """`deciders` are offered."""
        super().__init__(*args, auto_id="assign_%s", **kwargs)
        names = [(person.public_id, person.name) for person in deciders]
        self.fields["assignee"] = forms.ChoiceField(
            label=_("Reviewed by"), required=False, choices=[("", _("Nobody")), *names]
        )


class ReasonForm(LenientForm):
    """The reason for which an application is suspended, or restored."""

    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is mailed to the developer and stays in the timeline."),
    )


class AppointForm(LenientForm):
    """Who is to own a team that nobody can act for."""

    email = forms.CharField(
        label=_("E-mail address of the developer"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is mailed to everybody in the team and stays in the record."),
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
        label=_("Risk"), required=False, choices=[("", _("Any risk")), ("high", _("Blockers, or changes of high risk"))]
    )

    def narrowing(self) -> dict[str, Any]:
        """The arguments of the search, without those that are empty or make no sense."""
        self.full_clean()
        entered = {name: value for name, value in self.cleaned_data.items() if value}
        if entered.pop("risk", ""):
            entered["high_risk"] = True
        return entered


class WaitingForm(QueueForm):
    """Narrowing the queue by who reviews, too."""

    reviewer = forms.ChoiceField(
        label=_("Reviewed by"),
        required=False,
        choices=[("", _("Anybody or nobody")), ("me", _("Me")), ("nobody", _("Nobody yet"))],
    )


class SearchForm(QueueForm):
    """Finding one application among all."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=lambda: [("", _("Any state")), *Application.State.choices]
    )
    developer = forms.CharField(label=_("Developer's whole e-mail address"), required=False, max_length=254)
    field_order = ("words", "state", "environment", "risk", "developer")
