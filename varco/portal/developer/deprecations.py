"""The deprecated operations that an application uses, for its page."""

from dataclasses import dataclass

from django.utils.translation import get_language

from varco import catalog
from varco.catalog import LANGUAGES, Deprecation
from varco.changes import queries
from varco.registry.models import Application


@dataclass(frozen=True, slots=True)
class DeprecatedUse:
    """One of them: the deprecation, and the title of its entry of the changelog."""

    deprecation: Deprecation
    title: str


def deprecated_uses(application: Application) -> list[DeprecatedUse]:
    """Those that its developers were told of and that are deprecated still; nothing is read where nothing is deprecated."""
    known = catalog.current()
    if not known.deprecations:
        return []
    told, language = queries.notices_of(application.pk), get_language() or LANGUAGES[0]
    return [
        DeprecatedUse(item, known.changes[item.change].title.in_language(language))
        for item in known.deprecations.values()
        if (item.operation, item.change) in told
    ]
