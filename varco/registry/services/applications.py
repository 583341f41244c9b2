"""Acts on an application as a whole."""

from django.db import transaction

from varco import clock, lookalike
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.registry import validation
from varco.registry.access import whom_to_tell
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, may
from varco.registry.models import Application, Revision, Team
from varco.registry.notifications import (
    ApplicationRenamed,
    ApplicationRestored,
    ApplicationRetired,
    ApplicationSuspended,
)
from varco.registry.registration import Details, Registration
from varco.registry.services import reviewing
from varco.registry.services.limits import check_applications, check_often
from varco.registry.services.locking import lock
from varco.registry.services.teams import developer, team_for
from varco.registry.services.telling import tell_operators
from varco.registry.services.texts import required_text


@transaction.atomic
def create_application(
    *, details: Details, registration: Registration, origin: Origin, team: Team | None = None
) -> Application:
    """Register an application of a team of the actor's with its first draft. Unusable until an operator approves it (S11).

    Without `team` it is their first one's. Raises `Denied` unless the actor is a developer, `Invalid`, and `Conflict` where the
    team has as many applications as it may, or the actor registered as many today.
    """
    actor = developer(origin)
    check_often(Tag.APPLICATION_CREATED, origin)
    team = team_for(actor, team, origin)
    check_applications(team)
    registration = registration.normalised()
    faults = validation.details_faults(details) | validation.shape_faults(registration)
    if faults:
        raise Invalid(faults)
    made = details.columns() | {"name_key": lookalike.key(details.name), "environment": registration.environment}
    application = Application.objects.create(team=team, owner=actor, **made)
    Revision.objects.create(application=application, number=1, **registration.columns())
    record(Tag.APPLICATION_CREATED, origin, application=application, type=registration.type)
    return application


@transaction.atomic
def edit_details(
    application: Application, details: Details, origin: Origin, *, stamp: str = "", unfinished: bool = False
) -> Application:
    """Change name, description, publisher, product, contacts and addresses at once; the timeline keeps both versions.

    What is `unfinished` may be wrong too, as long as nobody relies on it: nothing was approved yet and nothing waits.

    People recognise an application in force by its name and publisher, so operators are told when those change, and the
    consent page says so until the next approval.
    """
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.EDIT)
    latest = locked.latest()
    locked.check_stamp(stamp, latest)
    relied_on = locked.application.client_id or (latest and latest.state == Revision.State.SUBMITTED)
    may_be_wrong = unfinished and not relied_on
    faults = validation.unfinished_details_faults(details) if may_be_wrong else validation.details_faults(details)
    for environment in _relied_on_in(locked.application, latest):
        faults = validation.missing_details(details, environment) | faults
    if faults:
        raise Invalid(faults)
    before, after = Details.of(locked.application).columns(), details.columns()
    changed = {name: {"before": before[name], "after": after[name]} for name in after if before[name] != after[name]}
    if not changed:
        return locked.application
    for name in changed:
        setattr(locked.application, name, after[name])
    locked.application.name_key = lookalike.key(details.name)
    renamed = bool(locked.application.client_id and {"name", "publisher"} & set(changed))
    if renamed:
        locked.application.renamed_at = clock.now()
    locked.save(*changed, "name_key", *(("renamed_at",) if renamed else ()), gate="name" in changed)
    record(Tag.APPLICATION_EDITED, origin, application=locked.application, changed=changed)
    if renamed:
        told = ApplicationRenamed(locked.application, before["name"], before["publisher"], locked.actor)
        tell_operators(locked.application, told, "rename_told_at")
    return locked.application


def _relied_on_in(application: Application, latest: Revision | None) -> set[str]:
    """The environments of what is in force and of what waits for review: what each needs may not be taken away."""
    waiting = latest if latest and latest.state == Revision.State.SUBMITTED else None
    return {revision.environment for revision in (application.live_revision, waiting) if revision}


@transaction.atomic
def suspend(application: Application, origin: Origin, *, reason: str) -> Application:
    """Stop an application: every token and secret of it is dead on the next request, until it is restored (S16)."""
    locked = lock(application, origin, side=Role.OPERATOR)
    locked.application.state = locked.move(ApplicationAct.SUSPEND)
    reason = required_text(reason)
    locked.save("state", gate=True)
    record(Tag.APPLICATION_SUSPENDED, origin, application=locked.application, text=reason)
    notify(ApplicationSuspended(locked.application, reason), whom_to_tell(locked.application, Role.DEVELOPER))
    return locked.application


@transaction.atomic
def restore(application: Application, origin: Origin, *, reason: str) -> Application:
    """Put a suspended application back in force, under the revision that is approved."""
    locked = lock(application, origin, side=Role.OPERATOR)
    locked.application.state = locked.move(ApplicationAct.RESTORE)
    reason = required_text(reason)
    locked.save("state", gate=True)
    record(Tag.APPLICATION_RESTORED, origin, application=locked.application, text=reason)
    notify(ApplicationRestored(locked.application, reason), whom_to_tell(locked.application, Role.DEVELOPER))
    return locked.application


@transaction.atomic
def retire(application: Application, origin: Origin, *, stamp: str = "") -> Application:
    """End an application for good, by its developer; what waits for review is withdrawn."""
    locked = lock(application, origin, side=Role.DEVELOPER)
    after, latest = locked.move(ApplicationAct.RETIRE), locked.latest()
    locked.check_stamp(stamp, latest)
    locked.application.state = after
    if latest and may(latest.state, RevisionAct.WITHDRAW, locked.role):
        latest.state = locked.move_revision(latest, RevisionAct.WITHDRAW)
        latest.save(update_fields=["state"])
        reviewing.end(latest)
    locked.save("state", gate=True)
    record(Tag.APPLICATION_RETIRED, origin, application=locked.application)
    notify(ApplicationRetired(locked.application, locked.actor), whom_to_tell(locked.application, Role.DEVELOPER))
    return locked.application


@transaction.atomic
def set_pkce_required(application: Application, origin: Origin, *, required: bool, reason: str) -> Application:
    """An administrator's exception for a confidential client that cannot do PKCE (RFC 9700 §2.1.1), or its end.

    Raises `Conflict` for a public client, which needs PKCE always.
    """
    locked = lock(application, origin, side=Role.OPERATOR)
    locked.move(ApplicationAct.SET_PKCE)
    live = locked.application.live_revision
    if not required and live and live.profile:
        raise Conflict(ConflictFault.PKCE_BY_PROFILE)
    if not required and (live is None or not Registration.of(live).confidential):
        raise Conflict(ConflictFault.PKCE_PUBLIC_CLIENT)
    reason = required_text(reason)
    if locked.application.pkce_required != required:
        locked.application.pkce_required = required
        locked.save("pkce_required", gate=True)
        record(Tag.APPLICATION_PKCE_CHANGED, origin, application=locked.application, required=required, text=reason)
    return locked.application
