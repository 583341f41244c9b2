"""What applications did."""

from varco.gate.store.statement import PLATFORM, Statement

ADD_ANSWERS = Statement(
    PLATFORM,
    """
    INSERT INTO usage_answertime (application_id, day, operation, duration, number)
    VALUES (:application_id, :day, :operation, :duration, :number)
    ON CONFLICT (application_id, day, operation, duration) DO UPDATE SET number = usage_answertime.number + excluded.number
    """,
)
"""Add so many answers of one class of duration to a day."""
