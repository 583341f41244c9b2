"""Agendas of the clinic (S27)."""

from varco.gate.api import lists
from varco.gate.api.agendas import sql
from varco.gate.api.agendas.schema import EXAMPLE, Agenda
from varco.gate.api.calls import Call, OperationResult
from varco.gate.api.operations import read_operation
from varco.paging import Page, Paging


@read_operation(
    "/v2/tenants/{tenantId}/agendas",
    resource="agendas",
    summary="Agendas of the clinic",
    query=Paging,
    response=Page[Agenda],
    example=EXAMPLE,
)
async def list_agendas(call: Call[Paging]) -> OperationResult:
    """In the order of their names."""
    part = lists.window(call)
    rows = await call.clinic.all(sql.AGENDAS(tenant_id=call.tenant_id, **lists.part(part)))
    return OperationResult(lists.answer(call, rows, part, lambda row: (row.name, row.id), lambda row: row))
