"""Parts and states in words; a share of checks, never rounded up to all of them."""

import math

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from varco.status.models import Part, State

PARTS: dict[Part, Promise] = {
    Part.SIGN_IN: gettext_lazy("Sign-in and access"),
    Part.CLINICS: gettext_lazy("Data of medical centres"),
    Part.SANDBOXES: gettext_lazy("Data of sandboxes"),
    Part.MAIL: gettext_lazy("Mail"),
}
STATES: dict[State | None, tuple[str, Promise]] = {
    State.GOOD: ("success", pgettext_lazy("state of a part of the service", "Works")),
    State.DEGRADED: ("waiting", gettext_lazy("Works in part")),
    State.DOWN: ("danger", gettext_lazy("Does not work")),
    None: ("neutral", gettext_lazy("Not checked")),
}
"""The chip and the word of each state; None: nobody knows."""


def percent(share: float | None) -> str:
    """A share of a hundred, such as 99.93%; a dash for none."""
    if share is None:
        return "—"
    return f"{formats.number_format(math.floor(share * 100) / 100, 0 if share == 100 else 2)}%"
