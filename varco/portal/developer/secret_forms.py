"""The forms of client secrets: a new one, and one that leaked."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from varco.portal.common.forms import ServiceForm


class SecretForm(ServiceForm):
    """A new client secret."""

    label = forms.CharField(
        label=_("Label"),
        max_length=60,
        help_text=_("Where it will be used, such as “production server”."),
    )
    lifetime = forms.TypedChoiceField(
        label=_("Expires"),
        coerce=int,
        choices=[
            (90, _("In 90 days")),
            (180, _("In 180 days")),
            (365, _("In one year")),
            (730, _("In two years")),
            (0, _("Never")),
        ],
        initial=365,
        help_text=_("Create the next one before it expires: several can be live at once."),
    )
    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the lifetimes within the bound of this installation; a year unless that is too long."""
        super().__init__(*args, **kwargs)
        if bound := settings.VARCO.secret_days:
            field = cast("forms.TypedChoiceField", self.fields["lifetime"])
            short = [(days, words) for days, words in cast("list[Any]", field.choices) if 0 < days <= bound]
            field.choices = short or [(bound, ngettext("In %(days)d day", "In %(days)d days", bound) % {"days": bound})]
            self.initial.setdefault("lifetime", max(days for days, _ in field.choices if days <= max(365, bound)))


class LeakForm(SecretForm):
    """What is done about a secret that leaked: the new one's label and life, the old one's end, and the grants."""

    ends = forms.TypedChoiceField(
        label=_("The old secret ends"),
        coerce=int,
        choices=[(0, _("Now")), (1, _("In one hour")), (24, _("In one day")), (72, _("In three days"))],
        initial=0,
        help_text=_("Until then whoever knows it can use it. A later end gives you time to change your servers."),
    )
    grants = forms.BooleanField(
        label=_("End all access that people have given"),
        required=False,
        help_text=_(
            "Every refresh and access token is refused at once, and people sign in again. Do so if tokens may have leaked too."
        ),
    )
