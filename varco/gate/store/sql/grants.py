"""Grants: found by code, refresh token or id, claimed, rotated, ended, and read on every request of the API."""

# ruff: noqa: S608 - what is put into the texts are constants of this package

from varco.gate.store.sql.conditions import (
    application_unchanged,
    blocked,
    listed,
    person_lives,
    tenant_allows,
    within_lock,
)
from varco.gate.store.statement import PLATFORM, KeyedStatement, Row, Statement


class GrantRow(Row, frozen=True):
    """A grant, and its user, tenant and application as they are now."""

    id: int
    state: str
    application_id: int
    scopes: str
    claims: str
    claims_request: str
    end_reason: str
    code_expires_at: int | None
    redirect_uri: str
    redirect_uri_sent: bool
    code_challenge: str
    code_challenge_method: str
    nonce: str
    auth_time: int
    acr: str
    amr: str
    sid: str
    n: int
    rotated_at: int
    idle_expires_at: int
    expires_at: int
    dpop_jkt: str
    sub: str
    user_active: bool
    email: str
    given_name: str
    family_name: str
    language: str
    user_updated_at: int
    email_verified: bool
    tenant: str
    tenant_name: str
    tenant_state: str
    membership_active: bool | None
    membership_expires_at: int | None
    membership_tenant_id: int | None
    membership_application_id: int | None
    tenant_id: int
    application_state: str
    application_version: int
    application_name: str
    blocked: bool
    listed: bool
    within_lock: bool


_GRANT = f"""
    SELECT g.id, g.state, g.application_id, g.scopes, g.claims, g.claims_request, g.end_reason,
           g.code_expires_at, g.redirect_uri, g.redirect_uri_sent, g.code_challenge, g.code_challenge_method, g.nonce, g.auth_time, g.acr, g.amr, g.sid,
           g.n, g.rotated_at, g.idle_expires_at, g.expires_at, g.dpop_jkt,
           u.public_id AS sub, u.is_active AS user_active, u.email, u.given_name, u.family_name, u.language,
           u.updated_at AS user_updated_at,
           EXISTS (SELECT 1 FROM account_emailaddress e
                   WHERE e.user_id = u.id AND e.email = u.email AND e.verified) AS email_verified,
           t.public_id AS tenant, t.name AS tenant_name, t.state AS tenant_state,
           m.active AS membership_active, m.expires_at AS membership_expires_at, m.tenant_id AS membership_tenant_id,
           m.only_application_id AS membership_application_id,
           t.id AS tenant_id, a.state AS application_state, a.version AS application_version,
           a.name AS application_name, {blocked("g")} AS blocked, {listed("g")} AS listed,
           {within_lock("g", "a.live_revision_id")} AS within_lock
    FROM grants_grant g JOIN accounts_user u ON u.id = g.user_id
    JOIN tenants_tenant t ON t.id = g.tenant_id JOIN registry_application a ON a.id = g.application_id
    LEFT JOIN tenants_membership m ON m.user_id = u.id
"""

GRANT_OF_CODE = Statement(PLATFORM, f"{_GRANT} WHERE g.code_hash = :code_hash", GrantRow)
"""Everything about the grant of an authorization code, by the SHA-256 of its text."""

GRANT_OF_RID = Statement(PLATFORM, f"{_GRANT} WHERE g.rid = :rid", GrantRow)
"""Everything about the grant of a refresh token."""

GRANT_OF_ID = Statement(PLATFORM, f"{_GRANT} WHERE g.id = :id", GrantRow)
"""Everything about a grant, dead or alive."""


class ClaimsRequestRow(Row, frozen=True):
    """The `claims` parameter of a grant as it was accepted, JSON; empty for none."""

    claims_request: str


CLAIMS_REQUEST = Statement(PLATFORM, "SELECT claims_request FROM grants_grant WHERE id = :id", ClaimsRequestRow)
"""Which single claims a grant is for."""


class IdRow(Row, frozen=True):
    """The id of a row that was written."""

    id: int


CLAIM_CODE = Statement(
    PLATFORM,
    f"""
    UPDATE grants_grant
    SET state = 'active', rid = :rid, n = :n, rotated_at = :now_ms, idle_expires_at = :idle_expires_at,
        expires_at = :expires_at, last_used_at = :now, dpop_jkt = :dpop_jkt
    WHERE id = :id AND state = 'code' AND code_expires_at > :now AND scopes = :scopes AND claims = :claims
      AND {application_unchanged("grants_grant.application_id")} AND {person_lives("grants_grant")} AND {tenant_allows("grants_grant")}
    RETURNING id
    """,
    IdRow,
)
"""Redeem a code, once. `scopes` and `claims` are those that its tokens were made for, which the person may have narrowed
since (S21); the application is as of `version`."""


class RotatedRow(Row, frozen=True):
    """What a new access token says of the grant of a refresh token."""

    id: int
    scopes: str
    n: int
    auth_time: int
    acr: str
    sub: str
    tenant: str


def _refresh(change: str, bound: str, place: str = "n = :n") -> Statement[RotatedRow]:
    """The use of a refresh token `rid`, `n` by an application as of `version`, where the row's own `n` stands so."""
    return Statement(
        PLATFORM,
        f"""
        UPDATE grants_grant SET {change}, idle_expires_at = :idle_expires_at, last_used_at = :now
        WHERE rid = :rid AND {place} AND state = 'active' AND expires_at > :now AND idle_expires_at > :now AND {bound}
          AND {application_unchanged("grants_grant.application_id")} AND {person_lives("grants_grant")}
          AND {tenant_allows("grants_grant")}
        RETURNING id, scopes, n, auth_time, acr,
                  (SELECT public_id FROM accounts_user WHERE id = grants_grant.user_id) AS sub,
                  (SELECT public_id FROM tenants_tenant WHERE id = grants_grant.tenant_id) AS tenant
        """,
        RotatedRow,
    )


_TURNED = "n = n + 1, rotated_at = :now_ms"
_PROVEN = "(dpop_jkt IN ('', :dpop_jkt) OR :any_key = 1)"

ROTATE = _refresh(_TURNED, "dpop_jkt = ''")
"""Rotate a refresh token that is bound to no key."""

ROTATE_PROVEN = _refresh(f"dpop_jkt = :dpop_jkt, {_TURNED}", _PROVEN)
"""Rotate a refresh token with a proof of the key `dpop_jkt`; `any_key` is 1 where another key than before may be used (0: not)."""

KEEP_PROVEN = _refresh("dpop_jkt = :dpop_jkt", _PROVEN)
"""Use a refresh token that is not rotated, with a proof; as `ROTATE_PROVEN`."""

_AHEAD = ("n = :next_n, rotated_at = :now_ms", "n < :n")
FORWARD = _refresh(_AHEAD[0], "dpop_jkt = ''", _AHEAD[1])
"""Take a refresh token that is bound to no key and newer than the row, which moves on to `next_n` (decision 29)."""

FORWARD_PROVEN = _refresh(f"dpop_jkt = :dpop_jkt, {_AHEAD[0]}", _PROVEN, _AHEAD[1])
"""The same with a proof; as `ROTATE_PROVEN`."""

END_GRANT = Statement(
    PLATFORM,
    """
    UPDATE grants_grant SET state = 'ended', ended_at = :now, end_reason = :reason
    WHERE id = :id AND state <> 'ended' RETURNING id
    """,
    IdRow,
)
"""End a grant."""


class LivenessRow(Row, frozen=True):
    """Whom an access token speaks for. It is read on every request of the API, so its flags stay as the driver gives them."""

    id: int
    scopes: str
    claims: str
    sub: str
    given_name: str
    family_name: str
    language: str
    user_updated_at: int
    email: str
    email_verified: int
    permissions: str
    tenant: str
    tenant_name: str
    database: str
    client_id: str
    version: int
    tenant_allows: int
    membership_ends: int | None


LIVENESS = KeyedStatement(
    PLATFORM,
    f"""
    SELECT g.id, g.scopes, g.claims, u.public_id AS sub, u.given_name, u.family_name, u.language,
           u.updated_at AS user_updated_at, u.email,
           EXISTS (SELECT 1 FROM account_emailaddress e
                   WHERE e.user_id = u.id AND e.email = u.email AND e.verified) AS email_verified,
           m.permissions, t.public_id AS tenant, t.name AS tenant_name, t.database, a.client_id, a.version,
           {tenant_allows("g", "a.live_revision_id")} AS tenant_allows, m.expires_at AS membership_ends
    FROM grants_grant g JOIN accounts_user u ON u.id = g.user_id
    JOIN tenants_membership m ON m.user_id = g.user_id AND m.tenant_id = g.tenant_id
    JOIN tenants_tenant t ON t.id = g.tenant_id JOIN registry_application a ON a.id = g.application_id
    WHERE g.id = :grant_id AND g.state = 'active' AND g.expires_at > :now AND u.is_active AND m.active
      AND (m.expires_at IS NULL OR m.expires_at > :now)
      AND (m.only_application_id IS NULL OR m.only_application_id = g.application_id)
      AND t.state = 'active' AND a.state = 'active'
      AND a.live_revision_id IS NOT NULL
    """,
    LivenessRow,
    key="g.id",
)
"""Who an access token speaks for, if all it stands on still holds."""
