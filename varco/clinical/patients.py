"""Rules of a patient's data: pure, so that every face that takes such data asks the same ones (S37)."""

import datetime as dt

from varco import text

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]*$"
"""The form of a name, as it is published: no control characters, line breaks, direction marks or blanks without width. All that it
refuses `varco.text` refuses too, and more, which no pattern could say (`unseen_fault`)."""

FISCAL_CODE = (
    r"^$|^[0-9]{11}$|^[A-Za-z]{6}[0-9L-NP-Vl-np-v]{2}[A-EHLMPR-Ta-ehlmpr-t][0-9L-NP-Vl-np-v]{2}"
    r"[A-Za-z][0-9L-NP-Vl-np-v]{3}[A-Za-z]$"
)
"""The form of a fiscal code (DM 23 December 1976 no. 13813), digits replaced by letters among two equal ones, or of a
provisional one."""

EARLIEST_BIRTH = dt.date(1850, 1, 1)


def name_fault(name: str) -> str:
    """What is wrong with a name, in a sentence; empty if nothing is."""
    return "" if name.strip() else "This may not be empty."


def unseen_fault(name: str) -> str:
    """Which character of a name cannot be seen, in a sentence; empty if all can."""
    unseen = text.one_line(name)
    if unseen is None:
        return ""
    return (
        f"Character {unseen.position} ({unseen.code_point}) cannot be seen here, or changes the direction of writing."
    )


def birth_date_fault(birth_date: dt.date | None, now: int) -> str:
    """What is wrong with a date of birth at a time (epoch seconds), in a sentence; empty if nothing is."""
    if birth_date is None:
        return ""
    # Where the day begins first: somebody is born "tomorrow" by the clock of Greenwich.
    today = dt.datetime.fromtimestamp(now, dt.timezone(dt.timedelta(hours=14))).date()
    if birth_date > today:
        return "This date has not come yet."
    return "" if birth_date >= EARLIEST_BIRTH else f"This date is before {EARLIEST_BIRTH.isoformat()}."
