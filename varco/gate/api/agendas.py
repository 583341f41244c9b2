"""Agendas of the clinic (S27)."""

import msgspec

from varco.gate.api.operations import Call, OperationResult, Page, Paging, operation, page
from varco.gate.store.sql.clinical import AGENDAS


class Agenda(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A calendar that appointments are booked in."""

    id: int
    name: str
    doctor_name: str
    color: str
    active: bool


@operation(
    "GET",
    "/v2/tenants/{tenantId}/agendas",
    scope="giponext.agenda",
    permission="agenda.read",
    summary="Agendas of the clinic",
    query=Paging,
    response=Page[Agenda],
)
async def list_agendas(call: Call) -> OperationResult:
    """In the order of their names."""
    asked: Paging = call.query
    rows = await call.clinic.all(AGENDAS(tenant_id=call.tenant_id, limit=asked.limit + 1, offset=asked.offset))
    agendas = [
        Agenda(
            id=row.id,
            name=row.name,
            doctor_name=row.doctor_name,
            color=row.color,
            active=row.active,
        )
        for row in rows
    ]
    return OperationResult(page(agendas, asked))
