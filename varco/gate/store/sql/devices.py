"""Device authorization requests (RFC 8628)."""

from varco.gate.store.sql.conditions import application_unchanged
from varco.gate.store.sql.grants import IdRow
from varco.gate.store.statement import PLATFORM, KeyedStatement, Row, Statement

ADD_DEVICE = Statement(
    PLATFORM,
    f"""
    INSERT INTO grants_devicerequest (id, device_code_hash, user_code, application_id, state, scopes, resource,
                                      code_challenge, dpop_jkt, ip, user_agent, "interval", polled_at, created_at, expires_at)
    SELECT :id, :device_code_hash, :user_code, :application_id, 'pending', :scopes, :resource, :code_challenge, '', :ip,
           :user_agent, :interval, 0, :now, :expires_at
    WHERE {application_unchanged(":application_id")}
    ON CONFLICT DO NOTHING RETURNING id
    """,
    IdRow,
)
"""Add a device's request, unless its user code is taken; `interval` in seconds, the application as of `version`."""


class DeviceRow(Row, frozen=True):
    """A device's request, and its application as of now; `polled_at` in milliseconds."""

    device_code_hash: str
    id: int
    application_id: int
    application_version: int
    state: str
    grant_id: int | None
    code_challenge: str
    dpop_jkt: str
    interval: int
    polled_at: int
    expires_at: int


DEVICE_OF_CODE = KeyedStatement(
    PLATFORM,
    """
    SELECT d.device_code_hash, d.id, d.application_id, a.version AS application_version, d.state, d.grant_id,
           d.code_challenge, d.dpop_jkt, d."interval", d.polled_at, d.expires_at
    FROM grants_devicerequest d JOIN registry_application a ON a.id = d.application_id
    WHERE d.device_code_hash = :device_code_hash
    """,
    DeviceRow,
    key="d.device_code_hash",
    kind="text",
)
"""A device's request, by the SHA-256 of its device code."""

DEVICE_SLOWED = Statement(
    PLATFORM,
    """
    UPDATE grants_devicerequest SET polled_at = :polled_at, "interval" = :interval
    WHERE id = :id AND state = 'pending' AND "interval" < :interval
    """,
)
"""Note that a device polled too fast, at `polled_at` (ms): `interval` (seconds) holds from then on, unless a longer one does."""

REDEEM_DEVICE = Statement(
    PLATFORM,
    "UPDATE grants_devicerequest SET state = 'redeemed', polled_at = :now_ms WHERE id = :id AND state = 'approved'",
)
"""Finish a device's request, in the transaction that claims its grant."""
