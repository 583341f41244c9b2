"""What speaks against an integrator access, and what became of one, in words."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess

SENTENCES: Mapping[StrEnum, Promise] = {
    IntegratorFault.EMAIL_MALFORMED: _("Give one e-mail address, such as name@company.example."),
    IntegratorFault.EMAIL_MEMBER: _("Somebody with this address works at your centre already. Give another address for the integrator."),
    IntegratorFault.GIVEN_ALREADY: _("This address has access already. Open it in the list of integrator access."),
    IntegratorFault.PROJECT_MISSING: _("Say what the access is for: support decides by it, and it stays in the record."),
    IntegratorFault.PERMISSIONS_MISSING: _("Choose what the integrator may do, at least one thing."),
    IntegratorFault.PERMISSION_UNKNOWN: _("One of these permissions does not exist. Choose from the list."),
    IntegratorFault.APPLICATION_UNKNOWN: _("There is no application with this client_id that your centre could use. Ask the integrator for it, or leave it empty."),
    IntegratorFault.FIRST_DAY_PAST: _("The first day is over. Choose today or a later day."),
    IntegratorFault.FIRST_DAY_FAR: _("The first day can be at most %(days)d days ahead."),
    IntegratorFault.LAST_DAY_MISSING: _("Give the last day. An integrator user always has one."),
    IntegratorFault.LAST_DAY_PAST: _("The last day is over. Choose today or a later day."),
    IntegratorFault.LAST_DAY_BEFORE_FIRST: _("The last day is before the first one."),
    IntegratorFault.LAST_DAY_FAR: _("The last day can be at most twelve months ahead."),
    IntegratorFault.NOT_SHORTER: _("Choose a day before the present last day. For a later one, ask for an extension."),
    IntegratorFault.NOT_LONGER: _("Choose a day after the present last day."),
    IntegratorFault.REASON_MISSING: _("Give the reason: it stays in the record."),
    IntegratorFault.OVER: _("This access is over already, so nothing was changed."),
    IntegratorFault.INVITED_JUST_NOW: _("An invitation was sent just now. Wait %(minutes)d minutes before sending another one."),
    IntegratorFault.NOT_INVITED: _("There is no invitation to send again: it was accepted, or is not due yet."),
    IntegratorFault.TENANT_NOT_ACTIVE: _("The centre is not active, so nobody can be given access to it."),
    IntegratorFault.INVITATION_OVER: _("This invitation is over: it was used, replaced by a newer one, or not accepted within 48 hours."),
    IntegratorFault.OTHER_ACCOUNT: _("This invitation is for another address. Sign in with the account of that address, and open the link again."),
    IntegratorFault.ELSEWHERE: _("Your account belongs to another medical centre, and an account belongs to one only. Ask the manager to invite you at an address that has no account yet."),
    IntegratorFault.ACCOUNT_OFF: _("The account of this address is switched off. Ask support."),
    IntegratorFault.ACCOUNT_OF_VENDOR: _("Whoever works for the vendor cannot be an integrator user. Ask the manager to invite another address."),
}  # fmt: skip

STATES: Mapping[str, tuple[str, Promise]] = {
    IntegratorAccess.State.GRANTED: ("info", _("Invited")),
    IntegratorAccess.State.ACTIVE: ("success", _("Running")),
    IntegratorAccess.State.ENDED: ("neutral", _("Ended")),
}
"""A chip's kind and word for each state."""

ENDS: Mapping[str, Promise] = {
    IntegratorAccess.End.EXPIRED: _("Its last day is over."),
    IntegratorAccess.End.MANAGER: _("A manager of the centre ended it."),
    IntegratorAccess.End.IDLE: _("Nobody had used it for weeks."),
    IntegratorAccess.End.UNCONFIRMED: _("No manager of the centre confirmed that it was still needed."),
    IntegratorAccess.End.CLINIC_CLOSED: _("The centre was closed."),
    IntegratorAccess.End.ACCOUNT: _("The account was closed or left the centre."),
}
"""Why one ended."""
