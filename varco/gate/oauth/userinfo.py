"""The UserInfo endpoint of OpenID Connect (Core §5.3), by GET and POST."""

from typing import Any

from varco.gate.bearer import Bearer, token_of
from varco.gate.core import Core
from varco.gate.http import Request, Response, encode_json, json_response, unstored
from varco.gate.limits import exceeded
from varco.gate.refused import Refused, unavailable
from varco.protocol.client import Client
from varco.protocol.parameters import FORM, parse_form
from varco.protocol.refusal import Fixer
from varco.protocol.tokens import USERINFO_TYP, signed_userinfo_claims, userinfo_claims


class UserInfoEndpoint:
    """`/oauth2/userinfo`: `sub` and the granted claim groups, for tokens with the scope `openid`; JSON, or a JWT."""

    def __init__(self, core: Core, bearer: Bearer) -> None:
        self._core = core
        self._bearer = bearer

    async def get(self, request: Request) -> Response:
        """Answer a token in the Authorization header."""
        return await self._answer(request, token_of(request))

    async def post(self, request: Request) -> Response:
        """Answer a token in the Authorization header, or in a form body (RFC 6750 §2.2)."""
        body = await request.body(self._core.settings.body_limit)
        content_type = request.header(b"content-type")
        posted = None
        if (content_type or "").partition(";")[0].strip().lower() == FORM:
            posted = parse_form(content_type, body).get("access_token")
        return await self._answer(request, token_of(request, posted))

    async def _answer(self, request: Request, token: str) -> Response:
        core = self._core
        caller = await self._bearer.caller(request, token)
        budget = core.limits.count(caller.client.client_id, core.now_ms())
        if not budget.allowed:
            raise exceeded(budget)
        if "openid" not in caller.scopes:
            raise Refused(
                "insufficient_scope",
                "The token was not granted the scope openid.",
                status=403,
                rule="OpenID Connect Core §5.3.1 openid",
                received=" ".join(sorted(caller.scopes)),
                expected="openid",
                extra={"required": "openid"},
            )
        if not caller.tenant_allows:
            raise Refused(
                "invalid_token",
                "This application may not be used at this medical centre.",
                status=401,
                rule="S19 tenant policy",
                fixer=Fixer.MANAGER,
                received="blocked by the medical centre, or not among those the application is for",
                expected="an application the medical centre allows",
            )
        claims = userinfo_claims(caller.person, caller.tenant, caller.claims & caller.client.claims)
        return self._signed(claims, caller.client) if caller.client.userinfo_alg else json_response(claims)

    def _signed(self, claims: dict[str, Any], client: Client) -> Response:
        """The claims as a JWT, for a client that registered an algorithm for it (§5.3.2)."""
        core = self._core
        now = core.now_ms() // 1000
        signer = core.keyring.signer(client.userinfo_alg, USERINFO_TYP, now)
        if signer is None:
            raise unavailable(5)
        signed = signed_userinfo_claims(claims, issuer=core.settings.issuer, client_id=client.client_id, now=now)
        return unstored(signer.sign(encode_json(signed)).encode(), b"application/jwt")
