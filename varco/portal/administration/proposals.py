"""What takes two operators: what waits, what became of the rest, and the decision (S1)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from varco.people import two_operators
from varco.people.models import Proposal
from varco.portal.common.acts import Act, ReasonForm, act_page
from varco.portal.common.forms import ServiceForm, answered, posted
from varco.portal.common.listing import ROWS_PER_PAGE, page_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin

_CHIPS = {
    Proposal.State.CONFIRMED: "success",
    Proposal.State.REFUSED: "danger",
    Proposal.State.EXPIRED: "neutral",
    Proposal.State.OPEN: "waiting",
}


def what(proposal: Proposal) -> str:
    """What would be done, in words."""
    name = {"name": proposal.user.name}
    if proposal.kind == Proposal.Kind.MAKE_OPERATOR:
        return _("Make %(name)s an operator") % name
    if proposal.kind == Proposal.Kind.END_OPERATOR:
        return _("Take the operator role from %(name)s") % name
    return _("Reset the second factors of %(name)s") % name


def chip(proposal: Proposal) -> tuple[str, str]:
    """A chip's kind and word for what became of one."""
    state = Proposal.State(proposal.state)
    if state == Proposal.State.OPEN and not proposal.is_open:
        state = Proposal.State.EXPIRED
    words = {
        Proposal.State.OPEN: _("Waits for another operator"),
        Proposal.State.CONFIRMED: _("Confirmed"),
        Proposal.State.REFUSED: _("Refused"),
        Proposal.State.EXPIRED: _("Expired"),
    }
    return _CHIPS[state], words[state]


@page(OPERATOR, "GET")
def proposals(request: SignedInRequest) -> HttpResponse:
    """What waits for a second operator, and what was decided."""
    waiting = page_of(request, two_operators.waiting(), ROWS_PER_PAGE, "waiting")
    decided = page_of(request, two_operators.decided(), ROWS_PER_PAGE)
    context = {
        "waiting": [(item, what(item)) for item in waiting.object_list],
        "waiting_page": waiting,
        "decided": [(item, what(item), chip(item)) for item in decided.object_list],
        "page": decided,
    }
    return render(request, "administration/proposals.html", context)


@page(OPERATOR, "GET POST", step_up="POST")
def proposal(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of them; with the form, it is confirmed and done."""
    found = _proposal(pk)
    form = ServiceForm(posted(request))

    def act() -> HttpResponse:
        two_operators.confirm(found, origin(request))
        messages.success(request, _("Confirmed and done."))
        return redirect("administration:proposals")

    context = {
        "proposal": found,
        "what": what(found),
        "chip": chip(found),
        "form": form,
        "own": request.user.pk in {found.proposed_by_id, found.user_id},
    }
    return answered(request, form, act, lambda: render(request, "administration/proposal.html", context))


@page(OPERATOR, "GET POST")
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """Refuse one, or take one's own back."""
    found = _proposal(pk)
    form = ReasonForm(posted(request))

    def do() -> HttpResponse:
        two_operators.refuse(found, origin(request), reason=form.cleaned_data["text"])
        messages.success(request, _("Refused. Nothing was done."))
        return redirect("administration:proposals")

    here = reverse("administration:proposal", args=[found.pk])
    act = Act(
        title=_("Refuse"),
        heading=_("Refuse the proposal?"),
        crumbs=(
            (_("Administration"), ""),
            (_("Two-operator acts"), reverse("administration:proposals")),
            (what(found), here),
        ),
        intro=what(found),
        button=_("Refuse"),
        back=here,
        danger=True,
    )
    return act_page(request, act, form, do)


def _proposal(pk: int) -> Proposal:
    found = two_operators.find(pk)
    if found is None:
        raise Http404
    return found
