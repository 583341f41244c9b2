"""Words of what is told of changes to the API: the page they lead to, and what their template needs besides their facts."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language

from varco import catalog
from varco.catalog import LANGUAGES
from varco.changes.notifications import OperationsDeprecated


def _entry(notification: Any) -> str:
    return f"{reverse('documentation:changes')}#{notification.change}"


PAGES: Mapping[str, Callable[[Any], str]] = {OperationsDeprecated.code: _entry}


def words(given: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of the changelog in the reader's language, and the day on which something may end."""
    entry = catalog.current().changes.get(given.get("change", ""))
    if entry is None:
        return {}
    language, sunset = get_language() or LANGUAGES[0], given.get("sunset")
    return {
        "change_title": entry.title.in_language(language),
        "change_text": entry.text.in_language(language),
        "sunset_words": formats.date_format(sunset, "DATE_FORMAT") if sunset else "",
    }
