"""The forms of a clinic's manager. What may be entered is decided by `varco.people`."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from varco import catalog
from varco.people.models import MAX_REASON
from varco.portal.common.forms import LenientForm, StampedForm
from varco.portal.common.zones import ZoneField
from varco.validators import ReadableText

AS_THE_ROLE, CUSTOM = "role", "custom"


def in_words(words: catalog.Words) -> str:
    """A text of the catalogue in the reader's language."""
    return words.in_language(get_language() or "en")


def role_choices() -> Iterable[tuple[str, str]]:
    """The roles that a manager gives, each with what it may do."""
    known = catalog.current()
    for role in known.roles.values():
        if not role.temporary:
            yield role.name, in_words(role.label)


def permission_choices() -> Iterable[tuple[str, str]]:
    """Every permission in words."""
    return [(item.name, in_words(item.label)) for item in catalog.current().permissions.values()]


class MemberFields(forms.Form):
    """Role and permissions."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices, widget=forms.RadioSelect)
    custom = forms.ChoiceField(
        label=_("Permissions"),
        choices=[(AS_THE_ROLE, _("As the role has them")), (CUSTOM, _("Those ticked here"))],
        widget=forms.RadioSelect,
        initial=AS_THE_ROLE,
    )
    permissions = forms.MultipleChoiceField(
        label=_("Permissions of this person"),
        choices=permission_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They count only where “Those ticked here” is chosen."),
    )

    def wanted(self) -> tuple[str, tuple[str, ...]]:
        """The role and the permissions chosen."""
        name = str(self.cleaned_data["role"])
        role = catalog.current().roles.get(name)
        chosen = tuple(self.cleaned_data["permissions"])
        return name, role.permissions if role and self.cleaned_data["custom"] != CUSTOM else chosen


class InviteForm(LenientForm, MemberFields):
    """Whom to invite as what."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("They get a mail with a link that works once, and for seven days."),
    )
    field_order = ("email", "role", "custom", "permissions")


class MemberForm(StampedForm, MemberFields):
    """Another role, other permissions."""

    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[ReadableText(lines=True)],
        required=False,
        help_text=_("It stays in the record. Needed where you give a permission to yourself."),
    )
    field_order = ("role", "custom", "permissions", "text", "stamp")


class SettingsForm(LenientForm):
    """What a centre says of itself."""

    name = forms.CharField(
        label=_("Name of the centre"),
        max_length=120,
        validators=[ReadableText()],
        help_text=_("It stands on the consent page and in mails to your people."),
    )
    place = forms.CharField(
        validators=[ReadableText()],
        label=_("Municipality"),
        max_length=80,
        required=False,
        help_text=_("Where the centre is, such as Milano (MI)."),
    )
    zone = ZoneField(label=_("Time zone"), help_text=_("Temporary access ends at midnight by these clocks."))
    local_holiday = forms.CharField(
        label=_("Local holiday"),
        max_length=5,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "12-07"}),
        help_text=_("Month and day of the patron saint, such as 12-07. Italy's public holidays count already."),
    )
    dpo_name = forms.CharField(
        label=_("Data protection officer"), max_length=120, required=False, validators=[ReadableText()]
    )
    dpo_email = forms.CharField(
        label=_("Their e-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput,
        help_text=_("They are told when a manager gives a permission to themselves, also without an account here."),
    )


def initial(role: str, permissions: str) -> dict[str, Any]:
    """What `MemberFields` begin with for somebody who has these."""
    known, held = catalog.current().roles.get(role), permissions.split()
    usual = known is not None and set(known.permissions) == set(held)
    return {"role": role, "custom": AS_THE_ROLE if usual else CUSTOM, "permissions": held}
