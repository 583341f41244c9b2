"""The device authorization endpoint (RFC 8628 §3.1)."""

import hashlib
import secrets

from varco.gate.core import Core
from varco.gate.http import Request, Response, json_response
from varco.gate.oauth import admission
from varco.gate.refused import unavailable
from varco.gate.store import statements as sql
from varco.protocol import device
from varco.protocol.client import Client

CODE_PREFIX = "vdc."
USER_CODE_TRIES = 5
"""A user code drawn twice is so rare that a second draw will do; more would mean that something else is wrong."""


class DeviceAuthorizationEndpoint:
    """`POST /oauth2/device_authorization`: a device asks for a code that a person types in elsewhere."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._audiences = (core.settings.api_url,)

    async def post(self, request: Request) -> Response:
        """A device code for the device and a user code for the person; scopes are fixed from here on. Raises `Refusal`."""
        core = self._core
        parameters = await admission.form(core, request)
        given = admission.credentials_of(request, parameters)

        async def begin(client: Client) -> Response:
            wish = device.parse(parameters, client, core.catalog.scopes, audiences=self._audiences)
            return await self._begin(request, client, wish)

        return await admission.decide(core, request, given, begin, anew=True)

    async def _begin(self, request: Request, client: Client, wish: device.DeviceAuthorization) -> Response:
        core = self._core
        now = core.now_ms() // 1000
        device_code = CODE_PREFIX + secrets.token_urlsafe(32)
        for _ in range(USER_CODE_TRIES):
            user_code = device.user_code(secrets.randbelow(device.USER_CODES))
            values = (
                secrets.randbits(62) | (1 << 62),
                hashlib.sha256(device_code.encode()).hexdigest(),
                user_code,
                client.application_id,
                " ".join(wish.scope),
                " ".join(wish.resource),
                wish.code_challenge,
                request.ip[:45],
                _user_agent(request),
                device.INTERVAL,
                now,
                now + device.LIFETIME,
            )
            if await core.platform.write((sql.ADD_DEVICE, values)):
                return json_response(device.response(device_code, user_code, issuer=core.settings.issuer))
        raise unavailable()


def _user_agent(request: Request) -> str:
    """What the device calls itself, to be shown to the person; it may say anything."""
    text = request.header(b"user-agent") or ""
    return "".join(character for character in text if character.isprintable())[:200]
