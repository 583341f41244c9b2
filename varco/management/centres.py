"""The medical centres that an application is limited to (S19): each change holds from the next request on."""

import datetime as dt

import msgspec

from varco.management.conditions import etag
from varco.management.errors import not_found
from varco.management.operations import DEVELOPER, Answer, Call, operation
from varco.management.representations import moment
from varco.registry import queries, services


class NewCentre(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The medical centre to add, by its id."""

    tenant_id: str


class Centre(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A medical centre whose people may use the application."""

    tenant_id: str
    name: str
    added_at: dt.datetime


class CentreList(msgspec.Struct, frozen=True, kw_only=True):
    """The medical centres that an application is limited to, by name; none: the people of every one may use it."""

    items: list[Centre]


@operation("GET", role=DEVELOPER)
def list_centres(call: Call) -> Answer[CentreList]:
    """List the medical centres that an application is limited to; its `ETag` is for changes of this list."""
    return _centres(call)


@operation("POST", role=DEVELOPER, body=NewCentre, tagged=True)
def add_centre(call: Call) -> Answer[CentreList]:
    """Let a medical centre use an application; with the first one, nobody of any other may any more."""
    services.add_tenant(call.application, call.origin, tenant_id=call.sent.tenant_id, stamp=call.stamp)
    return _centres(call)


@operation("DELETE", role=DEVELOPER, tagged=True)
def remove_centre(call: Call, tenant_id: str) -> Answer[CentreList]:
    """Take a medical centre off the list; with the last one, every centre may use the application again."""
    if not queries.allowed_tenants(call.application).filter(tenant__public_id=tenant_id).exists():
        raise not_found()
    services.remove_tenant(call.application, call.origin, tenant_id=tenant_id, stamp=call.stamp)
    return _centres(call)


def _centres(call: Call) -> Answer[CentreList]:
    found = list(queries.allowed_tenants(call.application))
    items = [
        Centre(tenant_id=item.tenant.public_id, name=item.tenant.name, added_at=moment(item.created_at))
        for item in found
    ]
    return Answer(CentreList(items=items), etag(services.tenants_stamp(found)))
