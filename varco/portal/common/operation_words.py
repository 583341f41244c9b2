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
    Tag.PATIENT_MERGED: gettext_lazy("Merged two patients"),
    Tag.PATIENT_UNMERGED: gettext_lazy("Undid the merge of two patients"),
    Tag.PATIENT_ARCHIVED: gettext_lazy("Archived a patient"),
    Tag.PATIENT_RESTORED: gettext_lazy("Took a patient out of the archive"),
    Tag.PATIENT_ANONYMISED: gettext_lazy("Anonymised a patient"),
    Tag.PATIENT_CONSENTED: gettext_lazy("Recorded a patient's consent"),
    Tag.PATIENT_CONSENT_CONFIRMED: gettext_lazy("Recorded that a patient, of age, confirmed a consent"),
    Tag.PATIENT_CONSENT_TAKEN_BACK: gettext_lazy("Recorded that a consent was withdrawn"),
    Tag.PATIENT_GUARDIAN_ADDED: gettext_lazy("Added somebody who speaks for a patient"),
    Tag.PATIENT_GUARDIAN_CHANGED: gettext_lazy("Changed somebody who speaks for a patient"),
    Tag.PATIENT_OPPOSITION_RECORDED: gettext_lazy("Recorded whether a patient objects to Sistema TS"),
}
"""What was done, by the tag of the operation. A test looks for those of every operation of the API."""
