"""All applications, one of them, and the acts of an operator on it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.audit.queries import events_of_application
from varco.grants.stopping import concerned
from varco.portal.common import registration_difference, registration_display
from varco.portal.common.forms import ServiceForm, answered, check_possible, posted
from varco.portal.common.listing import ASIDE, PER_PAGE, keys_page_of, page_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.staff.forms import PkceForm, ReasonForm, SearchForm
from varco.registry import access, lists, queries, services
from varco.registry.errors import Denied
from varco.registry.lifecycle import ApplicationAct, Role, may
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration


@page(OPERATOR, "GET")
def everything(request: SignedInRequest) -> HttpResponse:
    """All applications of all developers, searchable."""
    form = SearchForm(request.GET)
    narrowing = form.narrowing()
    # Ordered and skipped as keys: rows of all that is found, with their developers, cost many times that.
    keys = lists.search(**narrowing).values_list("pk", flat=True)
    found = keys_page_of(request, keys, narrowing.get("words", ""), PER_PAGE)
    applications = lists.listed(list(found.object_list))
    latest = queries.latest_revisions(applications, *queries.LISTED)
    items = [
        {
            "application": application,
            "developer": access.developer_of(application),
            "chips": registration_display.chips(application, latest.get(application.pk)),
        }
        for application in applications
    ]
    return render(request, "staff/all.html", {"form": form, "page": found, "items": items})


@page(OPERATOR, "GET")
def application(request: SignedInRequest, pk: int) -> HttpResponse:
    """One application as an operator sees it: what is in force, its history, and what can be done."""
    found = _application(pk)
    latest = queries.latest_revision(found)
    live = found.live_revision
    role = access.role_of(origin(request).actor, found)
    submitted = found.revisions.exclude(state=Revision.State.DRAFT).order_by("-number")
    revisions = page_of(request, submitted, ASIDE, "revisions")
    events = page_of(
        request,
        events_of_application(found.pk, registration_display.TIMELINE_TAGS),
        registration_display.EVENTS_PER_PAGE,
        "events",
    )
    return render(
        request,
        "staff/application.html",
        {
            "application": found,
            "developer": access.developer_of(found),
            "team": found.team,
            "chips": registration_display.chips(found, latest),
            "live": live,
            "rows": registration_difference.rows(Registration.of(live)) if live else [],
            "waiting": latest if latest and latest.state == Revision.State.SUBMITTED else None,
            "revisions": [
                {"revision": revision, "chip": registration_display.revision_chip(revision)} for revision in revisions
            ],
            "revisions_page": revisions,
            "tenants": page_of(request, queries.allowed_tenants(found), ASIDE, "centres"),
            "live_secrets": queries.live_secrets(found).count(),
            "timeline": registration_display.timeline(events),
            "events": events,
            "own": role != Role.OPERATOR,
            "may": {act: role == Role.OPERATOR and may(found.state, act, role) for act in ApplicationAct},
        },
    )


def _application(pk: int) -> Application:
    found = queries.by_id(pk)
    if found is None:
        raise Http404
    return found


@page(OPERATOR, "GET POST")
def suspend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop an application, after a page that says what stops (S16)."""
    found = _application_to(request, pk, ApplicationAct.SUSPEND)
    form = ReasonForm(posted(request))

    def act() -> HttpResponse:
        services.suspend(found, origin(request), reason=form.cleaned_data["text"])
        return _done(request, found, _("The application is suspended."))

    return _act_on(request, found, form, act, "staff/suspend.html")


@page(OPERATOR, "GET POST", step_up="POST")
def restore(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a suspended application back in force."""
    found = _application_to(request, pk, ApplicationAct.RESTORE)
    form = ReasonForm(posted(request))

    def act() -> HttpResponse:
        services.restore(found, origin(request), reason=form.cleaned_data["text"])
        return _done(request, found, _("The application is in force again."))

    return _act_on(request, found, form, act, "staff/restore.html")


@page(OPERATOR, "GET POST", step_up="POST")
def pkce(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make PKCE optional for a confidential client that cannot do it, or required again; audited."""
    found = _application_to(request, pk, ApplicationAct.SET_PKCE)
    form = PkceForm(posted(request), initial={"required": found.pkce_required})

    def act() -> HttpResponse:
        required = form.cleaned_data["required"]
        services.set_pkce_required(found, origin(request), required=required, reason=form.cleaned_data["text"])
        text = _("PKCE is required.") if required else _("PKCE is optional for this application.")
        return _done(request, found, text)

    return _act_on(request, found, form, act, "staff/pkce.html")


def _application_to(request: SignedInRequest, pk: int, act: ApplicationAct) -> Application:
    """The application, if this operator could do the act now."""
    found = _application(pk)
    role = access.role_of(origin(request).actor, found)
    if role != Role.OPERATOR:
        raise Denied
    check_possible(found.state, act, role)
    return found


def _done(request: SignedInRequest, found: Application, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("staff:application", pk=found.pk)


def _act_on(
    request: SignedInRequest, found: Application, form: ServiceForm, act: Callable[[], HttpResponse], template: str
) -> HttpResponse:
    """The page of an act on an application, with what was entered so far."""
    return answered(request, form, act, lambda: render(request, template, _context(found, form)))


def _context(found: Application, form: ServiceForm) -> dict[str, object]:
    """What the page of an act says of the application, and whom it concerns."""
    return {"application": found, "form": form, "concerned": concerned(found)}
