"""The token request (RFC 6749 §4.1.3, §6, RFC 8628 §3.4), parsed once into a typed request."""

from typing import NamedTuple

import msgspec

from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, Client
from varco.protocol.credentials import hash_of
from varco.protocol.errors import OAuthError, invalid_request, unauthorized_client
from varco.protocol.parameters import Parameters


class AuthorizationCodeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A code to exchange for tokens. `dpop_jkt` is the thumbprint of the proven DPoP key, set by the caller (RFC 9449 §5)."""

    code: str
    redirect_uri: str = ""
    code_verifier: str = ""
    resource: tuple[str, ...] = ()
    dpop_jkt: str = ""
    grant_type: str = AUTHORIZATION_CODE

    def __repr__(self) -> str:
        return "AuthorizationCodeRequest(…)"

    @property
    def code_hash(self) -> str:
        """What the grant row knows of the code: SHA-256, hexadecimal."""
        return hash_of(self.code)


class RefreshTokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token to rotate. `issued` is what the token says (rid, n), read for this client by the caller.

    It is None for a token that was not issued here to the client.
    """

    refresh_token: str
    scope: str = ""
    resource: tuple[str, ...] = ()
    issued: tuple[str, int] | None = None
    dpop_jkt: str = ""
    grant_type: str = REFRESH_TOKEN

    def __repr__(self) -> str:
        return "RefreshTokenRequest(…)"


class DeviceCodeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A device code being polled (RFC 8628 §3.4)."""

    device_code: str
    code_verifier: str = ""
    resource: tuple[str, ...] = ()
    dpop_jkt: str = ""
    grant_type: str = DEVICE_CODE

    def __repr__(self) -> str:
        return "DeviceCodeRequest(…)"

    @property
    def device_code_hash(self) -> str:
        """What the device request's row knows of the code: SHA-256, hexadecimal."""
        return hash_of(self.device_code)


TokenRequest = AuthorizationCodeRequest | RefreshTokenRequest | DeviceCodeRequest


class UnsupportedGrant(NamedTuple):
    """A grant type that does not exist here on purpose: the anchor on the page that says why, and why in a sentence."""

    why: str
    description: str


_ASSERTION = UnsupportedGrant(
    "assertions",
    "A signed assertion cannot stand in for a person: every token here belongs to somebody who has logged in. Use the "
    "authorization code flow.",
)
_LEFT_OUT = {
    "client_credentials": UnsupportedGrant(
        "client-credentials",
        "Every token here belongs to a person who has logged in, so an application cannot get one for itself. Use the "
        "authorization code flow, or the device flow where there is no browser.",
    ),
    "password": UnsupportedGrant(
        "password",
        "An application must never see a person's password (RFC 9700 section 2.4). Use the authorization code flow, or the "
        "device flow where there is no browser.",
    ),
    "implicit": UnsupportedGrant(
        "implicit",
        "Implicit is not a grant of the token endpoint and puts tokens where they leak (RFC 9700 section 2.1.2). Use the "
        "authorization code flow with PKCE.",
    ),
    "urn:ietf:params:oauth:grant-type:token-exchange": UnsupportedGrant(
        "token-exchange",
        "Tokens cannot be exchanged here: each belongs to the application a person consented to.",
    ),
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _ASSERTION,
    "urn:ietf:params:oauth:grant-type:saml2-bearer": _ASSERTION,
}


def parse_token_request(parameters: Parameters) -> TokenRequest:
    """The typed request (RFC 6749 §3.2). Raises `OAuthError`: invalid_request, or unsupported_grant_type with the why (S17)."""
    grant_type = parameters.get("grant_type")
    resource = parameters.all("resource")
    if grant_type == REFRESH_TOKEN:
        return RefreshTokenRequest(
            refresh_token=_required(parameters, "refresh_token", "RFC 6749 §6"),
            scope=parameters.get("scope", ""),
            resource=resource,
        )
    if grant_type == AUTHORIZATION_CODE:
        return AuthorizationCodeRequest(
            code=_required(parameters, "code", "RFC 6749 §4.1.3"),
            redirect_uri=parameters.get("redirect_uri", ""),
            code_verifier=parameters.get("code_verifier", ""),
            resource=resource,
        )
    if grant_type == DEVICE_CODE:
        return DeviceCodeRequest(
            device_code=_required(parameters, "device_code", "RFC 8628 §3.4"),
            code_verifier=parameters.get("code_verifier", ""),
            resource=resource,
        )
    unsupported = _required(parameters, "grant_type", "RFC 6749 §4.1.3")
    why, description = _LEFT_OUT.get(
        unsupported,
        UnsupportedGrant(
            "", "This grant_type is not known. Use authorization_code, refresh_token or the device code grant."
        ),
    )
    raise OAuthError(
        "unsupported_grant_type",
        description,
        why=why,
        rule="RFC 6749 §5.2 unsupported_grant_type",
        received=unsupported,
        expected=f"{AUTHORIZATION_CODE}, {REFRESH_TOKEN}, {DEVICE_CODE}",
    )


def _required(parameters: Parameters, name: str, section: str) -> str:
    value = parameters.get(name)
    if value:
        return value
    raise invalid_request(
        f"The parameter {name} is missing.",
        rule=f"{section} {name}",
        received=f"no {name}",
        expected=name,
    )


def check_grant_type(request: TokenRequest, client: Client) -> None:
    """Whether the application is approved for this grant type (S13). Raises `OAuthError` (unauthorized_client)."""
    if request.grant_type not in client.grant_types:
        raise unauthorized_client(
            f"This application is not registered for the grant type {request.grant_type}.",
            rule="RFC 6749 §5.2 unauthorized_client",
            received=request.grant_type,
            expected=", ".join(sorted(client.grant_types)),
        )
