"""The Developer role over time: whom clinics introduced, who is invited, and taking it away (S7)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.accounts.models import User
from varco.portal.common import ticket_display, ticket_words
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ASIDE, page_of, words_of
from varco.portal.common.page import STAFF, page
from varco.portal.common.request import SignedInRequest
from varco.portal.common.ticket_forms import TicketReasonForm
from varco.portal.middleware import origin
from varco.registry import lists
from varco.tickets import activations
from varco.tickets.models import Activation


@page(STAFF, "GET")
def developers(request: SignedInRequest) -> HttpResponse:
    """Everybody whom a clinic introduced, the latest first."""
    words = words_of(request)
    found = page_of(request, activations.developers(words))
    items = [(item, _chip(item)) for item in found.object_list]
    return render(request, "support/developers.html", {"items": items, "page": found, "words": words})


@page(STAFF, "GET")
def developer(request: SignedInRequest, subject: str) -> HttpResponse:
    """One of them: the chain from each clinic's ticket to the role as it stands."""
    user = _developer(subject)
    found = page_of(request, activations.of_user(user), ASIDE)
    context = {
        "developer": user,
        "items": [(item, _chip(item)) for item in found.object_list],
        "page": found,
        "applications": lists.applications_of(user).count(),
        "ends": user.is_developer or activations.stands(user),
        "own": user.pk == request.user.pk,
    }
    return render(request, "support/developer.html", context)


@page(STAFF, "GET POST", step_up="POST")
def deactivate(request: SignedInRequest, subject: str) -> HttpResponse:
    """Take the role away, after a page that says what ends and what goes on."""
    user = _developer(subject)
    form = TicketReasonForm(posted(request))

    def act() -> HttpResponse:
        activations.deactivate(user, origin(request), reason=form.cleaned_data["text"])
        messages.success(
            request, _("%(name)s is no developer any more. Both sides have been told.") % {"name": user.name}
        )
        return redirect("support:developer", subject=subject)

    context = {"developer": user, "form": form, "applications": lists.applications_of(user).count()}
    return answered(request, form, act, lambda: render(request, "support/deactivate.html", context))


@page(STAFF, "POST")
def invite_again(request: SignedInRequest, subject: str, pk: int) -> HttpResponse:
    """Send an invitation once more, by another link."""
    user = _developer(subject)
    found = activations.of_user(user).filter(pk=min(pk, 2**63 - 1)).first()
    if found is None:
        raise Http404
    activations.invite_again(found, origin(request))
    messages.success(request, _("The invitation is sent again. The link of before opens nothing any more."))
    return redirect("support:developer", subject=subject)


def _developer(subject: str) -> User:
    user = activations.by_subject(subject)
    if user is None:
        raise Http404
    return user


def _chip(item: Activation) -> ticket_display.Chip:
    return ticket_display.Chip(*ticket_words.ACTIVATIONS[item.state])
