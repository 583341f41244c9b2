"""The state of one authorization, read once a request and handed on: request, client, person, and what they gave before."""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from django.conf import settings

from varco import catalog, clock
from varco.accounts.models import User
from varco.grants import id_token_hint, interactions, queries, services
from varco.grants.consent_request import ConsentRequest, consent_request_of
from varco.grants.interactions import StoredRequest
from varco.grants.models import Consent, Interaction
from varco.people import second_factor
from varco.portal.authorize.response import AuthorizationRefused, RedirectTarget
from varco.portal.common import sign_in
from varco.portal.common.request import PortalRequest
from varco.protocol import authorization_request
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.authorization_step import AuthorizationFacts
from varco.protocol.claims import expects
from varco.protocol.client import Client
from varco.protocol.errors import OAuthError, invalid_request
from varco.protocol.parameters import Parameters
from varco.registry import queries as registry
from varco.registry.models import Application
from varco.tenants.models import Tenant


class CheckedRequest(NamedTuple):
    """An authorization request that passed every rule, whose it is, and where its answer goes."""

    application: Application
    client: Client
    target: RedirectTarget
    request: AuthorizationRequest


def check_request(parameters: Parameters, *, pushed: bool = False) -> CheckedRequest:
    """Read the client of a request and apply every rule to it (OpenID Connect Core §3.1.2.2). Raises `AuthorizationRefused`."""
    application, client = _client_of(parameters)
    try:
        redirect_uri, _ = authorization_request.redirect_uri_of(parameters, client)
    except OAuthError as refusal:
        raise AuthorizationRefused(refusal, application_id=application.pk) from None
    response_state, mode = authorization_request.state_and_mode(parameters)
    target = RedirectTarget(application.pk, client.name, redirect_uri, response_state, mode)
    scopes = catalog.current().scopes
    try:
        request = authorization_request.parse(
            parameters, client, scopes, audiences={settings.VARCO.api_url}, pushed=pushed
        )
        _check_id_token_hint(request)
    except OAuthError as refusal:
        raise AuthorizationRefused(refusal, target) from None
    return CheckedRequest(application, client, target, request)


def _client_of(parameters: Parameters) -> tuple[Application, Client]:
    try:
        client_id = authorization_request.client_id_of(parameters)
        application = registry.application(client_id)
        if application is None or application.live_revision is None:
            raise authorization_request.unknown_client(client_id)
    except OAuthError as refusal:
        raise AuthorizationRefused(refusal) from None
    return application, registry.client_of(application)


def _check_id_token_hint(request: AuthorizationRequest) -> None:
    """OpenID Connect Core §3.1.2.1 id_token_hint: three segments; what they say is looked at when somebody is signed in."""
    if request.id_token_hint and request.id_token_hint.count(".") != 2:
        raise invalid_request(
            "id_token_hint is not an ID token.",
            rule="OpenID Connect Core §3.1.2.1 id_token_hint",
            received=f"{len(request.id_token_hint)} characters",
            expected="an ID token of this server",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationState(AuthorizationFacts):
    """What the next step is decided from, and everything a page of it shows."""

    interaction: Interaction
    stored: StoredRequest
    application: Application
    target: RedirectTarget
    consent_request: ConsentRequest
    user: User | None
    tenant: Tenant | None  # the clinic the person acts for
    consent: Consent | None  # what the person accepted or refused before

    @property
    def handle(self) -> str:
        """The interaction's name in addresses."""
        return interactions.handle(self.interaction)


def load_state(http: PortalRequest, interaction: Interaction) -> AuthorizationState:
    """The state of an interaction in this browser; its request is checked again. Raises `AuthorizationRefused`."""
    stored = interactions.stored_request(interaction)
    return state_of(http, interaction, stored, check_request(stored.parameters(), pushed=stored.pushed))


def state_of(
    http: PortalRequest, interaction: Interaction, stored: StoredRequest, checked: CheckedRequest
) -> AuthorizationState:
    """The state of an interaction whose request was checked just now."""
    application, client, target, request = checked
    if stored.dpop_jkt:
        request = msgspec.structs.replace(request, dpop_jkt=stored.dpop_jkt)
    user = http.user if isinstance(http.user, User) else None
    person = queries.eligibility_of(user, application) if user else None
    tenant = person.tenant if person else None
    consent_request = consent_request_of(client, request.scope, request.claims)
    consent = queries.consent(user, tenant, application) if user else None
    return AuthorizationState(
        interaction=interaction,
        stored=stored,
        application=application,
        client=client,
        target=target,
        request=request,
        consent_request=consent_request,
        user=user,
        email=user.email if user else "",
        tenant=tenant,
        ineligible=person.ineligible if person else None,
        consent=consent,
        consent_covers=services.covers(consent, consent_request),
        account_chosen=user is not None and stored.chosen == user.public_id,
        lacks_second_step=user is not None and second_factor.is_missing(user),
        expected_account=user is None or _is_expected(request, user),
        now_ms=clock.now_ms(),
        began_ms=stored.began_ms,
        signed_in_ms=sign_in.at_ms(http) if user else None,
    )


def _is_expected(request: AuthorizationRequest, user: User) -> bool:
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
