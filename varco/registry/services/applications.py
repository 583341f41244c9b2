"""Acts on an application as a whole."""

from django.db import transaction

from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.registry import validation
from varco.registry.access import visible_to, whom_to_tell
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, may
from varco.registry.models import Application, Revision
from varco.registry.notifications import ApplicationRenamed, ApplicationRestored, ApplicationSuspended
from varco.registry.registration import Details, Registration
from varco.registry.services.locking import lock
from varco.registry.services.texts import plain_text, required_text

MAX_APPLICATIONS = 100
"""Applications not retired that one developer may have."""


@transaction.atomic
def create_application(*, details: Details, registration: Registration, origin: Origin) -> Application:
    """Register an application of the actor's with its first draft. Unusable until an operator approves it (S11).

    Raises `Denied` unless the actor is a developer, `Invalid`, and `Conflict` at `MAX_APPLICATIONS`.
    """
    if origin.actor is None:
        raise Denied
    developer = User.objects.select_for_update().get(pk=origin.actor.pk)
    if not (developer.is_developer and developer.is_active):
        raise Denied
    if visible_to(developer).exclude(state=Application.State.RETIRED).count() >= MAX_APPLICATIONS:
        raise Conflict(ConflictFault.APPLICATIONS_TOO_MANY, limit=MAX_APPLICATIONS)
    registration = registration.normalised()
    faults = validation.details_faults(details) | validation.shape_faults(registration)
    if faults:
        raise Invalid(faults)
    application = Application.objects.create(owner=developer, **details.columns())
    Revision.objects.create(application=application, number=1, **registration.columns())
    record(Tag.APPLICATION_CREATED, origin, application=application, type=registration.type)
    return application


@transaction.atomic
def edit_details(application: Application, details: Details, origin: Origin, *, stamp: str = "") -> Application:
    """Change name, description, publisher, product, contacts and addresses at once; the timeline keeps both versions.

    People recognise an application in force by its name and publisher, so operators are told when those change.
    """
    held = lock(application, origin, side=Role.DEVELOPER)
    held.move(ApplicationAct.EDIT)
    held.check_stamp(stamp, held.latest())
    faults = validation.details_faults(details)
    if held.application.client_id:
        faults = validation.missing_details(details) | faults
    if faults:
        raise Invalid(faults)
    before, after = Details.of(held.application).columns(), details.columns()
    changed = {name: {"before": before[name], "after": after[name]} for name in after if before[name] != after[name]}
    if not changed:
        return held.application
    for name in changed:
        setattr(held.application, name, after[name])
    held.save(*changed, gate="name" in changed)
    record(Tag.APPLICATION_EDITED, origin, application=held.application, changed=changed)
    if held.application.client_id and {"name", "publisher"} & set(changed):
        renamed = ApplicationRenamed(held.application, before["name"], before["publisher"], held.actor)
        notify(renamed, whom_to_tell(held.application, Role.OPERATOR))
    return held.application


@transaction.atomic
def suspend(application: Application, origin: Origin, *, reason: str) -> Application:
    """Stop an application: every token and secret of it is dead on the next request, until it is restored (S16)."""
    held = lock(application, origin, side=Role.OPERATOR)
    held.application.state = held.move(ApplicationAct.SUSPEND)
    reason = required_text(reason)
    held.save("state", gate=True)
    record(Tag.APPLICATION_SUSPENDED, origin, application=held.application, text=reason)
    notify(ApplicationSuspended(held.application, reason), whom_to_tell(held.application, Role.DEVELOPER))
    return held.application


@transaction.atomic
def restore(application: Application, origin: Origin, *, reason: str = "") -> Application:
    """Put a suspended application back in force, under the revision that is approved."""
    held = lock(application, origin, side=Role.OPERATOR)
    held.application.state = held.move(ApplicationAct.RESTORE)
    reason = plain_text(reason)
    held.save("state", gate=True)
    record(Tag.APPLICATION_RESTORED, origin, application=held.application, text=reason)
    notify(ApplicationRestored(held.application, reason), whom_to_tell(held.application, Role.DEVELOPER))
    return held.application


@transaction.atomic
def retire(application: Application, origin: Origin) -> Application:
    """End an application for good, by its developer; what waits for review is withdrawn."""
    held = lock(application, origin, side=Role.DEVELOPER)
    held.application.state = held.move(ApplicationAct.RETIRE)
    latest = held.latest()
    if latest and may(latest.state, RevisionAct.WITHDRAW, held.role):
        latest.state = held.move_revision(latest, RevisionAct.WITHDRAW)
        latest.save(update_fields=["state"])
    held.save("state", gate=True)
    record(Tag.APPLICATION_RETIRED, origin, application=held.application)
    return held.application


@transaction.atomic
def set_pkce_required(application: Application, origin: Origin, *, required: bool, reason: str) -> Application:
    """An administrator's exception for a confidential client that cannot do PKCE (RFC 9700 §2.1.1), or its end.

    Raises `Conflict` for a public client, which needs PKCE always.
    """
    held = lock(application, origin, side=Role.OPERATOR)
    held.move(ApplicationAct.SET_PKCE)
    live = held.application.live_revision
    if not required and live and live.profile:
        raise Conflict(ConflictFault.PKCE_BY_PROFILE)
    if not required and (live is None or not Registration.of(live).confidential):
        raise Conflict(ConflictFault.PKCE_PUBLIC_CLIENT)
    reason = required_text(reason)
    if held.application.pkce_required != required:
        held.application.pkce_required = required
        held.save("pkce_required", gate=True)
        record(Tag.APPLICATION_PKCE_CHANGED, origin, application=held.application, required=required, text=reason)
    return held.application
