"""What a new sandbox is called, and what is in it, in the language that is spoken."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import get_language, gettext

from varco.people.registration import Sandbox
from varco.people.sandboxes import Wanted


def agendas(doctor: str) -> Sequence[tuple[str, str, str]]:
    """The agendas of a new sandbox as (name, doctor, colour)."""
    return (
        (gettext("Surgery %(number)d") % {"number": 1}, doctor[:80], "#2563EB"),
        (gettext("Surgery %(number)d") % {"number": 2}, doctor[:80], "#D97706"),
    )


def sandbox_of(name: str) -> Sandbox:
    """The sandbox that comes with the account of a person of this name, who is the doctor of both its agendas."""
    return Sandbox(name=(gettext("Sandbox of %(name)s") % {"name": name})[:120].strip(), agendas=agendas(name))


def wanted(name: str, *, seed: str = "small", number: int | None = None) -> Wanted:
    """A sandbox of a team with this name."""
    name = name.strip()
    return Wanted(
        name=name,
        seed=seed,
        number=number,
        language=get_language() or settings.LANGUAGE_CODE,
        beside=(gettext("%(name)s: the wrong centre") % {"name": name})[:120],
        agendas=agendas(name),
    )
