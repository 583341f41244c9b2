"""Medical centres: making one with its first manager, suspending, restoring, closing (S22)."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from varco.audit.queries import EventSearch, search_events
from varco.audit.services import Origin
from varco.people import clinics, member_invitations, reasons
from varco.people.administration import acting_operator
from varco.portal.administration.event_words import event_rows
from varco.portal.administration.forms import ManagerForm, TenantForm, TenantsForm
from varco.portal.common.acts import Act, ReasonForm, act_page
from varco.portal.common.forms import posted
from varco.portal.common.listing import ASIDE, ROWS_PER_PAGE, page_of, words_of
from varco.portal.common.page import OPERATOR, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.tenants import queries
from varco.tenants.models import Tenant

STATES = {Tenant.State.ACTIVE: "success", Tenant.State.SUSPENDED: "danger", Tenant.State.CLOSED: "neutral"}


@page(OPERATOR, "GET")
def tenants(request: SignedInRequest) -> HttpResponse:
    """Every medical centre, searchable."""
    form = TenantsForm(request.GET)
    found = page_of(request, queries.search(**form.narrowing()), ROWS_PER_PAGE)
    listed = list(found.object_list)
    sizes = queries.sizes(listed)
    items = [(tenant, STATES[Tenant.State(tenant.state)], *sizes.get(tenant.pk, (0, 0))) for tenant in listed]
    return render(request, "administration/tenants.html", {"form": form, "page": found, "items": items})


@page(OPERATOR, "GET")
def tenant(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """One of them: its state, who manages it, what was done."""
    found = _tenant(tenant_id)
    words = words_of(request)
    people, managers = queries.sizes([found]).get(found.pk, (0, 0))
    members = page_of(request, queries.managers(found).order_by("user__email"), ASIDE)
    context = {
        "tenant": found,
        "chip": STATES[Tenant.State(found.state)],
        "people": people,
        "managers": managers,
        "members": members,
        "words": words,
        "waiting": page_of(request, queries.invitations(found), ASIDE, "invitations").object_list,
        "events": event_rows(search_events(EventSearch(tenant=found.public_id), None, ASIDE).events),
    }
    return render(request, "administration/tenant.html", context)


@page(OPERATOR, "GET POST")
def new(request: SignedInRequest) -> HttpResponse:
    """Make one and invite its first manager."""
    form = TenantForm(posted(request))

    def do() -> HttpResponse:
        made = _made(origin(request), **form.cleaned_data)
        messages.success(request, _("%(name)s is made, and its first manager invited.") % {"name": made.name})
        return redirect("administration:tenant", tenant_id=made.public_id)

    act = Act(
        title=_("New medical centre"),
        heading=_("New medical centre"),
        crumbs=((_("Administration"), ""), (_("Medical centres"), reverse("administration:tenants"))),
        intro=_("It begins empty. Its first manager joins by mail, and invites everybody else."),
        button=_("Make the medical centre"),
        back=reverse("administration:tenants"),
    )
    return act_page(request, act, form, do)


@transaction.atomic
def _made(where: Origin, *, name: str, kind: str, public_id: str, zone: str, email: str, text: str) -> Tenant:
    acting_operator(where)
    reason = reasons.checked(text)
    sandbox = kind == Tenant.Kind.SANDBOX
    made = clinics.create(name, where, sandbox=sandbox, public_id=public_id.strip(), zone=zone, reason=reason)
    member_invitations.invite_first_manager(made, email, where)
    return made


@page(OPERATOR, "GET POST", step_up="POST")
def invite_manager(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """Invite somebody to answer for one, as where its only manager has left."""
    found = _tenant(tenant_id)
    form = ManagerForm(posted(request))

    def do() -> HttpResponse:
        _invited(found, origin(request), form.cleaned_data["email"], form.cleaned_data["text"])
        messages.success(request, _("A mail with a link to join is on its way to %(email)s.") % form.cleaned_data)
        return redirect("administration:tenant", tenant_id=found.public_id)

    act = _act(
        found,
        title=_("Invite a manager"),
        heading=_("Who is to manage %(name)s?") % {"name": found.name},
        intro=_(
            "Whoever reads the mail at this address answers for the centre from then on. Be sure whom you write to."
        ),
        button=_("Send the invitation"),
    )
    return act_page(request, act, form, do)


@transaction.atomic
def _invited(tenant: Tenant, where: Origin, email: str, text: str) -> None:
    acting_operator(where)
    member_invitations.invite_first_manager(tenant, email, where, reason=reasons.checked(text))


@page(OPERATOR, "GET POST")
def suspend(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """Suspend one, after a page that says what stops."""
    found = _tenant(tenant_id)
    act = _act(
        found,
        title=_("Suspend the centre"),
        heading=_("Suspend %(name)s?") % {"name": found.name},
        intro=_("From the next request on, until it is restored:"),
        points=(
            _("every token of its people is refused, whatever the application;"),
            _("nobody of it can let an application in;"),
            _("its managers have no pages of it."),
        ),
        note=_("Nothing ends: restored, everything works as before. Its managers are told the reason by mail."),
        button=_("Suspend the centre"),
        danger=True,
    )
    return _moved(request, found, act, clinics.suspend, _("%(name)s is suspended, with effect at once."))


@page(OPERATOR, "GET POST")
def restore(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """End a suspension."""
    found = _tenant(tenant_id)
    act = _act(
        found,
        title=_("Restore the centre"),
        heading=_("Restore %(name)s?") % {"name": found.name},
        intro=_("Its people work with their applications again, as far as access has not expired meanwhile."),
        note=_("Its managers are told the reason by mail."),
        button=_("Restore the centre"),
    )
    return _moved(request, found, act, clinics.resume, _("%(name)s is active again."))


@page(OPERATOR, "GET POST")
def close(request: SignedInRequest, tenant_id: str) -> HttpResponse:
    """Close one for good."""
    found = _tenant(tenant_id)
    act = _act(
        found,
        title=_("Close the centre"),
        heading=_("Close %(name)s for good?") % {"name": found.name},
        intro=_("This cannot be taken back:"),
        points=(
            _("everything that its people let applications do ends;"),
            _("nobody joins it any more, and invitations open nothing;"),
            _("its data stays where it is, and no program reaches it."),
        ),
        note=_("Its managers are told the reason by mail."),
        button=_("Close the centre for good"),
        danger=True,
    )
    return _moved(request, found, act, clinics.close, _("%(name)s is closed."))


def _moved(request: SignedInRequest, found: Tenant, act: Act, move: Callable[..., None], said: str) -> HttpResponse:
    form = ReasonForm(posted(request))

    def do() -> HttpResponse:
        with transaction.atomic():
            acting_operator(origin(request))
            move(found, origin(request), reason=form.cleaned_data["text"])
        messages.success(request, said % {"name": found.name})
        return redirect("administration:tenant", tenant_id=found.public_id)

    return act_page(request, act, form, do)


def _act(
    found: Tenant,
    *,
    title: str,
    heading: str,
    intro: str,
    button: str,
    points: tuple[str, ...] = (),
    note: str = "",
    danger: bool = False,
) -> Act:
    here = reverse("administration:tenant", args=[found.public_id])
    crumbs = ((_("Administration"), ""), (_("Medical centres"), reverse("administration:tenants")), (found.name, here))
    return Act(
        title=title, heading=heading, crumbs=crumbs, intro=intro, points=points, note=note, button=button, back=here,
        danger=danger,
    )  # fmt: skip


def _tenant(tenant_id: str) -> Tenant:
    found = queries.of_any_state(tenant_id)
    if found is None:
        raise Http404
    return found
