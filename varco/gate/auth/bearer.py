"""Access tokens of requests, and the caller each speaks for: which software, which person, of which tenant, with which rights.

What the token stands on (grant, user, membership, tenant, application) is read on every request, so that a revocation bites
on the next one (S21).
"""

from functools import lru_cache
from typing import NamedTuple

from varco.audit.event import Subject
from varco.gate.auth.request_proof import request_proof
from varco.gate.context import GateContext
from varco.gate.http import Request
from varco.gate.records import grant_record
from varco.gate.store.sql.grants import GRANT_OF_ID, LIVENESS
from varco.protocol import dpop
from varco.protocol.access_token import AccessClaims, check_access
from varco.protocol.claims import Person, TenantFacts
from varco.protocol.client import Client
from varco.protocol.client_authentication import scheme_of
from varco.protocol.errors import Fixer, OAuthError, invalid_dpop_proof, invalid_request, invalid_token
from varco.protocol.grant import GrantState, check_eligibility


class Caller(NamedTuple):
    """Who is asking, as of this request."""

    client: Client
    grant_id: int
    person: Person
    tenant: TenantFacts
    database: str
    token_scopes: frozenset[str]
    granted_scopes: frozenset[str]
    claims: frozenset[str]
    permissions: frozenset[str]
    tenant_allows: bool
    temporary: bool  # whether the membership has an end, as an integrator user's has (S4)

    @property
    def scopes(self) -> frozenset[str]:
        """What holds now: of the token's scopes those still granted and still approved for the application."""
        return self.token_scopes & self.granted_scopes & self.client.scopes.keys()

    @property
    def subject(self) -> Subject:
        """The caller as the audit tells it."""
        client, person = self.client, self.person
        return Subject(client.application_id, client.name, person.sub, self.tenant.id, person.name)


@lru_cache(maxsize=2048)
def names(text: str) -> frozenset[str]:
    """The names of a space-separated column; the same few texts come again and again."""
    return frozenset(text.split())


def bearer_token(request: Request, posted: str | None = None) -> tuple[str, bool]:
    """The one access token of a request, in the Authorization header or `posted` in a form body (RFC 6750 §2.1, §2.2).

    Also whether it came with the scheme DPoP (RFC 9449 §7.1).

    Raises `OAuthError`: 401 without an error code when there is none, invalid_request when there are two.
    """
    headers = request.header_values(b"authorization")
    if len(headers) + (posted is not None) > 1 or b"access_token=" in request.query:
        raise invalid_request(
            "Send the access token once, in the Authorization header.",
            rule="RFC 6750 §2 one token, never in the address",
            received="an access token in the address" if b"access_token=" in request.query else "more than one token",
            expected="one Authorization header",
        )
    if posted is not None:
        return posted, False
    scheme, _, token = headers[0].partition(" ") if headers else ("", "", "")
    token = token.strip(" ")
    if not token or scheme.lower() not in {"bearer", "dpop"}:
        raise OAuthError(
            "token_required",
            "This address needs an access token: send the header Authorization: Bearer and the token, or DPoP for a bound one.",
            status=401,
            rule="RFC 6750 §3.1 no token",
            received=scheme_of(headers[0]) if headers else "no Authorization header",
            expected="Authorization: Bearer, or DPoP",
        )
    return token, scheme.lower() == "dpop"


class Bearer:
    """Checks tokens for one gate."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def caller(self, request: Request, token: str, dpop_scheme: bool) -> Caller:
        """The caller a token speaks for, as `bearer_token` found it. Raises `OAuthError` (invalid_token, 401)."""
        context = self._context
        now_ms = context.now_ms()
        now = now_ms // 1000
        request.dpop = dpop_scheme
        claims = await context.access_tokens.claims(token, now_ms)
        request.client_id = claims.client_id  # before it is refused, so that its developer finds it in the trace
        check_access(claims, issuer=context.settings.issuer, audience=context.settings.api_url, now=now)
        if claims.cnf or dpop_scheme:
            await self._prove(request, token, claims.jkt)
        grant_id = int(claims.gid)
        row = await context.platform.one(LIVENESS(grant_id=grant_id, now=now))
        if row is None:
            raise await self._why_not(request, claims, now)
        if (row.sub, row.tenant, row.client_id) != (claims.sub, claims.tenant, claims.client_id):
            raise await self._why_not(request, claims, now)
        client = context.clients.kept(row.client_id)
        if client is None or client.version != row.version:
            client = await context.clients.fresh(row.client_id)
        if client is None:
            raise await self._why_not(request, claims, now)
        request.application_id = client.application_id
        return Caller(
            client,
            grant_id,
            Person(
                sub=row.sub,
                given_name=row.given_name,
                family_name=row.family_name,
                locale=row.language,
                updated_at=row.user_updated_at,
                email=row.email,
                email_verified=bool(row.email_verified),
            ),
            TenantFacts(row.tenant, row.tenant_name),
            row.database,
            names(claims.scope),
            names(row.scopes),
            names(row.claims),
            names(row.permissions),
            bool(row.tenant_allows),
            row.membership_ends is not None,
        )

    async def _prove(self, request: Request, token: str, bound_to: str) -> None:
        """RFC 9449 §7: a bound token needs the proof of its key, and a proof needs a bound token. Raises `OAuthError`."""
        proof = None
        if request.dpop:
            proof = request_proof(self._context, request, access_token=token, status=401)
            if proof.proof is None:
                raise invalid_dpop_proof(
                    "The scheme DPoP needs a proof in the header DPoP.",
                    rule="RFC 9449 §7.1 proof",
                    status=401,
                    received="no DPoP header",
                    expected="a DPoP proof",
                )
        request.dpop = True  # whatever is refused is told in this scheme
        dpop.check_binding(bound_to, proof.proof if proof else None)
        if proof is not None:
            await proof.use_up()

    async def _why_not(self, request: Request, claims: AccessClaims, now: int) -> OAuthError:
        """What of all that a token stands on has gone: for the developer's trace."""
        row = await self._context.platform.one(GRANT_OF_ID(id=int(claims.gid)))
        received, expected, fixer = "a token of no grant", "a live grant", Fixer.PERSON
        if row is not None:
            request.application_id = row.application_id
            record = grant_record(row)
            received = f"grant {record.state}: {record.end_reason}".rstrip(": ")
            if row.application_state != "active":
                received, expected = f"application {row.application_state}", "application active"
                fixer = Fixer.ADMINISTRATOR
            elif record.state == GrantState.ACTIVE and record.expires_at <= now:
                received = f"grant expired {now - record.expires_at} s ago"
            elif record.state == GrantState.ACTIVE:
                try:
                    check_eligibility(record, now)
                except OAuthError as refusal:
                    received, expected, fixer = refusal.received, refusal.expected, refusal.fixer
        return invalid_token(
            "The access behind this token has ended.",
            rule="S21 what the token stands on",
            fixer=fixer,
            received=received,
            expected=expected,
        )
