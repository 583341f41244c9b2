"""A device that polls for its tokens (RFC 8628 §3.4, §3.5)."""

from varco.gate import faces
from varco.gate.core import Core
from varco.gate.http import Request, Response
from varco.gate.oauth.exchange import settle
from varco.gate.oauth.records import grant_record
from varco.gate.store import Row
from varco.gate.store import statements as sql
from varco.protocol import device
from varco.protocol.client import Client
from varco.protocol.device import DeviceRecord
from varco.protocol.refusal import Refusal
from varco.protocol.token import DeviceAsk

_WAITING = frozenset({"authorization_pending", "slow_down"})
_ANY_TIME = (1 << 63) - 1


async def poll(core: Core, request: Request, ask: DeviceAsk, client: Client) -> Response | None:
    """The tokens of an approved request; None when what the decision stood on changed meanwhile. Raises `Refusal`.

    The claim is that of a code: one conditional UPDATE of the grant, with the device request's in its transaction, so that
    of many polls after the approval one gets tokens.
    """
    now_ms = core.now_ms()
    row = await core.platform.one(sql.DEVICE_OF_CODE, ask.device_code_hash)
    record = _record(row) if row else None
    try:
        device.poll(ask, client, record, now_ms)
    except Refusal as refusal:
        if row is None or record is None or refusal.error not in _WAITING:
            raise
        if row["application_version"] != client.version:
            return None
        return await _wait(core, request, row, record, refusal)
    if row is None:
        return None
    granted = await core.platform.one(sql.GRANT_OF_ID, row["grant_id"])
    if granted is None or granted["application_version"] != client.version:
        return None
    device.check_grant(grant_record(granted), now_ms // 1000)
    redeemed = (sql.REDEEM_DEVICE, (row["id"],))
    return await settle(core, request, client, granted, redeemed, dpop_jkt=ask.dpop_jkt)


async def _wait(core: Core, request: Request, row: Row, record: DeviceRecord, refusal: Refusal) -> Response | None:
    """Note the poll. Of several at the same moment one is told that the person has not answered; the others are too fast."""
    now_ms = core.now_ms()
    pending = refusal.error == "authorization_pending"
    unchanged = record.polled_at if pending else _ANY_TIME
    values = (row["id"], now_ms, device.next_interval(record, now_ms), unchanged)
    if await core.platform.write((sql.DEVICE_POLLED, values)) is None:
        return None
    if pending:  # the normal course of things, and nothing for the trace of refusals
        return faces.oauth(request, refusal)
    raise refusal


def _record(row: Row) -> DeviceRecord:
    return DeviceRecord(
        application_id=row["application_id"],
        state=row["state"],
        expires_at=row["expires_at"],
        interval=row["interval"],
        polled_at=row["polled_at"],
        code_challenge=row["code_challenge"],
        dpop_jkt=row["dpop_jkt"],
        grant_id=row["grant_id"] or 0,
    )
