"""Answers of writes by `Idempotency-Key`, beside the clinical data that they changed."""

from varco.gate.store.statement import CLINICAL, Row, Statement


class AnswerRow(Row, frozen=True):
    """An answer that was given; `headers` a line each."""

    fingerprint: str
    status: int
    headers: str
    body: str


ANSWER_OF_KEY = Statement(
    CLINICAL,
    """
    SELECT fingerprint, status, headers, body FROM clinic_idempotencykey WHERE id = :id AND expires_at > :now
    """,
    AnswerRow,
)
"""The answer of a key, if it is remembered still."""

FORGET_ANSWER = Statement(CLINICAL, "DELETE FROM clinic_idempotencykey WHERE id = :id AND expires_at <= :now")
"""Make room for a key whose time is over."""

REMEMBER_ANSWER = Statement(
    CLINICAL,
    """
    INSERT INTO clinic_idempotencykey (id, fingerprint, status, headers, body, created_at, expires_at)
    VALUES (:id, :fingerprint, :status, :headers, :body, :now, :expires_at)
    """,
)
"""Remember an answer; a key that is in use breaks the primary key."""
