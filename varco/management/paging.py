"""Lists in parts, as in the API (S31), of rows that Django orders."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from varco.management.errors import ManagementError
from varco.management.operations import Call
from varco.paging import BEYOND, LIMIT_MAX, Page, Paging, PagingError, Positions, paging

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


def page(
    call: Call, rows: QuerySet[Row], order: tuple[str, ...], items: Callable[[list[Row]], list[Item]]
) -> Page[Item]:
    """The part of a list that a query asks for. Raises `ManagementError` (400).

    `order` are the fields, or annotations, by which the rows are ordered, the last of them unique; `items` makes the answer's
    items of its rows.
    """
    positions = Positions(settings.MASTER_KEYS)
    of = f"{call.request.path} {call.user.public_id}"
    try:
        window = positions.window(_requested(call), of)
    except PagingError as fault:
        raise _invalid(str(fault)) from None
    ordered = rows.order_by(*order)
    if window.key is not None:
        ordered = ordered.filter(_beyond(order, window.key))
    found = list(ordered[window.skip : window.skip + window.fetch])
    return positions.page(found, window, of, lambda row: tuple(getattr(row, name) for name in order), items)


def _requested(call: Call) -> Paging:
    sent = call.request.GET
    repeated = [name for name, values in sent.lists() if len(values) > 1]
    if repeated:
        raise _invalid(f"{repeated[0][:60]} was sent more than once.")
    unknown = sorted(sent.keys() - set(Paging.__struct_fields__))
    if unknown:
        raise _invalid(f"{unknown[0][:60]} is not known here.")
    try:
        return paging(sent.dict())
    except PagingError:
        raise _invalid(f"limit is a whole number from 1 to {LIMIT_MAX}. {BEYOND}") from None


def _invalid(message: str) -> ManagementError:
    return ManagementError("invalid_request", f"The query is not valid: {message} Known: offset, limit, after.", 400)


def _beyond(order: tuple[str, ...], key: tuple[Any, ...]) -> Q:
    """What comes after a key in the order: greater in the first field, or equal there and greater in the next, and so on."""
    found, equal = Q(), Q()
    for name, value in zip(order, key, strict=True):
        found |= equal & Q(**{f"{name}__gt": value})
        equal &= Q(**{name: value})
    return found
