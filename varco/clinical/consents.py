"""Who may give a patient's consent, and when it is to be confirmed: pure rules (S47)."""

import datetime as dt
from typing import Literal, NamedTuple

OF_AGE = 18

FOR_ADULTS = ("guardian", "supportAdministrator")
"""Relations that speak for somebody who is of age, too: a court has said so."""

State = Literal["given", "toConfirm", "withdrawn"]


class Guardian(NamedTuple):
    """Who speaks for a patient, and from when to when, both days included."""

    relation: str
    valid_from: dt.date | None
    valid_to: dt.date | None

    def stands_on(self, day: dt.date) -> bool:
        """Whether they speak for the patient on a day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


def of_age_on(birth: dt.date) -> dt.date:
    """The day on which somebody comes of age; whoever was born on 29 February does on 1 March."""
    try:
        return birth.replace(year=birth.year + OF_AGE)
    except ValueError:
        return dt.date(birth.year + OF_AGE, 3, 1)


def may_speak(guardian: Guardian, birth: dt.date | None, day: dt.date) -> bool:
    """Whether a guardian may give a patient's consent on a day. Of whom no birth is known nobody says that they are of age."""
    if not guardian.stands_on(day):
        return False
    return guardian.relation in FOR_ADULTS or birth is None or day < of_age_on(birth)


def confirm_from(relation: str, birth: dt.date | None) -> dt.date | None:
    """The day from which the patient has to confirm what a guardian of this relation consented to; None where they have not."""
    return None if birth is None or relation in FOR_ADULTS else of_age_on(birth)


def state(
    *, withdrawn_on: dt.date | None, confirmed_on: dt.date | None, confirm: dt.date | None, today: dt.date
) -> State:
    """What a consent is worth today; `confirm` is the day from which it has to be confirmed."""
    if withdrawn_on is not None:
        return "withdrawn"
    return "toConfirm" if confirmed_on is None and confirm is not None and today >= confirm else "given"
