"""The people of a clinic: who works there as what, and the invitations that wait (S19, S38, S39)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from varco import catalog, clock
from varco.catalog import Words
from varco.people import member_invitations
from varco.people.errors import Refused
from varco.portal.clinic.forms import InviteForm
from varco.portal.common import people_words, sign_in
from varco.portal.common.forms import answered, posted
from varco.portal.common.listing import ASIDE, ROWS_PER_PAGE, page_of, words_of
from varco.portal.common.page import MANAGER, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.tenants import queries
from varco.tenants.models import MemberInvitation, Membership, Tenant


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the pages show them."""

    membership: Membership
    role: Words | None
    permissions: list[Words]
    custom: bool  # other permissions than the role's
    state: tuple[str, str]  # a chip's kind and word
    second_step: bool


def people_of(listed: Iterable[Membership]) -> list[Person]:
    """Members as the pages show them, in their order."""
    rows = list(listed)
    known, proven = catalog.current(), sign_in.with_second_step([row.user for row in rows])
    return [_person(row, known, second_step=row.user_id in proven) for row in rows]


def _person(row: Membership, known: catalog.Catalog, *, second_step: bool) -> Person:
    role, held = known.roles.get(row.role), row.permissions.split()
    return Person(
        row,
        role.label if role else None,
        [known.permissions[name].label for name in known.permissions if name in held],
        custom=role is None or set(role.permissions) != set(held),
        state=_state(row),
        second_step=second_step,
    )


def _state(row: Membership) -> tuple[str, str]:
    if not row.user.is_active:
        return "danger", _("Account locked")
    if not row.active:
        return "neutral", _("Access switched off")
    if row.expires_at is not None and row.expires_at <= clock.now():
        return "neutral", _("Ended")
    if not row.user.has_usable_password():
        return "waiting", _("No password yet")
    return "success", _("Has access")


@page(MANAGER, "GET")
def people(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Everybody of the clinic, and who was invited and has not come yet."""
    words = words_of(request)
    found = page_of(request, queries.search_members(tenant, words), ROWS_PER_PAGE)
    waiting = page_of(request, queries.invitations(tenant), ASIDE, "invitations")
    context = {
        "tenant": tenant,
        "people": people_of(found.object_list),
        "page": found,
        "words": words,
        "invitations": [(item, _role(item), item.expires_at <= clock.now()) for item in waiting.object_list],
        "invitations_page": waiting,
        "officers": queries.log_readers(tenant).exists(),
    }
    return render(request, "clinic/people.html", context)


def _role(invitation: MemberInvitation) -> Words | None:
    role = catalog.current().roles.get(invitation.role)
    return role.label if role else None


@page(MANAGER, "GET POST")
def invite(request: SignedInRequest, tenant: Tenant) -> HttpResponse:
    """Invite somebody by mail, whoever has that address."""
    wanted = request.GET.get("role", "")
    start = {"role": wanted} if wanted in catalog.current().roles else {}
    form = InviteForm(posted(request), initial=start)

    def act() -> HttpResponse:
        role, permissions = form.wanted()
        email = form.cleaned_data["email"]
        member_invitations.invite(tenant, email, origin(request), role=role, permissions=permissions)
        messages.success(request, _("A mail with a link to join is on its way to %(email)s.") % {"email": email})
        return redirect("clinic:people")

    roles = [role for role in catalog.current().roles.values() if not role.temporary]
    known = catalog.current().permissions
    sets = [(role.label, [known[name].label for name in role.permissions]) for role in roles]
    context = {"tenant": tenant, "form": form, "sets": sets}
    return answered(request, form, act, lambda: render(request, "clinic/invite.html", context))


@page(MANAGER, "POST")
def invite_again(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Send another link to somebody who has not come yet; the one before opens nothing any more."""
    found = _invitation(tenant, pk)
    permissions = tuple(found.permissions.split())
    try:
        member_invitations.invite(tenant, found.email, origin(request), role=found.role, permissions=permissions)
    except Refused as refusal:
        messages.error(request, people_words.sentence(refusal.fault))
    else:
        messages.success(request, _("Another link is on its way to %(email)s.") % {"email": found.email})
    return redirect(reverse("clinic:people") + "#invitations")


@page(MANAGER, "POST")
def withdraw(request: SignedInRequest, tenant: Tenant, pk: int) -> HttpResponse:
    """Let an invitation open nothing any more."""
    found = _invitation(tenant, pk)
    try:
        member_invitations.withdraw(tenant, found, origin(request))
    except Refused as refusal:
        messages.error(request, people_words.sentence(refusal.fault))
    else:
        messages.success(request, _("The invitation of %(email)s was taken back.") % {"email": found.email})
    return redirect("clinic:people")


def _invitation(tenant: Tenant, pk: int) -> MemberInvitation:
    found = queries.invitation(tenant, pk)
    if found is None:
        raise Http404
    return found
