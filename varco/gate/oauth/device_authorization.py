"""The device authorization endpoint (RFC 8628 §3.1)."""

import hashlib
import secrets

from varco.gate.core import Core
from varco.gate.http import Request, Response, json_response
from varco.gate.oauth import admission
from varco.gate.store import statements as sql
from varco.protocol import device
from varco.protocol.client import Client

CODE_PREFIX = "vdc."


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

        async def begin(client: Client) -> Response | None:
            wish = device.parse(parameters, client, core.catalog.scopes, audiences=self._audiences)
            return await self._begin(request, client, wish)

        return await admission.decide(core, request, given, begin)

    async def _begin(self, request: Request, client: Client, wish: device.DeviceAuthorization) -> Response | None:
        """None when the client changed meanwhile, or when the user code is taken: drawn twice is so rare that a new try will do."""
        core = self._core
        now = core.now_ms() // 1000
        device_code = CODE_PREFIX + secrets.token_urlsafe(32)
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
            client.version,
        )
        if await core.platform.write((sql.ADD_DEVICE, values)) is None:
            return None
        return json_response(device.response(device_code, user_code, issuer=core.settings.issuer))


def _user_agent(request: Request) -> str:
    """What the device calls itself, to be shown to the person; it may say anything."""
    text = request.header(b"user-agent") or ""
    return "".join(character for character in text if character.isprintable())[:200]
