"""Beginning a registration: from a template, from a copy, or with nothing; and whether one is needed at all."""

from dataclasses import replace

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from varco.accounts.models import User
from varco.portal.common.forms import LenientForm, answered, posted
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.developer import guide, starts, steps
from varco.portal.developer.access import own_application
from varco.portal.developer.forms import LIST_CHARS, RegistrationForm, TeamChoice, explained, lines
from varco.portal.developer.samples import LISTENER
from varco.portal.middleware import origin
from varco.registry import access, queries, services, teams, validation
from varco.registry.errors import Invalid
from varco.registry.models import Application, Revision, Team
from varco.registry.registration import Details, Registration

NOTHING = "nothing"
BEGINNING = Revision.Environment.DEVELOPMENT.value
"""What is chosen already: it works at once, and production comes after it."""


class StartForm(LenientForm):
    """The name, and what to begin from."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("People see it when they are asked for consent.")
    )
    start = forms.ChoiceField(label=_("Begin from"), widget=forms.RadioSelect)
    redirect_uris = forms.CharField(
        label=_("Redirect URIs"),
        required=False,
        max_length=LIST_CHARS,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "placeholder": LISTENER}),
        help_text=_(
            "Where people come back to, one a line. In development it may stay empty: they come back to your own machine, where the quick start listens."
        ),
    )
    environment = RegistrationForm.base_fields["environment"]

    def __init__(self, *args: object, copying: bool, **kwargs: object) -> None:
        """Offer the templates, unless a copy is begun."""
        super().__init__(*args, **kwargs)
        if copying:
            del self.fields["start"], self.fields["redirect_uris"]
            return
        chosen = self.fields["start"]
        if isinstance(chosen, forms.ChoiceField):
            nothing = (
                NOTHING,
                explained(_("Something else"), _("An empty registration, to be filled in step by step.")),
            )
            chosen.choices = [*((each.key, explained(each.label, each.text)) for each in starts.STARTS), nothing]


@page(DEVELOPER, "GET POST")
def start(request: SignedInRequest) -> HttpResponse:
    """Begin a registration: its draft is made at once, and its steps are next. `?copy=` names an own application."""
    source = _source(request)
    asked = request.GET.get("environment", "")
    initial = {"environment": asked if asked in Revision.Environment.values else BEGINNING}
    form = StartForm(posted(request), initial=initial, copying=source is not None)
    team = TeamChoice(posted(request), initial=_team_of(source), teams=list(teams.where_maintainer(request.user)))

    def act() -> HttpResponse:
        details, registration = _begun(request.user, form, team.chosen(), source)
        made = services.create_application(
            details=details, registration=registration, origin=origin(request), team=team.chosen()
        )
        if form.cleaned_data.get("start") == NOTHING:
            return redirect(steps.address_of(made, steps.STEPS[0]))
        return redirect("developer:edit", pk=made.pk)

    def show() -> HttpResponse:
        faulty = bool(form.errors or team.errors)
        copies = source is None and access.visible_to(request.user).exists()
        context = {
            "form": form,
            "team": team,
            "forms": (form, team),
            "faulty": faulty,
            "source": source,
            "copies": copies,
        }
        context["at_once"] = settings.VARCO.sandbox_policy
        return render(request, "developer/start.html", context)

    return answered(request, (team, form), act, show)


def _team_of(source: Application | None) -> dict[str, str]:
    """The team that the copy is begun with."""
    team = source.team if source else None
    return {"team": team.public_id} if team else {}


def _source(request: SignedInRequest) -> Application | None:
    """The own application of which a copy is begun, if any. Raises `Http404`."""
    number = request.GET.get("copy", "")
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Http404
    return own_application(request, int(number))


def _begun(
    developer: User, form: StartForm, team: Team | None, source: Application | None
) -> tuple[Details, Registration]:
    """What the application begins with. Raises `Invalid` for redirect URIs that cannot be registered."""
    name, environment = form.cleaned_data["name"], form.cleaned_data["environment"] or BEGINNING
    if source is not None:
        latest = queries.latest_revision(source)
        registration = Registration.of(latest) if latest else Registration(type="web")
        return starts.copy_of(Details.of(source), registration, name, environment)
    template = starts.BY_KEY.get(form.cleaned_data["start"])
    registration = (
        starts.from_template(template, environment) if template else Registration(type="web", environment=environment)
    )
    if given := lines(form.cleaned_data["redirect_uris"]):
        registration = replace(registration, redirect_uris=given)
        if wrong := validation.faults(registration).get("redirect_uris"):
            raise Invalid({"redirect_uris": wrong})
    return starts.known_details(developer, team, name), registration


@page(DEVELOPER, "GET")
def guide_question(request: SignedInRequest, name: str) -> HttpResponse:
    """One question of “Do I need another registration?”, or what the answers come to (S14)."""
    if name not in guide.QUESTIONS and name not in guide.OUTCOMES:
        raise Http404
    context = {
        "question": guide.QUESTIONS.get(name),
        "outcome": guide.OUTCOMES.get(name),
        "beginning": guide.FIRST,
        "first": name == guide.FIRST,
    }
    return render(request, "developer/guide_question.html", context)
