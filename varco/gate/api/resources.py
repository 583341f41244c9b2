"""Every operation of the API, in the order in which the documents tell them."""

from varco.gate.api.agendas.operations import list_agendas
from varco.gate.api.operations import Declaration
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
    list_agendas,
)
