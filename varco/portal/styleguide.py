"""`/styleguide`: every component on one page (demo only)."""

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from varco import clock
from varco.portal.common.page import ANYONE, page
from varco.portal.templatetags import icons

HOUR_MS = 3_600_000
COLOURS = ("ground", "paper", "sunken", "ink", "muted", "line", "accent", "success", "waiting", "danger", "band", "eye")
SAMPLE = """
curl -X POST https://login.example.org/oauth2/token \\
  -u "varco-3f9a1c52d08e7b64:$CLIENT_SECRET" \\
  -d grant_type=authorization_code -d code=…
"""


class SampleForm(forms.Form):
    """One field of each kind, one of them at fault."""

    name = forms.CharField(label=_("Name"), help_text=_("As people will see it."), max_length=80)
    address = forms.CharField(label=_("Redirect URI"), required=False)
    kind = forms.ChoiceField(
        label=_("Type"), choices=[("web", _("Web application")), ("spa", _("Single-page application"))]
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    environment = forms.ChoiceField(
        label=_("Environment"),
        widget=forms.RadioSelect,
        choices=[("production", _("Production")), ("staging", _("Staging"))],
    )
    agreed = forms.BooleanField(label=_("I have read it"), help_text=_("It is short."), required=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the sample timeline."""

    at_ms: int
    title: object
    actor: str = ""
    text: object = ""
    kind: str = ""


def _timeline() -> list[Entry]:
    now = clock.now_ms()
    return [
        Entry(now - HOUR_MS, _("Approved"), "Olga Operator", "", "success"),
        Entry(
            now - 5 * HOUR_MS,
            _("Changes requested"),
            "Olga Operator",
            _("Please use one redirect URI per environment."),
            "waiting",
        ),
        Entry(now - 30 * HOUR_MS, _("Submitted"), "Davide Developer", "", "info"),
        Entry(now - 31 * HOUR_MS, _("Created"), "Davide Developer"),
    ]


@page(ANYONE, "GET")
def styleguide(request: HttpRequest) -> HttpResponse:
    """The style guide."""
    form = SampleForm({"name": "", "kind": "web", "address": "https://", "environment": "production", "agreed": "on"})
    context = {
        "form": form,
        "icons": list(icons.sheet()),
        "colours": COLOURS,
        "entries": _timeline(),
        "now": clock.now(),
        "later": clock.now() + 3 * 86400,
        "sample": SAMPLE,
        "chip_markup": '{% chip "success" _("Active") %}',
        "steps": [_("Register"), _("Review"), _("Client and secret")],
        "tabs": [
            ("#tabs", _("Registration"), True),
            ("#chips", _("Secrets"), False),
            ("#tables", _("Refused requests"), False),
        ],
        "page": Paginator(range(90), 30).get_page(request.GET.get("page")),
        "bars": [
            (f"{day}", count) for day, count in enumerate((12, 18, 9, 25, 31, 4, 2, 22, 28, 35, 30, 27, 3, 5), 10)
        ],
    }
    return render(request, "styleguide.html", context)
