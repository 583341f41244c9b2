"""Every operation of the API, in the order in which the documents tell them."""

from varco.gate.api.agendas.operations import list_agendas
from varco.gate.api.appointment_acts.operations import cancel_appointment, change_appointment_state, move_appointment
from varco.gate.api.appointment_series.operations import create_appointment_series, get_appointment_series
from varco.gate.api.appointments.operations import (
    create_appointment,
    get_appointment,
    get_appointment_history,
    list_appointments,
)
from varco.gate.api.availabilities.operations import list_availabilities
from varco.gate.api.consents.operations import (
    confirm_consent,
    create_consent,
    get_consent,
    list_consents,
    withdraw_consent,
)
from varco.gate.api.guardians.operations import change_guardian, create_guardian, get_guardian, list_guardians
from varco.gate.api.holds.operations import create_hold, get_hold, release_hold
from varco.gate.api.operations import Declaration
from varco.gate.api.oppositions.operations import list_oppositions, record_opposition
from varco.gate.api.patients.acts import anonymise_patient, archive_patient, restore_patient
from varco.gate.api.patients.merging import merge_patients, unmerge_patients
from varco.gate.api.patients.operations import change_patient, create_patient, get_patient, list_patients
from varco.gate.api.treatments.operations import get_treatment, list_treatments
from varco.gate.api.userinfo.operations import get_userinfo

OPERATIONS: tuple[Declaration, ...] = (
    get_userinfo,
    list_patients,
    create_patient,
    get_patient,
    change_patient,
    merge_patients,
    unmerge_patients,
    archive_patient,
    restore_patient,
    anonymise_patient,
    list_consents,
    create_consent,
    get_consent,
    confirm_consent,
    withdraw_consent,
    list_guardians,
    create_guardian,
    get_guardian,
    change_guardian,
    list_oppositions,
    record_opposition,
    list_agendas,
    list_treatments,
    get_treatment,
    list_availabilities,
    create_hold,
    get_hold,
    release_hold,
    list_appointments,
    create_appointment,
    get_appointment,
    get_appointment_history,
    move_appointment,
    cancel_appointment,
    change_appointment_state,
    create_appointment_series,
    get_appointment_series,
)
