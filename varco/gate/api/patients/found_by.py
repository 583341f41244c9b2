"""What makes patients be found by their identifiers."""

from collections.abc import Sequence

from varco.clinical import identifiers
from varco.clinical.identifiers import Identifier
from varco.gate.api.patients import sql
from varco.gate.store import Further


def found_by(tenant_id: str, known_by: Sequence[Identifier], patient: int | None = None) -> list[Further]:
    """What makes a patient be found by all identifiers but the fiscal code in use, which its column does.

    `patient` is one that may have been found by others before.
    """
    in_use = identifiers.fiscal(known_by)
    others = [item for item in known_by if not (item.current and item.value == in_use)]
    forgotten: list[Further] = []
    if patient is not None:
        forgotten.append(sql.FORGET_IDENTIFIERS(tenant_id=tenant_id, id=patient))
    return [*forgotten, *(_found_by(tenant_id, item) for item in others)]


def _found_by(tenant_id: str, item: Identifier) -> Further:
    issuer = item.issuer.casefold()
    return lambda row: sql.ADD_IDENTIFIER(
        tenant_id=tenant_id, id=row.id, kind=item.kind, issuer=issuer, value=item.value
    )
