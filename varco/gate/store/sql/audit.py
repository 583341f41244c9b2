"""The audit and the log of refused requests."""

from varco.gate.store.statement import CLINICAL, PLATFORM, Row, Statement

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

ADD_EVENT_ONCE = Statement(
    PLATFORM,
    """
    INSERT INTO audit_event (at, tag, actor, actor_name, on_behalf_of, application_id, application_name, "user", tenant,
                             ip, request_id, detail, event_id)
    VALUES (:at, :tag, :actor, :actor_name, :on_behalf_of, :application_id, :application_name, :user, :tenant, :ip,
            :request_id, :detail, :event_id)
    ON CONFLICT DO NOTHING
    """,
)
"""Record an act that was recorded in a clinical database first, if it does not stand here yet."""

ADD_ACCESS = Statement(
    CLINICAL,
    """
    INSERT INTO clinic_accessrecord (at, tenant_id, operation, category, person, person_name, person_kind, application_id,
                                     application_name, outcome, patients, detail, network, request_id)
    VALUES (:at, :tenant_id, :operation, :category, :person, :person_name, :person_kind, :application_id,
            :application_name, :outcome, :patients, :detail, :network, :request_id)
    """,
)
"""Record one request for clinical data, in the clinic's own database."""


class PendingEventRow(Row, frozen=True):
    """A write that the release before recorded, and that does not stand in the platform's audit yet."""

    id: int
    event_id: str
    event: str


PENDING_EVENTS = Statement(
    CLINICAL, "SELECT id, event_id, event FROM clinic_pendingevent ORDER BY id LIMIT :limit", PendingEventRow
)
"""The oldest acts that are to be carried over."""

FORGET_EVENT = Statement(CLINICAL, "DELETE FROM clinic_pendingevent WHERE id = :id")
"""Forget an act that was carried over."""
