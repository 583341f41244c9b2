"""`/account/sessions/…/end/`: ends one browser session of one's own, and with it what was granted in it."""

from importlib import import_module

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from varco.audit.services import record
from varco.audit.tags import Tag
from varco.grants import session_end
from varco.portal import middleware
from varco.portal.common import sign_in
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.request import SignedInRequest


@page(SIGNED_IN, "GET POST")
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask whether this is the device, and end its session. Raises `Http404` for one that is over, or somebody else's."""
    session = UserSession.objects.filter(user=request.user, pk=pk).first()
    if session is None:
        raise Http404
    if request.method != "POST":
        return render(request, "account/session_end.html", {"session": session})
    if session.is_current():
        get_adapter().logout(request)
        messages.success(request, _("You are signed out. On a shared computer, close the browser too."))
        return redirect("account_login")
    _end(request, session)
    messages.success(request, _("That session is over."))
    return redirect("usersessions_list")


def _end(request: SignedInRequest, session: UserSession) -> None:
    """End a session of another browser, as signing out there would."""
    origin = middleware.origin(request)
    with transaction.atomic():
        store = import_module(settings.SESSION_ENGINE).SessionStore(session.session_key)
        sid = sign_in.sid_of(store)
        session.end()
        record(Tag.ACCOUNT_SESSIONS_ENDED, origin, user=request.user, sessions=1)
        session_end.session_over(request.user, sid, origin)
