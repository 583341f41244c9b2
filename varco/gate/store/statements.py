"""Every statement of the gate: the only SQL outside Django's migrations and models.

Written once for both engines (parameters `$1`, `UPDATE … RETURNING`); a test prepares each against the migrated schema of
SQLite and of PostgreSQL, so that a changed model fails the build and not a request. Times are epoch seconds, or
milliseconds where the name ends in `_ms` or the column says so.
"""

# ruff: noqa: S608 - what is put into the texts are other constants of this file

from varco.gate.store.engine import KeyedStatement, Statement

# What must hold, on each request, for a grant's user to act: the account, the membership that stands in the grant's own
# tenant, and the tenant. One row each, found by primary or unique key.
_PERSON_LIVES = """
    EXISTS (SELECT 1 FROM accounts_user u
            JOIN tenants_membership m ON m.user_id = u.id JOIN tenants_tenant t ON t.id = m.tenant_id
            WHERE u.id = grants_grant.user_id AND t.id = grants_grant.tenant_id AND u.is_active AND m.active
              AND (m.expires_at IS NULL OR m.expires_at > {now}) AND t.state = 'active')
"""

# The clinic's manager has not blocked the application, and its owner either named no tenants or this one too (S19).
_TENANT_ALLOWS = """
    NOT EXISTS (SELECT 1 FROM registry_blockedapplication b
                WHERE b.application_id = {grant}.application_id AND b.tenant_id = {grant}.tenant_id)
    AND (NOT EXISTS (SELECT 1 FROM registry_allowedtenant w WHERE w.application_id = {grant}.application_id)
         OR EXISTS (SELECT 1 FROM registry_allowedtenant w
                    WHERE w.application_id = {grant}.application_id AND w.tenant_id = {grant}.tenant_id))
"""

# The client on which a decision was based is still the one in force.
_APPLICATION_UNCHANGED = """
    EXISTS (SELECT 1 FROM registry_application a WHERE a.id = {of} AND a.id = {application}
            AND a.version = {version} AND a.state = 'active' AND a.live_revision_id IS NOT NULL)
"""

# Clients

CLIENT = Statement("""
    SELECT a.id AS application_id, a.client_id, a.name, a.state AS application_state, a.version, a.pkce_required,
           r.type, r.environment, r.grant_types, r.redirect_uris, r.post_logout_redirect_uris, r.scopes, r.claims,
           r.profile, r.token_endpoint_auth_method, r.id_token_alg, r.userinfo_alg, r.jwks, r.jwks_uri
    FROM registry_application a JOIN registry_revision r ON r.id = a.live_revision_id
    WHERE a.client_id = $1
""")
"""The application of a client_id, under its live revision."""

CLIENT_VERSION = Statement("SELECT version FROM registry_application WHERE client_id = $1")
"""The number that every change of a client raises."""

SECRETS = Statement("""
    SELECT id, digest, expires_at FROM registry_secret WHERE application_id = $1 AND revoked_at IS NULL ORDER BY id
""")
"""The secrets of an application that are not revoked."""

SECRET_USED = Statement("""
    UPDATE registry_secret SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)
""")
"""Note when a secret was last used."""

SPA_REDIRECTS = Statement("""
    SELECT r.redirect_uris FROM registry_application a JOIN registry_revision r ON r.id = a.live_revision_id
    WHERE a.state = 'active' AND r.type = 'spa'
""")
"""The redirect URIs of every single-page application in force: their origins may call by CORS."""

# Grants

_GRANT = f"""
    SELECT grants_grant.id, grants_grant.state, grants_grant.application_id, grants_grant.scopes, grants_grant.claims,
           grants_grant.end_reason, grants_grant.ended_at, grants_grant.code_expires_at, grants_grant.redirect_uri,
           grants_grant.redirect_uri_sent, grants_grant.code_challenge, grants_grant.code_challenge_method,
           grants_grant.nonce, grants_grant.auth_time, grants_grant.acr, grants_grant.amr, grants_grant.sid,
           grants_grant.claims_request, grants_grant.rid, grants_grant.n, grants_grant.rotated_at,
           grants_grant.idle_expires_at, grants_grant.expires_at, grants_grant.dpop_jkt,
           u.public_id AS sub, u.is_active AS user_active, u.email, u.given_name, u.family_name, u.language,
           u.updated_at AS user_updated_at,
           EXISTS (SELECT 1 FROM account_emailaddress e
                   WHERE e.user_id = u.id AND e.email = u.email AND e.verified) AS email_verified,
           t.public_id AS tenant, t.name AS tenant_name, t.state AS tenant_state,
           m.active AS membership_active, m.expires_at AS membership_expires_at, m.tenant_id AS membership_tenant_id,
           t.id AS tenant_id, a.state AS application_state, a.version AS application_version,
           a.client_id, a.name AS application_name, {_TENANT_ALLOWS.format(grant="grants_grant")} AS tenant_allows
    FROM grants_grant JOIN accounts_user u ON u.id = grants_grant.user_id
    JOIN tenants_tenant t ON t.id = grants_grant.tenant_id JOIN registry_application a ON a.id = grants_grant.application_id
    LEFT JOIN tenants_membership m ON m.user_id = u.id
"""

GRANT_OF_CODE = Statement(f"{_GRANT} WHERE grants_grant.code_hash = $1")
"""Everything about the grant of an authorization code, by the SHA-256 of its text."""

GRANT_OF_RID = Statement(f"{_GRANT} WHERE grants_grant.rid = $1")
"""Everything about the grant of a refresh token."""

GRANT_OF_ID = Statement(f"{_GRANT} WHERE grants_grant.id = $1")
"""Everything about a grant, dead or alive."""

CLAIM_CODE = Statement(f"""
    UPDATE grants_grant
    SET state = 'active', rid = $5, n = $6, rotated_at = $7, idle_expires_at = $8, expires_at = $9, last_used_at = $2,
        dpop_jkt = $10
    WHERE id = $1 AND state = 'code' AND code_expires_at > $2 AND scopes = $11 AND claims = $12
      AND {_APPLICATION_UNCHANGED.format(of="grants_grant.application_id", application="$3", version="$4")} AND {_PERSON_LIVES.format(now="$2")}
      AND {_TENANT_ALLOWS.format(grant="grants_grant")}
    RETURNING id
""")
"""Redeem a code, once: parameters id, now, application, its version, rid, n, now_ms, idle end, absolute end, DPoP key, and
the scopes and claims that its tokens were made for, which the person may have narrowed since (S21)."""

# A refresh token in use: parameters rid, n, new idle end, now, application, its version, and what `change` adds.
_REFRESH = f"""
    UPDATE grants_grant SET {{change}}, idle_expires_at = $3, last_used_at = $4
    WHERE rid = $1 AND n = $2 AND state = 'active' AND expires_at > $4 AND idle_expires_at > $4 AND {{bound}}
      AND {_APPLICATION_UNCHANGED.format(of="grants_grant.application_id", application="$5", version="$6")} AND {_PERSON_LIVES.format(now="$4")}
      AND {_TENANT_ALLOWS.format(grant="grants_grant")}
    RETURNING id, scopes, n,
              (SELECT public_id FROM accounts_user WHERE id = grants_grant.user_id) AS sub,
              (SELECT public_id FROM tenants_tenant WHERE id = grants_grant.tenant_id) AS tenant
"""

ROTATE = Statement(_REFRESH.format(change="n = n + 1, rotated_at = $7", bound="dpop_jkt = ''"))
"""Turn over a refresh token that is bound to no key: also now_ms."""

ROTATE_PROVEN = Statement(
    _REFRESH.format(change="dpop_jkt = $7, n = n + 1, rotated_at = $9", bound="(dpop_jkt IN ('', $7) OR $8 = 1)")
)
"""The same with a proof: also its key, 1 where another key than before may be used (0: not), and now_ms."""

KEEP_PROVEN = Statement(_REFRESH.format(change="dpop_jkt = $7", bound="(dpop_jkt IN ('', $7) OR $8 = 1)"))
"""Use a refresh token that is not turned over, with a proof: also its key, and 1 where another key may be used."""

END_GRANT = Statement("""
    UPDATE grants_grant SET state = 'ended', ended_at = $2, end_reason = $3 WHERE id = $1 AND state <> 'ended' RETURNING id
""")
"""End a grant: parameters id, now, reason."""

LIVENESS = KeyedStatement(
    f"""
    SELECT g.id, g.scopes, g.claims, u.public_id AS sub, u.given_name, u.family_name, u.language,
           u.updated_at AS user_updated_at, u.email,
           EXISTS (SELECT 1 FROM account_emailaddress e
                   WHERE e.user_id = u.id AND e.email = u.email AND e.verified) AS email_verified,
           m.permissions, t.public_id AS tenant, t.name AS tenant_name, t.database, a.client_id, a.version,
           {_TENANT_ALLOWS.format(grant="g")} AS tenant_allows
    FROM grants_grant g JOIN accounts_user u ON u.id = g.user_id
    JOIN tenants_membership m ON m.user_id = g.user_id AND m.tenant_id = g.tenant_id
    JOIN tenants_tenant t ON t.id = g.tenant_id JOIN registry_application a ON a.id = g.application_id
    WHERE g.id = $1 AND g.state = 'active' AND g.expires_at > $2 AND u.is_active AND m.active
      AND (m.expires_at IS NULL OR m.expires_at > $2) AND t.state = 'active' AND a.state = 'active'
      AND a.live_revision_id IS NOT NULL
""",
    key="g.id",
)
"""Who an access token speaks for, if all it stands on still holds: parameters grant id, now."""

# Device requests

ADD_DEVICE = Statement(f"""
    INSERT INTO grants_devicerequest (id, device_code_hash, user_code, application_id, state, scopes, resource,
                                      code_challenge, dpop_jkt, ip, user_agent, "interval", polled_at, created_at, expires_at)
    SELECT $1, $2, $3, $4, 'pending', $5, $6, $7, '', $8, $9, $10, 0, $11, $12
    WHERE {_APPLICATION_UNCHANGED.format(of="$4", application="$4", version="$13")}
    ON CONFLICT DO NOTHING RETURNING id
""")
"""A device's request, unless its user code is taken: id, hash of the device code, user code, application, scopes, resource,
challenge, ip, user agent, interval, now, end, the application's version."""

DEVICE_OF_CODE = Statement("""
    SELECT id, application_id, state, grant_id, code_challenge, dpop_jkt, "interval", polled_at, expires_at
    FROM grants_devicerequest WHERE device_code_hash = $1
""")
"""A device's request, by the SHA-256 of its device code."""

DEVICE_POLLED = Statement(f"""
    UPDATE grants_devicerequest SET polled_at = $2, "interval" = $3 WHERE id = $1 AND state = 'pending' AND polled_at <= $4
      AND {_APPLICATION_UNCHANGED.format(of="grants_devicerequest.application_id", application="$5", version="$6")}
    RETURNING id
""")
"""Note a poll: id, now_ms, interval from now on, the latest poll before it (ms) with which it still counts, application, its
version."""

REDEEM_DEVICE = Statement("""
    UPDATE grants_devicerequest SET state = 'redeemed', polled_at = $2 WHERE id = $1 AND state = 'approved'
""")
"""A device's request is over, in the transaction that claims its grant: id, now_ms."""

# Pushed requests

ADD_PUSHED = Statement(f"""
    INSERT INTO grants_pushedrequest (request_uri_hash, client_id, parameters, dpop_jkt, created_at, expires_at)
    SELECT $1, $2, $3, $4, $5, $6 WHERE {_APPLICATION_UNCHANGED.format(of="$7", application="$7", version="$8")}
    RETURNING request_uri_hash
""")
"""A pushed request: hash of the request_uri, client_id, parameters (JSON), key of its proof, now, end, application, its
version."""

# Used once

USE_ONCE = Statement("""
    INSERT INTO grants_usedjti (id, kind, expires_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING id
""")
"""Remember a single-use value, if it is not remembered: parameters hash, kind, until when."""

# Keys

SIGNING_KEYS = Statement("""
    SELECT kid, alg, public_jwk, sealed_private, published_at, active_at, retires_at, gone_at, revoked_at
    FROM grants_signingkey WHERE gone_at > $1 AND revoked_at IS NULL ORDER BY active_at, kid
""")
"""The keys that are published or will be, at a time."""

# The record and the trace

ADD_EVENT = Statement("""
    INSERT INTO audit_event (at, tag, actor, actor_name, on_behalf_of, application_id, application_name, "user", tenant,
                             ip, request_id, detail)
    VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8, $9, $10, $11)
""")
"""One audited act: at (ms), tag, actor, actor_name, application, its name, user, tenant, ip, request id, detail (JSON)."""

ADD_REFUSAL = Statement("""
    INSERT INTO audit_refusal (at, request_id, endpoint, application_id, error, rule, description, received, expected, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
""")
"""One refused request for the developer's trace, in the order of the columns."""

# Clinic data; the database is the tenant's

_PATIENT = """
    SELECT id, first_name, last_name, fiscal_code, birth_date, sex, email, phone, version FROM clinic_patient
"""
_NAMED = """
    (' ' || search_name) LIKE {0} ESCAPE '!' AND (' ' || search_name) LIKE {1} ESCAPE '!'
    AND (' ' || search_name) LIKE {2} ESCAPE '!'
"""

PATIENTS = Statement(f"""
    {_PATIENT} WHERE tenant_id = $1 AND {_NAMED.format("$2", "$3", "$4")}
    ORDER BY search_name, id LIMIT $5 OFFSET $6
""")
"""Patients of a tenant whose name fits three patterns: tenant, patterns, limit, offset."""

PATIENTS_OF_FISCAL_CODE = Statement(f"""
    {_PATIENT} WHERE tenant_id = $1 AND {_NAMED.format("$2", "$3", "$4")} AND fiscal_code = $7
    ORDER BY search_name, id LIMIT $5 OFFSET $6
""")
"""The same of one fiscal code, the last parameter."""

PATIENT = Statement(f"{_PATIENT} WHERE tenant_id = $1 AND id = $2")
"""One patient of a tenant."""

AGENDAS = Statement("""
    SELECT id, name, doctor_name, color, active FROM clinic_agenda WHERE tenant_id = $1 ORDER BY name, id LIMIT $2 OFFSET $3
""")
"""Agendas of a tenant: tenant, limit, offset."""

PLATFORM = (
    CLIENT, CLIENT_VERSION, SECRETS, SECRET_USED, SPA_REDIRECTS, GRANT_OF_CODE, GRANT_OF_RID, GRANT_OF_ID, CLAIM_CODE, ROTATE,
    ROTATE_PROVEN, KEEP_PROVEN, END_GRANT,
    LIVENESS,
    ADD_DEVICE, DEVICE_OF_CODE, DEVICE_POLLED, REDEEM_DEVICE, ADD_PUSHED, USE_ONCE, SIGNING_KEYS, ADD_EVENT, ADD_REFUSAL,
)  # fmt: skip
CLINIC = (PATIENT, PATIENTS, PATIENTS_OF_FISCAL_CODE, AGENDAS)
