"""The review: drafts, submissions and decisions (S11, S13)."""

import secrets
from collections.abc import Collection, Mapping

from django.db import transaction

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.protocol.fault import Fault
from varco.registry import evidence, placing, policy, second_approval, validation
from varco.registry.access import whom_to_tell
from varco.registry.change_risk import high_risks
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import OPEN, ApplicationAct, RevisionAct, Role
from varco.registry.lint import Grade
from varco.registry.models import Application, Remark, Review, Revision
from varco.registry.notifications import (
    ApplicationApproved,
    ApplicationChangesRequested,
    ApplicationRejected,
    ApplicationSubmitted,
)
from varco.registry.reasons import Reason
from varco.registry.registration import Details, Registration
from varco.registry.registration import stamp as stamp_of
from varco.registry.review_notifications import SecondApprovalNeeded
from varco.registry.services import reviewing
from varco.registry.services.limits import check_often
from varco.registry.services.locking import Locked, as_policy, lock
from varco.registry.services.overlap import follow
from varco.registry.services.texts import plain_text, required_text, sound_remarks


def new_client_id() -> str:
    """A new `client_id`: public, never reused, and without meaning (S12)."""
    return f"varco-{secrets.token_hex(8)}"


@transaction.atomic
def save_draft(application: Application, registration: Registration, origin: Origin, *, stamp: str = "") -> Revision:
    """Write the draft of an application, beginning the next revision if there is none; what is in force stays as it is.

    A draft may be incomplete. Raises `Conflict` while a revision waits for review: withdraw it first.
    """
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.REVISE)
    latest = locked.latest()
    locked.check_stamp(stamp, latest)
    registration = registration.normalised()
    faults = validation.shape_faults(registration)
    if faults:
        raise Invalid(faults)
    if latest and latest.state in OPEN:
        latest.state = locked.move_revision(latest, RevisionAct.SAVE)
        Revision.objects.filter(pk=latest.pk).update(**registration.columns())
        placing.place(Application.objects.filter(pk=application.pk))
        latest.refresh_from_db()
        return latest
    number = latest.number + 1 if latest else 1
    revision = Revision.objects.create(application=locked.application, number=number, **registration.columns())
    placing.place(Application.objects.filter(pk=application.pk))
    record(Tag.APPLICATION_REVISED, origin, application=locked.application, revision=number)
    return revision


@transaction.atomic
def submit(application: Application, origin: Origin, *, stamp: str = "") -> Revision:
    """Hand the draft in for review; where a policy decides, it is in force at once (`registry.policy`).

    Raises `Invalid` with everything that is missing or wrong.
    """
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.REVISE)
    revision = _latest(locked)
    locked.check_stamp(stamp, revision)
    revision.state = locked.move_revision(revision, RevisionAct.SUBMIT)
    details = Details.of(locked.application)
    registration = Registration.of(revision)
    faults = validation.all_faults(details, registration)
    live = locked.application.live_revision
    if live and Registration.of(live) == registration:
        faults = faults or {"": [Fault(RegistrationFault.NOTHING_CHANGED)]}
    if faults:
        raise Invalid(faults)
    check_often(Tag.APPLICATION_SUBMITTED, origin)
    revision.submitted_at = clock.now()
    found = evidence.findings(locked.application, registration, reviewer=True)
    changes = high_risks(Registration.of(live), registration) if live else 0
    revision.high_risks = sum(finding.grade == Grade.BLOCKER for finding in found) + changes
    revision.save(update_fields=["state", "submitted_at", "high_risks"])
    reviewing.begin(revision)
    record(Tag.APPLICATION_SUBMITTED, origin, application=locked.application, revision=revision.number)
    if policy.obstacle(locked.application, registration, found) is None:
        return _approve_by_policy(as_policy(locked), revision, origin)
    notify(
        ApplicationSubmitted(locked.application, revision, locked.actor),
        whom_to_tell(locked.application, Role.OPERATOR),
    )
    return revision


@transaction.atomic
def withdraw(application: Application, origin: Origin, *, stamp: str = "") -> Revision:
    """Take back the latest revision: a draft, one that waits, or one sent back. What is in force stays in force."""
    locked = lock(application, origin, side=Role.DEVELOPER)
    revision = _latest(locked)
    locked.check_stamp(stamp, revision)
    revision.state = locked.move_revision(revision, RevisionAct.WITHDRAW)
    revision.save(update_fields=["state"])
    reviewing.end(revision)
    record(Tag.APPLICATION_WITHDRAWN, origin, application=locked.application, revision=revision.number)
    return revision


@transaction.atomic
def approve(revision: Revision, origin: Origin, *, text: str = "", stamp: str = "") -> Revision:
    """Put a submitted revision in force; the first time, give the application its `client_id` (S12).

    One with a scope that takes two (`second_approval`) goes on waiting after the first approval: its state says so. The same
    person a second time is a `Conflict`.
    """
    locked, fresh, review = reviewing.lock_review(
        revision, origin, RevisionAct.APPROVE, side=Role.OPERATOR, stamp=stamp
    )
    text = plain_text(text)
    if second_approval.scopes_for_two(fresh):
        waiting = Revision.objects.get(pk=fresh.pk)  # as both see it: not yet approved
        if not _is_second(locked, waiting, review):
            return _approve_first(locked, waiting, review, origin, text)
    _write_decision(fresh, locked, codes=(), text=text)
    first = review.first_approver.name if review.first_approver else ""
    _put_in_force(locked, fresh, origin, text, first_approver=first)
    return fresh


def _approve_by_policy(locked: Locked, revision: Revision, origin: Origin) -> Revision:
    """Put what was just submitted in force at once, locked to the sandboxes of its team (S44)."""
    revision.state = locked.move_revision(revision, RevisionAct.APPROVE)
    revision.sandboxes_only = True
    revision.save(update_fields=["sandboxes_only"])
    _write_decision(revision, locked, codes=(), text="")
    by = Origin(ip=origin.ip, request_id=origin.request_id, policy=policy.NAME)
    _put_in_force(locked, revision, by, "", by_policy=policy.NAME)
    return revision


def _put_in_force(
    locked: Locked, fresh: Revision, origin: Origin, text: str, *, first_approver: str = "", by_policy: str = ""
) -> None:
    application = locked.application
    application.state = locked.move(ApplicationAct.APPROVE)
    before = application.live_revision
    application.live_revision = fresh
    application.client_id = application.client_id or new_client_id()
    if locked.role == Role.OPERATOR:
        application.renamed_at = None  # the operator read both names
    locked.save("state", "live_revision", "client_id", "renamed_at", gate=True)
    placing.place(Application.objects.filter(pk=application.pk))
    overlap = follow(locked.application, before, fresh, origin)
    record(
        Tag.APPLICATION_APPROVED,
        origin,
        application=locked.application,
        revision=fresh.number,
        client_id=locked.application.client_id,
        text=text,
        first_approver=first_approver,
        policy=by_policy,
    )
    approved = locked.application.revisions.filter(state=Revision.State.APPROVED, number__lt=fresh.number)
    until = overlap.ends_at if overlap else 0
    _tell_developer(ApplicationApproved(locked.application, fresh, first=not approved.exists(), secrets_until=until))


def _is_second(locked: Locked, waiting: Revision, review: Review) -> bool:
    """Whether somebody else has approved just this already. Raises `Conflict` for the same person a second time."""
    if not second_approval.first_approval_counts(locked.application, waiting, review):
        return False
    if review.first_approver == locked.actor:
        raise Conflict(ConflictFault.SECOND_APPROVER)
    return True


def _approve_first(locked: Locked, waiting: Revision, review: Review, origin: Origin, text: str) -> Revision:
    """Note the first of two approvals, and ask the others for the second."""
    locked.move(ApplicationAct.APPROVE)
    waiting.state = locked.move_revision(waiting, RevisionAct.APPROVE_FIRST)
    review.first_approver, review.first_approved_at = locked.actor, clock.now()
    review.first_stamp = stamp_of(locked.application, waiting)
    reviewing.save(review, "first_approver", "first_approved_at", "first_stamp")
    record(Tag.APPLICATION_FIRST_APPROVED, origin, application=locked.application, revision=waiting.number, text=text)
    others = [person for person in whom_to_tell(locked.application, Role.OPERATOR) if person != locked.actor]
    notify(SecondApprovalNeeded(locked.application, waiting, locked.actor), others)
    return waiting


@transaction.atomic
def request_changes(
    revision: Revision,
    origin: Origin,
    *,
    codes: Collection[str],
    text: str,
    remarks: Mapping[str, str] | None = None,
    stamp: str = "",
) -> Revision:
    """Send a submitted revision back: at least one code of `reasons.Reason`, and words for all of it or for single fields.

    `remarks` are by field of the registration or of the details.
    """
    locked, fresh, _review = reviewing.lock_review(
        revision, origin, RevisionAct.REQUEST_CHANGES, side=Role.OPERATOR, stamp=stamp
    )
    return _send_back(locked, fresh, origin, codes=codes, text=text, remarks=remarks or {})


@transaction.atomic
def reject(
    revision: Revision,
    origin: Origin,
    *,
    codes: Collection[str],
    text: str,
    remarks: Mapping[str, str] | None = None,
    stamp: str = "",
) -> Revision:
    """Refuse a submitted revision. Needs at least one code of `reasons.Reason` and words of the reviewer's own."""
    locked, fresh, _review = reviewing.lock_review(
        revision, origin, RevisionAct.REJECT, side=Role.OPERATOR, stamp=stamp
    )
    return _send_back(locked, fresh, origin, codes=codes, text=required_text(text), remarks=remarks or {})


def _latest(locked: Locked) -> Revision:
    revision = locked.latest()
    if revision is None:
        raise Conflict(ConflictFault.NO_DRAFT)
    return revision


def _send_back(
    locked: Locked,
    fresh: Revision,
    origin: Origin,
    *,
    codes: Collection[str],
    text: str,
    remarks: Mapping[str, str],
) -> Revision:
    if not codes or not set(codes) <= set(Reason.values):
        raise Invalid({"codes": [Fault(RegistrationFault.DECISION_CODES_MISSING)]})
    written = sound_remarks(remarks)
    text = plain_text(text) if written else required_text(text)
    _write_decision(fresh, locked, codes=[code for code in Reason.values if code in codes], text=text)
    Remark.objects.bulk_create(Remark(revision=fresh, field=field, text=words) for field, words in written.items())
    rejected = fresh.state == Revision.State.REJECTED
    tag = Tag.APPLICATION_REJECTED if rejected else Tag.APPLICATION_CHANGES_REQUESTED
    record(
        tag, origin, application=locked.application, revision=fresh.number, codes=fresh.decision_codes, text=text,
        remarks=written,
    )  # fmt: skip
    kind = ApplicationRejected if rejected else ApplicationChangesRequested
    _tell_developer(kind(locked.application, fresh))
    return fresh


def _tell_developer(decision: ApplicationApproved | ApplicationRejected | ApplicationChangesRequested) -> None:
    notify(decision, whom_to_tell(decision.application, Role.DEVELOPER))


def _write_decision(revision: Revision, locked: Locked, *, codes: Collection[str], text: str) -> None:
    revision.decided_at = clock.now()
    revision.decided_by = None if locked.role == Role.POLICY else locked.actor
    revision.decision_codes = list(codes)
    revision.decision_text = text
    revision.save(update_fields=["state", "decided_at", "decided_by", "decision_codes", "decision_text"])
    reviewing.end(revision)
