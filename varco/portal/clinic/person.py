"""One person of a clinic: what they may do there, and what a manager changes (S39)."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco import catalog
from varco.audit.models import Event
from varco.audit.queries import of_person_at
from varco.audit.tags import Tag
from varco.people import members
from varco.portal.clinic.forms import MemberForm, in_words, initial
from varco.portal.clinic.people import people_of
from varco.portal.common.acts import Act, ReasonForm, act_page
from varco.portal.common.forms import answered, posted
from varco.portal.common.page import MANAGER, page
from varco.portal.common.registration_display import EVENTS_PER_PAGE, Entry
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.tenants import queries
from varco.tenants.models import Membership, Tenant

_TITLES: dict[Tag, tuple[str, Promise]] = {
    Tag.MEMBER_ADDED: ("success", gettext_lazy("Joined the centre")),
    Tag.MEMBER_CHANGED: ("info", gettext_lazy("Role or permissions changed")),
    Tag.MEMBER_DEACTIVATED: ("danger", gettext_lazy("Switched off")),
    Tag.MEMBER_ACTIVATED: ("success", gettext_lazy("Switched on again")),
}


@page(MANAGER, "GET")
def person(request: SignedInRequest, tenant: Tenant, subject: str) -> HttpResponse:
    """What somebody may do at the clinic, and what was done about it."""
    membership = _member(tenant, subject)
    (item,) = people_of([membership])
    events = of_person_at(subject, tenant.public_id, list(_TITLES), EVENTS_PER_PAGE)
    role = catalog.current().roles.get(membership.role)
    context = {
        "tenant": tenant,
        "person": item,
        "self": membership.user_id == request.user.pk,
        "temporary": bool(role and role.temporary),
        "manages": bool(role and role.manages_clinic),
        "timeline": list(_entries(events)),
    }
    return render(request, "clinic/person.html", context)


def _entries(events: Iterable[Event]) -> Iterable[Entry]:
    known = catalog.current().permissions
    for event in events:
        kind, title = _TITLES[Tag(event.tag)]
        lines = []
        before, after = str(event.detail.get("before", "")).split(), str(event.detail.get("after", "")).split()
        for name, item in known.items():
            if (name in before) != (name in after):
                lines.append(("+ " if name in after else "− ") + in_words(item.label))
        lines += [str(event.detail["text"])] if event.detail.get("text") else []
        yield Entry(event.at, str(title), event.actor_name, "\n".join(lines), kind)


@page(MANAGER, "GET POST")
def change(request: SignedInRequest, tenant: Tenant, subject: str) -> HttpResponse:
    """Give somebody another role or other permissions, themselves too: then with a reason that others read."""
    membership = _member(tenant, subject)
    start = initial(membership.role, membership.permissions) | {"stamp": queries.stamp(membership)}
    form = MemberForm(posted(request), initial=start)

    def act() -> HttpResponse:
        role, permissions = form.wanted()
        members.change(
            tenant,
            membership.user,
            origin(request),
            role=role,
            permissions=permissions,
            reason=form.cleaned_data["text"],
            stamp=form.cleaned_data["stamp"],
        )
        messages.success(request, _("What %(name)s may do has changed, with effect at once.") % _name(membership))
        return _done(membership, tenant, request)

    known = catalog.current()
    sets = [
        (role.label, [known.permissions[name].label for name in role.permissions])
        for role in known.roles.values()
        if not role.temporary
    ]
    context = {
        "tenant": tenant,
        "person": membership.user,
        "form": form,
        "sets": sets,
        "self": membership.user_id == request.user.pk,
    }

    def stamp_now() -> str:
        return queries.stamp(_member(tenant, subject))

    return answered(request, form, act, lambda: render(request, "clinic/change.html", context), stamp=stamp_now)


@page(MANAGER, "GET POST")
def deactivate(request: SignedInRequest, tenant: Tenant, subject: str) -> HttpResponse:
    """Switch somebody off, after a page that says what stops."""
    membership = _member(tenant, subject)
    form = ReasonForm(posted(request))

    def do() -> HttpResponse:
        members.deactivate(tenant, membership.user, origin(request), reason=form.cleaned_data["text"])
        messages.success(request, _("%(name)s is switched off, with effect at once.") % _name(membership))
        return _done(membership, tenant, request)

    points = (
        _("they can do nothing at the centre any more;"),
        _("applications that act for them are refused, and told so;"),
        _("invitations that they have sent open nothing."),
    )
    act = Act(
        title=_("Switch off"),
        heading=_("Switch %(name)s off?") % _name(membership),
        crumbs=_crumbs(tenant, membership),
        intro=_("From the next request on:"),
        points=points,
        note=_("Their account stays theirs. Switched on again, they have the same permissions; applications ask anew."),
        button=_("Switch off"),
        back=_address(membership),
        danger=True,
    )
    return act_page(request, act, form, do)


@page(MANAGER, "GET POST")
def activate(request: SignedInRequest, tenant: Tenant, subject: str) -> HttpResponse:
    """Switch somebody on again, after a page that says what works again."""
    membership = _member(tenant, subject)
    form = ReasonForm(posted(request))

    def do() -> HttpResponse:
        members.activate(tenant, membership.user, origin(request), reason=form.cleaned_data["text"])
        messages.success(request, _("%(name)s is switched on again.") % _name(membership))
        return _done(membership, tenant, request)

    act = Act(
        title=_("Switch on again"),
        heading=_("Switch %(name)s on again?") % _name(membership),
        crumbs=_crumbs(tenant, membership),
        intro=_("They work for the centre again at once, with the permissions they had. Applications ask them anew."),
        button=_("Switch on again"),
        back=_address(membership),
    )
    return act_page(request, act, form, do)


def _member(tenant: Tenant, subject: str) -> Membership:
    """Somebody of this clinic; 404 for anybody else, whoever else's they are."""
    found = queries.member(tenant, subject)
    if found is None:
        raise Http404
    return found


def _name(membership: Membership) -> dict[str, str]:
    return {"name": membership.user.name}


def _address(membership: Membership) -> str:
    return reverse("clinic:person", args=[membership.user.public_id])


def _crumbs(tenant: Tenant, membership: Membership) -> list[tuple[str, str]]:
    return [
        (tenant.name, ""),
        (_("People"), reverse("clinic:people")),
        (membership.user.name, _address(membership)),
    ]


def _done(membership: Membership, tenant: Tenant, request: SignedInRequest) -> HttpResponse:
    """The person's page; for whoever does not manage the clinic any more, the start page."""
    if membership.user_id == request.user.pk and queries.managed_by(request.user) != tenant:
        return redirect("home")
    return redirect(_address(membership))
