"""`/account/integrator/?token=…`: where whoever is invited sees what the temporary access is, and accepts it.

The secret stands in the query, which no log of ours keeps. Whoever only opens the page has used nothing up.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from varco import catalog
from varco.accounts import queries as accounts
from varco.integrators import queries, services
from varco.integrators.models import IntegratorAccess
from varco.people.errors import Refused
from varco.portal import middleware
from varco.portal.common import fault_words, people_words
from varco.portal.common.page import ANYONE, page
from varco.registry.errors import Invalid

GONE, UNPROCESSABLE = 410, 422


@page(ANYONE, "GET POST")
def accept(request: HttpRequest) -> HttpResponse:
    """Show what it is; with the form, accept it. Somebody new goes on to set the password of the account made for them."""
    secret = request.GET.get("token", "")
    access = queries.invited(secret)
    if access is None:
        return render(request, "account/integrator_invitation_over.html", status=GONE)
    if request.method != "POST":
        return _page(request, access, secret)
    try:
        opens = services.accept(secret, middleware.origin(request))
    except Invalid as invalid:
        text = " ".join(text for found in invalid.faults.values() for text in fault_words.sentences(found))
        return _page(request, access, secret, fault=text)
    except Refused as refusal:  # an account was made for the address, or locked, at this moment
        return _page(request, access, secret, fault=people_words.sentence(refusal.fault))
    if opens:
        return redirect(f"{reverse('account:invitation')}?{urlencode({'token': opens})}")
    messages.success(request, translation.gettext("The access is yours. It works once two-step sign-in is set up."))
    return redirect("home")


def _page(request: HttpRequest, access: IntegratorAccess, secret: str, *, fault: str = "") -> HttpResponse:
    known = catalog.current().permissions
    account = accounts.by_email(access.email)
    sign_in = account is not None and account.has_usable_password() and account.is_active and request.user != account
    here = f"{request.path}?{urlencode({'token': secret})}"
    context = {
        "access": access,
        "permissions": [known[name].label for name in access.ceiling if name in known],
        "fault": fault,
        "sign_in": f"{reverse('account_login')}?{urlencode({'next': here})}" if sign_in else "",
    }
    status = UNPROCESSABLE if fault else 200
    return render(request, "account/integrator_invitation.html", context, status=status)
