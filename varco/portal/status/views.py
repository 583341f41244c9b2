"""The status page. It reads two small tables and writes nothing, so that it stands while the database is only readable."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from varco.portal.common.listing import ASIDE
from varco.portal.common.page import ANYONE, page
from varco.portal.common.request import PortalRequest
from varco.portal.status.drawing import strip
from varco.portal.status.words import PARTS, STATES, percent
from varco.status import queries
from varco.status.models import State
from varco.status.queries import Day, PartHistory
from varco.status.services import KEPT_DAYS

_OVERALL: dict[State | None, tuple[str, Promise]] = {
    State.GOOD: ("success", gettext_lazy("Everything works")),
    State.DEGRADED: ("waiting", gettext_lazy("Something works in part only")),
    State.DOWN: ("danger", gettext_lazy("Something does not work")),
    None: ("neutral", gettext_lazy("Nobody knows right now")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A day of a part on which something was not as it should be."""

    day: Day
    part: Promise
    chip: tuple[str, Promise]
    share: str


@page(ANYONE, "GET")
def status(request: PortalRequest) -> HttpResponse:
    """How every part stands, its 90 days, and the days on which something was wrong, the newest first."""
    parts = queries.history()
    lines = Paginator(_lines(parts), ASIDE).get_page(request.GET.get("page"))
    context = {
        "overall": _OVERALL[_worst(parts)],
        "unknown": _worst(parts) is None,
        "checked_at": min((part.checked_at for part in parts), default=None),
        "parts": [_context_of(part) for part in parts],
        "lines": lines,
        "days": KEPT_DAYS,
    }
    return render(request, "status/status.html", context)


def _worst(parts: list[PartHistory]) -> State | None:
    """The worst state that is known; None where nothing is wrong as far as known, but not all is known."""
    states = [part.state for part in parts]
    for state in (State.DOWN, State.DEGRADED):
        if state in states:
            return state
    return None if None in states or not states else State.GOOD


def _context_of(part: PartHistory) -> dict[str, Any]:
    wrong = sum(day.state in {State.DEGRADED, State.DOWN} for day in part.days)
    label = gettext("%(part)s: days with something wrong: %(wrong)s of %(days)s; good checks: %(share)s") % {
        "part": PARTS[part.part],
        "wrong": wrong,
        "days": len(part.days),
        "share": percent(part.share),
    }
    return {
        "name": PARTS[part.part],
        "chip": STATES[part.state],
        "since": part.since if part.state else None,
        "share": percent(part.share),
        "strip": strip(part.days, label),
    }


def _lines(parts: list[PartHistory]) -> list[Line]:
    found = [
        (day.date, position, Line(day, PARTS[part.part], STATES[day.state], percent(day.share)))
        for position, part in enumerate(parts)
        for day in part.days
        if day.unchecked or day.state in {State.DEGRADED, State.DOWN}
    ]
    found.sort(key=lambda each: (-each[0].toordinal(), each[1]))
    return [line for _date, _position, line in found]
