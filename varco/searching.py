"""What every search of a list is: rows of which some columns hold each of a few words."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

MAX_WORDS = 5
Entity = TypeVar("Entity", bound=Model)


def words_of(text: str) -> list[str]:
    """The words of a search, the first `MAX_WORDS` of them. PostgreSQL holds no NUL, and finds none."""
    return text.replace("\0", "").split()[:MAX_WORDS]


def containing(rows: QuerySet[Entity, Any], text: str, *fields: str) -> QuerySet[Entity, Any]:
    """The rows with each word of a text in one of the fields, whatever its case; all of them for no words."""
    for word in words_of(text):
        says = Q()
        for field in fields:
            says |= Q((f"{field}__icontains", word))
        rows = rows.filter(says)
    return rows
