"""Where a clinic is: what its days and hours go by."""

from varco.gate.store.statement import PLATFORM, Row, Statement


class PlaceRow(Row, frozen=True):
    """The time zone of a tenant, and its local holiday (`MM-DD`; empty if there is none)."""

    zone: str
    local_holiday: str


PLACE_OF_TENANT = Statement(
    PLATFORM, "SELECT zone, local_holiday FROM tenants_tenant WHERE public_id = :tenant", PlaceRow
)
"""Where a tenant is, by its public id."""
