"""Names as a search looks at them: lower-case, without accents, the same on every database engine."""

import unicodedata

SEARCH_NAME_LIMIT = 170
"""Characters of the column `search_name`."""

WORDS_LIMIT = 3
"""Most words one search looks for; further ones are left out of account."""

# Letters that Unicode does not take apart into a base letter and a mark.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})


def plain_words(text: str) -> list[str]:
    """The words of a name: case, accents and apostrophes gone (`D'Amàto` is `damato`), other signs part words."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in taken_apart if not unicodedata.combining(sign) and sign not in "'’ʼ`´")
    return "".join(sign if sign.isalnum() else " " for sign in bare.translate(_PLAIN)).split()


def search_name(last_name: str, first_name: str) -> str:
    """What stands in `Patient.search_name`: "last first"."""
    return " ".join(plain_words(f"{last_name} {first_name}"))[:SEARCH_NAME_LIMIT]


def search_patterns(text: str) -> tuple[str, ...]:
    """`WORDS_LIMIT` LIKE patterns, all of which `" " + search_name` must fit: each word begins a word of the name.

    Signs that are no word (`%`) begin no name: they find nobody, where everybody would be more than was asked for.
    """
    words = plain_words(text)[:WORDS_LIMIT]
    if text.strip() and not words:
        return ("",) * WORDS_LIMIT
    return tuple(f"% {word}%" for word in words) + ("%",) * (WORDS_LIMIT - len(words))
