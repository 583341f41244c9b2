"""Whether signing keys are there, and open under this master key."""

from varco.config import Settings
from varco.ops import health
from varco.ops.doctor.finding import Finding


def opened(_settings: Settings) -> list[Finding]:
    """The signing keys that the master key does not open."""
    return [Finding(text, stops=True) for text in health.sealing_faults()]


def signing(_settings: Settings) -> list[Finding]:
    """The algorithms that nothing could be signed with. Of a new installation it is no fault: the first start makes them."""
    from varco.keys import queries

    # A starting server makes what is due, so that none of these stops it.
    return [Finding(text) for text in health.key_faults()] if queries.everything().exists() else []


def signing_words(_settings: Settings) -> str:
    """That every algorithm signs, or will."""
    from varco.keys import queries

    return "every algorithm signs" if queries.everything().exists() else "none yet: the first start makes them"
