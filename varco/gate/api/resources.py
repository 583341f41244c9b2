"""Every operation of the API, in the order in which the documents tell them."""

from varco.gate.api.agendas.operations import list_agendas
from varco.gate.api.consents.operations import (
    confirm_consent,
    create_consent,
    get_consent,
    list_consents,
    withdraw_consent,
)
from varco.gate.api.guardians.operations import change_guardian, create_guardian, get_guardian, list_guardians
from varco.gate.api.operations import Declaration
from varco.gate.api.oppositions.operations import list_oppositions, record_opposition
from varco.gate.api.patients.acts import anonymise_patient, archive_patient, restore_patient
from varco.gate.api.patients.merging import merge_patients, unmerge_patients
from varco.gate.api.patients.operations import change_patient, create_patient, get_patient, list_patients
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
)
