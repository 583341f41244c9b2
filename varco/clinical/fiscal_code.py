"""The Italian fiscal code of a person (DM 23 December 1976 no. 13813): letters of the names, birth, place, check letter."""

import unicodedata
from datetime import date

_MONTHS = "ABCDEHLMPRST"
_ODD = {
    **dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)),
    **dict(
        zip(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
            strict=True,
        )
    ),
}


def fiscal_code(first_name: str, last_name: str, sex: str, birth: date, place: str) -> str:
    """The 16 characters; `place` is the four-character cadastral code of the birth place, as `H501` for Rome."""
    day = birth.day + (40 if sex == "F" else 0)
    body = f"{_surname(last_name)}{_name(first_name)}{birth.year % 100:02d}{_MONTHS[birth.month - 1]}{day:02d}{place}"
    return body + check_letter(body)


def check_letter(body: str) -> str:
    """The sixteenth character of the first fifteen; odd places (the first is one) weigh differently from even ones."""
    total = 0
    for position, character in enumerate(body):
        if position % 2 == 0:
            total += _ODD[character]
        else:
            total += int(character) if character.isdigit() else ord(character) - ord("A")
    return chr(ord("A") + total % 26)


def _split(name: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFD", name).upper()
    letters = [letter for letter in plain if "A" <= letter <= "Z"]
    vowels = "".join(letter for letter in letters if letter in "AEIOU")
    return "".join(letter for letter in letters if letter not in "AEIOU"), vowels


def _surname(name: str) -> str:
    consonants, vowels = _split(name)
    return (consonants + vowels + "XXX")[:3]


def _name(name: str) -> str:
    consonants, vowels = _split(name)
    if len(consonants) > 3:
        consonants = consonants[0] + consonants[2:4]
    return (consonants + vowels + "XXX")[:3]
