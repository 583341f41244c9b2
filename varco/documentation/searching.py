"""Looking for words in the documentation: every word begins one of a section's; titles count more than text."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from varco.clinical.names import plain_words
from varco.documentation import pages
from varco.documentation.pages import Section

MOST, SEARCHED, SHOWN = 30, 8, 180
"""Sections found at most, words one search looks for, and characters shown of a section."""


@dataclass(frozen=True, slots=True)
class Found:
    """A section with the part of its text around the first word that was found."""

    section: Section
    excerpt: str


def search(text: str) -> list[Found]:
    """The sections that hold every word of a search, the best first; of signs that are no word, none."""
    words = list(dict.fromkeys(plain_words(text)))[:SEARCHED]
    if not words:
        return []
    sections = pages.sections()
    scored = [(score, place) for place, section in enumerate(_known()) if (score := _score(section, words))]
    best = sorted(scored, key=lambda found: (_is_aside(sections[found[1]]), -found[0], found[1]))[:MOST]
    return [Found(sections[place], _excerpt(sections[place].text, words)) for _, place in best]


@cache
def _known() -> tuple[tuple[frozenset[str], frozenset[str], frozenset[str]], ...]:
    """The words of each section: of its page's title, of its own, and of its text."""
    return tuple(
        (
            frozenset(plain_words(section.page)),
            frozenset(plain_words(section.title)),
            frozenset(plain_words(section.text)),
        )
        for section in pages.sections()
    )


def _is_aside(section: Section) -> bool:
    """Whether it is of a decision or a table of conformance: what few look for, though it speaks of everything."""
    return section.path.removeprefix(pages.HOME).startswith(("decisions/", "conformance/"))


def _score(section: tuple[frozenset[str], frozenset[str], frozenset[str]], words: list[str]) -> int:
    """How well a section fits: 0 unless each word begins one of its own."""
    page, title, text = section
    total = 0
    for word in words:
        points = 3 * _begins(title, word) + 2 * _begins(page, word) + _begins(text, word)
        if not points:
            return 0
        total += points
    return total


def _begins(known: Iterable[str], word: str) -> int:
    """2 for the word itself, 1 for one that it begins, 0 for none."""
    if word in known:
        return 2
    return int(any(each.startswith(word) for each in known))


def _excerpt(text: str, words: list[str]) -> str:
    lowered = text.lower()
    places = [place for word in words if (place := lowered.find(word)) >= 0]
    start = max(0, min(places, default=0) - SHOWN // 3)
    if start:
        start = text.find(" ", start) + 1
    part = text[start : start + SHOWN]
    return ("… " if start else "") + part + (" …" if start + SHOWN < len(text) else "")
