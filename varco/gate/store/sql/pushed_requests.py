"""Pushed authorization requests (RFC 9126)."""

from varco.gate.store.sql.conditions import application_unchanged
from varco.gate.store.statement import PLATFORM, Row, Statement


class PushedRequestRow(Row, frozen=True):
    """A pushed request that was stored."""

    request_uri_hash: str


ADD_PUSHED = Statement(
    PLATFORM,
    f"""
    INSERT INTO grants_pushedrequest (request_uri_hash, client_id, parameters, dpop_jkt, created_at, expires_at)
    SELECT :request_uri_hash, :client_id, :parameters, :dpop_jkt, :now, :expires_at
    WHERE {application_unchanged(":application_id")}
    RETURNING request_uri_hash
    """,
    PushedRequestRow,
)
"""Store a pushed request: its `parameters` as JSON, the key of its proof, the application as of `version`."""
