"""The tickets by which clinics ask for integrator access, in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from varco import catalog
from varco.catalog import Catalog, Words
from varco.portal.common.kind_words import FieldWords, KindWords


class _OfTheCatalogue(Mapping[str, Promise]):
    """Labels of what the catalogue lists, in the reader's language."""

    def __init__(self, listed: Callable[[Catalog], Mapping[str, tuple[Words, ...]]]) -> None:
        self._listed = listed

    def __getitem__(self, name: str) -> Promise:
        return cast("Promise", _worded(self._listed(catalog.current())[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed(catalog.current()))

    def __len__(self) -> int:
        return len(self._listed(catalog.current()))


def _joined(parts: tuple[Words, ...]) -> str:
    return ": ".join(part.in_language(get_language() or "en") for part in parts)


_worded = lazy(_joined, str)

KINDS: Mapping[str, KindWords] = {
    "integrator_access": KindWords(
        name=_("Integrator access"),
        offer=_("Another company is to work with real data of your medical centre: have a temporary user made for whoever does it."),
        lead=_(
            "We check the request and grant it. Whoever is invited has 48 hours to accept, sets a password and two-step sign-in, and can then do "
            "what you choose here, nothing more, until the last day. You can shorten or end it at any time, and get a report at the end."
        ),
        fields={
            "email": FieldWords(_("E-mail address of the integrator"), _("The invitation goes there. The access is for this one person.")),
            "project": FieldWords(
                _("What the access is for"),
                _("The project, the company, and why real data is needed. The integrator reads it too. At least 20 characters."),
            ),
            "sets": FieldWords(
                _("What the integrator may do"),
                _("This is the most they can ever do, with every application."),
                _OfTheCatalogue(lambda known: {one.name: (one.label, one.sentence) for one in known.permission_sets.values()}),
            ),
            "permissions": FieldWords(
                _("Further single permissions"),
                "",
                _OfTheCatalogue(lambda known: {one.name: (one.label,) for one in known.permissions.values()}),
            ),
            "client_id": FieldWords(
                _("Only with this application (client_id)"),
                _("If the project has one application, give its client_id: the access then works with no other."),
            ),
            "first_day": FieldWords(_("First day"), _("Empty: the day on which we grant it.")),
            "last_day": FieldWords(
                _("Last day"), _("It ends at 23:59:59 of that day by itself; at most twelve months after the first one.")
            ),
        },
        approve=_("Give the access"),
        approving=_("The invitation goes out on the first day, or at once if that has come. It is good for 48 hours."),
        icon="key",
    ),
    "integrator_extension": KindWords(
        name=_("Extension of integrator access"),
        offer=_("The work of an integrator takes longer: have the last day of the access moved."),
        lead=_("We check the request. Until it is granted, the access ends on its present last day."),
        fields={
            "access": FieldWords(_("Whose access")),
            "last_day": FieldWords(_("New last day"), _("At most twelve months from today.")),
            "reason": FieldWords(_("Why it takes longer"), _("At least 10 characters.")),
        },
        approve=_("Extend the access"),
        approving=_("The access has its new last day at once, and both sides are told."),
        icon="calendar",
    ),
}  # fmt: skip
"""By the codes of `tickets.kinds`."""
