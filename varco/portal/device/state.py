"""The state of one confirmed device request, read once a request and handed on."""

from dataclasses import dataclass

from varco.accounts.models import User
from varco.grants import device_approval, queries
from varco.grants.consent_request import ConsentRequest
from varco.grants.models import Consent, DeviceRequest
from varco.protocol import device_authorization
from varco.protocol.client import DEVICE_CODE, Client
from varco.protocol.eligibility import Ineligible
from varco.registry import queries as registry
from varco.registry.models import Application
from varco.tenants.models import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What a decision looks at, and everything its page shows."""

    waiting: DeviceRequest
    user_code: str  # as the device shows it, to be compared
    client: Client
    consent_request: ConsentRequest
    user: User
    tenant: Tenant | None  # the clinic the person acts for
    ineligible: Ineligible | None  # why the person may not use the application
    consent: Consent | None  # what the person accepted or refused before

    @property
    def application(self) -> Application:
        """The application the device runs."""
        return self.waiting.application


def load_state(waiting: DeviceRequest, user: User, user_code: str) -> DeviceState | None:
    """The state of a request that waits under `user_code` (normalised); None when its application is not in use any more, or not for anything it asked for."""
    application = waiting.application
    if application.live_revision is None:
        return None
    client = registry.client_of(application)
    consent_request = device_approval.consent_request(waiting, client)
    if not client.usable or DEVICE_CODE not in client.grant_types or not consent_request.scopes:
        return None
    person = queries.eligibility_of(user, application)
    return DeviceState(
        waiting=waiting,
        user_code=device_authorization.formatted_user_code(user_code),
        client=client,
        consent_request=consent_request,
        user=user,
        tenant=person.tenant,
        ineligible=person.ineligible,
        consent=queries.consent(user, person.tenant, application),
    )
