"""Leaving: RP-initiated logout and back-channel logout (OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0)."""

from typing import Any

import msgspec

from varco.protocol import redirect_uri, refusal_log
from varco.protocol.client import Client
from varco.protocol.errors import OAuthError, invalid_request
from varco.protocol.jose.own_jwt import Verifier
from varco.protocol.parameters import Parameters
from varco.protocol.refusal_log import RefusalRow

LOGOUT_TYP = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"

CONFIRMED = frozenset({200, 204})
"""Answers to a logout token that say the session is over; the second is what frameworks make of an empty one (§2.8)."""

FINAL = 400
"""The answer of an application that refused the token, or could not sign the person out: it would do so again (§2.8)."""


class LogoutRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to end the session (§2). Every parameter is optional."""

    id_token_hint: str = ""
    client_id: str = ""
    post_logout_redirect_uri: str = ""
    state: str = ""
    logout_hint: str = ""
    ui_locales: str = ""


class IdTokenHint(msgspec.Struct, frozen=True):
    """What an ID token of ours says about whose it is, whom it was made for, and in which browser session."""

    iss: str
    sub: str
    aud: str
    sid: str = ""


_hint_decoder = msgspec.json.Decoder(IdTokenHint)


def parse(parameters: Parameters) -> LogoutRequest:
    """The typed request. Raises `OAuthError` for a parameter that was malformed when parsing was told to defer it."""
    for refusal in parameters.faults.values():
        raise refusal
    return LogoutRequest(**{name: parameters.get(name, "") for name in LogoutRequest.__struct_fields__})


def read_hint(token: str, verifier: Verifier, issuer: str) -> IdTokenHint:
    """The `id_token_hint`: an ID token that this server signed. An expired one counts, for it still tells who was meant (§2).

    Raises `OAuthError` (invalid_request).
    """
    try:
        hint = _hint_decoder.decode(verifier.verify(token))
    except (OAuthError, msgspec.DecodeError, UnicodeDecodeError):
        raise invalid_request(
            "id_token_hint is not an ID token of this server.",
            rule="OpenID Connect RP-Initiated Logout §2 id_token_hint",
            received="another token",
            expected="an ID token",
        ) from None
    if hint.iss != issuer:
        raise invalid_request(
            "id_token_hint is not an ID token of this server.",
            rule="OpenID Connect RP-Initiated Logout §2 id_token_hint",
            received=hint.iss,
            expected=issuer,
        )
    return hint


def client_id_of(request: LogoutRequest, hint: IdTokenHint | None) -> str:
    """The client that asks; empty if the request does not tell. Raises `OAuthError` when it tells two different ones (§2)."""
    if hint and request.client_id and hint.aud != request.client_id:
        raise invalid_request(
            "client_id is not the application that the id_token_hint was made for.",
            rule="OpenID Connect RP-Initiated Logout §2 client_id",
            received=request.client_id,
            expected=hint.aud,
        )
    return hint.aud if hint else request.client_id


def check_redirect(request: LogoutRequest, client: Client | None) -> None:
    """Whether the browser may be sent on afterwards: only to what that client registered, character by character (§3).

    Raises `OAuthError`, to be shown on a page, never redirected.
    """
    wanted = request.post_logout_redirect_uri
    if not wanted:
        return
    if client is None or not client.usable:
        raise invalid_request(
            "post_logout_redirect_uri needs to come with id_token_hint or client_id of an application in use.",
            rule="OpenID Connect RP-Initiated Logout §2 post_logout_redirect_uri",
            received="no client" if client is None else f"application {client.state}",
            expected="id_token_hint or client_id",
        )
    if wanted not in client.post_logout_redirect_uris:
        raise invalid_request(
            "post_logout_redirect_uri is not one of those registered for this application.",
            rule="OpenID Connect RP-Initiated Logout §2 post_logout_redirect_uri",
            received=wanted,
            expected="\n".join(client.post_logout_redirect_uris) or "none is registered",
        )


def must_confirm(hint: IdTokenHint | None, *, sub: str, sid: str) -> bool:
    """Whether the person must confirm (§2, §6): unless the hint is of their own, from this browser session.

    Else any page could sign people out.
    """
    return hint is None or hint.sub != sub or bool(hint.sid and hint.sid != sid)


def return_url(request: LogoutRequest) -> str:
    """Where to send the browser after signing out; `state` goes along (§2). Empty: a page of ours, which no state belongs to."""
    uri = request.post_logout_redirect_uri
    if not uri or not request.state:
        return uri
    return redirect_uri.extended(uri, {"state": request.state})


def logout_token_claims(
    *, issuer: str, client_id: str, sub: str, sid: str, jti: str, now: int, lifetime: int = 120
) -> dict[str, Any]:
    """The claims of a logout token (Back-Channel Logout §2.4). It never has a nonce, so it cannot pass for an ID token."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": client_id,
        "iat": now,
        "exp": now + lifetime,
        "jti": jti,
        "events": {EVENT: {}},
        "sub": sub,
    }
    return claims | ({"sid": sid} if sid else {})


def undelivered(status: int | None, fault: str, pause: int | None) -> RefusalRow:
    """The row that tells the developer of a logout token that the application did not confirm (Back-Channel Logout §2.8).

    `status` is None where there was no answer, and `fault` says why; the next try is in `pause` seconds, None: never.
    """
    again = "There will be no other try." if pause is None else f"The next try is in {pause} s."
    return refusal_log.row(
        "logout_undelivered",
        f"The application did not confirm that it ended the person's session. {again}",
        rule="OpenID Connect Back-Channel Logout §2.8 response",
        status=status or 504,
        received=fault or f"HTTP {status}",
        expected="HTTP 200 or 204",
    )
