"""What a reviewer saw, as a short text: the registration, and the version of its review."""

from varco.registry.models import Application, Review, Revision
from varco.registry.registration import stamp


def review_stamp(application: Application, revision: Revision, review: Review | None) -> str:
    """A digest of what is decided about, with what happened at the desk meanwhile: an answer, a colleague, a first approval."""
    return f"{stamp(application, revision)}.{review.version if review else 1}"
