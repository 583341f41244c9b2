"""What stands against a booking, or an act on an appointment, as errors (S29)."""

from varco.gate.api.body import invalid_fields
from varco.json_fields import FieldFault
from varco.protocol.errors import OAuthError

TAKEN_RULES = ("booked", "no_room", "no_machine")
"""Rules of `varco.clinical.agenda.availability` that say that somebody was faster."""

_SENTENCES = {
    "inactive": "Nothing is booked in this agenda any more.",
    "no_hours": "The agenda is not open then.",
    "treatment_not_in_hours": "The agenda's hours then are for other treatments.",
    "break": "The agenda has a break then.",
    "exception": "The agenda is closed then.",
    "holiday": "That day is a public holiday.",
    "closure": "The clinic is closed that day.",
    "past": "This time has passed.",
    "lead": "This is too soon for the agenda.",
    "horizon": "This is too far away for the agenda.",
    "daily_cap": "The agenda has as many appointments that day as it takes.",
    "transition_not_allowed": "The appointment cannot go from its state to that one.",
    "too_early": "This is for the day of the appointment.",
    "in_the_past": "The appointment has begun, or was to.",
    "undo_too_late": "This is undone on the day of the appointment alone.",
}


def slot_taken(rule: str = "booked") -> OAuthError:
    """Somebody has the time: of the doctor, or of all rooms or machines."""
    return OAuthError(
        "slot_taken",
        "This time is taken, or what the treatment needs is. Ask for what is free, and offer another slot.",
        status=409,
        rule="S50 no double booking",
        received=f"a time that is not free: {rule}",
        expected="a free slot",
        extra={"rule": rule},
    )


def patient_clash() -> OAuthError:
    """The patient has something else then."""
    return OAuthError(
        "patient_clash",
        "The patient has another appointment at this time. Who may overbook sends allowClash.",
        status=409,
        rule="S50 a patient is in one place",
        received="a time at which the patient has an appointment",
        expected="another time, or allowClash",
    )


def not_bookable(rule: str) -> OAuthError:
    """A rule of the clinic stands against the time."""
    return _unprocessable("not_bookable", rule, "a time that availabilities offer")


def not_allowed_now(rule: str) -> OAuthError:
    """An appointment is in a state, or at a time, in which it cannot become that."""
    return _unprocessable("not_allowed_now", rule, "a move of the published table of states")


def _unprocessable(code: str, rule: str, expected: str) -> OAuthError:
    return OAuthError(
        code, _SENTENCES.get(rule, "This cannot be booked."), status=422, rule=f"S49 {rule}", received=rule,
        expected=expected, extra={"rule": rule},
    )  # fmt: skip


def unknown(field: str, message: str) -> OAuthError:
    """A number in the body is that of nothing that the clinic has here."""
    return invalid_fields([FieldFault(field, "not_found", message)])
