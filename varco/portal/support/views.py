"""The inbox: every ticket, found and narrowed, and who works it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.portal.common import ticket_display, ticket_words
from varco.portal.common.listing import MOST_FOUND, found_page_of
from varco.portal.common.page import STAFF, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.portal.support.find import find
from varco.registry.errors import Conflict
from varco.tickets import queries, services
from varco.tickets.access import Side
from varco.tickets.errors import TicketConflict
from varco.tickets.models import Ticket

PER_PAGE = 25  # with what each waits for, 50 would make a heavy page
MINE, NOBODY, ALL = "me", "nobody", "all"


class InboxForm(forms.Form):
    """Narrowing the inbox. What cannot be read narrows nothing."""

    words = forms.CharField(
        label=gettext_lazy("Number, name, address or words"),
        required=False,
        max_length=100,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=lambda: [("", _("Any kind")), *((code, words.name) for code, words in ticket_words.KINDS.items())],
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=lambda: [
            ("", ticket_words.STATES[Ticket.State.OPEN][1]),
            (Ticket.State.WAITING.value, ticket_words.STATES[Ticket.State.WAITING][1]),
            (Ticket.State.CLOSED.value, ticket_words.STATES[Ticket.State.CLOSED][1]),
            (ALL, _("Any state")),
        ],
    )
    assignee = forms.ChoiceField(
        label=gettext_lazy("Worked by"),
        required=False,
        choices=lambda: [("", _("Anybody")), (MINE, _("Me")), (NOBODY, _("Nobody"))],
    )

    def narrowing(self, user: User) -> dict[str, Any]:
        """The arguments of the search."""
        self.full_clean()
        entered = dict(self.cleaned_data)
        state = entered.get("state") or Ticket.State.OPEN.value
        assignee = entered.get("assignee")
        return {
            "text": entered.get("words", ""),
            "kind": entered.get("kind", ""),
            "state": "" if state == ALL else state,
            "assignee": user if assignee == MINE else None,
            "unassigned": assignee == NOBODY,
        }


@page(STAFF, "GET")
def inbox(request: SignedInRequest) -> HttpResponse:
    """What waits for support, the longest first; or whatever is looked for."""
    form = InboxForm(request.GET)
    narrowing = form.narrowing(request.user)
    found = found_page_of(request, queries.inbox(**narrowing), narrowing["text"], PER_PAGE)
    items = [
        {
            "ticket": item,
            "kind": ticket_words.kind_name(item),
            "chips": [*filter(None, [ticket_display.clock_chip(item)]), *ticket_display.chips(item)],
        }
        for item in queries.with_all(found.object_list)
    ]
    return render(request, "support/inbox.html", {"form": form, "items": items, "page": found, "most": MOST_FOUND})


class AssignForm(forms.Form):
    """Who works a ticket: a `sub`, or nobody."""

    assignee = forms.CharField(required=False, max_length=40)
    stamp = forms.IntegerField(required=False)


@page(STAFF, "POST")
def assign(request: SignedInRequest, number: int) -> HttpResponse:
    """Give it to somebody of the desk, or to nobody."""
    found, form = find(request, number), AssignForm(request.POST)
    form.full_clean()
    subject = str(form.cleaned_data.get("assignee", ""))
    to = accounts.of_subject(subject) if subject else None
    if subject and to is None:
        raise Conflict(TicketConflict.CHANGED)
    services.assign(found, origin(request), to=to, version=form.cleaned_data.get("stamp"))
    text = _("%(name)s works this ticket now.") % {"name": to.name} if to else _("Nobody works this ticket now.")
    messages.success(request, text)
    return redirect("support:ticket", number=number)


@page(STAFF, "GET")
def file(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    """A file of a ticket, to be saved."""
    found = find(request, number)
    return ticket_display.file_response(request, found, queries.attachment(found, Side.STAFF, pk))
