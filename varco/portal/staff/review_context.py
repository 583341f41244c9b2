"""What the page of a review shows: the evidence, who reviews it, what was written, and the decision."""

from collections.abc import Iterable, Mapping

from django.core.paginator import Paginator

from varco import clock
from varco.portal.common import finding_words, registration_difference, registration_display, remark_words
from varco.portal.common.listing import ASIDE
from varco.portal.common.registration_difference import Row
from varco.portal.common.request import SignedInRequest
from varco.portal.staff.forms import REMARK, AssignForm, DecisionForm
from varco.registry import access, desk, evidence, second_approval
from varco.registry.deadline import due_at
from varco.registry.desk import SAID
from varco.registry.lifecycle import RevisionAct, Role, may
from varco.registry.models import Application, Review, ReviewMessage, Revision
from varco.registry.registration import Registration
from varco.registry.review_stamp import review_stamp
from varco.tickets import activations
from varco.usage import reads

_DETAILS = ("name", "publisher", "description", "contacts", "home_url", "privacy_url")


def review_context(request: SignedInRequest, revision: Revision, form: DecisionForm) -> dict[str, object]:
    """All that the template needs."""
    application = revision.application
    waiting = revision.state == Revision.State.SUBMITTED
    review = desk.review_of(revision)
    role = access.role_of(request.user, application)
    return {
        "application": application,
        "developer": access.developer_of(application),
        "introduced_by": activations.introduced_by_of(access.developer_id_of(application)),
        "revision": revision,
        "chip": registration_display.revision_chip(revision),
        "form": form,
        "stamp": form.data.get("stamp") or review_stamp(application, revision, review),
        "waiting": waiting,
        "own": role != Role.OPERATOR,
        "may_decide": waiting and role == Role.OPERATOR,
        "not_sent": _not_sent(form) if not waiting else None,
        **_findings(revision, waiting=waiting),
        **_registration(revision, form),
        **_history(request, revision),
        **_work(revision, review, role),
        **_written(revision),
        "reasons": registration_display.reason_labels(revision),
        "given": remark_words.worded_remarks(desk.remarks_on(revision)) if not waiting else [],
    }


def _findings(revision: Revision, *, waiting: bool) -> dict[str, object]:
    """What the rules found, the first few of each kind: an address may be that of fifty other applications."""
    if not waiting:
        return {"findings": [], "more_findings": 0}
    read = reads.only_read(revision.application)
    found = evidence.findings(revision.application, Registration.of(revision), reviewer=True, only_read=read)
    shown = finding_words.first_of_each(found)
    return {"findings": finding_words.worded(shown, _row_of), "more_findings": len(found) - len(shown)}


def _row_of(field: str) -> str:
    """Where the page shows a field."""
    if field.startswith("reason"):
        return "#field-scopes"
    return f"#field-{field.removesuffix('_it')}" if field != "product" else ""


def _written(revision: Revision) -> dict[str, object]:
    """The last of what was written, and whether there is more."""
    said = desk.last_written(revision.application, ReviewMessage.Sort.MESSAGE)
    noted = desk.last_written(revision.application, ReviewMessage.Sort.NOTE)
    return {
        "said": said[:SAID],
        "noted": noted[:SAID],
        "more_said": len(said) > SAID,
        "more_noted": len(noted) > SAID,
    }


def _not_sent(form: DecisionForm) -> dict[str, object] | None:
    """What somebody wrote who came too late, to be given back."""
    if not form.is_bound:
        return None
    text = str(form.data.get("text") or "").strip()
    remarks = remark_words.worded_remarks(form.remarks_sent)
    return {"text": text, "remarks": remarks} if text or remarks else None


def _registration(revision: Revision, form: DecisionForm) -> dict[str, object]:
    """What it asks for: what changes, ranked by risk, and what stays; what changed since it was sent back."""
    requested = Registration.of(revision)
    # Against what is in force, or, looking back at a decision, against what was approved before it.
    before = desk.approved_before(revision)
    returned = desk.answered_by(revision)
    changes = registration_difference.by_risk(Registration.of(before), requested) if before else []
    changed = {row.field for row in changes}
    rows = registration_difference.rows(requested)
    since = registration_difference.by_risk(Registration.of(returned), requested) if returned else []
    remarks = desk.remarks_on(returned) if returned else {}
    return {
        "before": before,
        "changes": _with_boxes(changes, form),
        "rows": _with_boxes([row for row in rows if row.field not in changed], form),
        "boxes": {name: form[REMARK + name] for name in _DETAILS},
        "returned": returned,
        "returned_reasons": registration_display.reason_labels(returned) if returned else [],
        "since": registration_difference.remarked(since, remarks),
        "unchanged": remark_words.worded_remarks(
            {field: text for field, text in remarks.items() if field not in {row.field for row in since}}
        ),
    }


def _with_boxes(rows: Iterable[Row], form: DecisionForm) -> dict[str, object]:
    return {row.field: (row, form[REMARK + row.field]) for row in rows}


def _history(request: SignedInRequest, revision: Revision) -> dict[str, object]:
    """What was decided before about whoever asks and about the redirect hosts."""
    related = evidence.related(revision)
    earlier = Paginator(related.decided, ASIDE).get_page(request.GET.get("earlier"))
    return {
        "history": _developer_words(desk.developer_history(revision, related)),
        "hosts": [(host, _decided_words(host.revisions)) for host in desk.host_history(revision, related)],
        "earlier": [
            {
                "decision": item,
                "chip": registration_display.revision_chip(item.revision),
                "reasons": registration_display.reason_labels(item.revision),
            }
            for item in evidence.connected(revision, evidence.decisions(list(earlier)))
        ],
        "earlier_page": earlier,
    }


def _developer_words(history: desk.DeveloperHistory) -> dict[str, object]:
    counted = [(Application.State(state).label, total) for state, total in history.by_state.items()]
    return {"applications": counted, "decided": _decided_words(history.revisions), "is_new": history.is_new}


def _decided_words(revisions: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(str(Revision.State(state).label), total) for state, total in revisions.items()]


def _work(revision: Revision, review: Review | None, role: Role | None) -> dict[str, object]:
    """Who reviews it, until when, and whether it takes two."""
    application = revision.application
    waiting = revision.state == Revision.State.SUBMITTED
    due = due_at(revision.submitted_at) if waiting and revision.submitted_at else None
    deciders = access.whom_to_tell(application, Role.OPERATOR) if waiting and role == Role.OPERATOR else []
    assignee = review.assignee if review else None
    counts = bool(waiting and review and second_approval.first_approval_counts(application, revision, review))
    return {
        "review": review,
        "assignee": assignee,
        "assign": AssignForm(deciders, initial={"assignee": assignee.public_id if assignee else ""})
        if deciders
        else None,
        "due_at": due,
        "overdue": due is not None and due < clock.now(),
        "alone": len(deciders) < 2,
        "two": second_approval.scopes_for_two(revision) if waiting else (),
        "first": review.first_approver if counts and review else None,
        "may_ask": role == Role.OPERATOR and may(revision.state, RevisionAct.MESSAGE, role),
        "may_note": role == Role.OPERATOR,
    }


def is_second(revision: Revision) -> bool:
    """Whether an approval now would put the revision in force: it takes one alone, or the first was given."""
    review = desk.review_of(revision)
    return not second_approval.scopes_for_two(revision) or (
        review is not None and second_approval.first_approval_counts(revision.application, revision, review)
    )
