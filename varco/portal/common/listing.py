"""Lists with pages: what a page shows never grows with the data, and a search narrows it."""

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

PER_PAGE = 50
ROWS_PER_PAGE = 25  # of a table with several columns
CARDS_PER_PAGE = 15  # of what takes many lines each
ASIDE = 10  # of a list that is a part of a page about something else

MOST_FOUND = 500  # of a search in a long list: further ones are not counted, and another word finds them

Row = TypeVar("Row", bound=Model)


class _Capped(Paginator):  # type: ignore[type-arg] # not subscriptable at run time
    """Pages of the first `MOST_FOUND` of a list: counting all that a common word finds would cost more than showing them."""

    @cached_property
    def count(self) -> int:
        """How many there are, or `MOST_FOUND`."""
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_FOUND].count())


def page_of(
    request: HttpRequest, rows: QuerySet[Row, Any], per_page: int = PER_PAGE, parameter: str = "page"
) -> Page[Row]:
    """The page of a list that the query asks for, the nearest one for a number that is none."""
    return Paginator(rows, per_page).get_page(request.GET.get(parameter))


def found_page_of(request: HttpRequest, rows: QuerySet[Row, Any], words: str, per_page: int) -> Page[Row]:
    """The same of a list that grows without end and is searched by words: with some, of its first `MOST_FOUND` alone."""
    pages: Paginator[Row] = _Capped(rows, per_page) if words else Paginator(rows, per_page)
    return pages.get_page(request.GET.get("page"))


def keys_page_of(request: HttpRequest, keys: QuerySet[Row, int], words: str, per_page: int) -> Page[int]:
    """The same of the keys of a list: with words, the first `MOST_FOUND` of them are read at once, which a search does not do twice."""
    return Paginator(list(keys[:MOST_FOUND]) if words else keys, per_page).get_page(request.GET.get("page"))


def words_of(request: HttpRequest, name: str = "words") -> str:
    """What is searched for; empty for everything."""
    return request.GET.get(name, "").replace("\0", "").strip()[:200]
