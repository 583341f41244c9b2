"""The state of a request to sign out: checked once, and sealed on its way to the page that asks the person."""

from dataclasses import asdict, dataclass, replace

from django.core import signing

from varco.grants import id_token_hint
from varco.protocol import logout
from varco.protocol.client import Client
from varco.protocol.errors import OAuthError
from varco.protocol.logout import IdTokenHint, LogoutRequest
from varco.protocol.parameters import Parameters
from varco.registry import queries as registry

_SALT = "varco.logout"
GOOD_FOR = 3600
"""Seconds in which the person can answer."""


class LogoutRefused(Exception):  # noqa: N818 - it is an answer, not a failure
    """A request that is answered with a page; `application_id` is in whose log the refusal is kept, if that is known."""

    def __init__(self, error: OAuthError, application_id: int | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.application_id = application_id


@dataclass(frozen=True, slots=True)
class LogoutState:
    """Who asks, where the browser goes afterwards (empty: a page of ours), and whom the ID token was made for, if one came."""

    client_id: str = ""
    name: str = ""
    redirect_uri: str = ""  # the registered address of `return_url`, which has the state as well
    return_url: str = ""
    sub: str = ""
    sid: str = ""
    languages: str = ""

    def must_confirm(self, *, sub: str, sid: str) -> bool:
        """Whether the person of this browser session must confirm."""
        hint = IdTokenHint(iss="", sub=self.sub, aud=self.client_id, sid=self.sid) if self.sub else None
        return logout.must_confirm(hint, sub=sub, sid=sid)


def check_request(parameters: Parameters) -> LogoutState:
    """Read the client of a request and apply every rule to it. Raises `LogoutRefused`."""
    client: Client | None = None
    try:
        request = logout.parse(parameters)
        hint = id_token_hint.verified(request.id_token_hint) if request.id_token_hint else None
        client = registry.client(logout.client_id_of(request, hint))
        logout.check_redirect(request, client)
    except OAuthError as refusal:
        # Whose the request seems to be decides in whose log a fault goes, even a fault of something else.
        client = client or registry.client(parameters.get("client_id", ""))
        raise LogoutRefused(refusal, client.application_id if client else None) from None
    return LogoutState(
        client_id=client.client_id if client else "",
        name=client.name if client and client.usable else "",
        redirect_uri=request.post_logout_redirect_uri,
        return_url=logout.return_url(request),
        sub=hint.sub if hint else "",
        sid=hint.sid if hint else "",
        languages=request.ui_locales,
    )


def seal(state: LogoutState) -> str:
    """The request as text that only this server can have written; it holds no token."""
    return signing.dumps(asdict(state), salt=_SALT, compress=True)


def unseal(text: str) -> LogoutState | None:
    """What `seal` made; None for anything else, or when it is too old.

    Where the browser goes is checked again: an application suspended since, or an address taken from it, gets nobody back.
    """
    try:
        state = LogoutState(**signing.loads(text, salt=_SALT, max_age=GOOD_FOR))
    except signing.BadSignature:
        return None
    try:
        request = LogoutRequest(post_logout_redirect_uri=state.redirect_uri)
        logout.check_redirect(request, registry.client(state.client_id))
    except OAuthError:
        return replace(state, redirect_uri="", return_url="")
    return state
