"""Words of what a new sandbox holds."""

from collections.abc import Sequence

from django.utils.translation import gettext


def agendas(doctor: str) -> Sequence[tuple[str, str, str]]:
    """The agendas of a new sandbox as (name, doctor, colour), in the language that is spoken."""
    return (
        (gettext("Surgery %(number)d") % {"number": 1}, doctor[:80], "#2563EB"),
        (gettext("Surgery %(number)d") % {"number": 2}, doctor[:80], "#D97706"),
    )
