"""Names as a search looks at them: lower-case, without accents, the same on every database engine."""

import re
import unicodedata
from typing import NamedTuple

SEARCH_NAME_LIMIT = 170
"""Characters of the column `search_name`."""

WORDS_LIMIT = 3
"""Most words one search looks for; further ones are left out of account."""

LAST_CHARACTER = "\U0010ffff"
"""Stands after all letters: whatever a word begins is less than the word with it."""

APOSTROPHES = "'’ʼ`´"
_APOSTROPHES = re.compile(f"[{APOSTROPHES}]")

# Letters that Unicode does not take apart into a base letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})


def plain_words(text: str) -> list[str]:
    """The words of a name: case, accents and apostrophes gone (`D'Amàto` is `damato`), other signs part words."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in taken_apart if not unicodedata.combining(sign) and sign not in APOSTROPHES)
    return "".join(sign if sign.isalnum() else " " for sign in bare.translate(_PLAIN)).split()


def search_name(last_name: str, first_name: str) -> str:
    """What stands in `Patient.search_name`: "last first", by which lists are ordered, and behind it what else they are looked for by.

    `De Luca` is found by `deluca` too, `D'Angelo` by `d angelo` and `angelo`.
    """
    words = plain_words(f"{last_name} {first_name}")
    others = dict.fromkeys([*_other_spellings(last_name), *_other_spellings(first_name)])
    return " ".join([*words, *(word for word in others if word not in words)])[:SEARCH_NAME_LIMIT].rstrip()


def _other_spellings(name: str) -> list[str]:
    """The words that an apostrophe joins, each by itself; and of several words, all from each on as one."""
    words = plain_words(name)
    parted = plain_words(_APOSTROPHES.sub(" ", name))
    return [*parted, *("".join(words[place:]) for place in range(len(words) - 1))]


class NameSearch(NamedTuple):
    """What a search looks for: a word from `first` on and before `beyond`, in a name that fits all patterns.

    The patterns are for LIKE on `" " + search_name`, a word of the search each. The first is that of the longest word, which
    few names have; the span is that of all words it begins.
    """

    first: str
    beyond: str
    patterns: tuple[str, str, str]


EVERYBODY = ("%", "%", "%")
"""Patterns that every name fits."""

NOBODY = NameSearch("", "", ("", "", ""))


def name_search(text: str) -> NameSearch | None:
    """What each word of a text begins a word of; None without a text: everybody.

    Signs that are no word (`%`) begin no name: they find nobody, where everybody would be more than was asked for.
    """
    if not text.strip():
        return None
    words = sorted(plain_words(text)[:WORDS_LIMIT], key=len, reverse=True)
    if not words:
        return NOBODY
    one, two, three = [*(f"% {word}%" for word in words), *EVERYBODY][:WORDS_LIMIT]
    return NameSearch(words[0], words[0] + LAST_CHARACTER, (one, two, three))
