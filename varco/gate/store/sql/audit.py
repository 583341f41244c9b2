"""The audit and the log of refused requests."""

from varco.gate.store.statement import PLATFORM, Statement

ADD_EVENT = Statement(
    PLATFORM,
    """
    INSERT INTO audit_event (at, tag, actor, actor_name, on_behalf_of, application_id, application_name, "user", tenant,
                             ip, request_id, detail)
    VALUES (:at, :tag, :actor, :actor_name, :on_behalf_of, :application_id, :application_name, :user, :tenant, :ip,
            :request_id, :detail)
    """,
)
"""Record one audited act, as `varco.audit.event.event_columns` names its columns; `detail` as JSON."""

ADD_REFUSAL = Statement(
    PLATFORM,
    """
    INSERT INTO audit_refusal (at, request_id, endpoint, application_id, error, rule, description, received, expected, status)
    VALUES (:now_ms, :request_id, :endpoint, :application_id, :error, :rule, :description, :received, :expected, :status)
    """,
)
"""Record one refused request for the developer's trace."""
