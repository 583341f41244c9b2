"""Integrator access as the clinic's manager sees it: ask, look, shorten, end, confirm, read the report (S25, S26, S40)."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco import catalog, clock
from varco.catalog import Words
from varco.integrators import confirmations, limits, queries, services
from varco.integrators import report as reports
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.portal.clinic.integrator_forms import EndForm, LastDayForm, RequestForm
from varco.portal.common import fault_words
from varco.portal.common.forms import answered, posted
from varco.portal.common.integrator_words import ENDS, STATES
from varco.portal.common.listing import CARDS_PER_PAGE, page_of, words_of
from varco.portal.common.operation_words import OPERATIONS
from varco.portal.common.page import MANAGER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.protocol.fault import Fault
from varco.registry import queries as registry
from varco.registry.errors import Invalid
from varco.tenants.models import Tenant


@page(MANAGER, "GET")
def integrators(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Every access of the clinic."""
    words = words_of(request)
    found = page_of(request, queries.search(tenant, words), CARDS_PER_PAGE)
    context = {
        "tenant": tenant,
        "page": found,
        "items": [_described(one, listed=True) for one in found],
        "words": words,
    }
    return render(request, "clinic/integrators.html", context)


@page(MANAGER, "GET POST", step_up="POST")
def new(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Give access, where the vendor lets managers do so; otherwise the ticket by which they ask for it."""
    if not settings.VARCO.integrators_direct:
        return redirect("tickets:open", kind="integrator_access")
    form = RequestForm(posted(request))

    def act() -> HttpResponse:
        access = services.create(form.request, origin(request))
        messages.success(request, _("The access is given. The invitation goes out on its first day."))
        return redirect("clinic:integrator", pk=access.pk)

    context = {"tenant": tenant, "form": form}
    return answered(request, form, act, lambda: render(request, "clinic/integrator_new.html", context))


@page(MANAGER, "GET")
def integrator(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """One of them."""
    access = _access(tenant, pk)
    return render(
        request,
        "clinic/integrator.html",
        {"tenant": tenant, "direct": settings.VARCO.integrators_direct} | _described(access),
    )


@page(MANAGER, "GET POST", step_up="POST")
def dates(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Give one another last day: a sooner one, and a later one where the vendor lets managers do so."""
    access = _given(tenant, pk)
    form = LastDayForm(posted(request), initial={"last_day": access.last_day})

    def act() -> HttpResponse:
        day = form.day
        if day is None:
            raise Invalid({"last_day": [Fault(IntegratorFault.LAST_DAY_MISSING)]})
        longer = settings.VARCO.integrators_direct and day > access.last_day
        change = services.extend if longer else services.shorten
        change(access, origin(request), last_day=day)
        messages.success(request, _("The access has another last day. Both sides are told by mail."))
        return redirect("clinic:integrator", pk=access.pk)

    context = {"form": form, "direct": settings.VARCO.integrators_direct, "tenant": tenant} | _described(access)
    return answered(request, form, act, lambda: render(request, "clinic/integrator_dates.html", context))


@page(MANAGER, "GET POST")
def end(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """End one now, after a page that says what stops."""
    access = _given(tenant, pk)
    form = EndForm(posted(request))

    def act() -> HttpResponse:
        services.end(access, origin(request), text=form.cleaned_data["text"])
        messages.success(request, _("The access has ended, with effect at once. Here is its report."))
        return redirect("clinic:integrator_report", pk=access.pk)

    context = {"form": form, "tenant": tenant} | _described(access)
    return answered(request, form, act, lambda: render(request, "clinic/integrator_end.html", context))


@page(MANAGER, "POST", step_up="POST")
def invite(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Send the invitation of one again."""
    access = _access(tenant, pk)
    try:
        services.invite_again(access, origin(request))
        messages.success(request, _("Another invitation is on its way; the one before opens nothing any more."))
    except Invalid as invalid:
        messages.error(request, " ".join(fault_words.sentences(invalid.faults[""])))
    return redirect("clinic:integrator", pk=access.pk)


@page(MANAGER, "GET")
def report(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """What was done with one, until now or until its end: operations and numbers, never contents."""
    access = _access(tenant, pk)
    made = access.report if access.state == IntegratorAccess.State.ENDED else reports.made(access)
    rows = [row | {"words": OPERATIONS.get(row["operation"], row["operation"])} for row in made.get("operations", [])]
    context = {"tenant": tenant, "report": made, "rows": rows} | _described(access)
    return render(request, "clinic/integrator_report.html", context)


@page(MANAGER, "GET POST", step_up="POST")
def confirm(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Say of each integrator user and each connected application that it is still needed."""
    if request.method == "POST":
        _confirmed(request, tenant)
        return redirect("clinic:confirmations")
    people = page_of(request, queries.open_at(tenant), CARDS_PER_PAGE)
    connected = page_of(request, queries.connected(tenant), CARDS_PER_PAGE, "applications")
    until = limits.current().confirmation
    soon = clock.now() + limits.CONFIRM_NOTICE
    context = {
        "tenant": tenant,
        "people": people,
        "connected": connected,
        "accesses": [
            (one, min((one.confirmed_at or 0) + until, one.ends_at), (one.confirmed_at or 0) + until <= soon)
            for one in people
        ],
        "applications": [(one, one.confirmed_at + until, one.confirmed_at + until <= soon) for one in connected],
        "days": settings.VARCO.recertification_days,
    }
    return render(request, "clinic/confirmations.html", context)


def _confirmed(request: SignedInRequest, tenant: Tenant) -> None:
    """Confirm what the pressed button names: one integrator user, or one application."""
    pressed = request.POST.get("confirmed", "")
    kind, _sep, number = pressed.partition(":")
    pk = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
    if kind == "integrator":
        access = _access(tenant, pk)
        try:
            services.confirm(access, origin(request))
        except Invalid:
            messages.error(request, _("This access is over already, so nothing was changed."))
            return
        messages.success(request, _("Confirmed: %(name)s.") % {"name": access.email})
        return
    row = queries.connected(tenant).filter(pk=pk).first() if kind == "application" else None
    application = registry.by_id(row.application_id) if row else None
    if application is None:
        raise Http404
    confirmations.confirm(application, origin(request))
    messages.success(request, _("Confirmed: %(name)s.") % {"name": application.name})


def _access(tenant: Tenant, pk: int) -> IntegratorAccess:
    found = queries.one(tenant, pk)
    if found is None:
        raise Http404
    return found


def _given(tenant: Tenant, pk: int) -> IntegratorAccess:
    """One that was granted and has not ended; for any other there is no such page."""
    access = _access(tenant, pk)
    if not access.is_given:
        raise Http404
    return access


def _described(access: IntegratorAccess, *, listed: bool = False) -> dict[str, Any]:
    """What every page about one says of it; `listed` without what has to be looked for in the records, one by one."""
    kind, word = STATES[access.state]
    known = catalog.current().permissions
    labels: list[Words | str] = [known[name].label if name in known else Words(name, name) for name in access.ceiling]
    used = reports.last_use(access) if access.is_given and not listed else None
    return {
        "access": access,
        "looked": not listed,
        "kind": kind,
        "word": word,
        "permissions": labels,
        "end_words": ENDS.get(access.end_reason, ""),
        "last_used_at": used or access.last_used_at,
        "link_open": queries.invitation_stands(access),
        "confirm_by": (access.confirmed_at or 0) + limits.current().confirmation if access.is_given else None,
        "warnings": limits.WARNINGS,
    }
