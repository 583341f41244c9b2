"""Texts that look like another one: what they have in common, and words that mix scripts.

The tables are first letters of other scripts and the digits that stand for letters (UTS #39 §4, the common ones): enough to
find what somebody means to be mistaken, never to decide whose a name is.
"""

import re
import unicodedata

# What looks alike in common typefaces, as the one that stands for both.
_SCRIPTS = str.maketrans("аеорсхуіјѕԁһԛԝкмтвнӏѵѡαονρικτυγηɑɡıոօսհզց", "aeopcxyijsdhqwkmtbhlvwaovpiktuynaginouhqg")
_ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("_", "-"))
_FOR_LETTERS = str.maketrans("34789@$!|", "eatbgasll")
_CONFUSED_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
"""Scripts with letters that look like those of another; a word of people's has one of them."""

LONGEST_KEY = 400
DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What changes the direction of writing, and so what a text reads as."""


def latin(text: str) -> str:
    """A text in lower case without accents, with the letters of our script where another one's look the same."""
    letters = unicodedata.normalize("NFKD", text).translate(_SCRIPTS)
    return "".join(sign for sign in letters if not unicodedata.combining(sign))


def one_for_alike(text: str) -> str:
    """A text in lower case with one letter for all that look like it."""
    for alike, letter in _ALIKE:
        text = text.replace(alike, letter)
    return text


def spelled(name: str) -> str:
    """A name without case, accents, blanks and punctuation: what two spellings of the same have in common."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


def key(name: str) -> str:
    """What all names have in common that read like this one; empty where there is nothing to read."""
    letters = one_for_alike(latin(name.casefold()).translate(_FOR_LETTERS))
    return "".join(sign for sign in letters if sign.isalnum())[:LONGEST_KEY]


def mixed_scripts(text: str) -> str:
    """The first word with letters of two scripts that are easily taken for one another; empty if there is none."""
    for word in re.findall(
        r"\w+", unicodedata.normalize("NFKC", text.replace("µ", ""))
    ):  # the sign of micro, not the letter
        scripts = {unicodedata.name(sign, "").partition(" ")[0] for sign in word if sign.isalpha()}
        if len(scripts & _CONFUSED_SCRIPTS) > 1:
            return str(word)
    return ""
