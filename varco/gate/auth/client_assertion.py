"""Client authentication with private_key_jwt (RFC 7523): from the request to a verified assertion."""

from varco.gate.context import GateContext
from varco.key_sets import JwksError
from varco.protocol import client_assertion
from varco.protocol.client import AuthMethod, Client
from varco.protocol.client_assertion import Verified
from varco.protocol.client_authentication import Credentials
from varco.protocol.errors import OAuthError, invalid_client


async def verify_assertion(context: GateContext, given: Credentials, client: Client | None) -> Verified | None:
    """The assertion of a client registered for it; None for every other method. Raises `OAuthError` (invalid_client, 401).

    Keys at the client's own address are fetched anew once when none of the copy may have signed.
    """
    if client is None or not given.assertion or client.auth_method != AuthMethod.PRIVATE_KEY_JWT:
        return None
    now_ms = context.now_ms()
    jwks = client.jwks
    if jwks is None and client.jwks_uri:
        try:
            jwks = await context.key_sets.of(client.jwks_uri, now_ms)
            if not client_assertion.has_key(given.assertion, jwks):
                jwks = await context.key_sets.of(client.jwks_uri, now_ms, anew=True)
        except JwksError as fault:
            raise _unreadable(client.jwks_uri, fault) from None
    return client_assertion.verify(
        given.assertion, client, issuer=context.settings.issuer, now=now_ms // 1000, jwks=jwks
    )


def _unreadable(uri: str, fault: JwksError) -> OAuthError:
    return invalid_client(
        "The keys at the application's jwks_uri cannot be read just now, so its assertion cannot be verified.",
        rule="RFC 7523 §3 jwks_uri",
        received=str(fault),
        expected=f"a JWK set at {uri}",
    )
