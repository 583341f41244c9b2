"""Operations that answer a list in parts (S31)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from varco.gate.api.calls import Call
from varco.gate.api.checks import malformed
from varco.json_fields import FieldFault
from varco.paging import Key, Page, Paging, PagingError, Window

Query = TypeVar("Query", bound=Paging)
Row = TypeVar("Row")
Item = TypeVar("Item")


def window(call: Call[Query]) -> Window:
    """The part that a call asks for. Raises `OAuthError` (400)."""
    try:
        return call.context.positions.window(call.query, call.request.path)
    except PagingError as fault:
        raise malformed([FieldFault(fault.field, fault.code, str(fault))]) from None


def part(window: Window) -> dict[str, Any]:
    """The parameters of a statement that reads it: ordered by a text and an id, `after_text`, `after_id`, `limit`, `offset`."""
    text, id_ = window.key or ("", 0)
    return {"after_text": text, "after_id": id_, "limit": window.fetch, "offset": window.skip}


def part_by_id(window: Window) -> dict[str, Any]:
    """The same for a list that is ordered by ids alone, whose texts are empty."""
    return {name: value for name, value in part(window).items() if name != "after_text"}


def answer(
    call: Call[Query], rows: Sequence[Row], window: Window, key: Callable[[Row], Key], item: Callable[[Row], Item]
) -> Page[Item]:
    """The page of the rows that were read; `key` are the text and the id by which a row is ordered."""
    return call.context.positions.page(rows, window, call.request.path, key, lambda shown: [item(row) for row in shown])
