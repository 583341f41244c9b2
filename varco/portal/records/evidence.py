"""How an application came to the clinic's data: role, review, consent, people, calls, on one page and as a table."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from varco import clock
from varco.audit.models import Event
from varco.audit.services import record
from varco.audit.tags import Tag
from varco.grants.application_usage import used_applications
from varco.portal.common.listing import page_of, words_of
from varco.portal.common.page import RECORDS, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.records import table, words
from varco.proof import evidence
from varco.proof.evidence import Question, Stage
from varco.registry.models import Application
from varco.tenants.models import Tenant

CALLS_SHOWN = 90
"""Days of calls on the page; the export has all that are kept."""


@page(RECORDS, "GET")
def listed(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """The applications whose chain can be shown."""
    asked = words_of(request)
    found = page_of(request, used_applications(tenant, asked))
    return render(request, "records/applications.html", {"tenant": tenant, "page": found, "words": asked})


@page(RECORDS, "GET")
def chain(request: SignedInRequest, tenant: Tenant, client_id: str) -> HttpResponse:
    """The chain of one application."""
    application = _application(tenant, client_id)
    since = clock.now_ms() - CALLS_SHOWN * 86_400_000
    stages = [_displayed(stage) for stage in evidence.chain(Question(tenant, application, since=since))]
    context = {"tenant": tenant, "application": application, "stages": stages, "days": CALLS_SHOWN}
    return render(request, "records/evidence.html", context)


def _application(tenant: Tenant, client_id: str) -> Application:
    found = used_applications(tenant).filter(client_id=client_id).first()
    if found is None:
        raise Http404
    return found


def _displayed(stage: Stage) -> dict[str, Any]:
    return {
        "code": stage.code,
        "title": words.STAGES.get(stage.code, stage.code),
        "events": [
            {"event": event, "words": words.event(event.tag), "detail": _detail(event)} for event in stage.events
        ],
        "calls": [
            row
            | {
                "words": words.operation(row["operation"]),
                "kind": words.kind(row["person_kind"]),
                "outcome_words": words.outcome(row["outcome"]),
            }
            for row in stage.calls[: evidence.SHOWN]
        ],
        "more": stage.more or len(stage.calls) > evidence.SHOWN,
        "facts": stage.facts,
    }


def _detail(event: Event) -> str:
    """What the event says besides, as far as it is for a reader: revision, role, reason, scopes."""
    said = (event.detail.get(name) for name in ("number", "role", "reason", "scopes", "accepted", "refused"))
    return " · ".join(" ".join(map(str, each)) if isinstance(each, list) else str(each) for each in said if each)


@page(RECORDS, "GET", step_up="GET")
def export(request: SignedInRequest, tenant: Tenant, client_id: str) -> StreamingHttpResponse:
    """The whole chain as a table."""
    application = _application(tenant, client_id)
    record(Tag.EVIDENCE_EXPORTED, origin(request), tenant=tenant, application=application)
    stages = evidence.chain(Question(tenant, application, limit=None))
    heading = [
        _("Stage"), _("Time (UTC)"), _("What"), _("Who"), _("About"), _("Detail"), _("Number"), _("Last time (UTC)"), _("Request id"),
    ]  # fmt: skip
    return table.answer(f"evidence-{application.client_id}.csv", heading, _lines(stages))


def _lines(stages: Sequence[Stage]) -> Iterator[Sequence[object]]:
    for stage in stages:
        title = words.STAGES.get(stage.code, stage.code)
        for event in stage.events:
            yield [
                title, table.moment(event.at), words.event(event.tag), event.actor_name or event.actor, event.user, _detail(event), "",
                "", event.request_id,
            ]  # fmt: skip
        for row in stage.calls:
            yield [
                title, table.moment(row["first"]), words.operation(row["operation"]), words.who(row), words.kind(row["person_kind"]),
                words.outcome(row["outcome"]), row["number"], table.moment(row["last"]), "",
            ]  # fmt: skip
