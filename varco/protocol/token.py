"""The token request (RFC 6749 §4.1.3, §6): parsed once, then judged rule by rule against the grant it is about."""

import hashlib
from collections.abc import Callable
from typing import Literal

import msgspec

from varco.protocol import pkce
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, Client
from varco.protocol.parameters import Parameters
from varco.protocol.refusal import EndGrant, Fixer, Refusal

CODE_REPLAYED = "code_replayed"
REFRESH_REUSED = "refresh_reused"
"""Reasons for which a refusal ends a grant."""


class CodeAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A code to redeem. `dpop_jkt` is the thumbprint of the proven DPoP key, set by the caller (RFC 9449 §5)."""

    code: str
    redirect_uri: str = ""
    code_verifier: str = ""
    resource: tuple[str, ...] = ()
    dpop_jkt: str = ""
    grant_type: str = AUTHORIZATION_CODE

    def __repr__(self) -> str:
        return "CodeAsk(…)"

    @property
    def code_hash(self) -> str:
        """What the grant row knows of the code: SHA-256, hexadecimal."""
        return hashlib.sha256(self.code.encode()).hexdigest()


class RefreshAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token to rotate."""

    refresh_token: str
    scope: str = ""
    resource: tuple[str, ...] = ()
    dpop_jkt: str = ""
    grant_type: str = REFRESH_TOKEN

    def __repr__(self) -> str:
        return "RefreshAsk(…)"


class DeviceAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A device code being polled (RFC 8628 §3.4)."""

    device_code: str
    code_verifier: str = ""
    resource: tuple[str, ...] = ()
    dpop_jkt: str = ""
    grant_type: str = DEVICE_CODE

    def __repr__(self) -> str:
        return "DeviceAsk(…)"

    @property
    def device_code_hash(self) -> str:
        """What the device request's row knows of the code: SHA-256, hexadecimal."""
        return hashlib.sha256(self.device_code.encode()).hexdigest()


Ask = CodeAsk | RefreshAsk | DeviceAsk


class GrantRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A grant's row with the liveness of its user, membership and tenant, as read in one statement.

    Times are epoch seconds, `rotated_at` epoch milliseconds. A user without membership has `membership_tenant_id` None.
    """

    id: int
    application_id: int
    state: str
    scopes: str = ""
    code_expires_at: int | None = None
    redirect_uri: str = ""
    redirect_uri_sent: bool = True
    code_challenge: str = ""
    code_challenge_method: str = ""
    dpop_jkt: str = ""
    n: int = 0
    rotated_at: int = 0
    idle_expires_at: int = 0
    expires_at: int = 0
    end_reason: str = ""
    tenant_id: int = 0
    tenant_state: str = "active"
    user_is_active: bool = True
    membership_active: bool = True
    membership_expires_at: int | None = None
    membership_tenant_id: int | None = None


# --- Parsing --------------------------------------------------------------------------------------------------------

_UNSUPPORTED = {
    "client_credentials": "Every token here belongs to a person who has logged in, so an application cannot get one for "
    "itself. Use the authorization code flow, or the device flow where there is no browser.",
    "password": "An application must never see a person's password (RFC 9700 section 2.4). Use the authorization code "
    "flow, or the device flow where there is no browser.",
    "implicit": "Implicit is not a grant of the token endpoint and puts tokens where they leak (RFC 9700 section 2.1.2). "
    "Use the authorization code flow with PKCE.",
    "urn:ietf:params:oauth:grant-type:token-exchange": "Tokens cannot be exchanged here: each belongs to the application "
    "a person consented to.",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "A signed assertion cannot stand in for a person: every token here "
    "belongs to somebody who has logged in. Use the authorization code flow.",
    "urn:ietf:params:oauth:grant-type:saml2-bearer": "A signed assertion cannot stand in for a person: every token here "
    "belongs to somebody who has logged in. Use the authorization code flow.",
}


def parse_token_request(parameters: Parameters) -> Ask:
    """The typed request (RFC 6749 §3.2). Raises `Refusal`: invalid_request, or unsupported_grant_type with the why (S17)."""
    grant_type = parameters.get("grant_type")
    resource = parameters.all("resource")
    if grant_type == REFRESH_TOKEN:
        return RefreshAsk(
            refresh_token=_needed(parameters, "refresh_token", "RFC 6749 §6"),
            scope=parameters.get("scope", ""),
            resource=resource,
        )
    if grant_type == AUTHORIZATION_CODE:
        return CodeAsk(
            code=_needed(parameters, "code", "RFC 6749 §4.1.3"),
            redirect_uri=parameters.get("redirect_uri", ""),
            code_verifier=parameters.get("code_verifier", ""),
            resource=resource,
        )
    if grant_type == DEVICE_CODE:
        return DeviceAsk(
            device_code=_needed(parameters, "device_code", "RFC 8628 §3.4"),
            code_verifier=parameters.get("code_verifier", ""),
            resource=resource,
        )
    _needed(parameters, "grant_type", "RFC 6749 §4.1.3")
    raise Refusal(
        "unsupported_grant_type",
        _UNSUPPORTED.get(
            grant_type or "",
            "This grant_type is not known. Use authorization_code, refresh_token or the device code grant.",
        ),
        rule="RFC 6749 §5.2 unsupported_grant_type",
        received=grant_type or "",
        expected=f"{AUTHORIZATION_CODE}, {REFRESH_TOKEN}, {DEVICE_CODE}",
    )


def _needed(parameters: Parameters, name: str, section: str) -> str:
    value = parameters.get(name)
    if value:
        return value
    raise Refusal(
        "invalid_request",
        f"The parameter {name} is missing.",
        rule=f"{section} {name}",
        received=f"no {name}",
        expected=name,
    )


def check_grant_type(ask: Ask, client: Client) -> None:
    """Whether the application is approved for this grant type (S13). Raises `Refusal` (unauthorized_client)."""
    if ask.grant_type not in client.grant_types:
        raise Refusal(
            "unauthorized_client",
            f"This application is not registered for the grant type {ask.grant_type}.",
            rule="RFC 6749 §5.2 unauthorized_client",
            received=ask.grant_type,
            expected=", ".join(sorted(client.grant_types)),
        )


# --- Redeeming a code -----------------------------------------------------------------------------------------------


def _invalid_grant(
    description: str,
    rule: str,
    received: str = "",
    expected: str = "",
    *,
    fixer: Fixer = Fixer.DEVELOPER,
    effects: tuple[EndGrant, ...] = (),
) -> Refusal:
    return Refusal(
        "invalid_grant", description, rule=rule, received=received, expected=expected, fixer=fixer, effects=effects
    )


def _code_is_the_clients(ask: CodeAsk, client: Client, record: GrantRecord, now: int) -> None:
    """RFC 6749 §4.1.3: issued to the client that presents it. First, so that nobody learns anything of another's code."""
    if record.application_id != client.application_id:
        raise _invalid_grant(
            "The code is not valid.",
            "RFC 6749 §4.1.3 code of another client",
            "a code of another client",
            "its own client",
        )


def _redirect_uri_is_the_same(ask: CodeAsk, client: Client, record: GrantRecord, now: int) -> None:
    """RFC 6749 §4.1.3: sent again, and identical, if the authorization request named it."""
    if not ask.redirect_uri and record.redirect_uri_sent:
        raise _invalid_grant(
            "redirect_uri is missing: it was part of the authorization request and must be sent again.",
            "RFC 6749 §4.1.3 redirect_uri missing",
            "no redirect_uri",
            record.redirect_uri,
        )
    if ask.redirect_uri and ask.redirect_uri != record.redirect_uri:
        raise _invalid_grant(
            "redirect_uri is not the one of the authorization request.",
            "RFC 6749 §4.1.3 redirect_uri",
            ask.redirect_uri,
            record.redirect_uri,
        )


def _proof_key_is_right(ask: CodeAsk, client: Client, record: GrantRecord, now: int) -> None:
    """RFC 7636 §4.6."""
    pkce.verify(record.code_challenge, record.code_challenge_method, ask.code_verifier)


def _dpop_key_is_the_same(ask: CodeAsk, client: Client, record: GrantRecord, now: int) -> None:
    """RFC 9449 §10: a code asked for with `dpop_jkt` is redeemed with a proof of that key."""
    if record.dpop_jkt and ask.dpop_jkt != record.dpop_jkt:
        raise _invalid_grant(
            "The code was asked for with dpop_jkt: send a DPoP proof made with that key.",
            "RFC 9449 §10 dpop_jkt",
            ask.dpop_jkt or "no DPoP proof",
            record.dpop_jkt,
        )


def _code_is_used_once(ask: CodeAsk, client: Client, record: GrantRecord, now: int) -> None:
    """RFC 6749 §4.1.2, RFC 9700 §4.2.4: a replay ends the grant.

    Only here, after the proof: whoever merely saw the code must not be able to end somebody's grant. Before the expiry,
    since a replay is no less one for coming late.
    """
    if record.state == "active":
        raise _invalid_grant(
            "The code was used before. All access given for it has been ended; the person has to sign in again.",
            "RFC 6749 §4.1.2 code replay",
            "a code used before",
            "a code used once",
            effects=(EndGrant(record.id, CODE_REPLAYED),),
        )
    if record.state != "code":
        raise _invalid_grant(
            "The code was used before, and the access given for it has ended.",
            "RFC 6749 §4.1.2 code of an ended grant",
            f"grant ended: {record.end_reason}",
            "a code used once",
        )


def _code_is_fresh(ask: CodeAsk, client: Client, record: GrantRecord, now: int) -> None:
    """RFC 6749 §4.1.2: short-lived."""
    if record.code_expires_at is None or record.code_expires_at <= now:
        late = now - (record.code_expires_at or 0)
        raise _invalid_grant(
            "The code has expired. Redeem it as soon as it arrives.",
            "RFC 6749 §4.1.2 code lifetime",
            f"expired {late} s ago",
            "a code redeemed in time",
        )


def _people_are_live(ask: CodeAsk, client: Client, record: GrantRecord, now: int) -> None:
    """S21, S26."""
    check_people(record, now)


CODE_RULES: tuple[Callable[[CodeAsk, Client, GrantRecord, int], None], ...] = (
    _code_is_the_clients,
    _redirect_uri_is_the_same,
    _proof_key_is_right,
    _dpop_key_is_the_same,
    _code_is_used_once,
    _code_is_fresh,
    _people_are_live,
)


def redeem_code(ask: CodeAsk, client: Client, record: GrantRecord | None, now: int) -> None:
    """Whether this code may be redeemed now (epoch seconds); the claim itself is the caller's one conditional UPDATE.

    Raises `Refusal`: invalid_grant, with `EndGrant` for a replay with the right proof.
    """
    if record is None:
        raise _invalid_grant(
            "The code is not valid.", "RFC 6749 §4.1.3 unknown code", "an unknown code", "a code issued here"
        )
    for rule in CODE_RULES:
        rule(ask, client, record, now)


def replayed(record: GrantRecord) -> Refusal:
    """The refusal of the loser when two exchanges of one code race and the other's claim came first."""
    return _invalid_grant(
        "The code was used before. All access given for it has been ended; the person has to sign in again.",
        "RFC 6749 §4.1.2 code replay",
        "a code used at the same moment",
        "a code used once",
        effects=(EndGrant(record.id, CODE_REPLAYED),),
    )


# --- Refreshing -----------------------------------------------------------------------------------------------------


def unreadable_refresh_token() -> Refusal:
    """The refusal of a refresh token that this server did not issue to this client."""
    return _invalid_grant(
        "The refresh token is not valid for this application.",
        "RFC 6749 §6 refresh token",
        "a refresh token whose code does not verify for this client",
        "a refresh token issued here to this client",
    )


def judge_refresh(
    client: Client, record: GrantRecord | None, n: int, now_ms: int, window: int, *, dpop_jkt: str | None = None
) -> Literal["retry", "rotate"]:
    """What to do when the rotation of refresh token number `n` changed no row.

    `retry`: it is the immediate predecessor, presented again within `window` seconds: answer the same successor
    (number `record.n`) with a new access token and change nothing. `rotate`: nothing stands against the rotation (any
    more): try it again. Otherwise raises `Refusal` (invalid_grant), with `EndGrant` on reuse (RFC 9700 §4.14.2).
    `dpop_jkt` is the thumbprint of the proven DPoP key, empty without proof; None where the caller has no DPoP.
    """
    if record is None:
        raise _invalid_grant(
            "The refresh token is no longer valid.",
            "RFC 6749 §6 refresh token",
            "a refresh token of no grant",
            "a live grant",
        )
    if record.application_id != client.application_id:
        raise unreadable_refresh_token()
    now = now_ms // 1000
    _grant_is_live(record, now)
    check_people(record, now)
    if dpop_jkt is not None:
        check_bound_key(record, dpop_jkt)
    if n == record.n:
        return "rotate"
    if n == record.n - 1 and now_ms - record.rotated_at <= window * 1000:
        return "retry"
    raise _invalid_grant(
        "The refresh token was used before. To be safe all access given with it has been ended; the person has to sign in "
        "again. Keep the newest refresh token of every answer.",
        "RFC 9700 §4.14.2 refresh token reuse",
        f"number {n}, presented {(now_ms - record.rotated_at) // 1000} s after the last rotation",
        f"number {record.n}, or {record.n - 1} within {window} s",
        fixer=Fixer.DEVELOPER,
        effects=(EndGrant(record.id, REFRESH_REUSED),),
    )


def check_bound_key(record: GrantRecord, dpop_jkt: str) -> None:
    """RFC 9449 §5: a bound refresh token needs a proof of its key. Raises `Refusal` (invalid_grant)."""
    if record.dpop_jkt and dpop_jkt != record.dpop_jkt:
        raise _invalid_grant(
            "The refresh token is bound to a DPoP key: send a DPoP proof made with that key.",
            "RFC 9449 §5 bound refresh token",
            dpop_jkt or "no DPoP proof",
            record.dpop_jkt,
        )


def _grant_is_live(record: GrantRecord, now: int) -> None:
    if record.state != "active":
        raise _invalid_grant(
            "The access behind this refresh token has ended. The person has to sign in again.",
            "RFC 6749 §6 grant ended",
            f"grant {record.state}: {record.end_reason}".rstrip(": "),
            "an active grant",
            fixer=Fixer.PERSON,
        )
    if record.expires_at <= now:
        raise _invalid_grant(
            "The access behind this refresh token has reached its longest time. The person has to sign in again.",
            "RFC 9700 §4.14.2 absolute lifetime",
            f"expired {now - record.expires_at} s ago",
            "a grant that has not expired",
            fixer=Fixer.PERSON,
        )
    if record.idle_expires_at <= now:
        raise _invalid_grant(
            "The refresh token was not used for too long. The person has to sign in again.",
            "RFC 9700 §4.14.2 idle lifetime",
            f"expired {now - record.idle_expires_at} s ago",
            "a refresh token used regularly",
            fixer=Fixer.PERSON,
        )


def check_people(record: GrantRecord, now: int) -> None:
    """Whether user, membership and tenant of a grant are live (S5, S21, S26). Raises `Refusal` (invalid_grant)."""
    if not record.user_is_active:
        raise _invalid_grant(
            "The person's account is not active.",
            "S21 account active",
            "account switched off",
            "account active",
            fixer=Fixer.ADMINISTRATOR,
        )
    if not record.membership_active or record.membership_tenant_id != record.tenant_id:
        raise _invalid_grant(
            "The person does not work for this medical centre any more.",
            "S5 membership of the tenant",
            "no active membership",
            "an active membership of the grant's tenant",
            fixer=Fixer.MANAGER,
        )
    if record.membership_expires_at is not None and record.membership_expires_at <= now:
        raise _invalid_grant(
            "The person's access to this medical centre has ended on its date.",
            "S26 membership end",
            f"ended {now - record.membership_expires_at} s ago",
            "a membership that has not ended",
            fixer=Fixer.MANAGER,
        )
    if record.tenant_state != "active":
        raise _invalid_grant(
            "The medical centre is not active.",
            "S19 tenant active",
            f"tenant {record.tenant_state}",
            "tenant active",
            fixer=Fixer.ADMINISTRATOR,
        )


def refresh_scope(ask: RefreshAsk, granted: str) -> str:
    """The scope of the new access token: what is asked for within what is granted now (RFC 6749 §6).

    The grant itself keeps its full scope. Raises `Refusal` (invalid_scope) when asked to widen it.
    """
    if not ask.scope:
        return granted
    asked = set(ask.scope.split(" ")) - {""}
    held = granted.split()
    wider = asked.difference(held)
    if wider or not asked:
        raise Refusal(
            "invalid_scope",
            "A refresh can narrow the scope, not widen it. Leave scope out to get everything that was granted.",
            rule="RFC 6749 §6 scope",
            received=" ".join(sorted(wider)),
            expected=granted,
        )
    return " ".join(name for name in held if name in asked)
