"""Moments as programs write them: RFC 3339, always with an offset, to the minute (S49)."""

import datetime as dt
import re
from typing import NamedTuple

FORM = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:00(\.0{1,9})?)?(Z|[+-]\d\d:\d\d)$"
"""The form of an instant, as it is published."""

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_FORM = re.compile(FORM, re.ASCII)
_OFFSET_MAX = 14 * 60


class Instant(NamedTuple):
    """An instant (epoch seconds), and the offset that it was written with, in minutes."""

    at: int
    offset: int

    def __str__(self) -> str:
        moment = dt.datetime.fromtimestamp(self.at, dt.timezone(dt.timedelta(minutes=self.offset)))
        return moment.isoformat().replace("+00:00", "Z")


def instant(text: str) -> Instant:
    """Read an instant. Raises `ValueError` for what is none: no offset, a day or an hour that there is not, seconds that are not 0."""
    if not _FORM.match(text):
        raise ValueError("not of the form of an instant")
    moment = dt.datetime.fromisoformat(text)
    offset = moment.utcoffset()
    if offset is None or not EARLIEST <= moment < LATEST:
        raise ValueError("out of range")
    minutes = int(offset.total_seconds()) // 60
    if abs(minutes) > _OFFSET_MAX:
        raise ValueError("no offset of any place")
    return Instant(int(moment.timestamp()), minutes)


def local_text(at: int, zone: dt.tzinfo) -> str:
    """An instant as the clocks of a zone show it."""
    return dt.datetime.fromtimestamp(at, zone).isoformat().replace("+00:00", "Z")
