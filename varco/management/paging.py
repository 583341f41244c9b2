"""Lists in parts, with a stable order (S31)."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from msgspec import Meta

from varco.management.errors import ManagementError

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


class Paging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of a list is asked for."""

    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True, rename="camel"):
    """A part of a list."""

    items: list[Item]
    offset: int
    limit: int
    has_more: bool


def paging(request: HttpRequest) -> Paging:
    """The part that a query asks for. Raises `ManagementError` (400) for a parameter that is unknown, repeated or invalid."""
    repeated = [name for name, values in request.GET.lists() if len(values) > 1]
    if repeated:
        raise _invalid(f"{repeated[0][:60]} was sent more than once.")
    try:
        return msgspec.convert(request.GET.dict(), Paging, strict=False)
    except msgspec.ValidationError as fault:
        raise _invalid(f"{fault}.") from None


def _invalid(message: str) -> ManagementError:
    return ManagementError("invalid_request", f"The query is not valid: {message} Known: offset, limit.", 400)


def page(rows: QuerySet[Row], asked: Paging, item: Callable[[list[Row]], list[Any]]) -> Page[Any]:
    """The part of an ordered list; `item` makes the answer's items of its rows."""
    found = list(rows[asked.offset : asked.offset + asked.limit + 1])
    more = len(found) > asked.limit
    return Page(items=item(found[: asked.limit]), offset=asked.offset, limit=asked.limit, has_more=more)
