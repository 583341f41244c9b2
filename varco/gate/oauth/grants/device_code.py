"""The device code grant: a device polls for its tokens (RFC 8628 §3.4, §3.5)."""

from varco.gate import error_responses
from varco.gate.auth.device_polls import Poll
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.oauth.grants.authorization_code import claim_and_issue
from varco.gate.records import grant_record
from varco.gate.store.sql.devices import DEVICE_OF_CODE, REDEEM_DEVICE, DeviceRow
from varco.gate.store.sql.grants import GRANT_OF_ID
from varco.protocol import device_authorization
from varco.protocol.client import Client
from varco.protocol.device_authorization import DeviceRecord
from varco.protocol.errors import OAuthError
from varco.protocol.token_request import DeviceCodeRequest

_WAITING = frozenset({"authorization_pending", "slow_down"})


async def poll(
    context: GateContext, request: Request, token_request: DeviceCodeRequest, client: Client
) -> Response | None:
    """The tokens of an approved request; None when what the decision stood on changed meanwhile. Raises `OAuthError`.

    The claim is that of a code: one conditional UPDATE of the grant, with the device request's in its transaction, so that
    of many polls after the approval one gets tokens. While the person has not answered, a poll reads one row and writes none.
    """
    now_ms = context.now_ms()
    row = await context.platform.one(DEVICE_OF_CODE(device_code_hash=token_request.device_code_hash))
    if row is None:
        raise device_authorization.unknown_device_code()
    record = context.device_polls.known(row.id, _record(row))
    try:
        device_authorization.check_poll(token_request, client, record, now_ms)
    except OAuthError as refusal:
        if refusal.error not in _WAITING:
            raise
        if row.application_version != client.version:
            return None
        # Nothing was awaited since the last poll was looked up: of several at the same moment one is told that the person has
        # not answered; the others are too fast.
        pending = refusal.error == "authorization_pending"
        answered = Poll(now_ms, device_authorization.next_interval(record, now_ms))
        context.device_polls.note(row.id, answered, slowed=not pending)
        if not pending:
            raise
        request.scope["varco.routine"] = (
            True  # the normal course of things: nothing for the trace of refusals or the access log
        )
        return error_responses.oauth(request, refusal, issuer=context.settings.issuer)
    granted = await context.platform.one(GRANT_OF_ID(id=row.grant_id))
    if granted is None or granted.application_version != client.version:
        return None
    device_authorization.check_grant(grant_record(granted), now_ms // 1000)
    redeemed = REDEEM_DEVICE(id=row.id, now_ms=now_ms)
    return await claim_and_issue(context, request, client, granted, redeemed, dpop_jkt=token_request.dpop_jkt)


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
