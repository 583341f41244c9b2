"""Values that all resources have in common: ids, versions, and the pages of a list (S31)."""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

Item = TypeVar("Item")

LIMIT_MAX = 200
"""Most items of one answer."""

Id = Annotated[int, Meta(extra_json_schema={"format": "int64"})]
"""Identifier of an object."""

Version = Annotated[int, Meta(description="Grows with each change; its ETag.", extra_json_schema={"format": "int64"})]
"""How often an object was changed (S54)."""

_Count = {"format": "int32"}


class Paging(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which part of a list to answer."""

    offset: Annotated[
        int,
        Meta(ge=0, le=1_000_000, description="Items to leave out from the beginning.", extra_json_schema=_Count),
    ] = 0
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Most items to answer.", extra_json_schema=_Count)] = 50


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True, rename="camel"):
    """A part of a list in a stable order."""

    items: list[Item]
    offset: Annotated[int, Meta(extra_json_schema=_Count)]
    limit: Annotated[int, Meta(extra_json_schema=_Count)]
    has_more: bool


def page(rows: Sequence[Item], window: Paging) -> Page[Item]:
    """A page of items of which one more than `limit` was read, to see whether there are more."""
    more = len(rows) > window.limit
    return Page(items=list(rows[: window.limit]), offset=window.offset, limit=window.limit, has_more=more)
