"""Moments and lengths of time in words: absolute dates with a relative hint."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from varco import clock

MINUTE, HOUR, DAY = 60, 3600, 86400
_WEEK, _MONTH, _YEAR = 7 * DAY, 30 * DAY, 365 * DAY


def _local(seconds: int) -> dt.datetime:
    zone = timezone.get_current_timezone()
    return dt.datetime.fromtimestamp(seconds, zone if isinstance(zone, ZoneInfo) else dt.UTC)


def _machine(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(seconds: int) -> str:
    """As logs have it, to compare with them."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def plain_moment(seconds: int) -> str:
    """Date, hour and zone as text, for mails."""
    local = _local(seconds)
    # Translators: a moment, day then hour; "N j, Y" is written in the reader's own form.
    return gettext("%(day)s at %(hour)s") % {
        "day": formats.date_format(local, "DATE_FORMAT"),
        "hour": local.strftime("%H:%M %Z"),
    }


def moment(seconds: int | None, empty: object = "—") -> SafeString:
    """`<time>` with date, hour and zone, and how far from now it is; its title has it in UTC."""
    if not seconds:
        return format_html('<span class="muted">{}</span>', empty)
    text = plain_moment(seconds)
    return format_html(
        '<time datetime="{}" title="{}">{} <span class="time__hint">({})</span></time>',
        _machine(seconds),
        _utc(seconds),
        text,
        relative(seconds),
    )


def day(seconds: int | None, empty: object = "—") -> SafeString:
    """`<time>` with the day alone; the hour stands in its title, here and in UTC."""
    if not seconds:
        return format_html('<span class="muted">{}</span>', empty)
    local = _local(seconds)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        _machine(seconds),
        f"{local:%H:%M %Z} · {_utc(seconds)}",
        formats.date_format(local, "DATE_FORMAT"),
    )


def duration(seconds: int, *, exact: bool = True) -> str:
    """A length of time in its largest unit, rounded down; `exact` keeps 90 days from becoming 3 months."""
    seconds = abs(int(seconds))
    if seconds < HOUR:
        count = max(seconds // MINUTE, 1) if seconds >= MINUTE else 0
        if not count:
            return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
        return ngettext("%(n)d minute", "%(n)d minutes", count) % {"n": count}
    if seconds < DAY:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // HOUR) % {"n": seconds // HOUR}
    if seconds < 2 * _MONTH or (exact and seconds % DAY == 0 and seconds < _YEAR):
        return ngettext("%(n)d day", "%(n)d days", seconds // DAY) % {"n": seconds // DAY}
    if seconds < _YEAR:
        return ngettext("%(n)d month", "%(n)d months", seconds // _MONTH) % {"n": seconds // _MONTH}
    return ngettext("%(n)d year", "%(n)d years", seconds // _YEAR) % {"n": seconds // _YEAR}


def relative(seconds: int) -> str:
    """How far a moment is from now: "3 days ago", "in 2 hours", "just now"."""
    distance = int(seconds) - clock.now()
    if abs(distance) < MINUTE:
        return gettext("just now") if distance <= 0 else gettext("in a moment")
    if distance < 0:
        return gettext("%(duration)s ago") % {"duration": duration(distance, exact=False)}
    return gettext("in %(duration)s") % {"duration": duration(distance, exact=False)}
