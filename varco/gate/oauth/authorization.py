"""The authorization request that needs no page: somebody is signed in and has accepted everything before (decision 51).

It is answered here with what the portal would answer; whatever else a request may come to is the portal's, which begins anew.
So nothing is refused here, and nothing is told but a code.
"""

import datetime as dt
import re
import time
from typing import Any, NamedTuple

from varco import sealing
from varco.accounts import browser_session
from varco.accounts.browser_session import SignIn
from varco.audit.event import Subject
from varco.audit.tags import Tag
from varco.catalog import LANGUAGES
from varco.gate import audit
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.records import remembered_facts
from varco.gate.store import StatementError, StoreUnavailable
from varco.gate.store.sql.authorization import ADD_CODE, REMEMBERED, RememberedRow
from varco.grants.consent_request import ConsentDecision, consent_request_of
from varco.grants.identifiers import new_code, new_grant_id
from varco.page_headers import CONFINING, UNLESS_SAID, content_security_policy
from varco.people.demanding_roles import Post, demanding_role
from varco.protocol import authorization_request, authorization_response, credentials, fapi, parameters
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.authorization_step import AuthorizationFacts, Step, next_step, unmet_acr
from varco.protocol.claims import expects
from varco.protocol.client import Client
from varco.protocol.eligibility import eligibility
from varco.protocol.errors import OAuthError

PATH = "/oauth2/authorize"

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
_HEADERS = [
    (name.lower().encode(), value.encode())
    for name, value in {
        "Content-Type": "text/html; charset=utf-8",
        "Vary": "Accept-Language, Cookie",
        "Content-Security-Policy": content_security_policy(),
        **CONFINING,
        **UNLESS_SAID,
    }.items()
    if name != "X-Content-Type-Options"  # the gate says it always
]


class _Found(NamedTuple):
    """A sound request, and what was read for it."""

    client: Client
    asked: AuthorizationRequest
    row: RememberedRow
    session_key: str
    signed_in_ms: int
    sign_in: SignIn


class RememberedAuthorization:
    """`GET /oauth2/authorize` for whom nothing is left to ask."""

    def __init__(self, context: GateContext) -> None:
        self._context = context
        self._session_cookie = browser_session.session_cookie(https=context.settings.https)
        self._browser_cookie = browser_session.browser_cookie(https=context.settings.https)
        self._secret = sealing.derive(context.masters[0], "django").hex()
        self._audiences = (context.settings.api_url,)

    async def answer(self, request: Request) -> Response | None:
        """The redirect with the code; None where the portal has to look at it."""
        cookie = self._cookie(request)
        if cookie is None or request.method != "GET" or not request.query.isascii():
            return None
        try:
            return await self._answer(request, browser_session.key_of(cookie))
        except (OAuthError, StoreUnavailable, StatementError):
            return None  # the portal finds the same, and says it

    def _cookie(self, request: Request) -> str | None:
        """The cookie of the session; None in a browser that lacks one of ours, which is given it by the portal."""
        sent = request.header_values(b"cookie")
        if len(sent) != 1:
            return None
        found = dict(chunk.strip().partition("=")[::2] for chunk in sent[0].split(";"))
        session, browser = found.get(self._session_cookie, ""), found.get(self._browser_cookie, "")
        return session if _COOKIE.fullmatch(session) and _COOKIE.fullmatch(browser) else None

    async def _answer(self, request: Request, session_key: str) -> Response | None:
        """Raises `OAuthError` for a request that is not sound, and what the store raises."""
        context = self._context
        received = parameters.parse_query(request.query, defer=True)
        client_id = authorization_request.client_id_of(received)
        client = context.clients.kept(client_id) or await context.clients.fresh(client_id)
        if client is None:
            return None
        asked = authorization_request.parse(received, client, context.catalog.scopes, audiences=self._audiences)
        if asked.response_mode != "query" or asked.id_token_hint:
            return None  # a page, and a signature that is the portal's to verify
        row = await context.platform.one(REMEMBERED(session_key=session_key, application_id=client.application_id))
        if row is None:
            return None
        if row.version != client.version:
            await context.clients.fresh(client_id)  # for the next request
            return None
        held = browser_session.opened(context.masters, session_key, row.session_data)
        if not self._stands(row, held):
            return None
        sign_in = browser_session.sign_in_of(held, browser_session.records_of(held, row.user_id))
        found = _Found(client, asked, row, session_key, browser_session.signed_in_ms(held), sign_in)
        accepted = self._accepted(found)
        return await self._issue(request, found, accepted) if accepted else None

    def _stands(self, row: RememberedRow, held: dict[str, Any]) -> bool:
        """Whether the session is a person's who may be signed in, is not over, and is not to be noted as seen again."""
        now = dt.datetime.now(dt.UTC)  # as Django and the list of sessions, not by the clock of the demo
        ends = dt.datetime.fromisoformat(row.session_expires)
        if (ends if ends.tzinfo else ends.replace(tzinfo=dt.UTC)) <= now or row.language not in LANGUAGES:
            return False
        if time.time() - held.get(browser_session.SEEN, 0) > browser_session.SEEN_EVERY:
            return False
        return row.user_active and browser_session.is_of(held, row.user_id, row.password, self._secret)

    def _accepted(self, found: "_Found") -> ConsentDecision | None:
        """What was accepted before, if the next step is to answer with it."""
        client, asked, row = found.client, found.asked, found.row
        now_ms = self._context.now_ms()
        accepted = consent_request_of(client, asked.scope, asked.claims).remembered(row.scopes, row.claims)
        facts = AuthorizationFacts(
            request=asked,
            client=client,
            now_ms=now_ms,
            began_ms=now_ms,
            signed_in_ms=found.signed_in_ms,
            email=row.email,
            account_chosen=False,
            expected_account=expects(asked.claims, row.sub),
            lacks_second_step=self._lacks_second_step(row, now_ms // 1000),
            ineligible=eligibility(remembered_facts(row, client), now_ms // 1000),
            consent_covers=accepted is not None,
        )
        if next_step(facts) is not Step.ISSUE or unmet_acr(asked, found.sign_in.acr):
            return None
        return accepted

    def _lacks_second_step(self, row: RememberedRow, now: int) -> bool:
        if row.has_factor:
            return False
        context = self._context
        role = demanding_role(
            context.settings.second_factor_roles,
            context.catalog,
            now,
            platform_role=row.platform_role,
            is_developer=row.developer_since is not None,
            post=Post(row.role, row.membership_active, row.membership_expires_at, row.tenant_kind == "production"),
        )
        return row.password_is_short or bool(role)

    async def _issue(self, request: Request, found: "_Found", accepted: ConsentDecision) -> Response | None:
        """The answer with the code of a new grant; None where something changed since it was read."""
        client, asked, row, sign_in = found.client, found.asked, found.row, found.sign_in
        context = self._context
        now_ms = context.now_ms()
        code = new_code()
        grant_id = new_grant_id()
        added = ADD_CODE(
            id=grant_id,
            application_id=client.application_id,
            version=client.version,
            tenant_id=row.tenant_id,
            session_key=found.session_key,
            consent_id=row.consent_id,
            consent_scopes=row.scopes,
            consent_claims=row.claims,
            scopes=accepted.scope,
            claims=accepted.claims,
            claims_request=accepted.claims_request,
            now=now_ms // 1000,
            code_hash=credentials.hash_of(code),
            code_expires_at=now_ms // 1000 + fapi.code_lifetime(client, context.settings.code_lifetime),
            redirect_uri=asked.redirect_uri,
            redirect_uri_sent=asked.redirect_uri_sent,
            code_challenge=asked.code_challenge,
            code_challenge_method=asked.code_challenge_method,
            nonce=asked.nonce,
            auth_time=sign_in.auth_time,
            acr=sign_in.acr,
            amr=sign_in.amr,
            sid=sign_in.sid,
            dpop_jkt=asked.dpop_jkt,
        )
        about = Subject(client.application_id, client.name, row.sub, row.tenant, _name(row))
        issued = audit.step(
            Tag.CODE_ISSUED,
            request,
            about,
            now_ms,
            by_user=True,
            grant=str(grant_id),
            scopes=accepted.scopes,
            remembered=True,
        )
        if await context.platform.write(added, issued) is None:
            return None
        request.client_id = client.client_id
        target = authorization_response.success_url(
            asked.redirect_uri, code=code, state=asked.state, issuer=context.settings.issuer
        )
        said = [(b"location", target.encode("latin-1")), (b"content-language", row.language.encode())]
        return Response(303, b"", [*said, *_HEADERS])


def _name(row: RememberedRow) -> str:
    return f"{row.given_name} {row.family_name}".strip() or row.email
