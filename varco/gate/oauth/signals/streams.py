"""The configuration of a stream (SSF 1.0 §8.1.1)."""

import secrets

from msgspec import UNSET

from varco import sealing
from varco.audit.tags import Tag
from varco.gate.context import GateContext
from varco.gate.http import Request, Response, json_response
from varco.gate.oauth.signals import caller
from varco.gate.store import BoundStatement, DuplicateError
from varco.gate.store.sql.signals import ADD_STREAM, CHANGE_STREAM, REMOVE_EVENTS, REMOVE_STREAM, STREAM, StreamRow
from varco.protocol.client import Client
from varco.protocol.errors import OAuthError, invalid_request
from varco.protocol.signals import events, streams
from varco.protocol.signals.streams import Standing, StreamBody, StreamSettings

PURPOSE = "signal-authorization"
"""As `varco.signals.models` has it."""


class StreamsEndpoint:
    """`/oauth2/ssf/streams`: an application's one stream is made, read, changed, replaced and removed."""

    def __init__(self, context: GateContext) -> None:
        self._context = context
        self._issuer = context.settings.issuer

    async def get(self, request: Request) -> Response:
        """The stream that is named, or all there are, which is one or none."""
        stream_id = caller.stream_id_of(request)

        async def read(client: Client) -> Response | None:
            if stream_id is not None:
                return self._response(client, await caller.stream_of(self._context, client, stream_id))
            row = await self._context.platform.one(STREAM(application_id=client.application_id))
            return json_response([] if row is None else [self._configuration(client, row)])

        return await caller.answer(self._context, request, read)

    async def post(self, request: Request) -> Response:
        """Make the stream; 409 where there is one."""
        body = await self._body(request)

        async def make(client: Client) -> Response | None:
            streams.check_supplied(body, issuer=self._issuer, client_id=client.client_id)
            settings, stream_id = streams.settings_of(body), f"str-{secrets.token_hex(12)}"
            added = ADD_STREAM(
                application_id=client.application_id,
                version=client.version,
                public_id=stream_id,
                now=self._context.now_ms() // 1000,
                **self._columns(settings, stream_id, b""),
            )
            record = self._record(Tag.STREAM_CREATED, request, client, stream_id, settings)
            try:
                if await self._context.platform.write(added, record) is None:
                    return None
            except DuplicateError:
                raise _there_already() from None
            standing = Standing(stream_id=stream_id, client_id=client.client_id, settings=settings)
            return json_response(streams.configuration(self._issuer, standing), 201)

        return await caller.answer(self._context, request, make)

    async def patch(self, request: Request) -> Response:
        """Change what the request names (§8.1.1.3)."""
        return await self._change(request, whole=False)

    async def put(self, request: Request) -> Response:
        """Set all of it anew: what the request leaves out is as of a new stream (§8.1.1.4)."""
        return await self._change(request, whole=True)

    async def _change(self, request: Request, *, whole: bool) -> Response:
        body = await self._body(request)
        if not isinstance(body.stream_id, str):
            raise _unnamed()
        stream_id = body.stream_id

        async def change(client: Client) -> Response | None:
            row = await caller.stream_of(self._context, client, stream_id)
            streams.check_supplied(body, issuer=self._issuer, client_id=client.client_id, stream_id=stream_id)
            before = _settings(row)
            wanted = streams.settings_of(body, None if whole else before)
            kept = row.sealed_authorization if body.delivery is UNSET and not whole else b""
            changed = CHANGE_STREAM(
                id=row.id,
                application_id=client.application_id,
                version=client.version,
                **self._columns(wanted, stream_id, kept),
            )
            record = self._record(Tag.STREAM_CHANGED, request, client, stream_id, wanted)
            if await self._context.platform.write(changed, record) is None:
                return None
            now = Standing(stream_id=stream_id, client_id=client.client_id, settings=wanted, status=row.status)
            return json_response(streams.configuration(self._issuer, now))

        return await caller.answer(self._context, request, change)

    async def delete(self, request: Request) -> Response:
        """Remove the stream, with all that waits in it (§8.1.1.5)."""
        stream_id = caller.stream_id_of(request)
        if stream_id is None:
            raise _unnamed()

        async def remove(client: Client) -> Response | None:
            row = await caller.stream_of(self._context, client, stream_id)
            own = {"id": row.id, "application_id": client.application_id, "version": client.version}
            record = caller.step(Tag.STREAM_REMOVED, self._context, request, client, stream=stream_id)
            await self._context.platform.write(REMOVE_EVENTS(**own), REMOVE_STREAM(**own), record)
            return Response(204, b"", [(b"cache-control", b"no-store")])

        return await caller.answer(self._context, request, remove)

    async def _body(self, request: Request) -> StreamBody:
        body: StreamBody = streams.read(await request.body(caller.BODY_LIMIT), StreamBody)
        if isinstance(body.description, str):
            caller.check_readable("description", body.description)
        return body

    def _columns(self, settings: StreamSettings, stream_id: str, kept: bytes) -> dict[str, object]:
        sealed = kept
        if settings.authorization:
            sealed = sealing.seal(self._context.masters, PURPOSE, settings.authorization.encode(), stream_id.encode())
        return {
            "method": settings.method,
            "endpoint_url": settings.endpoint_url,
            "sealed_authorization": sealed,
            "requested": " ".join(settings.requested),
            "delivered": " ".join(events.delivered(settings.requested)),
            "description": settings.description,
        }

    def _record(
        self, tag: Tag, request: Request, client: Client, stream_id: str, settings: StreamSettings
    ) -> BoundStatement[None]:
        return caller.step(
            tag, self._context, request, client, stream=stream_id, method=settings.method, address=settings.endpoint_url
        )

    def _configuration(self, client: Client, row: StreamRow) -> dict[str, object]:
        standing = Standing(
            stream_id=row.public_id, client_id=client.client_id, settings=_settings(row), status=row.status
        )
        return streams.configuration(self._issuer, standing)

    def _response(self, client: Client, row: StreamRow) -> Response:
        return json_response(self._configuration(client, row))


def _settings(row: StreamRow) -> StreamSettings:
    """What a receiver has set, but for the proof that its pushes carry."""
    return StreamSettings(
        method=row.method,
        endpoint_url=row.endpoint_url,
        requested=tuple(row.requested.split()),
        description=row.description,
    )


def _there_already() -> OAuthError:
    return OAuthError(
        "stream_exists",
        "The application has a stream already, and can have one. Change that one, or delete it first.",
        status=409,
        rule="SSF §8.1.1.1 one stream",
        received="a second stream",
        expected="PATCH or PUT of the one there is",
    )


def _unnamed() -> OAuthError:
    return invalid_request(
        "The request does not name its stream. Send stream_id.",
        rule="SSF §8.1.1 stream_id",
        received="no stream_id",
        expected="stream_id",
    )
