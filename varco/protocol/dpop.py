"""DPoP: tokens bound to a key that the client proves to hold with every request (RFC 9449)."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from varco.protocol.errors import OAuthError, invalid_dpop_proof, invalid_token
from varco.protocol.jose import base64url, client_jwt
from varco.protocol.jose import jwk as keys
from varco.protocol.jose.algorithms import FAPI_ALGORITHMS
from varco.protocol.jose.client_jwk import ClientKeyError, public_key_for
from varco.protocol.jose.own_jwt import PublicKey

HEADER = frozenset({"alg", "typ", "jwk", "kid"})
"""Some libraries add the name of the key; it is looked at no further (RFC 7515 §4.1.4)."""

AGE = 120
AHEAD = 30
"""Seconds a proof is accepted after it was made, and seconds a client's clock may be ahead."""

NONCE_PERIOD = 300
"""Seconds after which there is a new nonce; the one before is accepted as long again."""

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")


class Proof(msgspec.Struct, frozen=True):
    """A verified proof: the thumbprint of its key, and what makes it usable once."""

    jkt: str
    jti: str
    remember_until: int

    @property
    def single_use(self) -> str:
        """What to remember until `remember_until` (§11.1): a hash of its own kind."""
        return hashlib.sha256(f"dpop|{self.jkt}|{self.jti}".encode()).hexdigest()


def proof_header(headers: Sequence[str], status: int = 400) -> str | None:
    """The one DPoP header of a request, None without. Raises `OAuthError` (invalid_dpop_proof) for several (§4.3 (1))."""
    if len(headers) > 1:
        raise invalid_dpop_proof(
            "Send one DPoP header only.",
            rule="RFC 9449 §4.3 (1) one proof",
            status=status,
            received=f"{len(headers)} DPoP headers",
            expected="one",
        )
    return headers[0] if headers else None


class ProofInput(NamedTuple):
    """What every rule looks at."""

    claims: dict[str, Any]
    method: str
    url: str
    now: int
    nonces: Sequence[str]
    access_token: str
    status: int


def check(
    proof: str,
    *,
    method: str,
    url: str,
    now: int,
    nonces: Sequence[str] = (),
    access_token: str = "",
    status: int = 400,
) -> Proof:
    """Whether a proof is for this request: method, public URL without query, time (epoch seconds).

    `nonces` are those accepted now, where one is required, the one to use first; `access_token` the one the request carries, if any; `status`
    the HTTP status of a refusal (401 at the API). Raises `OAuthError`: invalid_dpop_proof, or use_dpop_nonce.
    """
    try:
        claims, key = _signed(proof)
    except (client_jwt.JwtError, ClientKeyError) as fault:
        raise invalid_dpop_proof(
            "The DPoP proof cannot be accepted.",
            rule="RFC 9449 §4.3 (2)-(7) signed JWT",
            status=status,
            received=str(fault),
            expected=f"typ dpop+jwt, alg of {', '.join(FAPI_ALGORITHMS)}, a public jwk and its signature",
        ) from None
    given = ProofInput(claims, method, url, now, nonces, access_token, status)
    for rule in RULES:
        rule(given)
    return Proof(keys.thumbprint(key), claims["jti"], int(claims["iat"]) + AGE + 1)


def _signed(proof: str) -> tuple[dict[str, Any], PublicKey]:
    """§4.3 (2)-(7): the claims, and the key that signed them. Raises `JwtError` or `ClientKeyError`."""
    found = client_jwt.read(proof, members=HEADER, algorithms=FAPI_ALGORITHMS)
    if found.header.get("typ") != "dpop+jwt":
        raise client_jwt.JwtError(f"typ {found.header.get('typ')}"[:60])
    jwk = found.header.get("jwk")
    if not isinstance(jwk, dict):
        raise client_jwt.JwtError("no jwk in the header")
    key = public_key_for(jwk, found.alg)
    if not client_jwt.signed_by(found, key):
        raise client_jwt.JwtError("a signature that is not of the key in its header")
    return found.claims, key


def _has_an_id(given: ProofInput) -> None:
    """§4.3 (3)."""
    jti = given.claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 256:
        raise invalid_dpop_proof(
            "The DPoP proof needs a jti.",
            rule="RFC 9449 §4.3 (3) jti",
            status=given.status,
            received="no jti",
            expected="a text of 1 to 256 characters",
        )


def _is_for_this_method(given: ProofInput) -> None:
    """§4.3 (8)."""
    htm = given.claims.get("htm")
    if htm != given.method:
        raise invalid_dpop_proof(
            "htm of the DPoP proof is not the method of this request.",
            rule="RFC 9449 §4.3 (8) htm",
            status=given.status,
            received=str(htm),
            expected=given.method,
        )


def _is_for_this_address(given: ProofInput) -> None:
    """§4.3 (9)."""
    htu = given.claims.get("htu")
    if not isinstance(htu, str) or normalized(htu) is None or normalized(htu) != normalized(given.url):
        raise invalid_dpop_proof(
            "htu of the DPoP proof is not the address of this request.",
            rule="RFC 9449 §4.3 (9) htu",
            status=given.status,
            received=str(htu),
            expected=given.url,
        )


def _has_our_nonce(given: ProofInput) -> None:
    """§4.3 (10), §8: the client is told the nonce and tries again with it."""
    received = given.claims.get("nonce")
    if given.nonces and received not in given.nonces:
        raise OAuthError(
            "use_dpop_nonce",
            "Make a new DPoP proof with the nonce of the header DPoP-Nonce of this answer.",
            rule="RFC 9449 §8 nonce",
            status=given.status,
            received="no nonce" if received is None else "another nonce",
            expected="the nonce of the last answer",
            headers=(nonce_header(given.nonces[0]),),
        )


def _is_fresh(given: ProofInput) -> None:
    """§4.3 (11), §11.1."""
    issued = client_jwt.number(given.claims.get("iat"))
    if issued is None or not given.now - AGE <= issued <= given.now + AHEAD:
        raise invalid_dpop_proof(
            "iat of the DPoP proof is too far from the time here. Make a new proof for every request.",
            rule="RFC 9449 §4.3 (11) iat",
            status=given.status,
            received=f"iat {given.claims.get('iat')}, {given.now} here",
            expected=f"at most {AGE} s ago, or {AHEAD} s ahead",
        )


def _is_for_this_token(given: ProofInput) -> None:
    """§4.3 (12)."""
    if given.access_token and given.claims.get("ath") != token_hash(given.access_token):
        raise invalid_dpop_proof(
            "ath of the DPoP proof is not the hash of the access token.",
            rule="RFC 9449 §4.3 (12) ath",
            status=given.status,
            received="no ath" if given.claims.get("ath") is None else "the hash of another token",
            expected="base64url of the SHA-256 of the access token",
        )


RULES: tuple[Callable[[ProofInput], None], ...] = (
    _has_an_id,
    _is_for_this_method,
    _is_for_this_address,
    _has_our_nonce,
    _is_fresh,
    _is_for_this_token,
)


def token_hash(access_token: str) -> str:
    """`ath` of an access token (§4.2)."""
    return base64url.encode(hashlib.sha256(access_token.encode()).digest())


def normalized(url: str) -> str | None:
    """A URL without query and fragment, in normal form (§4.3 (9), RFC 3986 §6.2.2-3); None if it is none."""
    if not _PRINTABLE.fullmatch(url):
        return None  # urlsplit would drop what does not belong
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    if ":" in host:
        host = f"[{host}]"
    default = 443 if parts.scheme == "https" else 80
    path = _UNRESERVED.sub(_decoded_unreserved, parts.path) or "/"
    return f"{parts.scheme}://{host}{'' if port in {None, default} else f':{port}'}{path}"


def _decoded_unreserved(found: re.Match[str]) -> str:
    """RFC 3986 §6.2.2: escapes of unreserved characters are undone, others written in upper given."""
    character = unquote(found[0], "latin-1")
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else found[0].upper()


def check_binding(bound_to: str, proof: Proof | None) -> None:
    """Whether a request with a bound access token proves its key (§7.1). Raises `OAuthError` (invalid_token, 401)."""
    if bound_to and (proof is None or proof.jkt != bound_to):
        raise invalid_token(
            "The access token is bound to a DPoP key. Send it with Authorization: DPoP and a proof made with that key.",
            rule="RFC 9449 §7.1 bound token",
            received="no proof" if proof is None else f"a proof of key {proof.jkt}",
            expected=f"a proof of key {bound_to}",
        )
    if not bound_to and proof is not None:
        raise invalid_token(
            "The access token is not bound to a DPoP key. Send it with Authorization: Bearer.",
            rule="RFC 9449 §7.1 unbound token",
            received="an unbound token with the scheme DPoP",
            expected="a token bound to the key of the proof",
        )


def used_before(status: int = 400) -> OAuthError:
    """The refusal of a proof whose `jti` is remembered (§11.1)."""
    return invalid_dpop_proof(
        "This DPoP proof was used before. Make a new one for every request.",
        rule="RFC 9449 §11.1 replay",
        status=status,
        received="a jti used before",
        expected="a new jti",
    )


# --- Nonces that need no storage (§8) ---------------------------------------------------------------------------------


def nonce(key: bytes, now: int) -> str:
    """The nonce handed out now, under a derived key."""
    return _nonce_of(key, now // NONCE_PERIOD)


def nonce_header(value: str) -> tuple[bytes, bytes]:
    """The header that tells a client the nonce of its next proof (§8.1)."""
    return b"dpop-nonce", value.encode("ascii")


def accepted_nonces(keys: Sequence[bytes], now: int) -> tuple[str, ...]:
    """The nonces accepted now, of this period and of the one before: under the first key, whose first is to be used, and others."""
    period = now // NONCE_PERIOD
    return tuple(_nonce_of(key, each) for key in keys for each in (period, period - 1))


def _nonce_of(key: bytes, period: int) -> str:
    return base64url.encode(hmac.digest(key, f"dpop-nonce|{period}".encode(), "sha256")[:18])
