"""Forms that narrow lists, and those of clinics."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco.audit.queries import PLATFORM_TAGS
from varco.mail.queries import STATES
from varco.people.models import MAX_REASON
from varco.portal.common.forms import LenientForm
from varco.portal.common.zones import ZoneField
from varco.tenants.models import Tenant
from varco.validators import ReadableText

MAIL_STATES: Mapping[str, tuple[str, Promise]] = {
    "waiting": ("waiting", _("Waiting")),
    "failed": ("waiting", _("Failed, to be tried again")),
    "given_up": ("danger", _("Given up")),
    "sent": ("success", _("Sent")),
}
"""A chip's kind and words for each state of a mail."""


class Narrowing(forms.Form):
    """A form that narrows a list. What cannot be read narrows nothing."""

    def narrowing(self) -> dict[str, Any]:
        """What was entered and makes sense."""
        self.full_clean()
        return {
            name: value.replace("\0", "") if isinstance(value, str) else value
            for name, value in self.cleaned_data.items()
            if value
        }


class UsersForm(Narrowing):
    """Finding accounts."""

    words = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=200)
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[
            ("", _("Any role")),
            ("operator", _("Operator")),
            ("support", _("Support")),
            ("developer", _("Developer")),
        ],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Any state")),
            ("active", _("May sign in")),
            ("invited", _("No password yet")),
            ("locked", _("Locked")),
        ],
    )


class TenantsForm(Narrowing):
    """Finding medical centres."""

    words = forms.CharField(label=_("Name or id"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=lambda: [("", _("Any state")), *Tenant.State.choices]
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=lambda: [("", _("Any kind")), *Tenant.Kind.choices]
    )


class TenantForm(LenientForm):
    """A new medical centre and who is to answer for it."""

    name = forms.CharField(label=_("Name of the centre"), max_length=120, validators=[ReadableText()])
    kind = forms.ChoiceField(
        label=_("Kind"), choices=lambda: Tenant.Kind.choices, widget=forms.RadioSelect, initial=Tenant.Kind.PRODUCTION
    )
    public_id = forms.CharField(
        label=_("Its id in addresses and tokens"),
        max_length=40,
        required=False,
        help_text=_("Small letters, digits, dots, dashes and underscores; a random one if empty. It never changes."),
    )
    zone = ZoneField(label=_("Time zone"))
    email = forms.CharField(
        label=_("E-mail address of its first manager"),
        max_length=254,
        widget=forms.EmailInput,
        help_text=_("They get a mail with a link by which they join, and invite the others."),
    )
    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[ReadableText(lines=True)],
        help_text=_("It stays in the record: the contract, or whose request this is."),
    )


class ManagerForm(LenientForm):
    """Who is to answer for a centre."""

    email = forms.CharField(label=_("E-mail address"), max_length=254, widget=forms.EmailInput)
    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[ReadableText(lines=True)],
        help_text=_("It stays in the record."),
    )


class AuditForm(Narrowing):
    """Searching the record."""

    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=254,
        help_text=_("E-mail address or user id; who acted, or whom it concerns."),
    )
    tag = forms.ChoiceField(
        label=_("Act"),
        required=False,
        choices=lambda: [("", _("Any act")), *((tag.value, tag.value) for tag in PLATFORM_TAGS)],
    )
    tenant = forms.CharField(label=_("Medical centre"), required=False, max_length=40, help_text=_("Its id."))
    application = forms.CharField(label=_("Application"), required=False, max_length=60, help_text=_("Its client_id."))
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To, that day included"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def between(self) -> tuple[int | None, int | None]:
        """The days as epoch milliseconds, end excluded, by the clocks of the portal."""
        entered, zone = self.narrowing(), ZoneInfo(settings.TIME_ZONE)

        def at(name: str, days: int) -> int | None:
            day = entered.get(name)
            if day is None or not 2000 <= day.year <= 3000:
                return None
            return int(datetime.combine(day + timedelta(days=days), time(), zone).timestamp()) * 1000

        return at("since", 0), at("until", 1)


class MailForm(Narrowing):
    """Finding mail."""

    to = forms.CharField(label=_("E-mail address"), required=False, max_length=254)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=lambda: [("", _("Any state")), *((name, MAIL_STATES[name][1]) for name in STATES)],
    )
