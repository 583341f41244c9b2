"""The page of an act that is asked once more: what it does, the form with its reason, and the way back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from varco.people.models import MAX_REASON
from varco.portal.common.forms import LenientForm, ServiceForm, answered
from varco.validators import ReadableText


class ReasonForm(LenientForm):
    """The reason of an act."""

    text = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[ReadableText(lines=True)],
        help_text=_("It stays in the record."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the page says: `crumbs` lead to it (words and address), `points` are what happens, one sentence each."""

    title: str
    heading: str
    crumbs: Sequence[tuple[str, str]]
    button: str
    back: str
    points: Sequence[str] = ()
    intro: str = ""
    note: str = ""
    danger: bool = False


def act_page(request: HttpRequest, act: Act, form: ServiceForm, do: Callable[[], HttpResponse]) -> HttpResponse:
    """Show the page, or for a POST do it."""
    return answered(request, form, do, lambda: render(request, "common/act.html", {"act": act, "form": form}))
