"""What a record of access to clinical data says (S41)."""

from collections.abc import Mapping
from typing import Any

from varco.gate.api.operations import Operation
from varco.gate.auth.bearer import Caller
from varco.gate.http import Request, encode_json

BY_ITSELF = "by_itself"
"""What a record says of an application that acts without a person who watches."""

OK = "ok"
"""The outcome of a request that was answered; of one that was refused it is the code of the error."""


def access_columns(
    operation: Operation, request: Request, caller: Caller, now_ms: int, said: Mapping[str, Any], *, outcome: str = OK
) -> dict[str, Any]:
    """The columns of an access record at a moment (epoch milliseconds). Of what the operation says, `patient` and `patients` are the ids of whoever was shown."""
    tag = operation.audit
    assert tag is not None  # noqa: S101 - only such operations are recorded
    patients, detail = "", ""
    if caller.client.acts_by_itself:
        said = {BY_ITSELF: True, **said}
    if (one := said.get("patient")) is not None:
        patients = str(one)
        detail = _rest(said) if len(said) > 1 else ""
    elif (many := said.get("patients")) is not None:
        patients = " ".join(map(str, many))
        detail = _rest(said) if len(said) > 1 else ""
    elif said:
        detail = _rest(said)
    person = caller.person
    return {
        "at": now_ms,
        "tenant_id": caller.tenant.id,
        "operation": tag.value,
        "category": operation.resource,
        "person": person.sub,
        "person_name": person.name,
        "person_kind": "integrator" if caller.temporary else "staff",
        "application_id": caller.client.application_id,
        "application_name": caller.client.name,
        "outcome": outcome,
        "patients": patients,
        "detail": detail,
        "network": request.ip,
        "request_id": request.id,
    }


def _rest(said: Mapping[str, Any]) -> str:
    return encode_json({name: value for name, value in said.items() if name not in {"patient", "patients"}}).decode()
