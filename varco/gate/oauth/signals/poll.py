"""Fetching events (RFC 8936)."""

import asyncio
from collections.abc import Sequence

import msgspec

from varco.gate.context import GateContext
from varco.gate.errors import unavailable
from varco.gate.http import Request, Response, encode_json, json_response
from varco.gate.oauth.signals import caller
from varco.gate.store.sql.signals import NOTE_POLL, REFUSED, TAKEN, WAITING, StreamRow, WaitingRow
from varco.protocol.client import Client
from varco.protocol.errors import invalid_request
from varco.protocol.signals import polling
from varco.protocol.signals.events import SET_TYP, set_claims
from varco.protocol.signals.polling import HELD, PollBody
from varco.protocol.signals.streams import PUSH, Status

NOTED_EVERY = 60
"""Seconds between two notes that a receiver was here, where it took nothing."""

PAUSE = 1.0
"""Seconds between two looks for an event, while a request is held."""


class PollEndpoint:
    """`POST /oauth2/ssf/poll/{stream_id}`: events as signed tokens, and what became of those before."""

    def __init__(self, context: GateContext) -> None:
        self._context = context
        self._held: dict[int, object] = {}

    async def post(self, request: Request) -> Response:
        """What waits. A request that may be held is, until an event comes, its time is over or another one takes its place."""
        body = polling.request_of(await request.body(caller.BODY_LIMIT))
        stream_id = request.path.rpartition("/")[2]
        reported = held = False

        async def fetch(client: Client) -> Response | None:
            nonlocal reported, held
            row = await caller.stream_of(self._context, client, stream_id)
            if row.method == PUSH:
                raise invalid_request(
                    "Events of this stream are pushed. Set its delivery to the poll method to fetch them.",
                    rule="RFC 8936 §2 poll delivery",
                    received="a poll of a stream that is pushed",
                    expected="urn:ietf:rfc:8936",
                )
            if not reported:
                await self._report(row, body)
                reported = True
            found = await self._waiting(row, body)
            if not found and body.most and not body.returnImmediately and not held:
                held = True
                await self._hold(row.id)
                return None  # the client, its stream and what waits are read again
            return await self._answer(client, row, found, body)

        return await caller.answer(self._context, request, fetch)

    async def _waiting(self, row: StreamRow, body: PollBody) -> Sequence[WaitingRow]:
        """What waits, one more than is wanted, so that it is known whether there is more."""
        if row.status != Status.ENABLED or not body.most:
            return []
        return await self._context.platform.all(WAITING(stream_id=row.id, limit=body.most + 1))

    async def _hold(self, stream: int) -> None:
        """Wait for an event; one request of a stream waits at a time, the last."""
        mine = self._held[stream] = object()
        loop = asyncio.get_running_loop()
        until = loop.time() + HELD
        try:
            while loop.time() < until and self._held.get(stream) is mine and not self._context.stopping():
                await asyncio.sleep(PAUSE)
                if await self._context.platform.all(WAITING(stream_id=stream, limit=1)):
                    return
        finally:
            if self._held.get(stream) is mine:
                del self._held[stream]

    async def _report(self, row: StreamRow, body: PollBody) -> None:
        platform, now = self._context.platform, self._context.now_ms() // 1000
        taken = [TAKEN.values(stream_id=row.id, jti=jti, now=now) for jti in body.ack]
        faults = {jti: polling.fault_text(error) for jti, error in body.setErrs.items()}
        if taken:
            await platform.write_many(TAKEN, taken)
        if faults:
            rows = [REFUSED.values(stream_id=row.id, jti=jti, fault=fault) for jti, fault in faults.items()]
            await platform.write_many(REFUSED, rows)
        if taken or faults or row.polled_at <= now - NOTED_EVERY:
            fault = next(iter(faults.values()), "")
            await platform.write(NOTE_POLL(id=row.id, now=now, taken=int(bool(taken)), fault=fault))

    async def _answer(self, client: Client, row: StreamRow, found: Sequence[WaitingRow], body: PollBody) -> Response:
        context, sets = self._context, {}
        signer = context.keyring.signer(client.id_token_alg, SET_TYP, context.now_ms() // 1000)
        if signer is None:
            raise unavailable()
        for event in found[: body.most]:
            claims = set_claims(
                issuer=context.settings.issuer,
                client_id=client.client_id,
                stream_id=row.public_id,
                kind=event.kind,
                jti=event.jti,
                txn=event.txn,
                at=event.created_at,
                sub=event.sub,
                sid=event.sid,
                detail=msgspec.json.decode(event.detail),
            )
            sets[event.jti] = signer.sign(encode_json(claims))
            await asyncio.sleep(0)  # a signature takes a millisecond, and others have requests too
        return json_response(polling.response(sets, more=len(found) > body.most))
