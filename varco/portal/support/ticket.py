"""One ticket at the desk: what it asks for, what is known about it, its thread, and the decision beside them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.accounts import queries as accounts
from varco.portal.common import step_up, ticket_display, ticket_words
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ASIDE, page_of
from varco.portal.common.page import STAFF, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.ticket_forms import AnswerForm, TicketReasonForm, uploads, version_of
from varco.portal.middleware import origin
from varco.portal.support.find import find
from varco.protocol.fault import Fault
from varco.registry.errors import Invalid
from varco.tenants import queries as tenants
from varco.tickets import access, activations, factors, kinds, queries, services
from varco.tickets.access import Side
from varco.tickets.errors import TicketFault
from varco.tickets.models import Ticket

THREAD = 20  # entries a page
DECISIONS = frozenset({"approve", "refuse"})


@page(STAFF, "GET POST")
def ticket(request: SignedInRequest, number: int) -> HttpResponse:
    """Everything about one ticket; the button pressed says what is done. An approval is asked for once more."""
    found, pressed = find(request, number), request.POST.get("decision", "")
    asked = step_up.required(request) if pressed == "approve" else None
    if asked is not None:
        return asked
    answer = AnswerForm(posted(request) if pressed not in DECISIONS else None)
    reason = TicketReasonForm(posted(request) if pressed in DECISIONS else None, auto_id="decide_%s")
    form: AnswerForm | TicketReasonForm = reason if pressed in DECISIONS else answer

    def show() -> HttpResponse:
        now = find(request, number)  # as it stands after what was refused
        context = _context(request, now, form) | {"answer": answer, "reason": reason}
        return render(request, "support/ticket.html", context)

    def act() -> HttpResponse:
        confirmed = request.POST.get("confirmed", "")
        if pressed == "approve" and confirmed == "no":
            return show()
        if pressed == "approve" and confirmed != "yes":
            return _confirmation(request, found, form)
        messages.success(request, _done(request, found, form, pressed))
        return redirect("support:ticket", number=number)

    return answered(request, form, act, show, stamp=lambda: str(find(request, number).version))


def _done(request: SignedInRequest, found: Ticket, form: AnswerForm | TicketReasonForm, pressed: str) -> str:
    """Carry out what the button says, and say what was done. Raises `Invalid` and `Conflict`."""
    text, version, where = form.cleaned_data["text"], version_of(form), origin(request)
    match pressed:
        case "reply":
            services.reply(found, where, text=text, uploads=uploads(request), version=version)
            return _("Your answer is sent.")
        case "note":
            services.note(found, where, text=text)
            return _("The note is kept. Only support and operators read it.")
        case "close":
            services.close(found, where, text=text, version=version)
            return _("The ticket is closed. Whoever asked has been told.")
        case "approve":
            if services.approve(found, where, text=text, version=version):
                return _("Approved and done. Whoever asked has been told.")
            return _("You are the first of two. Somebody else of support has to approve it too.")
        case "refuse":
            services.refuse(found, where, text=text, version=version)
            return _("Refused. Whoever asked has been told.")
    raise Invalid({"": [Fault(TicketFault.DECISION_MISSING)]})


def _confirmation(request: SignedInRequest, found: Ticket, form: AnswerForm | TicketReasonForm) -> HttpResponse:
    context = {
        "ticket": found,
        "kind": ticket_words.kind_name(found),
        "words": ticket_words.KINDS[found.kind],
        "facts": ticket_display.facts(found),
        "entered": form.cleaned_data,
        "needs_two": access.needs_two(found) and found.first_approver is None,
    }
    return render(request, "support/confirm.html", context)


def _context(request: SignedInRequest, found: Ticket, form: AnswerForm | TicketReasonForm) -> dict[str, object]:
    entries = page_of(request, queries.thread(found, Side.STAFF), THREAD)
    earlier = page_of(request, queries.decided_before(found), ASIDE, "earlier")
    kind, open_ = kinds.of(found), found.state != Ticket.State.CLOSED
    decides = kind.decided and not found.outcome and access.decides(request.user, found)
    clock = queries.clock_of(found)
    return {
        "ticket": found,
        "kind": ticket_words.kind_name(found),
        "words": ticket_words.KINDS[found.kind],
        "chips": [*filter(None, [ticket_display.clock_chip(found)]), *ticket_display.chips(found)],
        "due_at": clock.due_at if clock else None,
        "facts": ticket_display.facts(found),
        "about": ticket_display.about(found.about_email),
        "account": _account(found),
        "earlier": [(item, ticket_words.kind_name(item), ticket_display.chips(item)) for item in earlier.object_list],
        "earlier_page": earlier,
        "page": entries,
        "thread": ticket_display.thread(entries.object_list),
        "stamp": form.data.get("stamp") or found.version,
        "decides": decides,
        "decided": kind.decided,
        "open": open_,
        "closable": open_ and not decides and (not kind.decided or bool(found.outcome)),
        "not_sent": form.data.get("text", "") if form.is_bound and not decides and form.auto_id != "id_%s" else "",
        "proof": _proof(found) if kind.proof and not found.outcome else None,
        "activation": activations.of_ticket(found),
        "staff": [user for user in accounts.staff() if user.pk not in (found.opener_id, found.person_id)],
    }


def _account(found: Ticket) -> dict[str, object] | None:
    """The account that a ticket is about or names, if there is one."""
    user = found.person or (accounts.by_email(found.about_email) if found.about_email else None)
    if user is None:
        return None
    return {"user": user, "tenant": tenants.tenant_of(user), "introduced_by": activations.introduced_by(user)}


def _proof(found: Ticket) -> dict[str, object]:
    """Who has proven the person, who could, or that two have to approve."""
    return {
        "confirmed_by": found.confirmed_by,
        "confirmed_at": found.confirmed_at,
        "provers": factors.provers(found) if found.confirmed_at is None else [],
        "needs_two": access.needs_two(found),
        "first": found.first_approver,
    }
