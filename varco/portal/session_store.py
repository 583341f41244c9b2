"""Browser sessions, of which the database tells nothing: neither the cookie, nor what is kept in them.

A session is stored under a hash of its cookie, and `session_key` is that hash wherever Django or a library asks for it (the
list of sessions, say): the cookie itself is known to the middleware alone. What a session holds (the link of a password
reset, the secret of a new authenticator app) is sealed, for this one row.
"""

import base64
from collections.abc import Sequence
from typing import Any, Self, cast

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware as DjangoAuthenticationMiddleware
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import SimpleLazyObject

from varco.accounts import browser_session
from varco.accounts.browser_session import key_of
from varco.accounts.models import User
from varco.compiled import Compiled
from varco.sealed_rows import Part, SealedKind

_COOKIE_LENGTH = 43  # of 62 letters and digits: 256 bits

_SESSION = Compiled(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    key=CharField(),
    now=DateTimeField(),
)


class SessionStore(db.SessionStore):
    """Django's sessions in a table; `session_key` opens nothing, `cookie` does, if it is known here."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.cookie = ""
        self.keeps_key = False

    @classmethod
    def of_cookie(cls, cookie: str) -> Self:
        """The session that a browser brings; a new one for an empty cookie."""
        found = cls(key_of(cookie) if cookie else None)
        found.cookie = cookie
        return found

    def _get_session_from_db(self) -> Session | None:
        found = _SESSION.only(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found

    def create(self) -> None:
        """Make the row of a new session, and its cookie."""
        while True:
            self.cookie = get_random_string(_COOKIE_LENGTH)
            self._session_key = key_of(self.cookie)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def cycle_key(self) -> None:
        """Go on under another cookie, but for where Django only wants the session's hash under another key.

        That is so in `AuthenticationMiddleware`, and where a library looks at the sessions of a person one by one, as allauth does
        whenever they sign in: of those nobody here knows the cookie, and another one would sign out a browser that is elsewhere.
        """
        of_another_browser = self.session_key and not self.cookie
        if not (self.keeps_key or of_another_browser):
            super().cycle_key()

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Seal what a session holds, for its row."""
        return browser_session.sealed(settings.MASTER_KEYS, str(self.session_key), session_dict)

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """What a row holds; nothing, where it was sealed for another one or by an earlier version."""
        return browser_session.opened(settings.MASTER_KEYS, str(self.session_key), session_data)


def _replace(row: Session, sealed: Sequence[bytes]) -> None:
    row.session_data = base64.b64encode(sealed[0]).decode()


def _parts(row: Session) -> list[Part]:
    try:
        return [Part(base64.b64decode(row.session_data), row.session_key.encode())]
    except ValueError:
        return []  # an earlier version's, which is taken for an empty one


SEALED = SealedKind(
    "browser sessions",
    browser_session.PURPOSE,
    ("session_data",),
    lambda: Session.objects.filter(expire_date__gt=timezone.now()),
    _parts,
    _replace,
)
"""What sessions hold."""


class AuthenticationMiddleware(DjangoAuthenticationMiddleware):
    """Django's, without another cookie where the master key was replaced.

    That key is no part of the cookie. Another one for each request of a browser that sends two at once, or meets servers with
    different keys in front, would sign its person out.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Find who it is when that is first asked for."""
        session = cast("SessionStore", request.session)

        def whose() -> Any:
            session.keeps_key = True
            try:
                return get_user(request)
            finally:
                session.keeps_key = False

        super().process_request(request)
        request.user = cast("User", SimpleLazyObject(whose))


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, which reads and writes the cookie where that takes the key for it."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session of the cookie."""
        request.session = SessionStore.of_cookie(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session where it changed, and give the browser its cookie."""
        answer: HttpResponse = super().process_response(request, response)
        given = answer.cookies.get(settings.SESSION_COOKIE_NAME)
        if given is not None and given.value:  # empty: it is taken away
            session = cast("SessionStore", request.session)
            answer.cookies[settings.SESSION_COOKIE_NAME] = session.cookie
        return answer
