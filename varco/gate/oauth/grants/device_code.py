"""The device code grant: a device polls for its tokens (RFC 8628 §3.4, §3.5)."""

from varco.gate import error_responses
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.oauth.grants.authorization_code import claim_and_issue
from varco.gate.records import grant_record
from varco.gate.store.sql.devices import DEVICE_OF_CODE, DEVICE_POLLED, REDEEM_DEVICE, DeviceRow
from varco.gate.store.sql.grants import GRANT_OF_ID
from varco.protocol import device_authorization
from varco.protocol.client import Client
from varco.protocol.device_authorization import DeviceRecord
from varco.protocol.errors import OAuthError
from varco.protocol.token_request import DeviceCodeRequest

_WAITING = frozenset({"authorization_pending", "slow_down"})
_ANY_TIME = (1 << 63) - 1


async def poll(
    context: GateContext, request: Request, token_request: DeviceCodeRequest, client: Client
) -> Response | None:
    """The tokens of an approved request; None when what the decision stood on changed meanwhile. Raises `OAuthError`.

    The claim is that of a code: one conditional UPDATE of the grant, with the device request's in its transaction, so that
    of many polls after the approval one gets tokens.
    """
    now_ms = context.now_ms()
    row = await context.platform.one(DEVICE_OF_CODE(device_code_hash=token_request.device_code_hash))
    if row is None:
        raise device_authorization.unknown_device_code()
    try:
        device_authorization.check_poll(token_request, client, _record(row), now_ms)
    except OAuthError as refusal:
        if refusal.error not in _WAITING:
            raise
        return await _wait(context, request, client, row, refusal)
    granted = await context.platform.one(GRANT_OF_ID(id=row.grant_id))
    if granted is None or granted.application_version != client.version:
        return None
    device_authorization.check_grant(grant_record(granted), now_ms // 1000)
    redeemed = REDEEM_DEVICE(id=row.id, now_ms=now_ms)
    return await claim_and_issue(context, request, client, granted, redeemed, dpop_jkt=token_request.dpop_jkt)


async def _wait(
    context: GateContext, request: Request, client: Client, row: DeviceRow, refusal: OAuthError
) -> Response | None:
    """Note the poll. Of several at the same moment one is told that the person has not answered; the others are too fast."""
    now_ms, record = context.now_ms(), _record(row)
    pending = refusal.error == "authorization_pending"
    unchanged = record.polled_at if pending else _ANY_TIME
    interval = device_authorization.next_interval(record, now_ms)
    polled = DEVICE_POLLED(
        id=row.id,
        now_ms=now_ms,
        interval=interval,
        last_poll_ms=unchanged,
        application_id=client.application_id,
        version=client.version,
    )
    if await context.platform.write(polled) is None:
        return None
    if pending:  # the normal course of things, and nothing for the trace of refusals
        return error_responses.oauth(request, refusal)
    raise refusal


def _record(row: DeviceRow) -> DeviceRecord:
    return DeviceRecord(
        application_id=row.application_id,
        state=row.state,
        expires_at=row.expires_at,
        interval=row.interval,
        polled_at=row.polled_at,
        code_challenge=row.code_challenge,
        dpop_jkt=row.dpop_jkt,
        grant_id=row.grant_id or 0,
    )
