"""What a sandbox of somebody's own is called, and what is in it, in their language."""

from django.utils.translation import gettext

from varco.people.registration import Sandbox


def sandbox_of(name: str) -> Sandbox:
    """The sandbox of a person of this name, who is the doctor of both its agendas."""
    agendas = (
        (gettext("Surgery %(number)d") % {"number": 1}, name[:80], "#2563EB"),
        (gettext("Surgery %(number)d") % {"number": 2}, name[:80], "#D97706"),
    )
    return Sandbox(name=(gettext("Sandbox of %(name)s") % {"name": name})[:120].strip(), agendas=agendas)
