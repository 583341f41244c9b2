"""Lists in parts (S31), the same for every API: by `offset` near the beginning, and from where a page ended (`after`) anywhere.

To leave out many rows a database must count them; to go on after a *position* it looks that up in an index. A position is
the values by which a list is ordered, and how many items stand before the next one. Programs have it as `next`: sealed, for
names stand in it, and addresses are written to logs.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from varco import sealing

Item = TypeVar("Item")
Row = TypeVar("Row")
Key = tuple[str | int, ...]

LIMIT_MAX = 200
"""Most items of one answer."""

OFFSET_MAX = 10_000
"""Most items that are counted to be left out: a few milliseconds."""

BEYOND = f"An offset is a whole number from 0 to {OFFSET_MAX}. Further on, send the next of a page as after."
BEYOND_ITALIAN = f"Un offset è un numero intero da 0 a {OFFSET_MAX}. Oltre, invia come after il next di una pagina."

_PURPOSE = "list-position"
_AFTER_MAX = 2000  # characters; a name of 170 comes to 1,000 at most
_NUMBER = re.compile(r"-?[0-9]{1,40}")
_COUNT = {"format": "int32"}


class PagingError(ValueError):
    """A parameter that asks for no part of a list: its name, a code for programs, a sentence."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class Paging(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which part of a list to answer."""

    offset: Annotated[
        int,
        Meta(
            ge=0,
            le=OFFSET_MAX,
            description="Items to leave out from the beginning; to go on further than that, use `after`.",
            extra={"message": BEYOND, "message_it": BEYOND_ITALIAN},
            extra_json_schema=_COUNT,
        ),
    ] = 0
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Most items to answer.", extra_json_schema=_COUNT)] = 50
    after: Annotated[
        str,
        Meta(
            max_length=_AFTER_MAX,
            pattern="^[A-Za-z0-9_-]*$",
            description="`next` of the page before, to go on where it ended; without `offset`.",
            extra={
                "message": "Send the next of a page as it was answered.",
                "message_it": "Invia il next di una pagina così come è stato risposto.",
            },
        ),
    ] = ""


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True, rename="camel"):
    """A part of a list in a stable order."""

    items: list[Item]
    offset: Annotated[int, Meta(description="Items before these.", extra_json_schema=_COUNT)]
    limit: Annotated[int, Meta(extra_json_schema=_COUNT)]
    has_more: bool
    next: (
        Annotated[str, Meta(description="Where the next page begins, for `after`; there if there is more.")] | UnsetType
    ) = UNSET


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: how many items stand before the next, and the values by which the last one is ordered."""

    before: int
    key: Key


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A part of one list: what to leave out (`skip`), after which key (None: from the beginning), and how much."""

    skip: int
    limit: int
    key: Key | None
    before: int

    @property
    def fetch(self) -> int:
        """Rows to read: one more than are answered says whether there are more."""
        return self.limit + 1


class Positions:
    """Seals and opens positions. `of` is the list that one belongs to: another list refuses it."""

    def __init__(self, masters: tuple[bytes, ...]) -> None:
        self._masters = masters

    def window(self, asked: Paging, of: str) -> Window:
        """The part that is asked for. Raises `PagingError`."""
        if not asked.after:
            return Window(skip=asked.offset, limit=asked.limit, key=None, before=asked.offset)
        if asked.offset:
            raise PagingError("offset", "not_allowed", "Send either offset or after.")
        position = self._opened(asked.after, of)
        return Window(skip=0, limit=asked.limit, key=position.key, before=position.before)

    def page(
        self,
        rows: Sequence[Row],
        window: Window,
        of: str,
        key: Callable[[Row], Key],
        items: Callable[[list[Row]], list[Item]],
    ) -> Page[Item]:
        """The page of the rows that `Window.fetch` asks for; `key` are the values by which a row is ordered."""
        shown = list(rows[: window.limit])
        page = Page(items=items(shown), offset=window.before, limit=window.limit, has_more=len(rows) > window.limit)
        if not page.has_more:
            return page
        position = Position(window.before + len(shown), key(shown[-1]))
        return msgspec.structs.replace(page, next=self._sealed(position, of))

    def _sealed(self, position: Position, of: str) -> str:
        sealed = sealing.seal(self._masters, _PURPOSE, msgspec.json.encode(position), of.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def _opened(self, after: str, of: str) -> Position:
        try:
            sealed = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
            plain = sealing.open_sealed(self._masters, _PURPOSE, sealed, of.encode())
            return msgspec.json.decode(plain, type=Position)
        except (binascii.Error, sealing.SealError, msgspec.MsgspecError):
            message = "This is not the next of a page of this list. Begin again without `after`."
            raise PagingError("after", "invalid_format", message) from None


def written_number(text: str) -> int | str:
    """A parameter that should be a number: the number, where it is written as one (`10`, and not `1e1`), else the text."""
    return int(text) if _NUMBER.fullmatch(text) else text


def paging(values: Mapping[str, str]) -> Paging:
    """Read the parameters of a query that has no others. Raises `PagingError`."""
    read: dict[str, Any] = {name: text if name == "after" else written_number(text) for name, text in values.items()}
    try:
        return msgspec.convert(read, Paging)
    except msgspec.ValidationError as fault:
        raise PagingError("", "invalid_format", str(fault)) from None
