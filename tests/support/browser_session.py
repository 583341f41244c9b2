"""Browser sessions of Django's test client, which takes what a session is stored under for its cookie."""

from typing import Any


def install() -> None:
    """Have the client know its session by the cookie, as a browser does."""
    from django.test import Client

    sets_cookies: Any = Client._set_login_cookies  # type: ignore[attr-defined]

    def set_login_cookies(self: Client, request: Any) -> None:
        sets_cookies(self, request)
        _give(self, request.session.cookie)

    Client.session = property(_session)  # type: ignore[assignment,method-assign]
    Client._set_login_cookies = set_login_cookies  # type: ignore[attr-defined]


def _session(client: Any) -> Any:
    from django.conf import settings

    from varco.portal.session_store import SessionStore

    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    if cookie and cookie.value:
        return SessionStore.of_cookie(cookie.value)
    session = SessionStore()
    session.save()
    _give(client, session.cookie)
    return session


def _give(client: Any, cookie: str) -> None:
    from django.conf import settings

    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
