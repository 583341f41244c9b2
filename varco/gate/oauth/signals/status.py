"""The status of a stream, and verification (SSF 1.0 §8.1.2, §8.1.4)."""

import secrets

from varco.audit.tags import Tag
from varco.gate.context import GateContext
from varco.gate.http import Request, Response, encode_json, json_response
from varco.gate.oauth.signals import caller
from varco.gate.store.sql.signals import ADD_SIGNAL, ASK_TO_VERIFY, DROP_WAITING, SET_STATUS, StreamRow
from varco.protocol.client import Client
from varco.protocol.errors import Fixer, OAuthError
from varco.protocol.signals import streams
from varco.protocol.signals.events import Kind
from varco.protocol.signals.streams import VERIFICATION_INTERVAL, Status, StatusBody, VerificationBody


class StatusEndpoint:
    """`/oauth2/ssf/status`: whether events are sent, kept or dropped."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def get(self, request: Request) -> Response:
        """The status now."""
        stream_id = caller.stream_id_of(request)

        async def read(client: Client) -> Response | None:
            row = await caller.stream_of(self._context, client, stream_id)
            return json_response(streams.status_response(row.public_id, row.status, row.status_reason))

        return await caller.answer(self._context, request, read)

    async def post(self, request: Request) -> Response:
        """Another one. What waits in a stream that is disabled is dropped."""
        body: StatusBody = streams.read(await request.body(caller.BODY_LIMIT), StatusBody)
        reason = streams.check_text("reason", body.reason, streams.REASON_LIMIT)
        caller.check_readable("reason", reason)

        async def change(client: Client) -> Response | None:
            row = await caller.stream_of(self._context, client, body.stream_id)
            own = {"id": row.id, "application_id": client.application_id, "version": client.version}
            told = caller.step(
                Tag.STREAM_CHANGED, self._context, request, client, stream=row.public_id, status=body.status.value
            )
            dropped = [DROP_WAITING(id=row.id)] if body.status is Status.DISABLED else []
            changed = SET_STATUS(status=body.status.value, reason=reason, **own)
            if await self._context.platform.write(changed, told, *dropped) is None:
                return None
            return json_response(streams.status_response(row.public_id, body.status.value, reason))

        return await caller.answer(self._context, request, change)


class VerificationEndpoint:
    """`POST /oauth2/ssf/verify`: an event by which a receiver sees that events arrive."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def post(self, request: Request) -> Response:
        """Let one wait, with the receiver's `state` in it; 429 where the last one is less than a minute old."""
        body: VerificationBody = streams.read(await request.body(caller.BODY_LIMIT), VerificationBody)
        state = streams.check_text("state", body.state, streams.STATE_LIMIT)

        async def verify(client: Client) -> Response | None:
            row = await caller.stream_of(self._context, client, body.stream_id)
            now = self._context.now_ms() // 1000
            if row.verified_at > now - VERIFICATION_INTERVAL:
                raise _too_soon(row, now)
            asked = ASK_TO_VERIFY(
                id=row.id,
                application_id=client.application_id,
                version=client.version,
                now=now,
                before=now - VERIFICATION_INTERVAL,
            )
            event = ADD_SIGNAL(
                now=now,
                stream_id=row.id,
                jti=secrets.token_hex(16),
                kind=Kind.VERIFICATION.value,
                detail=encode_json({"state": state} if state else {}).decode(),
                txn=request.id,
            )
            # A stream that is disabled holds nothing for later (§8.1.2.1), this neither.
            steps = () if row.status == Status.DISABLED else (event,)
            if await self._context.platform.write(asked, *steps) is None:
                return None
            return Response(204, b"", [(b"cache-control", b"no-store")])

        return await caller.answer(self._context, request, verify)


def _too_soon(row: StreamRow, now: int) -> OAuthError:
    wait = row.verified_at + VERIFICATION_INTERVAL - now
    return OAuthError(
        "rate_limit_exceeded",
        f"A verification event can be asked for once in {VERIFICATION_INTERVAL} s. Try again in {wait} s.",
        status=429,
        fixer=Fixer.RETRY,
        rule="SSF §8.1.4.2 min_verification_interval",
        received=f"{now - row.verified_at} s after the last one",
        expected=f"{VERIFICATION_INTERVAL} s",
        headers=((b"retry-after", b"%d" % wait),),
    )
