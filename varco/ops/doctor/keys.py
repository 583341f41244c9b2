"""Whether signing keys are there, and open under this master key."""

from datetime import UTC, datetime

from varco import clock
from varco.config import Settings
from varco.ops import health
from varco.ops.doctor.finding import Finding
from varco.protocol import refusal_log


def opened(_settings: Settings) -> list[Finding]:
    """What is sealed and does not open under the master keys."""
    stopping, others = health.sealing_faults()
    return [*(Finding(text, stops=True) for text in stopping), *map(Finding, others)]


def rolled_back(_settings: Settings) -> list[Finding]:
    """That clients brought refresh tokens that are newer than the database: it was restored, and has lost what came after."""
    from varco.audit import queries

    since_ms = clock.now_ms() - ROLLED_BACK_DAYS * 86_400_000
    number, first_ms = queries.noted_since(refusal_log.ROLLED_BACK, since_ms)
    if not number:
        return []
    first = datetime.fromtimestamp(first_ms // 1000, UTC).strftime("%Y-%m-%d %H:%MZ")
    return [
        Finding(
            f"refresh tokens newer than the database were accepted ({number} noted since {first}): it stands at an earlier state, and what "
            "was withdrawn, blocked or deactivated after that is in force again; look it over as docs/backup.md says"
        )
    ]


ROLLED_BACK_DAYS = 7
"""Days for which a roll-back is told."""


def signing(_settings: Settings) -> list[Finding]:
    """The algorithms that nothing could be signed with. Of a new installation it is no fault: the first start makes them."""
    from varco.keys import queries

    # A starting server makes what is due, so that none of these stops it.
    return [Finding(text) for text in health.key_faults()] if queries.everything().exists() else []


def signing_words(_settings: Settings) -> str:
    """That every algorithm signs, or will."""
    from varco.keys import queries

    return "every algorithm signs" if queries.everything().exists() else "none yet: the first start makes them"
