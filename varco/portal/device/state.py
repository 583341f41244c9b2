"""One confirmed device request as it stands at this moment: read and checked again at every step."""

from dataclasses import dataclass

from varco.accounts.models import User
from varco.grants import device_approval, queries
from varco.grants.consent_request import ConsentRequest
from varco.grants.models import Consent, DeviceRequest
from varco.grants.queries import Standing
from varco.protocol import device_authorization
from varco.protocol.client import DEVICE_CODE, Client
from varco.registry import queries as registry
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a decision looks at, and everything its page shows."""

    waiting: DeviceRequest
    client: Client
    ask: ConsentRequest
    user: User
    standing: Standing
    consent: Consent | None

    @property
    def tenant(self) -> Tenant | None:
        """The clinic the person acts for."""
        return self.standing.membership.tenant if self.standing.membership else None

    @property
    def user_code(self) -> str:
        """The code as the device shows it, to be compared."""
        return device_authorization.formatted_user_code(self.waiting.user_code)


def load(waiting: DeviceRequest, user: User) -> DeviceState | None:
    """The case of a request that waits; None when its application is not in use any more, or not for anything that was asked."""
    application = waiting.application
    if application.live_revision is None:
        return None
    client = registry.client_of(application)
    ask = device_approval.ask(waiting, client)
    if not client.usable or DEVICE_CODE not in client.grant_types or not ask.scopes:
        return None
    standing = queries.standing(user, application.pk)
    return DeviceState(waiting, client, ask, user, standing, queries.consent(standing, application.pk))
