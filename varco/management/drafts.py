"""The draft of an application, its submission and its withdrawal (S11, S13)."""

from dataclasses import replace
from typing import Annotated

import msgspec
from django.db import transaction
from msgspec import UNSET, Meta, UnsetType

from varco.management.applications import answer_with
from varco.management.conditions import etag
from varco.management.errors import ManagementError
from varco.management.operations import DEVELOPER, Answer, Call, operation
from varco.management.registrations import RegistrationBody, RegistrationChange, values_of
from varco.management.representations import ApplicationDetail, Draft, draft_detail
from varco.registry import queries, services
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.models import Revision
from varco.registry.registration import Registration, stamp


class RedirectUris(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Where people come back to. What is left out stays as it is."""

    redirect_uris: list[str]
    post_logout_redirect_uris: list[str] | UnsetType = UNSET
    submit: Annotated[bool, Meta(description="Hand the new revision in for review at once.")] = False


@operation("GET", role=DEVELOPER)
def read_draft(call: Call) -> Answer[Draft]:
    """Read the draft, with what keeps it from being submitted."""
    return _draft(call, _open_draft(call))


@operation("PUT", role=DEVELOPER, body=RegistrationBody, tagged=True)
def replace_draft(call: Call) -> Answer[Draft]:
    """Write the whole draft, beginning the next revision if there is none; what is in force stays in force."""
    registration = values_of(call.sent, Registration)
    return _draft(call, services.save_draft(call.application, registration, call.origin, stamp=call.stamp))


@operation("PATCH", role=DEVELOPER, body=RegistrationChange, tagged=True)
def change_draft(call: Call) -> Answer[Draft]:
    """Change fields of the draft; where there is none, the next revision begins as the last one was."""
    latest = queries.latest_revision(call.application)
    if latest is None:
        raise Conflict(ConflictFault.NO_DRAFT)
    registration = values_of(call.sent, Registration, Registration.of(latest))
    return _draft(call, services.save_draft(call.application, registration, call.origin, stamp=call.stamp))


@operation("POST", role=DEVELOPER, tagged=True)
def submit(call: Call) -> Answer[ApplicationDetail]:
    """Hand the draft in for review; where a policy decides, it is in force at once."""
    services.submit(call.application, call.origin, stamp=call.stamp)
    return answer_with(call.application)


@operation("POST", role=DEVELOPER, tagged=True)
def withdraw(call: Call) -> Answer[ApplicationDetail]:
    """Take the latest revision back: a draft, one that waits, or one sent back. What is in force stays in force."""
    services.withdraw(call.application, call.origin, stamp=call.stamp)
    return answer_with(call.application)


@operation("PUT", role=DEVELOPER, body=RedirectUris, tagged=True)
def change_redirect_uris(call: Call) -> Answer[ApplicationDetail]:
    """Change redirect URIs and nothing else, in the open draft or in a new revision of what is in force; a review decides."""
    sent: RedirectUris = call.sent
    base = _base_of_uris(call)
    logout = base.post_logout_redirect_uris
    if sent.post_logout_redirect_uris is not UNSET:
        logout = tuple(sent.post_logout_redirect_uris)
    changed = replace(base, redirect_uris=tuple(sent.redirect_uris), post_logout_redirect_uris=logout)
    with transaction.atomic():
        draft = services.save_draft(call.application, changed, call.origin, stamp=call.stamp)
        if sent.submit:
            call.application.refresh_from_db()
            services.submit(call.application, call.origin, stamp=stamp(call.application, draft))
    return answer_with(call.application)


def _base_of_uris(call: Call) -> Registration:
    """What the developer is working on; else what is in force, since a revision that was withdrawn or rejected asked for more than this."""
    latest, live = queries.latest_revision(call.application), call.application.live_revision
    if latest is None:
        raise Conflict(ConflictFault.NO_DRAFT)
    working = latest.state in {Revision.State.DRAFT, Revision.State.SUBMITTED, Revision.State.CHANGES_REQUESTED}
    return Registration.of(latest if working or live is None else live)


def _open_draft(call: Call) -> Revision:
    latest = queries.latest_revision(call.application)
    if latest is None or latest.state != Revision.State.DRAFT:
        raise ManagementError("not_found", "There is no draft of this application.", 404)
    return latest


def _draft(call: Call, draft: Revision) -> Answer[Draft]:
    call.application.refresh_from_db()
    return Answer(draft_detail(call.application, draft), etag(stamp(call.application, draft)))
