"""What a search for patients asks of the database: the statement that finds the fewest, with the other conditions beside it."""

from typing import Any

from varco.clinical.fiscal_code import compact
from varco.clinical.names import EVERYBODY, name_search
from varco.clinical.phones import e164
from varco.gate.api import lists
from varco.gate.api.checks import malformed
from varco.gate.api.patients import sql
from varco.gate.api.patients.schema import PatientsQuery
from varco.gate.store import BoundStatement
from varco.json_fields import FieldFault
from varco.paging import Window

ANY = "%"


def statement(query: PatientsQuery, tenant_id: str, window: Window) -> BoundStatement[sql.ListedPatient]:
    """What reads a part of the patients that a query asks for. Raises `OAuthError` (400) for `fiscalCode` beside `identifier`."""
    part: dict[str, Any] = {"tenant_id": tenant_id, **lists.part(window)}
    if query.fiscal_code.strip() and query.identifier.strip():
        message = "Send either fiscalCode or identifier."
        raise malformed([FieldFault("identifier", "not_allowed", message, "Invia fiscalCode oppure identifier.")])
    identifier = compact(query.fiscal_code or query.identifier)
    born = query.birth_date or None
    asked_phone = query.phone.strip()
    search = name_search(query.name)
    one, two, three = search.patterns if search else EVERYBODY
    if identifier or born or asked_phone:
        number = e164(asked_phone) if asked_phone else ""
        others = {"state": query.state, "born": born, "phones": number if asked_phone else ANY}
        others |= {"pattern1": one, "pattern2": two, "pattern3": three}
        if identifier:
            return sql.PATIENTS_IDENTIFIED(**part, **others, identifier=identifier)
        if asked_phone:
            return sql.PATIENTS_CALLED(**part, **others, phone=number)
        return sql.PATIENTS_BORN(**part, **others, birth_date=born)
    if search is None:
        return sql.PATIENTS(**part, state=query.state)
    if query.state == "archived":
        return sql.ARCHIVED_NAMED(**part, pattern1=one, pattern2=two, pattern3=three)
    return sql.PATIENTS_NAMED(**part, first=search.first, beyond=search.beyond, pattern2=two, pattern3=three)
