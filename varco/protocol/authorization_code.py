"""The exchange of an authorization code (RFC 6749 §4.1.3), rule by rule."""

from collections.abc import Callable
from typing import NamedTuple

from varco.protocol import pkce, redirect_uri
from varco.protocol.client import Client
from varco.protocol.errors import EndGrant, EndReason, OAuthError, invalid_grant
from varco.protocol.grant import GrantRecord, GrantState, check_eligibility
from varco.protocol.token_request import AuthorizationCodeRequest


class CodeExchange(NamedTuple):
    """What every rule looks at (`now` in epoch seconds)."""

    request: AuthorizationCodeRequest
    client: Client
    record: GrantRecord
    now: int


def _code_is_the_clients(exchange: CodeExchange) -> None:
    """RFC 6749 §4.1.3: issued to the client that presents it. First, so that nobody learns anything of another's code."""
    if exchange.record.application_id != exchange.client.application_id:
        raise invalid_grant(
            "The code is not valid.",
            rule="RFC 6749 §4.1.3 code of another client",
            received="a code of another client",
            expected="its own client",
        )


def _redirect_uri_is_the_same(exchange: CodeExchange) -> None:
    """RFC 6749 §4.1.3: sent again, and identical, if the authorization request named it."""
    if not exchange.request.redirect_uri and exchange.record.redirect_uri_sent:
        raise invalid_grant(
            "redirect_uri is missing: it was part of the authorization request and must be sent again.",
            rule="RFC 6749 §4.1.3 redirect_uri missing",
            received="no redirect_uri",
            expected=exchange.record.redirect_uri,
        )
    if exchange.request.redirect_uri and exchange.request.redirect_uri != exchange.record.redirect_uri:
        raise invalid_grant(
            "redirect_uri is not the one of the authorization request.",
            rule="RFC 6749 §4.1.3 redirect_uri",
            received=exchange.request.redirect_uri,
            expected=exchange.record.redirect_uri,
        )


def _redirect_uri_is_still_approved(exchange: CodeExchange) -> None:
    """S13: a redirect URI that was taken out of the registration meanwhile, since others had come by it, say."""
    native = exchange.client.type == "native"
    if not any(
        redirect_uri.matches(uri, exchange.record.redirect_uri, native=native) for uri in exchange.client.redirect_uris
    ):
        raise invalid_grant(
            "The code was sent to a redirect_uri that this application is not registered with any more.",
            rule="S13 redirect_uri in force",
            received=exchange.record.redirect_uri,
            expected="\n".join(exchange.client.redirect_uris) or "no redirect URI is registered",
        )


def _proof_key_is_right(exchange: CodeExchange) -> None:
    """RFC 7636 §4.6."""
    pkce.verify(exchange.record.code_challenge, exchange.record.code_challenge_method, exchange.request.code_verifier)


def _dpop_key_is_the_same(exchange: CodeExchange) -> None:
    """RFC 9449 §10: a code asked for with `dpop_jkt` is redeemed with a proof of that key."""
    if exchange.record.dpop_jkt and exchange.request.dpop_jkt != exchange.record.dpop_jkt:
        raise invalid_grant(
            "The code was asked for with dpop_jkt: send a DPoP proof made with that key.",
            rule="RFC 9449 §10 dpop_jkt",
            received=exchange.request.dpop_jkt or "no DPoP proof",
            expected=exchange.record.dpop_jkt,
        )


def _code_is_used_once(exchange: CodeExchange) -> None:
    """RFC 6749 §4.1.2, RFC 9700 §4.2.4: a replay ends the grant.

    Only here, after the proof: whoever merely saw the code must not be able to end somebody's grant. Before the expiry,
    since a replay is no less one for coming late.
    """
    if exchange.record.state == GrantState.ACTIVE:
        raise invalid_grant(
            "The code was used before. All access given for it has been ended; the person has to sign in again.",
            rule="RFC 6749 §4.1.2 code replay",
            received="a code used before",
            expected="a code used once",
            effects=(EndGrant(exchange.record.id, EndReason.CODE_REPLAYED),),
        )
    if exchange.record.state != GrantState.CODE:
        raise invalid_grant(
            "The code was used before, and the access given for it has ended.",
            rule="RFC 6749 §4.1.2 code of an ended grant",
            received=f"grant ended: {exchange.record.end_reason}",
            expected="a code used once",
        )


def _code_is_fresh(exchange: CodeExchange) -> None:
    """RFC 6749 §4.1.2: short-lived."""
    expires_at = exchange.record.code_expires_at or 0
    if expires_at <= exchange.now:
        raise invalid_grant(
            "The code has expired. Redeem it as soon as it arrives.",
            rule="RFC 6749 §4.1.2 code lifetime",
            received=f"expired {exchange.now - expires_at} s ago",
            expected="a code redeemed in time",
        )


def _people_are_live(exchange: CodeExchange) -> None:
    """S21, S26."""
    check_eligibility(exchange.record, exchange.now)


CODE_RULES: tuple[Callable[[CodeExchange], None], ...] = (
    _code_is_the_clients,
    _redirect_uri_is_the_same,
    _proof_key_is_right,
    _dpop_key_is_the_same,
    _code_is_used_once,
    _code_is_fresh,
    _redirect_uri_is_still_approved,
    _people_are_live,
)


def unknown_code() -> OAuthError:
    """The error for a code that was not issued here."""
    return invalid_grant(
        "The code is not valid.",
        rule="RFC 6749 §4.1.3 unknown code",
        received="an unknown code",
        expected="a code issued here",
    )


def check_exchange(request: AuthorizationCodeRequest, client: Client, record: GrantRecord, now: int) -> None:
    """Whether this code may be exchanged now (epoch seconds); the claim itself is the caller's one conditional UPDATE.

    Raises `OAuthError`: invalid_grant, with `EndGrant` for a replay with the right proof.
    """
    exchange = CodeExchange(request, client, record, now)
    for rule in CODE_RULES:
        rule(exchange)


def code_replayed(record: GrantRecord) -> OAuthError:
    """The refusal of the loser when two exchanges of one code race and the other's claim came first."""
    return invalid_grant(
        "The code was used before. All access given for it has been ended; the person has to sign in again.",
        rule="RFC 6749 §4.1.2 code replay",
        received="a code used at the same moment",
        expected="a code used once",
        effects=(EndGrant(record.id, EndReason.CODE_REPLAYED),),
    )
