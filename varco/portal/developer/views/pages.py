"""Pages that only show: the list, the client page, the guide, what was refused."""

from collections.abc import Iterable
from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from varco import clock
from varco.audit.models import RefusedRequest
from varco.audit.queries import events_of_application, refusals_of_application, search_refusals
from varco.audit.tags import Tag
from varco.portal.common import registration_difference, registration_display, remark_words
from varco.portal.common.listing import ASIDE, page_of, words_of
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.refusal_search import RefusalSearchForm
from varco.portal.common.refusal_words import advice
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import own_application, sandboxes_of
from varco.portal.developer.deprecations import deprecated_uses
from varco.portal.developer.samples import listener, runs_alone, samples
from varco.portal.developer.secret_list import with_use
from varco.portal.developer.views.first_token import what_is_next
from varco.portal.developer.views.keys import overlap_of
from varco.portal.developer.views.thread import thread_summary
from varco.protocol.client import SECRET_METHODS
from varco.registry import access, desk, lists, queries, second_approval, teams
from varco.registry.contacts import ContactState, contacts_of
from varco.registry.deadline import due_at
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, TeamRole, may, team_may
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration
from varco.registry.secret_use import QUIET_DAYS
from varco.registry.services.secrets import MAX_LIVE

REFUSALS_SHOWN = 5


@page(DEVELOPER, "GET")
def index(request: SignedInRequest) -> HttpResponse:
    """The developer's applications with where each stands; registrations of one product stand together."""
    words = words_of(request)
    found = page_of(request, lists.applications_of(request.user, words))
    applications = list(found.object_list)
    latest = queries.latest_revisions(applications, *queries.LISTED)
    groups = [
        (product, [_listed(application, latest.get(application.pk)) for application in group])
        for product, group in groupby(applications, key=_heading)
    ]
    return render(request, "developer/list.html", {"groups": groups, "page": found, "words": words})


def _heading(application: Application) -> str:
    """What the application stands under: its product, or with the retired ones."""
    return _("Retired") if application.state == Application.State.RETIRED else application.product


def _listed(application: Application, latest: Revision | None) -> dict[str, object]:
    return {"application": application, "revision": latest, "chips": registration_display.chips(application, latest)}


@page(DEVELOPER, "GET")
def guide(request: SignedInRequest) -> HttpResponse:
    """“Do I need another registration?” (S14)."""
    return render(request, "developer/guide.html")


@page(DEVELOPER, "GET")
def client(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything about one application: what is in force, its secrets, what waits, how to use it, what went wrong."""
    application = own_application(request, pk)
    role = access.team_role_of(request.user, application)
    latest = queries.latest_revision(application)
    live = application.live_revision
    in_force = Registration.of(live) if live else None
    refused = list(refusals_of_application(application.pk)[:REFUSALS_SHOWN])
    secrets = with_use(page_of(request, queries.secrets(application), ASIDE, "secrets"), application)
    allowed = {act: team_may(act, role) and may(application.state, act, Role.DEVELOPER) for act in ApplicationAct}
    sandboxes = sandboxes_of(application)
    events = page_of(
        request,
        events_of_application(application.pk, registration_display.TIMELINE_TAGS),
        registration_display.EVENTS_PER_PAGE,
        "events",
    )
    return render(
        request,
        "developer/client.html",
        {
            "application": application,
            "chips": registration_display.chips(application, latest),
            "unreached": any(contact.state == ContactState.UNREACHED for contact in contacts_of(application)),
            "live": live,
            "sandboxes": sandboxes,
            "next": what_is_next(
                application,
                sandboxes,
                works=allowed[ApplicationAct.CREATE_SECRET],
                has_secrets=bool(secrets.object_list),
            ),
            "rows": registration_difference.rows(in_force) if in_force else [],
            "secrets": secrets,
            "quiet_days": QUIET_DAYS,
            "uses_secrets": bool(live and live.token_endpoint_auth_method in SECRET_METHODS),
            "max_secrets": MAX_LIVE,
            "pending": _pending(application, latest, in_force, role),
            "asked": thread_summary(request, application, desk.reviewed(application)),
            "has_quick_start": application.state == Application.State.ACTIVE,
            "tenants": page_of(request, queries.allowed_tenants(application), ASIDE, "centres"),
            "refusals": refused,
            "advice": _advice(refused),
            "timeline": registration_display.timeline(events),
            "events": events,
            "team": application.team,
            "team_role": role,
            "offer": teams.offer_of(application),
            "may": allowed,
            "suspension": _suspension(application),
            "deprecated_uses": deprecated_uses(application),
        }
        | overlap_of(application),
    )


@page(DEVELOPER, "GET")
def quick_start(request: SignedInRequest, pk: int) -> HttpResponse:
    """A whole program with the application's own values, in the language of the address (`?in=Python`), else the first."""
    application = own_application(request, pk)
    if application.state != Application.State.ACTIVE:
        raise Http404
    client = queries.client_of(application)
    made = samples(client)
    shown = next((sample for sample in made if sample.title == request.GET.get("in")), made[0])
    return render(
        request,
        "developer/quick_start.html",
        {
            "application": application,
            "live": application.live_revision,
            "samples": made,
            "shown": shown,
            "runs_alone": runs_alone(client),
            "listener": listener(client),
            "sandboxes": sandboxes_of(application),
        },
    )


def _pending(
    application: Application, latest: Revision | None, in_force: Registration | None, role: TeamRole | None
) -> dict[str, object] | None:
    """The revision that is not in force (yet): where it stands, what it changes and what the developer can do."""
    if latest is None or latest.pk == application.live_revision_id or application.state == Application.State.RETIRED:
        return None
    if latest.state == Revision.State.WITHDRAWN and in_force:
        return None
    requested = Registration.of(latest)
    remarks = desk.remarks(latest)
    rows = (
        registration_difference.difference(in_force, requested) if in_force else registration_difference.rows(requested)
    )
    beside = {row.field for row in rows} & set(remarks)
    review = desk.review_of(latest)
    waiting = latest.state == Revision.State.SUBMITTED
    due = due_at(latest.submitted_at) if waiting and latest.submitted_at else None
    works = team_may(RevisionAct.SAVE, role)
    return {
        "revision": latest,
        "chip": registration_display.revision_chip(latest),
        "rows": registration_difference.remarked(rows, remarks),
        "remarked": bool(beside),
        "apart": remark_words.worded_remarks({name: remarks[name] for name in remarks if name not in beside}),
        "before": desk.before_in_queue(latest) if waiting else 0,
        "taken": bool(review and review.assignee_id),
        "second": bool(review and second_approval.first_approval_counts(application, latest, review)),
        "reasons": registration_display.reason_labels(latest),
        "due_at": due,
        "late": bool(due and due < clock.now()),
        "may_withdraw": works and may(latest.state, RevisionAct.WITHDRAW, Role.DEVELOPER),
        "may_save": works and may(latest.state, RevisionAct.SAVE, Role.DEVELOPER),
        "may_begin": latest.state not in {Revision.State.DRAFT, Revision.State.SUBMITTED},
    }


def _suspension(application: Application) -> str:
    """The operator's reason, while the application is suspended."""
    if application.state != Application.State.SUSPENDED:
        return ""
    event = events_of_application(application.pk, [Tag.APPLICATION_SUSPENDED]).first()
    return str(event.detail.get("text", "")) if event else ""


@page(DEVELOPER, "GET")
def refusals(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was refused to this application lately (S33)."""
    application = own_application(request, pk)
    form = RefusalSearchForm(request.GET)
    matching = (
        search_refusals(application.pk, form.cleaned_data["words"], form.between())
        if form.is_valid()
        else refusals_of_application(application.pk)
    )
    found = page_of(request, matching)
    context = {"application": application, "page": found, "form": form, "advice": _advice(found.object_list)}
    return render(request, "developer/refusals.html", context)


def _advice(refused: Iterable[RefusedRequest]) -> list[tuple[str, Promise]]:
    return advice(refusal.error for refusal in refused)


@page(DEVELOPER, "GET")
def refusal(request: SignedInRequest, pk: int, request_id: str) -> HttpResponse:
    """One refused request: which rule, what was received, what was expected (S33)."""
    application = own_application(request, pk)
    found = [] if "\0" in request_id else list(refusals_of_application(application.pk).filter(request_id=request_id))
    if not found:
        raise Http404
    context = {"application": application, "refusals": found, "request_id": request_id, "advice": _advice(found)}
    return render(request, "developer/refusal.html", context)
