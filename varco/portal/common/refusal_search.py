"""Looking for a refused request: by its id, its error code, its path, its day (S33)."""

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MILLISECONDS = 1000


class RefusalSearchForm(forms.Form):
    """What a developer looks for among the refusals of one application."""

    words = forms.CharField(
        label=_("Request id, error code or path"),
        required=False,
        max_length=80,
        strip=True,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def between(self) -> tuple[int, int] | None:
        """The day asked for, as it is reckoned on the pages, in epoch milliseconds."""
        day: dt.date | None = self.cleaned_data.get("day")
        if day is None or not dt.date(1970, 1, 2) <= day < dt.date(9999, 1, 1):
            return None
        first, last = (
            timezone.make_aware(dt.datetime.combine(one, dt.time.min)) for one in (day, day + dt.timedelta(days=1))
        )
        return int(first.timestamp()) * MILLISECONDS, int(last.timestamp()) * MILLISECONDS


class RequestIdForm(forms.Form):
    """The one id that an operator was told."""

    request_id = forms.CharField(
        label=_("Request id"),
        required=False,
        max_length=40,
        strip=True,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
