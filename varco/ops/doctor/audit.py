"""Whether what is recorded is linked into its chains."""

from varco.config import Settings
from varco.ops import health
from varco.ops.doctor.finding import Finding
from varco.sealing import SealError

_NAMED = 3
"""Streams that are named; of more, how many."""


def chain_ends(_settings: Settings) -> list[Finding]:
    """Chains whose end was changed by hand: nothing is linked to them any more."""
    from varco.proof import lag

    try:
        altered = [stream for found in lag.lags() for stream in found.altered]
    except SealError:  # the line `sealing` tells of it
        return []
    if not altered:
        return []
    more = f" and {len(altered) - _NAMED} more" if len(altered) > _NAMED else ""
    return [
        Finding(
            f"the end of the audit chain {', '.join(altered[:_NAMED])}{more} was changed by hand, so nothing is linked to it; keep a copy "
            "of the databases as they are, then run: varco audit verify"
        )
    ]


def linking(settings: Settings) -> list[Finding]:
    """Databases in which rows wait to be linked for too long. What a demo invents of the past is old when it is written."""
    from varco.proof import lag

    if settings.demo:
        return []
    try:
        late = [found for found in lag.lags(waiting_only=True) if found.late]
    except SealError:
        return []
    return [
        Finding(
            f"the oldest audit row of {health.public_name(found.alias)} that is not linked is {_worded(found.seconds)} old; see that `varco serve` "
            "(all or portal, with VARCO_UPKEEP) or `varco worker` runs, and why the step link fails (its log, logger varco.maintenance)"
        )
        for found in late
    ]


def linking_words(_settings: Settings) -> str:
    """That it keeps up."""
    return "every audit row is linked, or was written a moment ago"


def _worded(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds < 2 * 3600 else f"{seconds // 3600} hours"
