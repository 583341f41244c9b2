"""What an application does with the events it gets, by joserfc and the rules of the specifications, not by our code."""

from typing import Any

from tests.support.http_receiver import signed_claims

PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
ISSUER = "http://localhost:8000"

# SSF §4.1: no `sub` and no `exp`, one event, the subject beside it; nothing else is ours to tell.
MEMBERS = {"iss", "aud", "iat", "jti", "txn", "sub_id", "events"}


def validated(token: str, jwks: dict[str, Any], *, client_id: str, now: int, issuer: str = ISSUER) -> dict[str, Any]:
    """The claims of a security event token, checked as a receiver must (RFC 8417 §2, SSF §4)."""
    claims = signed_claims(token, jwks, "secevent+jwt", "txn", issuer=issuer, client_id=client_id, now=now)
    assert set(claims) == MEMBERS
    assert len(claims["events"]) == 1
    return claims


def event_of(claims: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address of the one event, and what it says."""
    ((address, event),) = claims["events"].items()
    return address, event


def iss_sub(sub: str, issuer: str = ISSUER) -> dict[str, str]:
    """A person as ID tokens name them (RFC 9493 §3.2.3)."""
    return {"format": "iss_sub", "iss": issuer, "sub": sub}
