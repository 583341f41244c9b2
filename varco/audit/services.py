"""Recording audited acts, inside the transaction of the act itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from varco.audit.models import Event
from varco.audit.tags import Tag

if TYPE_CHECKING:
    from varco.accounts.models import User
    from varco.registry.models import Application
    from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from: the person, the address and the request. `Origin()` is the system itself."""

    actor: "User | None" = None
    ip: str = ""
    request_id: str = ""


def record(
    tag: Tag,
    origin: Origin,
    *,
    application: "Application | None" = None,
    user: "User | None" = None,
    tenant: "Tenant | None" = None,
    on_behalf_of: "User | None" = None,
    **detail: Any,
) -> Event:
    """Add one event. Call it in the transaction of the act, so that neither stands without the other."""
    return Event.objects.create(
        tag=tag,
        actor=origin.actor.public_id if origin.actor else "",
        actor_name=origin.actor.name if origin.actor else "",
        on_behalf_of=on_behalf_of.public_id if on_behalf_of else "",
        application_id=application.pk if application else None,
        application_name=application.name if application else "",
        user=user.public_id if user else "",
        tenant=tenant.public_id if tenant else "",
        ip=origin.ip,
        request_id=origin.request_id,
        detail=detail,
    )
