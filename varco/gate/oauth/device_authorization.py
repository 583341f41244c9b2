"""The device authorization endpoint (RFC 8628 §3.1)."""

import secrets

from varco.gate.auth import client_authentication
from varco.gate.context import GateContext
from varco.gate.http import Request, Response, json_response
from varco.gate.store.sql.devices import ADD_DEVICE
from varco.protocol import credentials, device_authorization
from varco.protocol.client import Client


class DeviceAuthorizationEndpoint:
    """`POST /oauth2/device_authorization`: a device asks for a code that a person types in elsewhere."""

    def __init__(self, context: GateContext) -> None:
        self._context = context
        self._audiences = (context.settings.api_url,)

    async def post(self, request: Request) -> Response:
        """A device code for the device and a user code for the person; scopes are fixed from here on. Raises `OAuthError`."""
        context = self._context
        parameters = await client_authentication.posted_form(context, request)
        given = client_authentication.credentials_of(request, parameters)

        async def begin(client: Client) -> Response | None:
            wanted = device_authorization.parse(parameters, client, context.catalog.scopes, audiences=self._audiences)
            return await self._begin(request, client, wanted)

        return await client_authentication.with_authenticated_client(context, request, given, begin)

    async def _begin(
        self, request: Request, client: Client, wanted: device_authorization.DeviceAuthorization
    ) -> Response | None:
        """None when the client changed meanwhile, or when the user code is taken: drawn twice is so rare that a new try will do."""
        context = self._context
        now = context.now_ms() // 1000
        device_code = credentials.DEVICE_CODE + secrets.token_urlsafe(32)
        user_code = device_authorization.user_code(secrets.randbelow(device_authorization.USER_CODES))
        added = ADD_DEVICE(
            id=secrets.randbits(62) | (1 << 62),
            device_code_hash=credentials.hash_of(device_code),
            user_code=device_authorization.stored_user_code(context.user_code_key, user_code),
            application_id=client.application_id,
            version=client.version,
            scopes=str(wanted.scope),
            resource=" ".join(wanted.resource),
            code_challenge=wanted.code_challenge,
            ip=request.ip[:45],
            user_agent=_user_agent(request),
            interval=device_authorization.INTERVAL,
            now=now,
            expires_at=now + device_authorization.LIFETIME,
        )
        if await context.platform.write(added) is None:
            return None
        return json_response(device_authorization.response(device_code, user_code, issuer=context.settings.issuer))


def _user_agent(request: Request) -> str:
    """What the device calls itself, to be shown to the person; it may say anything."""
    text = request.header(b"user-agent") or ""
    return "".join(character for character in text if character.isprintable())[:200]
