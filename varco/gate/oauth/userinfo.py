"""The UserInfo endpoint of OpenID Connect (Core §5.3), by GET and POST."""

from typing import Any

from varco.gate.auth.bearer import Bearer, bearer_token
from varco.gate.context import GateContext
from varco.gate.errors import unavailable
from varco.gate.http import Request, Response, encode_json, json_response, unstored
from varco.gate.rate_limit import too_many_requests
from varco.protocol.client import Client
from varco.protocol.eligibility import Ineligible
from varco.protocol.errors import insufficient_scope, invalid_token
from varco.protocol.grant import explanation
from varco.protocol.parameters import FORM, parse_form
from varco.protocol.scope import OPENID
from varco.protocol.tokens import USERINFO_TYP, signed_userinfo_claims, userinfo_claims


class UserInfoEndpoint:
    """`/oauth2/userinfo`: `sub` and the granted claim groups, for tokens with the scope `openid`; JSON, or a JWT."""

    def __init__(self, context: GateContext, bearer: Bearer) -> None:
        self._context = context
        self._bearer = bearer

    async def get(self, request: Request) -> Response:
        """Answer a token in the Authorization header."""
        return await self._response(request, *bearer_token(request))

    async def post(self, request: Request) -> Response:
        """Answer a token in the Authorization header, or in a form body (RFC 6750 §2.2)."""
        body = await request.body(self._context.settings.body_limit)
        content_type = request.header(b"content-type")
        posted = None
        if (content_type or "").partition(";")[0].strip().lower() == FORM:
            posted = parse_form(content_type, body).get("access_token")
        return await self._response(request, *bearer_token(request, posted))

    async def _response(self, request: Request, token: str, dpop_scheme: bool) -> Response:
        context = self._context
        caller = await self._bearer.caller(request, token, dpop_scheme)
        budget = context.rate_limits.count(caller.client.client_id, context.now_ms())
        if not budget.allowed:
            raise too_many_requests(budget)
        if OPENID not in caller.scopes:
            raise insufficient_scope(
                "The token was not granted the scope openid.",
                rule="OpenID Connect Core §5.3.1 openid",
                received=" ".join(sorted(caller.scopes)),
                scope=OPENID,
            )
        if not caller.tenant_allows:
            words = explanation(Ineligible.APPLICATION_BLOCKED)
            raise invalid_token(
                words.description,
                rule=words.rule,
                fixer=words.fixer,
                received=words.received,
                expected=words.expected,
            )
        claims = userinfo_claims(caller.person, caller.tenant, caller.claims & caller.client.claims)
        return self._signed(claims, caller.client) if caller.client.userinfo_alg else json_response(claims)

    def _signed(self, claims: dict[str, Any], client: Client) -> Response:
        """The claims as a JWT, for a client that registered an algorithm for it (§5.3.2)."""
        context = self._context
        now = context.now_ms() // 1000
        signer = context.keyring.signer(client.userinfo_alg, USERINFO_TYP, now)
        if signer is None:
            raise unavailable(5)
        signed = signed_userinfo_claims(claims, issuer=context.settings.issuer, client_id=client.client_id, now=now)
        return unstored(signer.sign(encode_json(signed)).encode(), b"application/jwt")
