"""A device waits, a person decides (RFC 8628 §3.3): what the page `/device` does to device requests."""

from dataclasses import replace

from django.conf import settings
from django.db import transaction

from varco import clock, sealing
from varco.accounts.browser_session import SignIn
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants.consent_request import ConsentDecision, ConsentRequest, consent_request_of
from varco.grants.models import DeviceRequest, Grant
from varco.grants.parties import Parties, SessionOver, StillSignedIn
from varco.grants.services import create_grant, give_consent
from varco.protocol import device_authorization
from varco.protocol.client import Client
from varco.tenants.models import Tenant


class DeviceRequestOver(Exception):  # noqa: N818 - it is an answer, not a failure
    """Somebody has answered this device request already, or its time is up: nothing was changed."""


def find(user_code: str) -> DeviceRequest | None:
    """The request that waits under a code, as somebody typed it (any case, any punctuation); None if none does.

    The caller limits how often one may try (RFC 8628 §5.1).
    """
    typed = device_authorization.normalized_user_code(user_code)
    if typed is None:
        return None
    waiting = DeviceRequest.objects.select_related("application__live_revision")
    keys = [sealing.derive(master, device_authorization.USER_CODE_KEY) for master in settings.MASTER_KEYS]
    stored = [device_authorization.stored_user_code(key, typed) for key in keys]
    return waiting.filter(user_code__in=stored, state=DeviceRequest.State.PENDING, expires_at__gt=clock.now()).first()


def by_id(request_id: int) -> DeviceRequest | None:
    """A device request, whatever became of it; None if there is none of this id any more."""
    return DeviceRequest.objects.select_related("application__live_revision").filter(pk=request_id).first()


def still_waiting(request_id: int) -> DeviceRequest | None:
    """The request of this id as long as nobody has answered it and its time is not up."""
    found = by_id(request_id)
    waits = found is not None and found.state == DeviceRequest.State.PENDING and found.expires_at > clock.now()
    return found if waits else None


def consent_request(waiting: DeviceRequest, client: Client) -> ConsentRequest:
    """What the person is asked for: the scopes of the request, as far as the application's revision in force has them."""
    return consent_request_of(client, waiting.scopes.split())


@transaction.atomic
def approve(
    waiting: DeviceRequest,
    parties: Parties,
    answer: ConsentDecision,
    sign_in: SignIn,
    origin: Origin,
    *,
    still_signed_in: StillSignedIn,
) -> Grant:
    """Give a device what the person accepted: the grant becomes active when the device next polls.

    Of two answers at the same moment one counts. Raises `DeviceRequestOver` and `SessionOver`.
    """
    if not still_signed_in():
        raise SessionOver
    if parties.application.pk != waiting.application_id:
        raise ValueError("approved for another application than the one that asked")
    _claim(waiting, DeviceRequest.State.APPROVED)
    give_consent(parties, answer, origin)
    # The device is no part of the browser in which it was approved: it stays when the person signs out there.
    grant = create_grant(parties, answer, replace(sign_in, sid=""), code_expires_at=waiting.expires_at)
    waiting.grant = grant
    waiting.save(update_fields=["grant"])
    record(
        Tag.DEVICE_APPROVED,
        origin,
        application=parties.application,
        user=parties.user,
        tenant=parties.tenant,
        grant=str(grant.pk),
        scopes=list(answer.scopes),
        device_ip=waiting.ip,
    )
    return grant


@transaction.atomic
def deny(waiting: DeviceRequest, user: User, tenant: Tenant | None, origin: Origin) -> None:
    """Refuse a device; it is told when it next polls. Raises `DeviceRequestOver`."""
    _claim(waiting, DeviceRequest.State.DENIED)
    record(
        Tag.DEVICE_DENIED,
        origin,
        application=waiting.application,
        user=user,
        tenant=tenant,
        scopes=waiting.scopes.split(),
        device_ip=waiting.ip,
    )


def _claim(waiting: DeviceRequest, state: DeviceRequest.State) -> None:
    """Move a request on, if it still waits; of two that try, one succeeds."""
    pending = DeviceRequest.objects.filter(pk=waiting.pk, state=DeviceRequest.State.PENDING, expires_at__gt=clock.now())
    if not pending.update(state=state):
        raise DeviceRequestOver
    waiting.state = state
