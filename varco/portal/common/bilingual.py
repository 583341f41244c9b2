"""Words of developers that others read: given in English, Italian or both, and shown in the reader's language where there is one."""

from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the language it is in."""

    text: str
    language: str

    @property
    def other_language(self) -> bool:
        """Whether it is in another language than the page."""
        return self.language != _reader()

    def __bool__(self) -> bool:
        return bool(self.text)


def said(english: str, italian: str) -> Said:
    """The one in the reader's language, or the one that was given."""
    first, other = (Said(english, "en"), Said(italian, "it"))[:: -1 if _reader() == "it" else 1]
    return first if first.text.strip() else other if other.text.strip() else first


def _reader() -> str:
    return (get_language() or "en")[:2]
