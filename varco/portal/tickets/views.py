"""The tickets that somebody asked for, and those of the clinic they manage."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.portal.common import ticket_display, ticket_words
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import found_page_of, page_of, words_of
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.ticket_attempts import noted
from varco.portal.common.ticket_forms import KindForm, ReplyForm, uploads
from varco.portal.middleware import origin
from varco.tenants.queries import managed_by
from varco.tickets import access, activations, kinds, queries, services
from varco.tickets.access import Side
from varco.tickets.models import Ticket
from varco.tickets.services.thread import may_reopen

PER_PAGE = 25  # tickets
THREAD = 20  # entries a page


@page(SIGNED_IN, "GET")
def tickets(request: SignedInRequest) -> HttpResponse:
    """All of them, the latest first."""
    words = words_of(request)
    found = found_page_of(request, queries.own(request.user, managed_by(request.user), words), words, PER_PAGE)
    listed = queries.with_all(found.object_list)
    items = [(item, ticket_words.kind_name(item), ticket_display.chips(item)) for item in listed]
    context = {"items": items, "page": found, "words": words}
    return render(request, "tickets/list.html", context)


@page(SIGNED_IN, "GET")
def new(request: SignedInRequest) -> HttpResponse:
    """What one can ask for."""
    asker = access.asker(request.user)
    offered = [(kind.code, ticket_words.KINDS[kind.code]) for kind in kinds.KINDS if kind.may_open(asker)]
    return render(request, "tickets/new.html", {"offered": offered})


@page(SIGNED_IN, "GET POST")
def open_kind(request: SignedInRequest, kind: str) -> HttpResponse:
    """The form of a kind; its fields may be filled in by the query, for links that lead here. A kind that is not theirs: 404."""
    asker = access.asker(request.user)
    wanted = kinds.BY_CODE.get(kind)
    if wanted is None or not wanted.may_open(asker):
        noted(request, "kind", kind=kind)
        raise Http404
    names = {declared.name for declared in wanted.fields}
    form = KindForm(
        wanted, asker, posted(request), initial={name: str(request.GET[name]) for name in names & request.GET.keys()}
    )

    def act() -> HttpResponse:
        made = services.open_ticket(asker, wanted.code, form.given(), origin(request), uploads(request))
        messages.success(request, _("Ticket %(number)d is open. You are told by mail.") % {"number": made.number})
        return redirect("tickets:ticket", number=made.number)

    context = {"form": form, "words": ticket_words.KINDS[wanted.code], "tenant": asker.managed, "kind": wanted}
    return answered(request, form, act, lambda: render(request, "tickets/open.html", context))


@page(SIGNED_IN, "GET POST")
def ticket(request: SignedInRequest, number: int) -> HttpResponse:
    """One ticket with its thread, and an answer to it."""
    found, side = find(request, number)
    form = ReplyForm(posted(request))

    def show() -> HttpResponse:
        return render(request, "tickets/ticket.html", _context(request, found, side) | {"form": form})

    def act() -> HttpResponse:
        services.reply(found, origin(request), text=form.cleaned_data["text"], uploads=uploads(request))
        messages.success(request, _("Your answer is there. Support is told."))
        return redirect("tickets:ticket", number=number)

    return answered(request, form, act, show)


@page(SIGNED_IN, "POST")
def close(request: SignedInRequest, number: int) -> HttpResponse:
    """End it: it is settled, or not needed any more. An answer opens it again."""
    found, _side = find(request, number)
    services.close(found, origin(request))
    messages.success(request, _("The ticket is closed. An answer opens it again."))
    return redirect("tickets:ticket", number=number)


@page(SIGNED_IN, "GET")
def file(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """A file of a ticket, to be saved."""
    found, side = find(request, number)
    return ticket_display.file_response(request, found, queries.attachment(found, side, pk))


@page(SIGNED_IN, "GET")
def developer_role(request: SignedInRequest) -> HttpResponse:
    """One's Developer role: who introduced one, since when, and why it ended."""
    found = page_of(request, activations.of_user(request.user), 10)
    items = [(item, ticket_display.Chip(*ticket_words.ACTIVATIONS[item.state])) for item in found.object_list]
    return render(request, "tickets/developer_role.html", {"items": items, "page": found})


def find(request: SignedInRequest, number: int) -> tuple[Ticket, Side]:
    """A ticket that exists for this person on their own side; 404 for any other. The vendor's people have their inbox."""
    found = queries.by_number(number, request.user)
    if found is None or found[1] == Side.STAFF:
        noted(request, "ticket", number=number)
        raise Http404
    return found


def _context(request: SignedInRequest, found: Ticket, side: Side) -> dict[str, object]:
    entries = page_of(request, queries.thread(found, side), THREAD)
    closed = found.state == Ticket.State.CLOSED
    return {
        "ticket": found,
        "kind": ticket_words.kind_name(found),
        "chips": ticket_display.chips(found),
        "facts": ticket_display.facts(found),
        "page": entries,
        "thread": ticket_display.thread(entries.object_list),
        "reopens": closed and may_reopen(found),
        "closed": closed,
        "to_confirm": not closed and found.confirmed_at is None and access.may_confirm(request.user, found),
        "unproven": not closed and found.confirmed_at is None and kinds.of(found).proof,
        "activation": activations.of_ticket(found),
    }
