"""Proof Key for Code Exchange (RFC 7636), with S256 alone."""

import hashlib
import hmac
import re

from varco.protocol.errors import invalid_grant, invalid_request
from varco.protocol.jose import base64url

S256 = "S256"

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # §4.2: base64url of a SHA-256, within 43*128unreserved
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # §4.1


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (§4.2)."""
    return base64url.encode(hashlib.sha256(verifier.encode("ascii")).digest())


def check_challenge(code_challenge: str, method: str, *, required: bool, nonce_instead: bool = False) -> None:
    """Whether an authorization request carries a sound challenge, or may do without one. Raises `OAuthError` (invalid_request).

    `nonce_instead`: the application may send a nonce instead (RFC 9700 §2.1.1), and sent none where a challenge is `required`.
    """
    if not code_challenge:
        _check_absent(method, required, nonce_instead)
        return
    # RFC 7636 §4.3: an absent method would mean `plain`, which RFC 9700 §2.1.1 advises against and Varco does not do.
    if not method:
        raise invalid_request(
            "code_challenge came without code_challenge_method, which would mean plain. Send code_challenge_method=S256.",
            rule="RFC 7636 §4.3 code_challenge_method",
            received="no code_challenge_method",
            expected=S256,
        )
    if method != S256:
        raise invalid_request(
            "This code_challenge_method is not supported. Use S256.",
            rule="RFC 7636 §4.3 code_challenge_method",
            received=method,
            expected=S256,
        )
    if not _CHALLENGE.fullmatch(code_challenge):
        raise invalid_request(
            "code_challenge must be the base64url-encoded SHA-256 of the code_verifier, without padding: 43 characters.",
            rule="RFC 7636 §4.2 code_challenge",
            received=f"{len(code_challenge)} characters",
            expected="43 base64url characters",
        )


def _check_absent(method: str, required: bool, nonce_instead: bool) -> None:
    if method:
        raise invalid_request(
            "code_challenge_method came without code_challenge. Send both.",
            rule="RFC 7636 §4.3 code_challenge",
            received="code_challenge_method alone",
            expected="code_challenge and code_challenge_method",
        )
    if required and nonce_instead:
        raise invalid_request(
            "This application may send nonce instead of PKCE, in a request whose scope has openid, and sent neither.",
            rule="RFC 9700 §2.1.1 PKCE or nonce required",
            received="neither code_challenge nor nonce with the scope openid",
            expected="code_challenge with S256, or nonce",
        )
    if required:
        raise invalid_request(
            "This application must use PKCE: send code_challenge and code_challenge_method=S256. If it has a secret and its "
            "library cannot, ask in its registration to send nonce instead.",
            rule="RFC 9700 §2.1.1 PKCE required",
            received="no code_challenge",
            expected="code_challenge with S256",
        )


def verify(code_challenge: str, method: str, verifier: str) -> None:
    """Whether a verifier proves that the asker of the code redeems it (RFC 7636 §4.6).

    Raises `OAuthError`: invalid_grant where the proof is missing or wrong, invalid_request where it is malformed.
    """
    if not code_challenge:
        # RFC 9700 §4.8.2: accepting it would let an attacker strip the challenge from the authorization request.
        if verifier:
            raise invalid_grant(
                "A code_verifier was sent for a code that was asked for without code_challenge.",
                rule="RFC 9700 §4.8.2 PKCE downgrade",
                received="code_verifier",
                expected="no code_verifier, since there was no code_challenge",
            )
        return
    if not verifier:
        raise invalid_grant(
            "code_verifier is missing: this code was asked for with a code_challenge.",
            rule="RFC 7636 §4.6 code_verifier missing",
            received="no code_verifier",
            expected="the code_verifier of this code",
        )
    if not _VERIFIER.fullmatch(verifier):
        raise invalid_request(
            "code_verifier must have 43 to 128 characters out of letters, digits and . _ ~ -",
            rule="RFC 7636 §4.1 code_verifier",
            received=f"{len(verifier)} characters",
            expected="43 to 128 unreserved characters",
        )
    if method != S256 or not hmac.compare_digest(challenge(verifier), code_challenge):
        raise invalid_grant(
            "code_verifier does not belong to the code_challenge of this code.",
            rule="RFC 7636 §4.6 code_verifier",
            received="a code_verifier with another hash",
            expected="the code_verifier of this code",
        )
