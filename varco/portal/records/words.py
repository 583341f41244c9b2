"""What the records say, in words: operations, outcomes, kinds of people, events."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.audit.tags import Tag
from varco.portal.common.operation_words import OPERATIONS

EVENTS: Mapping[str, Promise] = {
    Tag.TICKET_OPENED: gettext_lazy("The ticket was opened"),
    Tag.TICKET_FIRST_APPROVED: gettext_lazy("The first of two approved the ticket"),
    Tag.TICKET_APPROVED: gettext_lazy("The ticket was approved"),
    Tag.TICKET_REFUSED: gettext_lazy("The ticket was refused"),
    Tag.DEVELOPER_ACTIVATED: gettext_lazy("The Developer role began for the centre"),
    Tag.DEVELOPER_DEACTIVATED: gettext_lazy("The Developer role ended for the centre"),
    Tag.ACCOUNT_CREATED: gettext_lazy("The account was made"),
    Tag.ACCOUNT_INVITED: gettext_lazy("Invited"),
    Tag.ACCOUNT_INVITATION_ACCEPTED: gettext_lazy("The invitation was accepted"),
    Tag.ACCOUNT_ROLE_CHANGED: gettext_lazy("The role was changed"),
    Tag.APPLICATION_SUBMITTED: gettext_lazy("Submitted for review"),
    Tag.APPLICATION_APPROVED: gettext_lazy("Approved"),
    Tag.APPLICATION_CHANGES_REQUESTED: gettext_lazy("Changes requested"),
    Tag.APPLICATION_REJECTED: gettext_lazy("Rejected"),
    Tag.APPLICATION_SUSPENDED: gettext_lazy("Suspended"),
    Tag.APPLICATION_RESTORED: gettext_lazy("Restored"),
    Tag.APPLICATION_RETIRED: gettext_lazy("Retired"),
    Tag.APPLICATION_PKCE_CHANGED: gettext_lazy("PKCE changed"),
    Tag.CONSENT_GIVEN: gettext_lazy("Accepted by a person of the centre"),
    Tag.CONSENT_REFUSED: gettext_lazy("Refused by a person of the centre"),
    Tag.CONSENT_WITHDRAWN: gettext_lazy("Withdrawn by a person of the centre"),
    Tag.DEVICE_APPROVED: gettext_lazy("A device was let in"),
    Tag.DEVICE_DENIED: gettext_lazy("A device was refused"),
    Tag.CLINIC_APPLICATION_BLOCKED: gettext_lazy("Blocked by the centre"),
    Tag.CLINIC_APPLICATION_UNBLOCKED: gettext_lazy("The block was lifted"),
    Tag.INTEGRATOR_ACCEPTED: gettext_lazy("Accepted access for a time"),
    Tag.INTEGRATOR_DATES_CHANGED: gettext_lazy("The access has another last day"),
    Tag.INTEGRATOR_ENDED: gettext_lazy("The access ended"),
    Tag.MEMBER_ADDED: gettext_lazy("Became a member of the centre"),
    Tag.MEMBER_REMOVED: gettext_lazy("Left the centre"),
}

STAGES: Mapping[str, Promise] = {
    "ticket": gettext_lazy("The centre’s ticket for the developer"),
    "developer": gettext_lazy("The developer’s role"),
    "review": gettext_lazy("Review by the platform"),
    "consent": gettext_lazy("Consent of people of the centre"),
    "people": gettext_lazy("People with access for a time"),
    "calls": gettext_lazy("What it did with it"),
}

OUTCOMES: Mapping[str, Promise] = {
    "ok": gettext_lazy("Answered"),
    "not_found": gettext_lazy("Refused: not there"),
    "forbidden": gettext_lazy("Refused: not allowed to the person"),
    "insufficient_scope": gettext_lazy("Refused: not granted to the application"),
}


def operation(tag: str) -> str:
    """What was done."""
    return str(OPERATIONS.get(tag, tag))


def event(tag: str) -> str:
    """What happened."""
    return str(EVENTS.get(tag, tag))


def kind(person_kind: str) -> str:
    """How somebody belongs to the clinic."""
    return _("Integrator, for a time") if person_kind == "integrator" else _("Of the centre")


def by_itself(detail: str) -> bool:
    """Whether the detail of a record says that the application acted without a person who watched."""
    said = json.loads(detail) if detail else {}
    return isinstance(said, dict) and bool(said.get("by_itself"))


def outcome(code: str) -> str:
    """How it ended."""
    return str(OUTCOMES[code]) if code in OUTCOMES else _("Refused: %(code)s") % {"code": code}


def who(row: Mapping[str, Any]) -> str:
    """A person of a record, by name where there is one."""
    return str(row["person_name"] or row["person"])
