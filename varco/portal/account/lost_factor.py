"""`/account/2fa/lost/`: whoever stands at the second step with the right password, and has lost what it asks for, opens a ticket.

Nothing is reset here, and nothing by mail: a manager of their medical centre confirms who they are, or two of the vendor's people decide.
"""

from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.portal.account.unfinished_sign_in import is_bound
from varco.portal.common import ticket_words
from varco.portal.common.forms import answered, posted
from varco.portal.common.page import ANYONE, page
from varco.portal.common.ticket_forms import KindForm
from varco.portal.middleware import origin
from varco.tickets import access, kinds, queries, services


@page(ANYONE, "GET POST")
def lost_factor(request: HttpRequest) -> HttpResponse:
    """The form, or what is open already; whoever does not stand at the second step goes to sign in."""
    user = _at_second_step(request)
    if user is None:
        return redirect("account_login")
    kind, asker = kinds.LOST_FACTOR, access.half_signed_in(user)
    there = queries.open_of(user, kind.code)
    if there is not None:
        return render(request, "account/lost_factor_open.html", {"ticket": there})
    form = KindForm(kind, asker, posted(request), files=False)

    def act() -> HttpResponse:
        where = origin(request)
        services.open_ticket(asker, kind.code, form.given(), Origin(user, where.ip, where.request_id))
        return redirect("account:lost_factor")

    context = {"form": form, "words": ticket_words.KINDS[kind.code]}
    return answered(request, form, act, lambda: render(request, "account/lost_factor.html", context))


def _at_second_step(request: HttpRequest) -> User | None:
    """Who signs in here and waits at the second step; None for nobody, and for a sign-in that has been ended."""
    waiting = LoginStageController.enter(request, AuthenticateStage.key)
    if waiting is None:
        return None
    user = accounts.read_again(waiting.login.user)
    return user if is_bound(request, user) else None
