"""The form of a new sandbox. What may be entered is decided by the services."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from varco.portal.common.forms import LenientForm
from varco.registry.models import Sandbox, Team

SEEDS = (
    (Sandbox.Seed.SMALL, _("Small: 50 patients and two agendas")),
    (Sandbox.Seed.BUSY, _("Busy: 5,000 patients and two agendas")),
    (Sandbox.Seed.EMPTY, _("Empty: the users alone")),
)


class SandboxForm(LenientForm):
    """What a sandbox is called, whose it is, and what is in it."""

    name = forms.CharField(
        label=_("Name of the sandbox"),
        max_length=80,
        help_text=_("As the consent page calls the medical centre."),
    )
    seed = forms.ChoiceField(
        label=_("What is in it"), choices=SEEDS, widget=forms.RadioSelect, initial=Sandbox.Seed.SMALL
    )
    number = forms.IntegerField(
        label=_("Seed number"),
        required=False,
        help_text=_("The same number makes the same patients again. Leave it empty for any."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, teams: Sequence[Team], *args: Any, **kwargs: Any) -> None:
        """A form that offers these teams."""
        super().__init__(*args, **kwargs)
        if teams:  # else one of their own comes with it
            choices = [(team.public_id, team.name) for team in teams]
            self.fields["team"] = forms.ChoiceField(
                label=_("Team"),
                choices=choices,
                help_text=_("Its applications work there, and its members see it."),
            )
