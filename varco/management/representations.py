"""How applications, revisions and what is wrong with them look in the answers."""

import datetime as dt
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec
from django.db.models import Model

from varco.json_fields import FieldFault
from varco.management.registrations import JSON_TYPES, field_faults, field_name
from varco.management.wording import words
from varco.registry import desk, evidence, queries, validation
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, may
from varco.registry.models import Application, Revision
from varco.registry.reasons import Reason
from varco.registry.registration import Details, Registration, stamp
from varco.usage import reads

OFFERED = (
    ApplicationAct.EDIT, ApplicationAct.REVISE, ApplicationAct.CREATE_SECRET, ApplicationAct.REVOKE_SECRET,
    ApplicationAct.LIMIT_TENANTS, ApplicationAct.OFFER, ApplicationAct.RETIRE,
)  # fmt: skip
OFFERED_OF_REVISION = (RevisionAct.SUBMIT, RevisionAct.WITHDRAW)


class Remark(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a reviewer wrote about one field."""

    field: str
    text: str


class ReasonGiven(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A reason of a decision: a code for programs, and its words."""

    code: str
    text: str


class Decision(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was decided about a revision, by a person or by a policy. `text` is what the reviewer wrote."""

    decided_at: dt.datetime
    by_policy: bool
    reasons: list[ReasonGiven]
    remarks: list[Remark]
    text: str


class RevisionFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a revision stands. `sandboxes_only`: a policy approved it, for the sandboxes of its team alone."""

    number: int
    state: str
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    sandboxes_only: bool
    decision: Decision | None


class Finding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something unwise in a registration, that a reviewer will look at; it keeps nobody from submitting."""

    code: str
    grade: str
    field: str
    title: str
    reason: str
    cure: str


class ScopeDetail(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A scope that is asked for, and why."""

    name: str
    reason: str
    reason_it: str
    required: bool


def _answered(kind: Any) -> list[tuple[str, Any]]:
    """The fields of a dataclass as they are answered."""
    hints = get_type_hints(kind)
    asked = {"scopes": list[ScopeDetail]}
    return [(field.name, asked.get(field.name, JSON_TYPES[hints[field.name]])) for field in fields(kind)]


if TYPE_CHECKING:

    class RevisionDetail(RevisionFacts, frozen=True, kw_only=True):
        """A revision with all that is asked for in it."""
else:
    RevisionDetail = msgspec.defstruct(
        "RevisionDetail",
        _answered(Registration),
        bases=(RevisionFacts,),
        module=__name__,
        frozen=True,
        kw_only=True,
        rename="camel",
        namespace={"__doc__": "A revision with all that is asked for in it."},
    )


class Draft(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A draft: `faults` keep it from being submitted, `findings` do not."""

    revision: RevisionDetail
    faults: list[FieldFault]
    findings: list[Finding]


class ApplicationFacts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where an application stands. `client_id` is null until the first approval."""

    id: int
    client_id: str | None
    state: str
    pkce_required: bool
    team_id: str | None
    created_at: dt.datetime
    updated_at: dt.datetime
    live_revision: RevisionDetail | None
    latest_revision: RevisionDetail | None
    faults: list[FieldFault]
    findings: list[Finding]
    possible: list[str]


_DETAIL_DOC = """An application: what is in force (`liveRevision`) beside the last revision begun, whatever became of it.

`faults` keep the latest revision from being submitted, `findings` are what a reviewer will look at; both are of one that is not
in force. `possible` are the acts that its state allows.
"""
if TYPE_CHECKING:

    class ApplicationDetail(ApplicationFacts, frozen=True, kw_only=True):
        """An application, with what is in force beside what waits."""
else:
    ApplicationDetail = msgspec.defstruct(
        "ApplicationDetail",
        _answered(Details),
        bases=(ApplicationFacts,),
        module=__name__,
        frozen=True,
        kw_only=True,
        rename="camel",
        namespace={"__doc__": _DETAIL_DOC},
    )


def moment(seconds: int) -> dt.datetime:
    """A time in epoch seconds as programs see it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def moment_or_none(seconds: int | None) -> dt.datetime | None:
    """The same of a time that may not have come."""
    return None if seconds is None else moment(seconds)


def _key(row: Model) -> int:
    return int(row.pk)


def revision_detail(revision: Revision) -> RevisionDetail:
    """A revision with all that is asked for in it."""
    decision = None
    if revision.decided_at is not None:
        decision = Decision(
            decided_at=moment(revision.decided_at),
            by_policy=revision.sandboxes_only,
            reasons=[
                ReasonGiven(code=code, text=str(Reason(code).label))
                for code in revision.decision_codes
                if code in Reason.values
            ],
            remarks=[
                Remark(field=field_name(item.field), text=item.text)
                for item in sorted(revision.remarks.all(), key=_key)
            ],
            text=revision.decision_text,
        )
    asked: dict[str, Any] = Registration.of(revision).columns()
    asked["scopes"] = [ScopeDetail(**scope) for scope in asked["scopes"]]
    return RevisionDetail(
        number=revision.number,
        state=revision.state,
        created_at=moment(revision.created_at),
        submitted_at=moment_or_none(revision.submitted_at),
        sandboxes_only=revision.sandboxes_only,
        decision=decision,
        **asked,
    )


def _faults(application: Application, registration: Registration) -> list[FieldFault]:
    details = Details.of(application)
    return field_faults(validation.all_faults(details, registration))


def _findings(application: Application, registration: Registration) -> list[Finding]:
    found = evidence.findings(application, registration, reviewer=False, only_read=reads.only_read(application))
    worded = ((finding, words().finding(finding)) for finding in found)
    return [
        Finding(
            code=finding.code,
            grade=finding.grade.name.lower(),
            field=field_name(finding.field),
            title=title,
            reason=reason,
            cure=cure,
        )
        for finding, (title, reason, cure) in worded
    ]


def draft_detail(application: Application, draft: Revision) -> Draft:
    """A draft, and what a reviewer would say to it."""
    registration = Registration.of(draft)
    return Draft(
        revision=revision_detail(draft),
        faults=_faults(application, registration),
        findings=_findings(application, registration),
    )


def application_detail(application: Application) -> tuple[ApplicationDetail, str]:
    """An application as it stands, and the stamp of that."""
    application.refresh_from_db()
    live, latest = application.live_revision, queries.latest_revision(application)
    team = application.team
    weighed = Registration.of(latest) if latest and latest.pk != application.live_revision_id else None
    possible = [act for act in OFFERED if may(application.state, act, Role.DEVELOPER)]
    of_latest = [act for act in OFFERED_OF_REVISION if latest and may(latest.state, act, Role.DEVELOPER)]
    reviewed = desk.reviewed(application)
    if reviewed and may(reviewed.state, RevisionAct.MESSAGE, Role.DEVELOPER):
        of_latest.append(RevisionAct.MESSAGE)
    detail = ApplicationDetail(
        id=application.pk,
        client_id=application.client_id,
        state=application.state,
        pkce_required=application.pkce_required,
        team_id=team.public_id if team else None,
        created_at=moment(application.created_at),
        updated_at=moment(application.updated_at),
        **Details.of(application).columns(),
        live_revision=revision_detail(live) if live else None,
        latest_revision=revision_detail(latest) if latest else None,
        faults=_faults(application, weighed) if weighed else [],
        findings=_findings(application, weighed) if weighed else [],
        possible=[*map(str, possible), *map(str, of_latest)],
    )
    return detail, stamp(application, latest)
