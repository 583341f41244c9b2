"""Ninety days as one small drawing: each state has a height of its own, so that it is not told by colour alone."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from varco.status.models import State
from varco.status.queries import Day

_HEIGHT = 10
_TALL: dict[State | None, float] = {State.GOOD: 10, State.DEGRADED: 7, State.DOWN: 4, None: 1}


def strip(days: Sequence[Day], label: str) -> SafeString:
    """A bar for each day, the oldest first; `label` says in words what it shows. A path for each state keeps it small."""
    bars: dict[State | None, str] = {}
    for position, day in enumerate(days):
        tall = _TALL[day.state]
        bars[day.state] = bars.get(day.state, "") + f"M{position} {_HEIGHT - tall}h.8v{tall}h-.8z"
    paths = format_html_join(
        "", '<path class="strip__{}" d="{}"/>', ((state.value if state else "none", d) for state, d in bars.items())
    )
    return format_html(
        '<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        len(days), _HEIGHT, label, paths,
    )  # fmt: skip
