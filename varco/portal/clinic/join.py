"""`/clinic/join/?token=…`: where somebody who was invited to a clinic reads what that means, and joins.

The secret stands in the query, which no log of ours keeps. Whoever only opens the page has used nothing up: some mail
programs open each link by themselves.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from varco import catalog
from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.people import member_invitations
from varco.people.errors import PeopleFault, Refused
from varco.portal.common import people_words
from varco.portal.common.page import ANYONE, page
from varco.portal.middleware import origin
from varco.tenants import queries
from varco.tenants.models import MemberInvitation

GONE, CONFLICT = 410, 409


@page(ANYONE, "GET POST")
def join(request: HttpRequest) -> HttpResponse:
    """Show the invitation; with the form, join the clinic."""
    secret = request.GET.get("token", "")
    invitation = member_invitations.opened(secret)
    if invitation is None:
        return render(request, "clinic/invitation_over.html", status=GONE)
    user = request.user if isinstance(request.user, User) else None
    invited = accounts.by_email(invitation.email)
    # Whoever has an account with a password joins as the person who knows it.
    must_sign_in = user is None and invited is not None and invited.has_usable_password()
    other = user is not None and user.email != invitation.email
    if request.method == "POST" and not must_sign_in and not other:
        try:
            return _joined(request, secret, user)
        except Refused as refusal:
            if refusal.fault.code == PeopleFault.INVITATION_OVER:  # used in another tab at this moment
                return render(request, "clinic/invitation_over.html", status=GONE)
            context = _context(request, invitation, user) | {"fault": people_words.sentence(refusal.fault)}
            return render(request, "clinic/join.html", context, status=CONFLICT)
    context = _context(request, invitation, user) | {"must_sign_in": must_sign_in, "other": other}
    return render(request, "clinic/join.html", context)


def _joined(request: HttpRequest, secret: str, user: User | None) -> HttpResponse:
    if user is None:
        token = member_invitations.accept_as_somebody_new(secret, origin(request))
        return redirect(f"{reverse('account:invitation')}?{urlencode({'token': token})}")
    tenant = member_invitations.accept(secret, user, origin(request))
    messages.success(request, _("You work for %(clinic)s now.") % {"clinic": tenant.name})
    return redirect("home")


def _context(request: HttpRequest, invitation: MemberInvitation, user: User | None) -> dict[str, object]:
    known = catalog.current()
    role = known.roles.get(invitation.role)
    held = invitation.permissions.split()
    return {
        "invitation": invitation,
        "tenant": invitation.tenant,
        "role": role.label if role else None,
        "manages": bool(role and role.manages_clinic),
        "permissions": [item.label for name, item in known.permissions.items() if name in held],
        "leaves": queries.tenant_of(user) if user else None,
        "here": request.get_full_path(),
    }
