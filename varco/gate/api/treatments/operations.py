"""Treatments of the clinic (S27)."""

from collections import defaultdict
from collections.abc import Sequence

from varco.gate.api import lists
from varco.gate.api.calls import Call, OperationResult
from varco.gate.api.operations import read_operation
from varco.gate.api.treatments import sql
from varco.gate.api.treatments.schema import EXAMPLE, Treatment, TreatmentRow
from varco.gate.errors import not_found
from varco.paging import Page, Paging

Links = defaultdict[tuple[int, str], list[int]]
"""Agendas by treatment and kind."""

TREATMENTS = "/v2/tenants/{tenantId}/treatments"


@read_operation(
    TREATMENTS,
    resource="treatments",
    summary="Treatments of the clinic, with how long they take",
    query=Paging,
    response=Page[Treatment],
    example=EXAMPLE,
)
async def list_treatments(call: Call[Paging]) -> OperationResult:
    """In the order of their names."""
    part = lists.window(call)
    rows = await call.clinic.all(sql.TREATMENTS(tenant_id=call.tenant_id, **lists.part(part)))
    links = await _links(call, rows[: part.limit])
    return OperationResult(
        lists.answer(call, rows, part, lambda row: (row.name, row.id), lambda row: _treatment(row, links))
    )


@read_operation(
    f"{TREATMENTS}/{{treatmentId}}",
    resource="treatments",
    summary="One treatment of the clinic",
    response=Treatment,
    example=EXAMPLE,
)
async def get_treatment(call: Call[None]) -> OperationResult:
    """One treatment by id. Raises `OAuthError` (404), also for one of another clinic."""
    row = await call.clinic.one(sql.TREATMENT(tenant_id=call.tenant_id, id=call.path["treatmentId"]))
    if row is None:
        raise not_found(f"treatment {call.path['treatmentId']}")
    return OperationResult(_treatment(row, await _links(call, [row])))


async def _links(call: Call[Paging] | Call[None], rows: Sequence[TreatmentRow]) -> Links:
    found: Links = defaultdict(list)
    for begin in range(0, len(rows), sql.AT_ONCE):
        ids = [row.id for row in rows[begin : begin + sql.AT_ONCE]]
        for link in await call.clinic.all(sql.LINKS(tenant_id=call.tenant_id, **sql.numbers(ids))):
            found[link.treatment_id, link.kind].append(link.agenda_id)
    for agendas in found.values():
        agendas.sort()
    return found


def _treatment(row: TreatmentRow, links: Links) -> Treatment:
    doctors, rooms, machines = (links[row.id, kind] for kind in ("doctor", "room", "machine"))
    return Treatment(
        row.id, row.name, row.code, row.duration_minutes, row.vat_code, row.active, doctors, rooms, machines
    )
