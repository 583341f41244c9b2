"""What is done at once when a `client_secret` has leaked: another one, the end of the old one, and of what came by it."""

from django.db import transaction

from varco.audit.services import Origin
from varco.grants.models import Grant
from varco.grants.services.ending import end_grants
from varco.protocol.errors import EndReason
from varco.registry import services as registry
from varco.registry.models import Secret
from varco.registry.services import NewSecret


@transaction.atomic
def answer_leak(
    secret: Secret, origin: Origin, *, label: str, expires_at: int | None, ends_at: int, grants: bool, after: int | None
) -> NewSecret:
    """Replace a secret of which others may know, in one transaction; `grants` ends all that people gave the application.

    The old one ends at `ends_at`, at once where that is past; `label`, `expires_at` and `after` are those of the new one
    (`registry.services.create_secret`). Raises `Conflict`, `Invalid`.
    """
    # The old one first: where it ends at once, it no longer counts among those that may be live.
    registry.end_leaked_secret(secret, origin, ends_at=ends_at, grants=grants)
    made = registry.create_secret(secret.application, origin, label=label, expires_at=expires_at, after=after)
    if grants:
        end_grants(Grant.objects.filter(application=secret.application), EndReason.REVOKED, origin)
    return made
