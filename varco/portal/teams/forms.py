"""The forms of teams. What may be entered is decided by the services of the registry."""

from django import forms
from django.utils.translation import gettext_lazy as _

from varco.portal.common.forms import LenientForm
from varco.registry.models import TeamMember

ROLE_HELP = _(
    "A viewer reads. A maintainer also changes registrations, answers reviewers and makes secrets. An owner also decides who is in the team, hands applications over and retires them."
)


class TeamForm(LenientForm):
    """What a team is called."""

    name = forms.CharField(
        label=_("Name of the team"),
        max_length=80,
        help_text=_("Reviewers and members read it, and whoever is invited."),
    )


class RoleForm(LenientForm):
    """What a member may do."""

    role = forms.ChoiceField(
        label=_("Role"), choices=TeamMember.Role.choices, widget=forms.RadioSelect, help_text=ROLE_HELP
    )


class TeamInviteForm(RoleForm):
    """An address and a role."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Of an account with the Developer role. You are not told whether there is one."),
    )
    field_order = ("email", "role")


class TransferForm(LenientForm):
    """The team that is to have an application."""

    team = forms.CharField(
        label=_("Id of the other team"),
        max_length=60,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none", "placeholder": "team-"}),
        help_text=_("Its members read it on the page of their team."),
    )
