"""Two records of one patient become one, by a person's decision, and two again by another (S48)."""

import datetime as dt

import msgspec

from varco.audit.tags import Tag
from varco.clinical import identifiers
from varco.clinical.identifiers import Identifier
from varco.gate.api.body import invalid_fields
from varco.gate.api.calls import Write, WriteCall
from varco.gate.api.conditions import wrong_state
from varco.gate.api.operations import write_operation
from varco.gate.api.patients import merge_sql, sql
from varco.gate.api.patients.answers import answer_with_warnings, kept_identifiers
from varco.gate.api.patients.found_by import found_by
from varco.gate.api.patients.schema import EXAMPLE, Duplicate, Patient
from varco.gate.store import BoundStatement, Further
from varco.json_fields import FieldFault

PATIENT = "/v2/tenants/{tenantId}/patients/{patientId}"
_DECODER = msgspec.json.Decoder(list[Identifier])


@write_operation(
    "POST",
    f"{PATIENT}/merge",
    resource="patients",
    access="merge",
    summary="Merge another record of the same patient into this one",
    body=Duplicate,
    response=Patient,
    current=sql.PATIENT,
    audit=Tag.PATIENT_MERGED,
    example=EXAMPLE,
    body_example=Duplicate(duplicate_id=456),
)
async def merge_patients(call: WriteCall[Duplicate, sql.PatientRow]) -> Write[sql.PatientRow]:
    """This record takes the identifiers that it lacks; the other one answers 404 `merged` from then on. Raises `OAuthError`: 409, 422."""
    survivor, other_id, now = call.current, call.body.duplicate_id, call.now_ms // 1000
    if survivor.state != "active":
        raise wrong_state(survivor.state, "active")
    other = await call.clinic.one(sql.PATIENT(tenant_id=call.tenant_id, id=other_id))
    if other is None or other.id == survivor.id or other.state not in {"active", "archived"}:
        raise _no_duplicate()
    before, theirs = kept_identifiers(survivor), kept_identifiers(other)
    together = identifiers.joined(before, theirs)
    both = {"tenant_id": call.tenant_id, "survivor": survivor.id, "id": other.id}
    further: list[Further] = [
        merge_sql.RELEASE_DUPLICATE(**both, version=other.version, now=now),
        sql.FORGET_IDENTIFIERS(tenant_id=call.tenant_id, id=other.id),
        _known_by(call, survivor.id, together),
        *found_by(call.tenant_id, together, survivor.id),
        merge_sql.ADD_MERGE(
            **both,
            taken=msgspec.json.encode([item for item in together if item not in before]).decode(),
            fiscal_code=other.fiscal_code,
            identifiers=other.identifiers,
            state=other.state,
            merged_by=call.caller.person.sub,
            now=now,
        ),
        merge_sql.PROVE_MERGE(**both),
    ]
    return _write(call, together, other.id, further)


@write_operation(
    "POST",
    f"{PATIENT}/unmerge",
    resource="patients",
    access="merge",
    summary="Undo the merge of another record into this one",
    body=Duplicate,
    response=Patient,
    current=sql.PATIENT,
    audit=Tag.PATIENT_UNMERGED,
    example=EXAMPLE,
    body_example=Duplicate(duplicate_id=456),
)
async def unmerge_patients(call: WriteCall[Duplicate, sql.PatientRow]) -> Write[sql.PatientRow]:
    """The other record is as it was before; this one loses the identifiers that it took from it. Raises `OAuthError`: 409, 422."""
    survivor, now = call.current, call.now_ms // 1000
    if survivor.state != "active":
        raise wrong_state(survivor.state, "active")
    both = {"tenant_id": call.tenant_id, "survivor": survivor.id, "id": call.body.duplicate_id}
    merge = await call.clinic.one(merge_sql.MERGE_OF(**both))
    if merge is None:
        raise _no_duplicate()
    taken = {(item.kind, item.issuer, item.value) for item in _DECODER.decode(merge.taken)}
    left = [item for item in kept_identifiers(survivor) if (item.kind, item.issuer, item.value) not in taken]
    theirs = identifiers.kept(merge.identifiers, merge.fiscal_code, dt.date.min)
    further: list[Further] = [
        _known_by(call, survivor.id, left),
        *found_by(call.tenant_id, left, survivor.id),
        merge_sql.RESTORE_DUPLICATE(
            **both, state=merge.state, fiscal_code=merge.fiscal_code, identifiers=merge.identifiers, now=now
        ),
        *found_by(call.tenant_id, theirs, call.body.duplicate_id),
        merge_sql.END_MERGE(**both, now=now),
    ]
    return _write(call, left, call.body.duplicate_id, further)


def _write(
    call: WriteCall[Duplicate, sql.PatientRow], known_by: list[Identifier], other: int, further: list[Further]
) -> Write[sql.PatientRow]:
    survivor = call.current
    return Write(
        merge_sql.CLAIM_SURVIVOR(
            tenant_id=call.tenant_id, id=survivor.id, version=survivor.version, now=call.now_ms // 1000
        ),
        detail=lambda row: {"patients": [row.id, other]},
        present=lambda row: answer_with_warnings(
            msgspec.structs.replace(
                row, fiscal_code=identifiers.fiscal(known_by), identifiers=identifiers.kept_text(known_by)
            )
        ),
        further=further,
    )


def _known_by(
    call: WriteCall[Duplicate, sql.PatientRow], patient: int, known_by: list[Identifier]
) -> BoundStatement[None]:
    return merge_sql.SET_IDENTIFIERS(
        tenant_id=call.tenant_id,
        id=patient,
        fiscal_code=identifiers.fiscal(known_by),
        identifiers=identifiers.kept_text(known_by),
    )


def _no_duplicate() -> Exception:
    words = (
        "This is no record that can be merged, or unmerged, here.",
        "Questa scheda non si può unire, o separare, qui.",
    )
    return invalid_fields([FieldFault("duplicateId", "not_allowed", *words)])
