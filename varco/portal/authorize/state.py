"""One interaction as it stands at this moment: read and checked again at every step."""

from dataclasses import dataclass

import msgspec
from django.conf import settings
from django.http import HttpRequest

from varco import catalog, clock
from varco.accounts.models import User
from varco.grants import id_token_hint, interactions, queries, services
from varco.grants.consent_request import ConsentRequest, consent_request_of
from varco.grants.interactions import StoredRequest
from varco.grants.models import Consent, Interaction
from varco.grants.queries import Standing
from varco.portal.authorize.next_step import Situation
from varco.portal.authorize.response import RedirectTarget
from varco.portal.common import sign_in
from varco.protocol import authorization_request
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.claims import expects
from varco.protocol.client import Client
from varco.protocol.errors import OAuthError, invalid_request
from varco.protocol.parameters import Parameters
from varco.registry import queries as registry


class NotRedirectable(Exception):  # noqa: N818 - it is an answer, not a failure
    """A refusal that must be shown on a page, since client or redirect URI cannot be trusted."""

    def __init__(self, refusal: OAuthError, client: Client | None = None) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.application_id = client.application_id if client else None


class Redirectable(Exception):  # noqa: N818 - the same
    """A refusal that goes back to the client."""

    def __init__(self, refusal: OAuthError, way: RedirectTarget) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.way = way


def client_and_way(parameters: Parameters) -> tuple[Client, RedirectTarget]:
    """Whom the request is of, and where its answer may go. Raises `NotRedirectable`."""
    client = None
    try:
        client_id = authorization_request.client_id_of(parameters)
        client = registry.client(client_id)
        if client is None:
            raise authorization_request.unknown_client(client_id)
        redirect_uri, _ = authorization_request.redirect_uri_of(parameters, client)
    except OAuthError as refusal:
        raise NotRedirectable(refusal, client) from None
    state, mode = authorization_request.state_and_mode(parameters)
    return client, RedirectTarget(client.application_id, client.name, redirect_uri, state, mode)


def checked(
    parameters: Parameters, client: Client, way: RedirectTarget, *, pushed: bool = False
) -> AuthorizationRequest:
    """The request, every rule applied. Raises `Redirectable`."""
    audiences = {settings.VARCO.api_url}
    scopes = catalog.current().scopes
    try:
        request = authorization_request.parse(parameters, client, scopes, audiences=audiences, pushed=pushed)
        _check_hint(request)
    except OAuthError as refusal:
        raise Redirectable(refusal, way) from None
    return request


def _check_hint(request: AuthorizationRequest) -> None:
    """OpenID Connect Core §3.1.2.1 id_token_hint: three segments; what they say is looked at when somebody is signed in."""
    if request.id_token_hint and request.id_token_hint.count(".") != 2:
        raise invalid_request(
            "id_token_hint is not an ID token.",
            rule="OpenID Connect Core §3.1.2.1 id_token_hint",
            received=f"{len(request.id_token_hint)} characters",
            expected="an ID token of this server",
        )


@dataclass(frozen=True, slots=True)
class AuthorizationState:
    """What the next step is decided from, and everything a page of it shows."""

    interaction: Interaction
    asked: StoredRequest
    client: Client
    way: RedirectTarget
    request: AuthorizationRequest
    ask: ConsentRequest
    user: User | None
    standing: Standing | None
    consent: Consent | None
    situation: Situation


def load(http: HttpRequest, interaction: Interaction) -> AuthorizationState:
    """The case of an interaction in this browser. Raises `NotRedirectable` and `Redirectable`."""
    asked = interactions.stored_request(interaction)
    parameters = asked.parameters()
    client, way = client_and_way(parameters)
    request = checked(parameters, client, way, pushed=asked.pushed)
    if asked.dpop_jkt:
        request = msgspec.structs.replace(request, dpop_jkt=asked.dpop_jkt)
    ask = consent_request_of(client, request.scope, request.claims)
    user = http.user if isinstance(http.user, User) else None
    standing = queries.standing(user, client.application_id) if user else None
    consent = queries.consent(standing, client.application_id) if standing else None
    situation = Situation(
        request=request,
        now_ms=clock.now_ms(),
        began_ms=asked.began_ms,
        signed_in_ms=sign_in.at_ms(http) if user else None,
        account_chosen=user is not None and asked.chosen == user.public_id,
        expected_account=user is None or _expected(request, user),
        barrier=standing.barrier if standing else None,
        consent_covers=services.covers(consent, ask),
        native=client.type == "native",
    )
    return AuthorizationState(interaction, asked, client, way, request, ask, user, standing, consent, situation)


def _expected(request: AuthorizationRequest, user: User) -> bool:
    """Whether this is whom the application asked for: by a `sub` in `claims` (§3.1.2.2), or by `id_token_hint` (§3.1.2.1)."""
    if not expects(request.claims, user.public_id):
        return False
    if not request.id_token_hint:
        return True
    hint = id_token_hint.read(request.id_token_hint)
    # A hint that cannot be read tells nothing; it is no reason to keep a person out, unless no page may be shown.
    if hint is None:
        return "none" not in request.prompt
    return hint.aud == request.client_id and hint.sub == user.public_id
