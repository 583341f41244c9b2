"""Agendas of the clinic (S27)."""

import msgspec

from varco.gate.api.operations import Answer, Call, Page, Window, operation, page
from varco.gate.store import statements as sql


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
    query=Window,
    response=Page[Agenda],
)
async def list_agendas(call: Call) -> Answer:
    """In the order of their names."""
    asked: Window = call.query
    rows = await call.clinic.all(sql.AGENDAS, call.tenant_id, asked.limit + 1, asked.offset)
    agendas = [
        Agenda(
            id=row["id"],
            name=row["name"],
            doctor_name=row["doctor_name"],
            color=row["color"],
            active=bool(row["active"]),
        )
        for row in rows
    ]
    return Answer(page(agendas, asked))
