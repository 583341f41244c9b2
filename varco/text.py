"""What text may consist of that people write and others read: names, labels, reasons. One rule for every face and app.

No control characters, and nothing that cannot be seen: a direction override or a blank without width makes a name read as
another one. What Unicode joins by such characters is allowed where it joins: emoji sequences (UTS #51 §1.4.9), and the two
joiners in scripts that are written with them (RFC 5892 appendices A.1 and A.2, simplified).
"""

import re
import unicodedata
from dataclasses import dataclass

from varco.public_suffixes import public_suffix

# Default_Ignorable_Code_Point (UAX #44) beyond the categories below, and what looks like a blank or nothing.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc\U000e0000-\U000e0fff]"
)
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LINE_CHARACTERS = frozenset("\n\r\t")

# Extended_Pictographic (emoji-data.txt of UTS #51), as ranges of a character class.
_PICTOGRAPH = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u2388\u23cf\u23e9-\u23f3\u23f8-\u23fa"
    "\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2605\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2714"
    "\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27a1\u27b0"
    "\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff"
    "\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171\U0001f17e\U0001f17f\U0001f18e\U0001f191-\U0001f19a"
    "\U0001f1ad-\U0001f1e5\U0001f201-\U0001f20f\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f23c-\U0001f23f"
    "\U0001f249-\U0001f53d\U0001f546-\U0001f64f\U0001f680-\U0001f6ff\U0001f774-\U0001f77f\U0001f7d5-\U0001f7ff"
    "\U0001f80c-\U0001f80f\U0001f848-\U0001f84f\U0001f85a-\U0001f85f\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff"
    "\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001faff"
)
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_TAGS = "[\U000e0020-\U000e007e]+\U000e007f"  # of the flags of England, Scotland and Wales
_ELEMENT = f"(?:{_FLAG}|[{_PICTOGRAPH}](?:[\U0001f3fb-\U0001f3ff]|[\ufe0e\ufe0f]|{_TAGS})?)"
_EMOJI = re.compile(f"{_ELEMENT}(?:\u200d{_ELEMENT})*|[0-9#*]\ufe0f\u20e3?")

_LINK = re.compile(r"://|@|\bwww[.。．｡]|\d[.]\d", re.IGNORECASE)
_DOTTED = re.compile(r"\w+(?:[.。．｡]\w[\w-]*)+")
_DOT = re.compile("[.。．｡]")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A character that a text may not hold; `position` counts characters from 1."""

    position: int
    character: str

    @property
    def code_point(self) -> str:
        """The character as Unicode writes it, such as `U+202E`."""
        return f"U+{ord(self.character):04X}"


def one_line(text: str) -> Unseen | None:
    """The first character that a text of one line may not hold; None if all is well."""
    return _first_unseen(text, frozenset())


def several_lines(text: str) -> Unseen | None:
    """The same of a text that may have line breaks and tabs."""
    return _first_unseen(text, _LINE_CHARACTERS)


def link_in(text: str) -> str:
    """What of a text a mail program might make a link of, in short; empty if there is nothing of the kind.

    Words with a dot between them are one where a domain of the internet ends in the last one: `a.it`, not `M.Rossi`.
    """
    found = _LINK.search(text)
    if found:
        return found.group()
    dotted = (match.group() for match in _DOTTED.finditer(text))
    return next((words for words in dotted if _ends_a_domain(_DOT.split(words)[-1])), "")


def _ends_a_domain(label: str) -> bool:
    return bool(public_suffix(unicodedata.normalize("NFKC", label).lower(), of_registries=True))


def _first_unseen(text: str, allowed: frozenset[str]) -> Unseen | None:
    if text.isascii() and text.isprintable():
        return None
    position = 0
    while position < len(text):
        emoji = _EMOJI.match(text, position)
        if emoji:
            position = emoji.end()
            continue
        character = text[position]
        if character not in allowed and _is_unseen(character) and not _joins(text, position):
            return Unseen(position + 1, character)
        position += 1
    return None


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _CATEGORIES or _UNSEEN.match(character) is not None


def _joins(text: str, position: int) -> bool:
    """Whether a joiner stands where a script is written with it: after a virama, or between two Arabic letters."""
    if text[position] not in "\u200c\u200d" or not 0 < position < len(text) - 1:
        return False
    before, after = text[position - 1], text[position + 1]
    if unicodedata.combining(before) == 9:
        return after.isalpha()
    return text[position] == "\u200c" and all(
        unicodedata.name(each, "").startswith("ARABIC LETTER") for each in (before, after)
    )
