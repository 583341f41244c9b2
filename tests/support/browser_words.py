"""What pages say, for stories that are told in English and played in Italian: `Words("it")("End it now")` is what an Italian reads there."""

import gettext
import re
from dataclasses import dataclass, field
from pathlib import Path

import varco.portal

_CATALOGUES = Path(varco.portal.__file__).parent / "locale"


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: str
    _catalogue: gettext.NullTranslations = field(init=False)

    def __post_init__(self) -> None:
        found = gettext.translation("django", _CATALOGUES, [self.language], fallback=self.language == "en")
        object.__setattr__(self, "_catalogue", found)

    def __call__(self, english: str, **values: object) -> str:
        """An English text of the product in this language, with its values; one that the product does not have is a fault."""
        said = self._catalogue.gettext(english)
        assert self.language == "en" or said != english, f"the product never says {english!r}"
        return said % values if values else said

    def beginning(self, english: str, **values: object) -> re.Pattern[str]:
        """What a text begins with: for labels, behind which their help is read out."""
        return re.compile("^" + re.escape(self(english, **values)))

    def within(self, english: str, **values: object) -> re.Pattern[str]:
        """The same wherever it stands."""
        return re.compile(re.escape(self(english, **values)))
