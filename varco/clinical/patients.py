"""Rules of a patient's data: pure, so that every face that takes such data asks the same ones (S37)."""

import datetime as dt

from varco import text

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]*$"
"""The form of a name, as it is published: no control characters, line breaks, direction marks or blanks without width. All that it
refuses `varco.text` refuses too, and more, which no pattern could say (`unseen_fault`)."""

EARLIEST_BIRTH = dt.date(1850, 1, 1)


Words = tuple[str, str]
"""A sentence in English and in Italian."""


def name_fault(name: str) -> Words | None:
    """What is wrong with a name; None if nothing is."""
    return None if name.strip() else ("This may not be empty.", "Questo campo non può essere vuoto.")


def unseen_fault(name: str) -> Words | None:
    """Which character of a name cannot be seen; None if all can."""
    unseen = text.one_line(name)
    if unseen is None:
        return None
    place = f"{unseen.position} ({unseen.code_point})"
    return (
        f"Character {place} cannot be seen here, or changes the direction of writing.",
        f"Il carattere {place} non si vede, o cambia la direzione di scrittura.",
    )


def birth_date_fault(birth_date: dt.date | None, now: int) -> Words | None:
    """What is wrong with a date of birth at a time (epoch seconds); None if nothing is."""
    if birth_date is None:
        return None
    # Where the day begins first: somebody is born "tomorrow" by the clock of Greenwich.
    today = dt.datetime.fromtimestamp(now, dt.timezone(dt.timedelta(hours=14))).date()
    if birth_date > today:
        return "This date has not come yet.", "Questa data non è ancora arrivata."
    if birth_date >= EARLIEST_BIRTH:
        return None
    earliest = EARLIEST_BIRTH.isoformat()
    return f"This date is before {earliest}.", f"Questa data è precedente al {earliest}."
