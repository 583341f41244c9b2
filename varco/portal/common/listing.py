"""Lists with pages: what a page shows never grows with the data, and a search narrows it."""

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

PER_PAGE = 50
ROWS_PER_PAGE = 25  # of a table with several columns
CARDS_PER_PAGE = 15  # of what takes many lines each
ASIDE = 10  # of a list that is a part of a page about something else

Row = TypeVar("Row", bound=Model)


def page_of(
    request: HttpRequest, rows: QuerySet[Row, Any], per_page: int = PER_PAGE, parameter: str = "page"
) -> Page[Row]:
    """The page of a list that the query asks for, the nearest one for a number that is none."""
    return Paginator(rows, per_page).get_page(request.GET.get(parameter))


def words_of(request: HttpRequest, name: str = "words") -> str:
    """What is searched for; empty for everything."""
    return request.GET.get(name, "").replace("\0", "").strip()[:200]
