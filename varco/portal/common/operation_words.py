"""What programs do with a clinic's data, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from varco.audit.tags import Tag

OPERATIONS: Mapping[str, Promise] = {
    Tag.PATIENT_READ: gettext_lazy("Saw a patient"),
    Tag.PATIENTS_LISTED: gettext_lazy("Saw a list of patients"),
    Tag.PATIENT_ADDED: gettext_lazy("Added a patient"),
    Tag.PATIENT_CHANGED: gettext_lazy("Changed a patient"),
    Tag.APPOINTMENT_READ: gettext_lazy("Saw an appointment"),
    Tag.APPOINTMENTS_LISTED: gettext_lazy("Saw a list of appointments"),
    Tag.APPOINTMENT_BOOKED: gettext_lazy("Booked an appointment"),
    Tag.APPOINTMENT_MOVED: gettext_lazy("Moved an appointment"),
    Tag.APPOINTMENT_CANCELLED: gettext_lazy("Cancelled an appointment"),
    Tag.APPOINTMENT_CHANGED: gettext_lazy("Changed the state of an appointment"),
    Tag.HOLD_PLACED: gettext_lazy("Kept a slot for some minutes"),
    Tag.HOLD_RELEASED: gettext_lazy("Gave a slot back"),
}
"""What was done, by the tag of the operation. A test looks for those of every operation of the API."""
