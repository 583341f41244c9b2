"""Applications as OAuth clients, under their live revision, and their secrets."""

from varco.gate.store.statement import PLATFORM, LongStatement, Row, Statement


class ClientRow(Row, frozen=True):
    """An application and its live revision; lists and objects as JSON text."""

    application_id: int
    client_id: str
    name: str
    application_state: str
    version: int
    pkce_required: bool
    type: str
    environment: str
    acts_by_itself: bool
    grant_types: str
    redirect_uris: str
    post_logout_redirect_uris: str
    scopes: str
    claims: str
    profile: str
    token_endpoint_auth_method: str
    id_token_alg: str
    userinfo_alg: str
    jwks: str | None
    jwks_uri: str
    token_endpoint_audience: bool
    pkce_exception: str
    overlap_method: str | None
    overlap_until: int | None


CLIENT = Statement(
    PLATFORM,
    """
    SELECT a.id AS application_id, a.client_id, a.name, a.state AS application_state, a.version, a.pkce_required,
           r.type, r.environment, r.acts_by_itself, r.grant_types, r.redirect_uris, r.post_logout_redirect_uris, r.scopes, r.claims,
           r.profile, r.token_endpoint_auth_method, r.id_token_alg, r.userinfo_alg, r.jwks, r.jwks_uri,
           r.token_endpoint_audience, r.pkce_exception, o.method AS overlap_method, o.ends_at AS overlap_until
    FROM registry_application a JOIN registry_revision r ON r.id = a.live_revision_id
    LEFT JOIN registry_secretoverlap o ON o.application_id = a.id
    WHERE a.client_id = :client_id
    """,
    ClientRow,
)
"""The application of a client_id, under its live revision."""


class VersionRow(Row, frozen=True):
    """The version of an application."""

    version: int


CLIENT_VERSION = Statement(
    PLATFORM, "SELECT version FROM registry_application WHERE client_id = :client_id", VersionRow
)
"""The number that every change of a client raises."""


class SecretRow(Row, frozen=True):
    """A client secret: the SHA-256 of its text (hexadecimal) and its end (epoch seconds, None: never)."""

    id: int
    digest: str
    expires_at: int | None


SECRETS = Statement(
    PLATFORM,
    """
    SELECT id, digest, expires_at FROM registry_secret
    WHERE application_id = :application_id AND revoked_at IS NULL ORDER BY id
    """,
    SecretRow,
)
"""The secrets of an application that are not revoked."""

SECRET_USED = Statement(
    PLATFORM,
    """
    UPDATE registry_secret SET last_used_at = :now, last_used_from = :place
    WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :now)
    """,
)
"""Note when a secret was last used, and from which network."""


class RedirectUrisRow(Row, frozen=True):
    """The redirect URIs of an application, as JSON text."""

    redirect_uris: str


SPA_REDIRECTS = LongStatement(
    PLATFORM,
    """
    SELECT r.redirect_uris FROM registry_application a JOIN registry_revision r ON r.id = a.live_revision_id
    WHERE a.state = 'active' AND r.type = 'spa'
    """,
    RedirectUrisRow,
)
"""The redirect URIs of every single-page application in force: their origins may call by CORS."""
