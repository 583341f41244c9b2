"""Access tokens: what they say, as bytes, and whether one is good for the API (RFC 9068)."""

import msgspec

from varco.protocol.errors import Fixer, invalid_token

_NOT_FOR_THIS_API = "The access token is not one for this API."

ACCESS_TYP = "at+jwt"


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The claims of an access token (RFC 9068 §2.2): `gid` is the grant, `tenant` the medical centre's public id."""

    iss: str
    sub: str
    aud: str
    exp: int
    iat: int
    jti: str
    client_id: str
    scope: str
    gid: str
    tenant: str
    cnf: dict[str, str] | None = None

    @property
    def jkt(self) -> str:
        """The thumbprint of the DPoP key it is bound to (RFC 9449 §6.1); empty for a bearer token."""
        return self.cnf.get("jkt", "") if self.cnf else ""


class IssuedClaims(AccessClaims, frozen=True, kw_only=True, omit_defaults=True):
    """What a token also says and the API does not read, so that no gate keeps it: how and when the person signed in (RFC 9068 §2.2.1)."""

    acr: str = ""
    auth_time: int = 0


_access_encoder = msgspec.json.Encoder()
_access_decoder = msgspec.json.Decoder(AccessClaims)


def access_claims(
    *,
    issuer: str,
    audience: str,
    sub: str,
    client_id: str,
    scope: str,
    grant_id: int,
    tenant: str,
    jti: str,
    now: int,
    lifetime: int,
    acr: str,
    auth_time: int,
    dpop_jkt: str = "",
) -> IssuedClaims:
    """The claims of a new access token, living `lifetime` seconds; bound to a DPoP key where there is one (RFC 9449 §6.1).

    `acr` and `auth_time` are of the sign-in that its grant goes back to (RFC 9470 §6.2), left out where they are not known.
    """
    return IssuedClaims(
        iss=issuer,
        sub=sub,
        aud=audience,
        exp=now + lifetime,
        iat=now,
        jti=jti,
        client_id=client_id,
        scope=scope,
        gid=str(grant_id),
        tenant=tenant,
        cnf={"jkt": dpop_jkt} if dpop_jkt else None,
        acr=acr,
        auth_time=auth_time,
    )


def encode_access(claims: IssuedClaims) -> bytes:
    """The claims as the JSON to sign."""
    return _access_encoder.encode(claims)


def decode_access(payload: bytes) -> AccessClaims:
    """The claims of a payload whose signature was verified. Raises `OAuthError` (invalid_token, 401)."""
    try:
        return _access_decoder.decode(payload)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError, and so are all of msgspec's
        raise invalid_token(
            _NOT_FOR_THIS_API,
            rule="RFC 9068 §2.2",
            received="a payload without the claims of an access token",
            expected="an access token",
        ) from None


def check_access(claims: AccessClaims, *, issuer: str, audience: str, now: int) -> None:
    """Whether an access token is ours, for this API, and has not expired (RFC 9068 §4). Raises `OAuthError` (invalid_token, 401)."""
    if claims.iss != issuer:
        raise invalid_token(_NOT_FOR_THIS_API, rule="RFC 9068 §4 iss", received=f"issuer {claims.iss}", expected=issuer)
    if claims.aud != audience:
        raise invalid_token(
            _NOT_FOR_THIS_API, rule="RFC 9068 §4 aud", received=f"audience {claims.aud}", expected=audience
        )
    if claims.exp <= now:
        raise invalid_token(
            "The access token has expired. Get a new one with the refresh token, or ask the person to sign in again.",
            rule="RFC 9068 §4 exp",
            fixer=Fixer.RETRY,
            received=f"expired {now - claims.exp} s ago",
            expected="a token that has not expired",
        )
