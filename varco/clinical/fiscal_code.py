"""The Italian fiscal code of a person (DM 23 December 1976 no. 13813): letters of the names, birth, place, check letter.

The check letter and the Luhn digit are python-stdnum's. Where letters stand for digits (omocodia: two people would have one code) is
our own: the last digits are replaced first in practice, and any of the seven may be, which makes 127 further codes of one.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from stdnum import luhn
from stdnum.it.codicefiscale import calc_check_digit

_MONTHS = "ABCDEHLMPRST"
_DIGITS = (6, 7, 9, 10, 12, 13, 14)
"""Places that hold a digit, or a letter for it."""

_LETTER_OF = str.maketrans("0123456789", "LMNPQRSTUV")
_DIGIT_OF = str.maketrans("LMNPQRSTUV", "0123456789")
_FORM = re.compile(r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]")
_BLANKS = re.compile(r"\s+")


class Said(NamedTuple):
    """What a fiscal code says of a person. Of the year of birth it has two digits: people of two centuries share them."""

    surname: str
    name: str
    year: int
    month: int
    day: int
    sex: str
    place: str


class CodeFault(NamedTuple):
    """What is wrong with a code: a code for programs, a sentence in English and in Italian."""

    code: str
    message: str
    italian: str


def compact(text: str) -> str:
    """A code as it is kept: in capitals, without the blanks that were typed or pasted with it."""
    return _BLANKS.sub("", text).upper()


def fiscal_code(first_name: str, last_name: str, sex: str, birth: dt.date, place: str) -> str:
    """The 16 characters; `place` is the four-character cadastral code of the birth place, as `H501` for Rome."""
    day = birth.day + (40 if sex == "F" else 0)
    body = f"{surname_letters(last_name)}{name_letters(first_name)}{birth.year % 100:02d}{_MONTHS[birth.month - 1]}{day:02d}{place}"
    return body + check_letter(body)


def check_letter(body: str) -> str:
    """The sixteenth character of the first fifteen."""
    return calc_check_digit(body)


def code_fault(code: str) -> CodeFault | None:
    """What is wrong with a compact fiscal code of 16 characters; None if nothing is."""
    if not _FORM.fullmatch(code):
        return CodeFault(
            "invalid_format",
            "A fiscal code has 16 letters and digits, such as RSSMRA80A01H501U, a provisional one 11 digits.",
            "Un codice fiscale ha 16 lettere e cifre, come RSSMRA80A01H501U; quello provvisorio 11 cifre.",
        )
    if (expected := check_letter(code[:15])) != code[15]:
        return CodeFault(
            "wrong_check",
            f"The last letter must be {expected} for these characters: one of the sixteen is mistyped.",
            f"L'ultima lettera dovrebbe essere {expected}: uno dei sedici caratteri è sbagliato.",
        )
    if not _date_exists(said(code)):
        return CodeFault(
            "out_of_range",
            "The date of birth in this code does not exist.",
            "La data di nascita contenuta nel codice non esiste.",
        )
    return None


def provisional_fault(code: str) -> CodeFault | None:
    """What is wrong with a provisional code, 11 digits of which the last checks the others; None if nothing is."""
    if not (len(code) == 11 and code.isascii() and code.isdecimal()):
        return CodeFault(
            "invalid_format", "A provisional fiscal code has 11 digits.", "Un codice fiscale provvisorio ha 11 cifre."
        )
    if not luhn.is_valid(code):
        expected = luhn.calc_check_digit(code[:10])
        return CodeFault(
            "wrong_check",
            f"The last digit must be {expected} for these digits: one of the eleven is mistyped.",
            f"L'ultima cifra dovrebbe essere {expected}: una delle undici cifre è sbagliata.",
        )
    return None


def said(code: str) -> Said:
    """What a code of the right form says."""
    plain = digits_restored(code)
    day = int(plain[9:11])
    return Said(
        surname=plain[:3],
        name=plain[3:6],
        year=int(plain[6:8]),
        month=_MONTHS.index(plain[8]) + 1,
        day=day - 40 if day > 40 else day,
        sex="F" if day > 40 else "M",
        place=plain[11:15],
    )


def digits_restored(code: str) -> str:
    """The code with digits where letters stand for them; its check letter is then another's."""
    return "".join(sign.translate(_DIGIT_OF) if place in _DIGITS else sign for place, sign in enumerate(code))


def variants(code: str) -> Iterator[str]:
    """All codes of one person: the given one with its digits, and the 127 in which letters stand for some of them."""
    plain = digits_restored(code)[:15]
    for number in range(len(_DIGITS) + 1):
        for places in combinations(_DIGITS, number):
            body = "".join(sign.translate(_LETTER_OF) if place in places else sign for place, sign in enumerate(plain))
            yield body + check_letter(body)


def _date_exists(born: Said) -> bool:
    for century in (1900, 2000):
        try:
            dt.date(century + born.year, born.month, born.day)
        except ValueError:
            continue
        return True
    return False


def _split(name: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFD", name).upper()
    letters = [letter for letter in plain if "A" <= letter <= "Z"]
    vowels = "".join(letter for letter in letters if letter in "AEIOU")
    return "".join(letter for letter in letters if letter not in "AEIOU"), vowels


def surname_letters(name: str) -> str:
    """The three letters that a code has of a last name."""
    consonants, vowels = _split(name)
    return (consonants + vowels + "XXX")[:3]


def name_letters(name: str) -> str:
    """The three letters that a code has of a first name."""
    consonants, vowels = _split(name)
    if len(consonants) > 3:
        consonants = consonants[0] + consonants[2:4]
    return (consonants + vowels + "XXX")[:3]
