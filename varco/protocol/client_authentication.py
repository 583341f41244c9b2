"""Client authentication at the token endpoint and its kin (RFC 6749 §2.3, RFC 7523): exactly one method, a registered one."""

import base64
import binascii
import hmac
import re
from urllib.parse import unquote_to_bytes

import msgspec

from varco.protocol import fapi
from varco.protocol.client import SECRET_METHODS, AuthMethod, Client, SecretRecord
from varco.protocol.client_assertion import Verified
from varco.protocol.credentials import hash_of
from varco.protocol.errors import Fixer, OAuthError, invalid_client, invalid_request
from varco.protocol.jose import base64url
from varco.protocol.parameters import Parameters

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HEADER_LIMIT = 2000
"""Characters of an Authorization header that are looked at."""

_BASIC = re.compile(r"basic +([A-Za-z0-9+/]+={0,2}) *", re.IGNORECASE)
_SCHEMES = frozenset({"basic", "bearer", "digest", "dpop", "negotiate"})
_OF_ACCESS_TOKENS = frozenset({"scheme bearer", "scheme dpop"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOBODY = (SecretRecord(0, "0" * 64, None),)  # compared with for an unknown client, so that the work is the same


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Who the caller says it is and how it wants to prove it. Never logged."""

    method: AuthMethod
    client_id: str
    secret: str = ""
    assertion: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.method}, {self.client_id})"


def credentials(parameters: Parameters, authorization_header: str | None) -> Credentials:
    """The one set of credentials of a request (RFC 6749 §2.3: not more than one method).

    Raises `OAuthError`: invalid_client (401) where they are absent or malformed, invalid_request where there are two.
    """
    posted = "client_secret" in parameters
    asserted = "client_assertion" in parameters or "client_assertion_type" in parameters
    if (authorization_header is not None) + posted + asserted > 1:
        raise invalid_request(
            "The request authenticates the client in more than one way. Use one only.",
            rule="RFC 6749 §2.3 one authentication method",
            received=", ".join(
                name
                for name, there in (
                    ("Authorization header", authorization_header is not None),
                    ("client_secret", posted),
                    ("client_assertion", asserted),
                )
                if there
            ),
            expected="one of them",
        )
    if authorization_header is not None:
        return _basic(authorization_header, parameters.get("client_id", ""))
    if asserted:
        return _assertion(parameters)
    client_id = parameters.get("client_id")
    if not client_id:
        raise invalid_client(
            "The request does not say which client it comes from: send the client's credentials, or client_id for a public client.",
            rule="RFC 6749 §3.2.1 client authentication",
            received="no credentials and no client_id",
        )
    if posted:
        return Credentials(method=AuthMethod.POST, client_id=client_id, secret=parameters["client_secret"])
    return Credentials(method=AuthMethod.NONE, client_id=client_id)


def _basic(header: str, body_client_id: str) -> Credentials:
    """HTTP Basic (RFC 7617), with user and password raw or form-encoded (RFC 6749 §2.3.1).

    Varco's ids and secrets are of `[A-Za-z0-9._-]`, so decoding a raw one changes nothing.
    """
    found = _BASIC.fullmatch(header) if len(header) <= HEADER_LIMIT else None
    if found is None and scheme_of(header) in _OF_ACCESS_TOKENS:
        raise invalid_client(
            "This address authenticates the client, by HTTP Basic, in the body or by an assertion; an access token is for the "
            "API and UserInfo.",
            rule="RFC 6749 §2.3.1 Authorization header",
            received=scheme_of(header),
            expected="Basic base64(client_id:client_secret)",
        )
    if found is None:
        raise invalid_client(
            "The Authorization header is not valid HTTP Basic. Send Basic and the base64 of client_id:client_secret.",
            rule="RFC 6749 §2.3.1 Authorization header",
            received=scheme_of(header),
            expected="Basic base64(client_id:client_secret)",
        )
    try:
        text = base64.b64decode(found[1], validate=True).decode("utf-8")
        user, colon, password = text.partition(":")
        client_id, secret = _form_decoded(user), _form_decoded(password)
    except (binascii.Error, ValueError):
        colon = ""
        client_id = secret = ""
    if not colon or not client_id or _CONTROL.search(client_id):
        raise invalid_client(
            "The Authorization header does not hold the base64 of client_id:client_secret.",
            rule="RFC 7617 §2 Basic credentials",
            received="Basic with something else",
            expected="base64(client_id:client_secret)",
        )
    if body_client_id and body_client_id != client_id:
        raise invalid_request(
            "client_id in the body is not the one in the Authorization header. Send it once.",
            rule="RFC 6749 §2.3 one client",
            received=f"{client_id} in the header, {body_client_id} in the body",
            expected="the same client_id",
        )
    # An empty secret is none (§2.3.1): libraries that know no other way send a public client's id like this.
    return Credentials(method=AuthMethod.BASIC if secret else AuthMethod.NONE, client_id=client_id, secret=secret)


def scheme_of(header: str) -> str:
    """What the trace may say of a header: a scheme it knows, and never what could be a secret sent without one."""
    first = header.partition(" ")[0].lower()
    return f"scheme {first}" if first in _SCHEMES else "no scheme that is known"


def _form_decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8") if "%" in text else text


def _assertion(parameters: Parameters) -> Credentials:
    """private_key_jwt (RFC 7523 §2.2, OpenID Connect Core §9)."""
    assertion = parameters.get("client_assertion", "")
    kind = parameters.get("client_assertion_type", "")
    if kind != ASSERTION_TYPE or not assertion:
        raise invalid_client(
            "A client assertion needs client_assertion and client_assertion_type, and the type must be the JWT one.",
            rule="RFC 7521 §4.2 client_assertion_type",
            received=kind or "no client_assertion_type" if assertion else "no client_assertion",
            expected=ASSERTION_TYPE,
        )
    subject = _subject(assertion)
    client_id = parameters.get("client_id", "") or subject
    if not subject or subject != client_id:
        raise invalid_client(
            "The client assertion must be a JWT whose sub is the client_id.",
            rule="RFC 7523 §3 sub",
            received=subject or "no sub",
            expected=client_id or "client_id",
        )
    return Credentials(method=AuthMethod.PRIVATE_KEY_JWT, client_id=client_id, assertion=assertion)


def _subject(assertion: str) -> str:
    """The `sub` an assertion claims, unverified: only to find the client whose keys must have signed it."""
    parts = assertion.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = msgspec.json.decode(base64url.decode(parts[1]))
    except (ValueError, RecursionError):
        return ""
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) and not _CONTROL.search(subject) else ""


def authenticate(
    given: Credentials, client: Client | None, now: int, *, verified: Verified | None = None
) -> tuple[Client, SecretRecord | None]:
    """The client that the credentials are of (RFC 6749 §3.2.1), and the secret that matched, None where there is none.

    An unknown client takes as long as a known one. For private_key_jwt the caller hands in what `assertion.verify` gave;
    without it the client is refused. Raises `OAuthError` (invalid_client, 401).
    """
    digest = hash_of(given.secret)
    matched = _matching(digest, client.secrets if client else _NOBODY)
    if client is None:
        raise invalid_client(
            "No application with this client_id is registered here.",
            rule="RFC 6749 §5.2 unknown client",
            received=given.client_id,
        )
    if given.method not in client.accepted_methods and not client.still_takes(given.method, now):
        raise _wrong_method(given, client)
    fapi.check_authentication(client, given.method)
    if given.method in SECRET_METHODS:
        if matched is None:
            raise invalid_client(
                "The client_secret is not a valid one of this application. It may have been revoked.",
                rule="RFC 6749 §2.3.1 client_secret",
                received="an unknown or revoked client_secret",
                expected=_live_secrets(len(client.secrets)),
            )
        if matched.expires_at is not None and matched.expires_at <= now:
            raise invalid_client(
                "This client_secret has expired. Create a new one on the application's page.",
                rule="S12 secret expiry",
                received=f"a client_secret expired {now - matched.expires_at} s ago",
                expected="a client_secret that has not expired",
            )
    if given.method == AuthMethod.PRIVATE_KEY_JWT and (verified is None or verified.client_id != client.client_id):
        raise invalid_client(
            "The client assertion was not verified.",
            rule="RFC 7523 §3",
            received="an assertion that was not verified",
            expected="a verified one",
        )
    check_usable(client)
    return client, matched


def check_usable(client: Client) -> None:
    """Whether the application is in force (S16). Raises `OAuthError` (invalid_client, 401)."""
    if not client.usable:
        raise invalid_client(
            "This application is not in use at the moment: it was suspended or retired. Ask the platform's support.",
            rule="S16 application in force",
            fixer=Fixer.ADMINISTRATOR,
            received=f"application {client.state}",
            expected="application active",
        )


def _matching(digest: str, secrets: tuple[SecretRecord, ...]) -> SecretRecord | None:
    """The secret of this digest; every one is compared, in constant time."""
    matched = None
    for secret in secrets:
        if hmac.compare_digest(secret.digest, digest):
            matched = secret
    return matched


def _wrong_method(given: Credentials, client: Client) -> OAuthError:
    accepted = " or ".join(client.accepted_methods)
    if client.auth_method == AuthMethod.NONE:
        text = "This is a public client: it has no secret and must send its client_id only."
    elif given.method == AuthMethod.NONE:
        text = f"This client must authenticate with {accepted}; the request came without a secret or an assertion."
    else:
        text = f"This client is registered to authenticate with {accepted}, not with {given.method}."
    return invalid_client(
        text, rule="RFC 6749 §2.3 registered authentication method", received=given.method, expected=accepted
    )


def _live_secrets(count: int) -> str:
    if count == 1:
        return "its one live secret"
    return f"one of its {count} live secrets" if count else "a live secret, of which it has none"
