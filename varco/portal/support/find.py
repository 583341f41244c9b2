"""A ticket as one of the vendor's people finds it."""

from django.http import Http404

from varco.portal.common.request import SignedInRequest
from varco.portal.common.ticket_attempts import noted
from varco.tickets import queries
from varco.tickets.access import Side
from varco.tickets.models import Ticket


def find(request: SignedInRequest, number: int) -> Ticket:
    """A ticket, for whoever works it; 404 for one's own, which stands among one's own tickets."""
    found = queries.by_number(number, request.user)
    if found is None or found[1] != Side.STAFF:
        noted(request, "ticket", number=number)
        raise Http404
    return found[0]
