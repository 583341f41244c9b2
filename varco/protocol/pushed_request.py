"""Pushed authorization requests (RFC 9126): the request is sent by the client itself, the browser carries a reference."""

from collections.abc import Collection
from typing import Any

import msgspec

from varco.protocol import authorization_request
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.client import Client
from varco.protocol.errors import Fixer, OAuthError, invalid_dpop_proof, invalid_request
from varco.protocol.parameters import Parameters

_MEANT = frozenset(AuthorizationRequest.__struct_fields__) - {"redirect_uri_sent", "resource"}
PREFIX = "urn:ietf:params:oauth:request_uri:"

LIFETIME = 60
"""Seconds a reference is good for (§2.2: 5 to 600)."""


class PushedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A stored request (times in epoch seconds)."""

    client_id: str
    expires_at: int
    used_at: int | None = None


def push(
    parameters: Parameters,
    client: Client,
    catalog_scopes: Collection[str],
    *,
    audiences: Collection[str] | None = None,
    dpop_jkt: str = "",
) -> AuthorizationRequest:
    """The pushed request of a client that has authenticated, checked as at the authorization endpoint (§2.1).

    `dpop_jkt` is the thumbprint of the proof sent along, which binds the code (RFC 9449 §10.1). Raises `OAuthError`, to be
    answered as JSON.
    """
    if "request_uri" in parameters:
        raise invalid_request(
            "request_uri cannot be pushed. Push the request's parameters themselves.",
            rule="RFC 9126 §2.1 request_uri",
            received="request_uri",
            expected="plain parameters",
        )
    if parameters.get("client_id", client.client_id) != client.client_id:
        raise invalid_request(
            "client_id is not that of the authenticated client.",
            rule="RFC 9126 §2.1 client_id",
            received=parameters["client_id"],
            expected=client.client_id,
        )
    request = authorization_request.parse(parameters, client, catalog_scopes, audiences=audiences, pushed=True)
    if not dpop_jkt:
        return request
    if request.dpop_jkt and request.dpop_jkt != dpop_jkt:
        raise invalid_dpop_proof(
            "dpop_jkt is not the thumbprint of the key of the DPoP proof.",
            rule="RFC 9449 §10.1 dpop_jkt",
            received=request.dpop_jkt,
            expected=dpop_jkt,
        )
    return msgspec.structs.replace(request, dpop_jkt=dpop_jkt)


def stored(parameters: Parameters) -> dict[str, Any]:
    """The parameters of a request, pushed or not, as they may be kept: those that mean something in one.

    Not the others: credentials, in the body of a pushed request or by mistake in a link, are nobody's to store (S37).
    """
    values = {name: value for name, value in parameters.items() if name in _MEANT}
    return {"values": values, "resource": list(parameters.all("resource"))}


def response(reference: str) -> dict[str, Any]:
    """The answer to a pushed request (§2.2), to be sent with status 201."""
    return {"request_uri": PREFIX + reference, "expires_in": LIFETIME}


def reference_of(parameters: Parameters) -> str:
    """The reference a browser brings; empty for a request that was not pushed here.

    All other parameters beside it, but `client_id`, are ignored (§4, FAPI 2.0 §5.3.2.2).
    """
    request_uri = parameters.get("request_uri", "")
    return request_uri.removeprefix(PREFIX) if request_uri.startswith(PREFIX) else ""


def check_request_uri(record: PushedRecord | None, client_id: str, now: int) -> None:
    """Whether a reference may be used: known, of this client, in time, for the first time (§4, §7.3).

    Raises `OAuthError` (invalid_request_uri), to be shown on a page: there is no redirect URI to trust yet.
    """
    if record is None or record.client_id != client_id:
        received, expected = "unknown, or of another client", "a reference pushed by this client"
    elif record.used_at is not None:
        received, expected = "used before", "a reference used once"
    elif record.expires_at <= now:
        received, expected = f"expired {now - record.expires_at} s ago", f"a reference used within {LIFETIME} s"
    else:
        return
    raise OAuthError(
        "invalid_request_uri",
        "This sign-in link is not valid any more. Go back to the application and start again.",
        rule="RFC 9126 §4 request_uri",
        fixer=Fixer.PERSON,
        received=received,
        expected=expected,
    )
