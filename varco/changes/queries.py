"""Reading who was told of which deprecation."""

from varco.changes.models import DeprecationNotice


def notices_of(application_id: int) -> set[tuple[str, str]]:
    """Operations that an application was found to use while they were deprecated, each with the entry of the changelog."""
    found = DeprecationNotice.objects.filter(application_id=application_id)
    return set(found.values_list("operation", "change"))
