"""The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2), parsed once into a typed request.

Faults of client and redirect URI are shown on a page and never redirected (RFC 6749 §4.1.2.1, RFC 9700 §4.11.2); every
other fault goes back to the client with `error`, `state` and `iss`.
"""

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

import msgspec

from varco.protocol import claims as claim_rules
from varco.protocol import pkce, resource_indicators, scope
from varco.protocol import redirect_uri as redirect
from varco.protocol.client import AUTHORIZATION_CODE, REFRESH_TOKEN, Client
from varco.protocol.errors import Fixer, OAuthError, invalid_request, invalid_scope, unauthorized_client
from varco.protocol.parameters import Parameters
from varco.protocol.scope import OFFLINE_ACCESS, OPENID, Scopes

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
RESPONSE_MODES = ("query", "form_post")
MAX_AGE_LIMIT = 10 * 365 * 86400
"""Seconds; anything longer is a mistake and is told as one."""

_NUMBER = re.compile(r"[0-9]{1,12}")
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A sound authorization request; `msgspec.to_builtins` and `msgspec.convert` store and restore it."""

    client_id: str
    redirect_uri: str
    redirect_uri_sent: bool
    response_type: str
    response_mode: str
    scope: tuple[str, ...]
    state: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str = ""
    ui_locales: str = ""
    claims: str = ""
    id_token_hint: str = ""
    acr_values: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    dpop_jkt: str = ""


# --- Before anything may be redirected ------------------------------------------------------------------------------


def client_id_of(parameters: Parameters) -> str:
    """The `client_id` of a request. Raises `OAuthError`, to be shown on a page."""
    if "client_id" in parameters.faults:
        raise parameters.faults["client_id"]
    client_id = parameters.get("client_id")
    if not client_id:
        raise invalid_request(
            "The request does not say which application it is for: client_id is missing.",
            rule="RFC 6749 §4.1.1 client_id",
            received="no client_id",
            expected="client_id",
        )
    return client_id


def unknown_client(client_id: str) -> OAuthError:
    """The refusal of a `client_id` that belongs to no application, to be shown on a page."""
    return invalid_request(
        "No application with this client_id is registered here. Check the client_id on the application's page.",
        rule="RFC 6749 §4.1.2.1 unknown client",
        received=client_id,
        expected="the client_id of an approved application",
    )


def redirect_uri_of(parameters: Parameters, client: Client) -> tuple[str, bool]:
    """The redirect URI to answer to, and whether the request named it. Raises `OAuthError`, to be shown on a page."""
    if not client.usable:
        raise unauthorized_client(
            "This application is not in use at the moment: it was suspended or retired.",
            rule="S16 application in force",
            fixer=Fixer.ADMINISTRATOR,
            received=f"application {client.state}",
            expected="application active",
        )
    if "redirect_uri" in parameters.faults:
        raise parameters.faults["redirect_uri"]
    received = parameters.get("redirect_uri")
    if not received:
        return _only_redirect_uri(client), False
    native = client.type == "native"
    if any(redirect.matches(registered, received, native=native) for registered in client.redirect_uris):
        return received, True
    raise invalid_request(
        "The redirect_uri is not one of those registered for this application. It must be exactly equal to one of them.",
        rule="RFC 9700 §4.1.3 redirect_uri exact match",
        received=received,
        expected=_registered(client),
    )


def _registered(client: Client) -> str:
    return "\n".join(client.redirect_uris) or "no redirect URI is registered"


def _only_redirect_uri(client: Client) -> str:
    """RFC 6749 §3.1.2.3: it may be left out only when exactly one is registered."""
    if len(client.redirect_uris) == 1 and not client.fapi:
        return client.redirect_uris[0]
    raise invalid_request(
        "redirect_uri is missing. Send one of those registered for this application.",
        rule="RFC 6749 §3.1.2.3 redirect_uri",
        received="no redirect_uri",
        expected=_registered(client),
    )


def state_and_mode(parameters: Parameters) -> tuple[str, str]:
    """What an error answer may still echo whatever else is wrong: (state, response_mode). Never raises."""
    mode = parameters.get("response_mode", "query")
    return parameters.get("state", ""), mode if mode in RESPONSE_MODES else "query"


# --- The rules, in the order in which they are told -----------------------------------------------------------------


class RuleInput(NamedTuple):
    """What every rule looks at."""

    parameters: Parameters
    client: Client


def _each_parameter_sound(given: RuleInput) -> None:
    """RFC 6749 §3.1: a repeated, over-long or malformed parameter."""
    for refusal in given.parameters.faults.values():
        raise refusal


def _no_request_object(given: RuleInput) -> None:
    """OpenID Connect Core §6, §7.2.1: refused by name, first, since such a request may hold little else."""
    for name in ("request", "request_uri", "registration"):
        if name in given.parameters:
            raise OAuthError(
                f"{name}_not_supported",
                f"The parameter {name} is not supported here. Send the request's parameters themselves.",
                why="request-objects",
                rule=f"OpenID Connect Core §3.1.2.6 {name}",
                received=name,
                expected="plain parameters",
            )


def _client_has_the_grant_type(given: RuleInput) -> None:
    """RFC 6749 §4.1.2.1: registered for this grant type (S13)."""
    if AUTHORIZATION_CODE not in given.client.grant_types:
        raise unauthorized_client(
            "This application is not registered for the authorization code flow.",
            rule="RFC 6749 §4.1.2.1 unauthorized_client",
            received=AUTHORIZATION_CODE,
            expected=", ".join(sorted(given.client.grant_types)),
        )


def _response_type_is_code(given: RuleInput) -> None:
    """RFC 6749 §3.1.1; implicit and hybrid are left out on purpose (RFC 9700 §2.1.2, S17)."""
    response_type = given.parameters.get("response_type")
    if response_type == "code":
        return
    if not response_type:
        raise invalid_request(
            "response_type is missing. Send response_type=code.",
            rule="RFC 6749 §3.1.1 response_type",
            received="no response_type",
            expected="code",
        )
    raise OAuthError(
        "unsupported_response_type",
        "Only response_type=code is supported. Implicit and hybrid answers put tokens in the browser's address, "
        "where they leak (RFC 9700 section 2.1.2). Use the authorization code flow with PKCE.",
        why="implicit",
        rule="RFC 6749 §3.1.1 response_type",
        received=response_type,
        expected="code",
    )


def _response_mode_is_known(given: RuleInput) -> None:
    """OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2."""
    mode = given.parameters.get("response_mode", "query")
    if mode in RESPONSE_MODES:
        return
    why = "A code in a fragment would be kept in the browser's history. " if mode == "fragment" else ""
    raise invalid_request(
        f"This response_mode is not supported. {why}Use query or form_post.",
        rule="OAuth Multiple Response Types §2.1 response_mode",
        received=mode,
        expected="query or form_post",
    )


def _proof_key(given: RuleInput) -> None:
    """RFC 7636 §4.4.1, RFC 9700 §2.1.1: where its registration says so, the nonce of OpenID Connect does instead."""
    instead = given.client.nonce_instead
    openid = OPENID in given.parameters.get("scope", "").split(" ")
    pkce.check_challenge(
        given.parameters.get("code_challenge", ""),
        given.parameters.get("code_challenge_method", ""),
        required=given.client.pkce_required and not (instead and openid and given.parameters.get("nonce", "")),
        nonce_instead=instead,
    )


def _prompt_is_clear(given: RuleInput) -> None:
    """OpenID Connect Core §3.1.2.1: known values, and `none` only alone."""
    values = frozenset(given.parameters.get("prompt", "").split(" ")) - {""}
    if values - PROMPTS:
        raise invalid_request(
            "prompt has a value that is not supported. Supported are none, login, consent and select_account.",
            rule="OpenID Connect Core §3.1.2.1 prompt",
            received=given.parameters["prompt"],
            expected=" ".join(sorted(PROMPTS)),
        )
    if "none" in values and len(values) > 1:
        raise invalid_request(
            "prompt=none cannot be combined with other values: it asks to show no page, the others ask to show one.",
            rule="OpenID Connect Core §3.1.2.1 prompt none",
            received=given.parameters["prompt"],
            expected="none alone",
        )


def _max_age_is_a_number(given: RuleInput) -> None:
    """OpenID Connect Core §3.1.2.1: a number of seconds."""
    max_age = given.parameters.get("max_age")
    if max_age is None or (_NUMBER.fullmatch(max_age) and int(max_age) <= MAX_AGE_LIMIT):
        return
    raise invalid_request(
        "max_age must be a whole number of seconds, from 0 to ten years.",
        rule="OpenID Connect Core §3.1.2.1 max_age",
        received=max_age,
        expected=f"0 to {MAX_AGE_LIMIT}",
    )


def _thumbprint_is_sound(given: RuleInput) -> None:
    """RFC 9449 §10: the JWK SHA-256 thumbprint of the DPoP key."""
    jkt = given.parameters.get("dpop_jkt")
    if jkt is not None and not _THUMBPRINT.fullmatch(jkt):
        raise invalid_request(
            "dpop_jkt must be the base64url-encoded SHA-256 thumbprint of the DPoP key: 43 characters.",
            rule="RFC 9449 §10 dpop_jkt",
            received=f"{len(jkt)} characters",
            expected="43 base64url characters",
        )


RULES: tuple[Callable[[RuleInput], None], ...] = (
    _each_parameter_sound,
    _no_request_object,
    _client_has_the_grant_type,
    _response_type_is_code,
    _response_mode_is_known,
    _proof_key,
    _prompt_is_clear,
    _max_age_is_a_number,
    _thumbprint_is_sound,
)


def parse(
    parameters: Parameters,
    client: Client,
    catalog_scopes: Collection[str],
    *,
    audiences: Collection[str] | None = None,
    pushed: bool = False,
) -> AuthorizationRequest:
    """The request, checked rule by rule. Raises `OAuthError`, to be redirected with `error`, `state` and `iss`.

    `catalog_scopes` are the scopes that exist at all; `audiences`, where given, the resources tokens can be for
    (RFC 8707); `pushed` says that the parameters came by PAR (RFC 9126), which FAPI clients must use.
    """
    redirect_uri, redirect_uri_sent = redirect_uri_of(parameters, client)
    if client.fapi and not pushed:
        raise invalid_request(
            "This application follows FAPI 2.0 and must push its request first: POST it to the PAR endpoint.",
            rule="FAPI 2.0 Security Profile §5.3.2.2 pushed requests only",
            received="parameters in the browser",
            expected="request_uri of a pushed request",
        )
    for rule in RULES:
        rule(RuleInput(parameters, client))
    resources = parameters.all("resource")
    if audiences is not None:
        resource_indicators.check(resources, audiences)
    max_age = parameters.get("max_age")
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        redirect_uri_sent=redirect_uri_sent,
        response_type="code",
        response_mode=parameters.get("response_mode", "query"),
        scope=requested_scope(parameters.get("scope", ""), client, catalog_scopes),
        state=parameters.get("state", ""),
        nonce=parameters.get("nonce", ""),
        code_challenge=parameters.get("code_challenge", ""),
        code_challenge_method=parameters.get("code_challenge_method", ""),
        prompt=frozenset(parameters.get("prompt", "").split(" ")) - {""},
        max_age=None if max_age is None else int(max_age),
        login_hint=parameters.get("login_hint", ""),
        ui_locales=parameters.get("ui_locales", ""),
        claims=claim_rules.parse_request(parameters.get("claims", ""), client.claims),
        id_token_hint=parameters.get("id_token_hint", ""),
        acr_values=tuple(parameters.get("acr_values", "").split()),
        resource=resources,
        dpop_jkt=parameters.get("dpop_jkt", ""),
    )


def requested_scope(text: str, client: Client, catalog_scopes: Collection[str]) -> Scopes:
    """The scopes that a request asks for, in its order, each once.

    Names the catalogue does not know are ignored (OpenID Connect Core §3.1.2.1); `offline_access` is too, for an
    application without refresh tokens (§11). Raises `OAuthError` (invalid_scope) for a scope the application is not approved
    for, or when nothing is left (RFC 6749 §3.3).
    """
    requested = scope.parse(text)
    if not scope.is_well_formed(requested):
        raise invalid_scope(
            "scope contains characters that a scope cannot have.",
            rule="RFC 6749 §3.3 scope",
            received=text,
            expected=" ".join(client.scopes),
        )
    known = requested.within(catalog_scopes)
    missing = known.without(client.scopes)
    if missing:
        raise invalid_scope(
            f"This application is not approved for: {missing}. Ask for it in a new revision of the registration.",
            rule="RFC 6749 §4.1.2.1 scope exceeds the registration",
            received=str(missing),
            expected=" ".join(client.scopes),
        )
    if REFRESH_TOKEN not in client.grant_types:
        known = known.without({OFFLINE_ACCESS})
    if not known:
        raise invalid_scope(
            "Ask for at least one scope of this application.",
            rule="RFC 6749 §3.3 scope",
            received=text or "no scope",
            expected=" ".join(client.scopes),
        )
    return known
