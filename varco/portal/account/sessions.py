"""`/account/sessions/`: where one is signed in, a page at a time and in as many statements however many there are."""

from typing import Any

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from varco.accounts.models import User
from varco.portal.common.listing import CARDS_PER_PAGE, page_of
from varco.portal.session_store import SessionStore


class SessionsView(ListUserSessionsView):
    """allauth's page, which opens each session by itself and shows them all at once."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The sessions of one page, the newest first, without those that a new password has ended."""
        user = self.request.user
        kept = {"sessions": [], "session_count": 0}
        context: dict[str, Any] = super(ListUserSessionsView, self).get_context_data(**kwargs) | kept
        if isinstance(user, User):
            page = page_of(self.request, unexpired(user), CARDS_PER_PAGE)
            listed = _standing(user, list(page.object_list))
            context |= {"sessions": listed, "session_count": page.paginator.count, "page": page}
        return context


def unexpired(user: User) -> QuerySet[UserSession]:
    """Sessions of a person whose time is not up, the newest first."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    return UserSession.objects.filter(Exists(alive), user=user).order_by("-created_at", "-pk")


def _standing(user: User, listed: list[UserSession]) -> list[UserSession]:
    """Those in which the person is still signed in: a session keeps a hash that changes with the password."""
    hashes = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    found = Session.objects.in_bulk([session.session_key for session in listed])
    return [
        session
        for session in listed
        if (row := found.get(session.session_key)) and _decoded(row).get(HASH_SESSION_KEY) in hashes
    ]


def _decoded(row: Session) -> dict[str, Any]:
    return SessionStore(row.session_key).decode(row.session_data)
