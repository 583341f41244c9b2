"""The authorization request of somebody signed in who has accepted everything before (decision 51)."""

# ruff: noqa: S608 - what is put into the texts are constants of this package

from varco.gate.store.sql.conditions import (
    application_unchanged,
    blocked,
    listed,
    person_lives,
    tenant_allows,
    within_lock,
)
from varco.gate.store.sql.grants import IdRow
from varco.gate.store.statement import PLATFORM, Row, Statement


class RememberedRow(Row, frozen=True):
    """A browser session with whose it is, how they stand with an application, and what they have accepted from it."""

    session_data: str
    session_expires: str
    user_id: int
    sub: str
    user_active: bool
    password: str
    password_is_short: bool
    platform_role: str
    developer_since: int | None
    has_factor: bool
    email: str
    given_name: str
    family_name: str
    language: str
    role: str
    membership_active: bool
    membership_expires_at: int | None
    membership_application_id: int | None
    tenant_id: int
    tenant: str
    tenant_state: str
    tenant_kind: str
    version: int
    blocked: bool
    listed: bool
    within_lock: bool
    consent_id: int
    scopes: str
    claims: str


REMEMBERED = Statement(
    PLATFORM,
    f"""
    SELECT s.session_data, CAST(s.expire_date AS TEXT) AS session_expires, u.id AS user_id, u.public_id AS sub,
           u.is_active AS user_active, u.password, u.password_is_short, u.platform_role, u.developer_since,
           EXISTS (SELECT 1 FROM mfa_authenticator f
                   WHERE f.user_id = u.id AND f.type IN ('totp', 'webauthn')) AS has_factor,
           u.email, u.given_name, u.family_name, u.language, m.role, m.active AS membership_active,
           m.expires_at AS membership_expires_at, m.only_application_id AS membership_application_id, t.id AS tenant_id,
           t.public_id AS tenant, t.state AS tenant_state, t.kind AS tenant_kind, a.version, {blocked("c")} AS blocked,
           {listed("c")} AS listed, {within_lock("c", "a.live_revision_id")} AS within_lock,
           c.id AS consent_id, c.scopes, c.claims
    FROM django_session s JOIN usersessions_usersession k ON k.session_key = s.session_key
    JOIN accounts_user u ON u.id = k.user_id JOIN tenants_membership m ON m.user_id = u.id
    JOIN tenants_tenant t ON t.id = m.tenant_id JOIN registry_application a ON a.id = :application_id
    JOIN grants_consent c ON c.user_id = u.id AND c.application_id = a.id AND c.tenant_id = t.id
    WHERE s.session_key = :session_key AND c.withdrawn_at IS NULL
    """,
    RememberedRow,
)
"""Everything that such a request is decided from but itself and its client; no row where a page is to be shown anyhow."""

ADD_CODE = Statement(
    PLATFORM,
    f"""
    INSERT INTO grants_grant (id, state, user_id, application_id, tenant_id, scopes, claims, claims_request, created_at,
                              end_reason, code_hash, code_expires_at, redirect_uri, redirect_uri_sent, code_challenge,
                              code_challenge_method, nonce, auth_time, acr, amr, sid, n, rotated_at, idle_expires_at,
                              expires_at, dpop_jkt, last_used_at)
    SELECT :id, 'code', c.user_id, c.application_id, c.tenant_id, :scopes, :claims, :claims_request, :now,
           '', :code_hash, :code_expires_at, :redirect_uri, :redirect_uri_sent, :code_challenge,
           :code_challenge_method, :nonce, :auth_time, :acr, :amr, :sid, 0, 0, 0, 0, :dpop_jkt, 0
    FROM django_session s JOIN grants_consent c ON c.id = :consent_id
    WHERE s.session_key = :session_key AND c.withdrawn_at IS NULL AND c.tenant_id = :tenant_id
      AND c.scopes = :consent_scopes AND c.claims = :consent_claims
      AND {application_unchanged("c.application_id")} AND {person_lives("c")} AND {tenant_allows("c")}
    FOR UPDATE OF s, c
    RETURNING id
    """,
    IdRow,
)
"""Add the grant of a code, where the session and the consent still stand as they were read, and the person may still use the
application as of `version`. What ends sessions or withdraws consents waits for it, or was waited for."""
