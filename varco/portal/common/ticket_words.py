"""Tickets in words: each kind with its fields and what deciding does, the acts of a thread, the faults."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from varco.integrators import limits
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import MAX_PROJECT
from varco.people.errors import PeopleFault
from varco.portal.common import integrator_ticket_words, integrator_words
from varco.portal.common.kind_words import FieldWords, KindWords
from varco.tickets import kinds
from varco.tickets.errors import TicketConflict, TicketFault
from varco.tickets.models import Activation, Ticket

KINDS: Mapping[str, KindWords] = {
    kinds.DEVELOPER_ACTIVATION.code: KindWords(
        name=_("Developer activation"),
        offer=_("A company is to write software that works with your medical centre: have their developer activated."),
        lead=_(
            "Name the developer by their own e-mail address. We look at it and switch the Developer role of their account on; whoever has "
            "no account is invited. The role lets them register applications and opens no data of your centre."
        ),
        fields={
            "email": FieldWords(_("Developer's e-mail address"), _("Of the person, not of the company.")),
            "company": FieldWords(_("Company")),
            "purpose": FieldWords(_("What for"), _("Which software, for whom, and what it is to do. At least 20 characters.")),
        },
        approve=_("Activate the developer"),
        approving=_("The Developer role begins at once; somebody without an account is invited, and becomes one by accepting."),
        icon="code",
    ),
    kinds.SANDBOX.code: KindWords(
        name=_("Sandbox"),
        offer=_("Get a medical centre without real people in it, to try software with."),
        lead=_("A sandbox is a medical centre of its own, with invented data or none. Nothing done in it reaches a real one."),
        fields={
            "name": FieldWords(_("Name of the sandbox")),
            "data": FieldWords(
                _("What is in it"), "", {"invented": _("Invented patients and agendas"), "empty": _("Nothing")}
            ),
            "email": FieldWords(
                _("E-mail address of who manages it"),
                _("You, if empty. Whoever belongs to a medical centre already names somebody else: a person belongs to one."),
            ),
            "purpose": FieldWords(_("What you want to try"), _("At least 10 characters.")),
        },
        approve=_("Create the sandbox"),
        approving=_("The sandbox is made, and whoever manages it can sign in to it at once or is invited."),
        icon="flask",
    ),
    kinds.LOST_FACTOR.code: KindWords(
        name=_("Lost second step"),
        offer=_("A telephone, passkey or the recovery codes are gone, and signing in stops at the second step."),
        lead=_(
            "We remove the second step once somebody who manages the medical centre has confirmed who it is; without a medical centre two of our "
            "people decide. It is never done by mail alone."
        ),
        fields={
            "member": FieldWords(
                _("Whose second step"), _("E-mail address of somebody of your medical centre. Your own, if empty.")
            ),
            "lost": FieldWords(
                _("What is lost"),
                "",
                {
                    "phone": _("The telephone with the authenticator app"),
                    "key": _("The device with the passkey"),
                    "codes": _("The recovery codes too"),
                    "other": _("Something else"),
                },
            ),
            "story": FieldWords(_("What has happened"), _("When, and whether it may have been stolen. At least 10 characters.")),
        },
        approve=_("Remove the second step"),
        approving=_(
            "Authenticator app, passkeys and recovery codes are removed, and every session ends. A short password has to be set anew by mail."
        ),
        icon="shield",
    ),
    **integrator_ticket_words.KINDS,
    kinds.QUESTION.code: KindWords(
        name=_("Question"),
        offer=_("Anything else."),
        lead=_("Ask. Never write here what concerns a patient."),
        fields={
            "topic": FieldWords(_("What it is about")),
            "text": FieldWords(_("Your question"), _("At least 10 characters.")),
        },
        icon="question",
    ),
}  # fmt: skip

STATES: Mapping[str, tuple[str, Promise]] = {
    Ticket.State.OPEN: ("info", _("Waits for support")),
    Ticket.State.WAITING: ("waiting", _("Waits for an answer")),
    Ticket.State.CLOSED: ("neutral", pgettext_lazy("ticket", "Closed")),
}
OUTCOMES: Mapping[str, tuple[str, Promise]] = {
    Ticket.Outcome.APPROVED: ("success", pgettext_lazy("ticket", "Approved")),
    Ticket.Outcome.REFUSED: ("danger", pgettext_lazy("ticket", "Refused")),
    Ticket.Outcome.SETTLED: ("neutral", pgettext_lazy("ticket", "Settled")),
}
ACTIVATIONS: Mapping[str, tuple[str, Promise]] = {
    Activation.State.INVITED: ("waiting", _("Invited")),
    Activation.State.ACTIVE: ("success", pgettext_lazy("role", "Active")),
    Activation.State.ENDED: ("neutral", pgettext_lazy("role", "Ended")),
}
ACTS: Mapping[str, Promise] = {
    "opened": _("Ticket opened"),
    "assigned": _("Given to %(to)s"),
    "unassigned": _("Given to nobody"),
    "confirmed": _("Confirmed who it is"),
    "denied": _("Said that it is not them"),
    "first_approved": _("Approved by the first of two"),
    "approved": pgettext_lazy("act", "Approved"),
    "refused": pgettext_lazy("act", "Refused"),
    "closed": pgettext_lazy("act", "Closed"),
    "reopened": _("Opened again"),
    "developer_activated": _("The Developer role is on"),
}
DONE: Mapping[str, Promise] = {
    "developer_activated": _("The Developer role is on."),
    "developer_invited": _("An invitation was sent; the role begins when it is accepted."),
    "sandbox_created": _("The sandbox is there."),
    "integrator_given": _("The access is given; the invitation goes out on its first day."),
    "integrator_extended": _("The access has another last day."),
    "factors_reset": _("The second step is removed."),
}
"""What an approval did, by the code that its act answers with."""

SENTENCES: Mapping[StrEnum, Promise] = {
    TicketFault.MISSING: _("This is needed."),
    TicketFault.TOO_SHORT: _("Write at least %(limit)d characters."),
    TicketFault.TOO_LONG: _("Write at most %(limit)d characters."),
    TicketFault.EMAIL: _("Give one whole e-mail address, such as name@company.example."),
    TicketFault.EMAIL_NOT_ASCII: _("Before the @ there can be letters without accents, digits and signs only."),
    TicketFault.CHOICE: _("Choose one of the list."),
    TicketFault.NUMBER: _("Give a whole number from %(least)d to %(most)d."),
    TicketFault.DATE: _("Give a day."),
    TicketFault.NOT_A_MEMBER: _("Nobody who works at your medical centre now has this address."),
    TicketFault.MEMBER_IS_SELF: _("Leave it empty if it is your own: another manager has to confirm it."),
    TicketFault.TEXT_MISSING: _("Write something."),
    TicketFault.REASON_MISSING: _("Write a reason: it stands in the ticket, and is mailed."),
    TicketFault.DECISION_MISSING: _("Choose what to do."),
    TicketFault.TOO_MANY_OPEN: _("You have %(limit)d tickets that are not closed. Close one first."),
    TicketFault.TOO_MANY_MESSAGES: _("You have written %(limit)d messages today. Go on tomorrow."),
    TicketFault.ASSIGNEE: _("This person cannot work the ticket."),
    TicketFault.FILE_TOO_LARGE: _("The files are larger than %(limit)d kB together. Nothing was sent."),
    TicketFault.FILE_EMPTY: _("This file is empty."),
    TicketFault.FILES_TOO_MANY: _("At most %(limit)d files at once, and %(most)d in a ticket."),
    TicketFault.FILE_NAME: _("The name of this file cannot be read safely: give it a short one of letters, digits and a dot."),
    TicketFault.FILE_TYPE: _("Files of this type are not taken; these are: %(endings)s."),
    TicketFault.FILE_NOT_WHAT_IT_SAYS: _("This file is not what its name says, or it is damaged."),
    TicketFault.FILE_EXPANDS: _("This file would become far too large when it is opened."),
    TicketFault.FILE_ACTIVE: _("This file holds something that runs: a web page, a macro or a program."),
    TicketConflict.CHANGED: _("Something has happened in this ticket meanwhile. Nothing was done: read it, then send again."),
    TicketConflict.DECIDED: _("Somebody else has decided about this ticket meanwhile. Nothing was done."),
    TicketConflict.CLOSED: _("This ticket is closed already."),
    TicketConflict.NOT_CLOSED_BUT_DECIDED: _("This ticket has to be approved or refused; whoever asked can close it too."),
    TicketConflict.CLOSED_LONG: _("This ticket has been closed for too long. Open another one, and name its number."),
    TicketConflict.NOT_CONFIRMED: _("Somebody who manages the medical centre has to confirm who it is first."),
    TicketConflict.CONFIRMED_ALREADY: _("Somebody else of the medical centre has confirmed it already."),
    TicketConflict.SAME_APPROVER: _("You are the first of two who approve. Somebody else has to follow."),
    TicketConflict.ACT_REFUSED: _("Nothing was done: %(why)s"),
    TicketConflict.NO_DEVELOPER: _("This account has no Developer role to take away."),
    TicketConflict.NOT_INVITED: _("There is no invitation to send again."),
}  # fmt: skip

REFUSALS: Mapping[str, Promise] = {
    PeopleFault.INACTIVE: _("the account is deactivated."),
    PeopleFault.TENANT_STATE: _("the medical centre is suspended or closed."),
    PeopleFault.NO_FACTORS: _("there is no second step to remove."),
    PeopleFault.MEMBER_ALREADY: _("whoever is to manage it belongs to a medical centre already."),
    PeopleFault.EMAIL_TAKEN: _("there is an account with this address by now. Try again."),
    PeopleFault.UNSOUND: _("the name or address cannot be used."),
    PeopleFault.HAS_PASSWORD: _("the person has set a password meanwhile. Try again."),
    PeopleFault.UNKNOWN_ACCOUNT: _("the account is gone."),
}
"""Why an act was refused, by the code of the service that refused it."""

_LIMITS = {"limit": MAX_PROJECT, "days": limits.AHEAD, "minutes": limits.PAUSE // 60}
"""What the sentences about integrator access have numbers for: a refusal brings its code alone."""

OTHERWISE = _("it is not possible as things stand now (%(code)s).")


def refusal(code: str) -> str:
    """Word why the service that would have done it refused."""
    if code in integrator_words.SENTENCES:
        return str(integrator_words.SENTENCES[IntegratorFault(code)]) % _LIMITS
    return str(REFUSALS[code]) if code in REFUSALS else str(OTHERWISE) % {"code": code}


def kind_name(ticket: Ticket) -> str:
    """What a ticket is, in two words."""
    return str(KINDS[ticket.kind].name) if ticket.kind in KINDS else ticket.kind
