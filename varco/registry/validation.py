"""Validation of a registration before its review, field by field; the same rules for pages, programs and services.

`shape_faults` is what even a draft must keep (sizes, known names, storable characters); `faults` adds what a submission
needs. What is merely unwise is not here but in `registry.lint`.
"""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from varco import catalog
from varco import text as text_rules
from varco.protocol import fapi, redirect_uri
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, PUBLIC_TYPES, REFRESH_TOKEN, AuthMethod
from varco.protocol.fault import Fault
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.scope import OPENID
from varco.registry import jwks as key_sets
from varco.registry.errors import Faults
from varco.registry.fault_codes import RegistrationFault as Code
from varco.registry.models import Revision
from varco.registry.registration import (
    AUTH_METHODS,
    GRANT_TYPES,
    PROFILES,
    Details,
    Registration,
)

MAX_REDIRECT_URIS = 20
MAX_LOGOUT_URIS = 10
MAX_CONTACTS = 5
MAX_CONTACT = 320
MAX_REASON = 500
MIN_REASON = 10
MAX_URL = 500


def text_faults(text: str, limit: int, *, multiline: bool = False) -> list[Fault]:
    """What is wrong with a text that people read: too long, or something in it that cannot be seen (`varco.text`)."""
    if len(text) > limit:
        return [Fault(Code.TOO_LONG, {"limit": limit})]
    unseen = (text_rules.several_lines if multiline else text_rules.one_line)(text)
    if unseen is None:
        return []
    return [Fault(Code.INVISIBLE_CHARACTERS, {"position": unseen.position, "character": unseen.code_point})]


def unfinished_details_faults(details: Details) -> Faults:
    """What not even the details of a draft may hold: no name, too much, characters that cannot be stored, no web address."""
    found: Faults = {}
    limits = {"name": 80, "publisher": 120, "product": 80, "description": 2000, "description_it": 2000}
    for name, limit in limits.items():
        _extend(found, name, text_faults(getattr(details, name), limit, multiline=name.startswith("description")))
    if len(details.name.strip()) < 2:
        _add(found, "name", Code.NAME_TOO_SHORT)
    for name in ("home_url", "privacy_url"):
        url = getattr(details, name)  # pages link to it
        if not url.startswith(("https://", "http://")) or text_faults(url, MAX_URL):
            _check_https(found, name, url)
    if len(details.contacts) > MAX_CONTACTS:
        _add(found, "contacts", Code.CONTACTS_TOO_MANY, limit=MAX_CONTACTS)
    for address in details.contacts[:MAX_CONTACTS]:
        _extend(found, "contacts", text_faults(address, MAX_CONTACT))
    return found


def details_faults(details: Details) -> Faults:
    """What is wrong with name, description, publisher, product, contacts and addresses."""
    found = unfinished_details_faults(details)
    for name in ("home_url", "privacy_url"):
        if name not in found:
            _check_https(found, name, getattr(details, name))
    for address in details.contacts[:MAX_CONTACTS]:
        try:
            validate_email(address)
        except ValidationError:
            if not text_faults(address, MAX_CONTACT):
                _add(found, "contacts", Code.CONTACT_NO_EMAIL, address=address[:100])
    return found


def missing_details(details: Details, environment: str) -> Faults:
    """What a submission needs and a draft may lack: users and reviewers must be able to tell who asks.

    In development the only readers are the team itself, who know what it does.
    """
    found: Faults = {}
    described = (details.description + details.description_it).strip()
    if not described and environment != Revision.Environment.DEVELOPMENT:
        _add(found, "description", Code.DESCRIPTION_MISSING)
    if not details.publisher.strip():
        _add(found, "publisher", Code.PUBLISHER_MISSING)
    if not details.contacts:
        _add(found, "contacts", Code.CONTACTS_MISSING)
    return found


def shape_faults(registration: Registration) -> Faults:
    """What not even a draft may hold: unknown names, too much, characters that cannot be stored."""
    found: Faults = {}
    if registration.type not in Revision.Type.values:
        _add(found, "type", Code.TYPE_UNKNOWN)
    if registration.environment not in Revision.Environment.values:
        _add(found, "environment", Code.ENVIRONMENT_UNKNOWN)
    if not set(registration.grant_types) <= {AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN}:
        _add(found, "grant_types", Code.GRANT_TYPE_UNSUPPORTED)
    if registration.id_token_alg not in ALGORITHMS:
        _add(found, "id_token_alg", Code.ALGORITHM_UNKNOWN)
    if registration.userinfo_alg not in ("", *ALGORITHMS):
        _add(found, "userinfo_alg", Code.ALGORITHM_UNKNOWN)
    if registration.profile not in PROFILES:
        _add(found, "profile", Code.PROFILE_UNKNOWN)
    if registration.token_endpoint_auth_method not in {
        "",
        *(name for names in AUTH_METHODS.values() for name in names),
    }:
        _add(found, "token_endpoint_auth_method", Code.AUTH_METHOD_UNKNOWN)
    _list_shape(found, "redirect_uris", registration.redirect_uris, MAX_REDIRECT_URIS)
    _list_shape(found, "post_logout_redirect_uris", registration.post_logout_redirect_uris, MAX_LOGOUT_URIS)
    _list_shape(found, "jwks_uri", (registration.jwks_uri,), 1, MAX_URL)
    _list_shape(found, "backchannel_logout_uri", (registration.backchannel_logout_uri,), 1, MAX_URL)
    _extend(found, "pkce_exception", text_faults(registration.pkce_exception, MAX_REASON, multiline=True))
    _scope_shape(found, registration)
    _claim_shape(found, registration)
    if registration.jwks is not None:
        _extend(found, "jwks", key_sets.faults(registration.jwks))
    return found


def all_faults(details: Details, registration: Registration) -> Faults:
    """Everything that keeps a draft from being submitted, of its details and of what is reviewed."""
    return submitted_details_faults(details, registration.environment) | faults(registration)


def submitted_details_faults(details: Details, environment: str) -> Faults:
    """What keeps the details from being those of a submission for an environment."""
    return missing_details(details, environment) | details_faults(details)


def faults(registration: Registration) -> Faults:
    """Everything that keeps a registration from being submitted."""
    found = shape_faults(registration)
    if "type" in found:
        return found
    _grant_faults(found, registration)
    _redirect_faults(found, registration)
    _logout_faults(found, registration)
    _scope_faults(found, registration)
    _authentication_faults(found, registration)
    _profile_faults(found, registration)
    _pkce_faults(found, registration)
    return found


def _add(found: Faults, field: str, code: Code, **parameters: str | int) -> None:
    _extend(found, field, [Fault(code, parameters)])


def _extend(found: Faults, field: str, faults: Iterable[Fault]) -> None:
    for fault in faults:
        found.setdefault(field, []).append(fault)


def _check_https(found: Faults, field: str, url: str) -> None:
    if not url:
        return
    if len(url) > MAX_URL:
        _add(found, field, Code.TOO_LONG, limit=MAX_URL)
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if (
        not host
        or not url.startswith("https://")
        or text_rules.one_line(url)
        or " " in url
        or parts.username is not None
    ):
        _add(found, field, Code.URL_NOT_HTTPS)


def _list_shape(
    found: Faults, field: str, values: tuple[str, ...], most: int, longest: int = redirect_uri.URI_LIMIT
) -> None:
    if len(values) > most:
        _add(found, field, Code.TOO_MANY_LINES, limit=most)
    for value in values[:most]:
        _extend(found, field, text_faults(value, longest))


def _scope_shape(found: Faults, registration: Registration) -> None:
    known = catalog.current().scopes
    names = [scope.name for scope in registration.scopes]
    for name in names:
        if name not in known:
            _add(found, "scopes", Code.SCOPE_UNKNOWN, name=name[:60])
    if len(set(names)) != len(names):
        _add(found, "scopes", Code.SCOPE_REPEATED)
    for scope in registration.scopes:
        for field, reason in ((scope_field(scope.name), scope.reason), (f"reason_it:{scope.name}", scope.reason_it)):
            _extend(found, field, text_faults(reason, MAX_REASON, multiline=True))


def _claim_shape(found: Faults, registration: Registration) -> None:
    known = catalog.current().claims
    if not set(registration.claims) <= set(known) or len(set(registration.claims)) != len(registration.claims):
        _add(found, "claims", Code.CLAIMS_UNKNOWN)


def scope_field(name: str) -> str:
    """Name of the field that holds the reason of a scope, so that its fault stands beside it."""
    return f"reason:{name}"


def _grant_faults(found: Faults, registration: Registration) -> None:
    chosen = [name for name in registration.grant_types if name != REFRESH_TOKEN]
    possible = GRANT_TYPES[registration.type]
    if not chosen:
        _add(found, "grant_types", Code.GRANT_TYPES_MISSING)
    for name in chosen:
        if name not in possible:
            _add(
                found,
                "grant_types",
                Code.DEVICE_CODE_UNUSABLE if name == DEVICE_CODE else Code.AUTHORIZATION_CODE_UNUSABLE,
            )


def _redirect_faults(found: Faults, registration: Registration) -> None:
    uris = registration.redirect_uris
    if AUTHORIZATION_CODE not in registration.grant_types:
        if uris:
            _add(found, "redirect_uris", Code.REDIRECT_URIS_UNUSED)
        return
    if not uris:
        _add(found, "redirect_uris", Code.REDIRECT_URIS_MISSING)
    _extend(found, "redirect_uris", _uri_faults(registration, uris))


def _uri_faults(registration: Registration, uris: tuple[str, ...]) -> Iterable[Fault]:
    seen = set()
    for uri in uris:
        if uri in seen:
            yield Fault(Code.URI_REPEATED, {"uri": uri})
        seen.add(uri)
        fault = redirect_uri.registration_fault(uri, type=registration.type)
        if fault:
            yield replace(fault, value=uri[:200])


def _logout_faults(found: Faults, registration: Registration) -> None:
    _extend(found, "post_logout_redirect_uris", _uri_faults(registration, registration.post_logout_redirect_uris))
    uri = registration.backchannel_logout_uri
    if uri and "backchannel_logout_uri" not in found:
        # Our server calls it, so a person's own machine, as after a redirect, makes no sense.
        if not uri.startswith("https://"):
            _add(found, "backchannel_logout_uri", Code.URL_NOT_HTTPS)
        else:
            _extend(found, "backchannel_logout_uri", _uri_faults(registration, (uri,)))


def _scope_faults(found: Faults, registration: Registration) -> None:
    if not registration.scopes:
        _add(found, "scopes", Code.SCOPES_MISSING)
    for scope in registration.scopes:
        longest = max(len(scope.reason.strip()), len(scope.reason_it.strip()))
        if longest < MIN_REASON and scope_field(scope.name) not in found:
            _add(found, scope_field(scope.name), Code.SCOPE_REASON_MISSING)


def _authentication_faults(found: Faults, registration: Registration) -> None:
    method = registration.token_endpoint_auth_method
    if method not in AUTH_METHODS[registration.type]:
        _add(found, "token_endpoint_auth_method", Code.AUTH_METHOD_UNUSABLE)
    if method == AuthMethod.PRIVATE_KEY_JWT:
        if bool(registration.jwks) == bool(registration.jwks_uri):
            _add(found, "jwks", Code.JWKS_OR_JWKS_URI)
        _check_https(found, "jwks_uri", registration.jwks_uri)


def _pkce_faults(found: Faults, registration: Registration) -> None:
    """RFC 9700 §2.1.1: `nonce` instead of PKCE is for confidential OpenID clients; why it is needed is for the reviewer."""
    if not registration.pkce_exception:
        return
    if len(registration.pkce_exception) < MIN_REASON:
        _add(found, "pkce_exception", Code.PKCE_EXCEPTION_REASON)
    if all(scope.name != OPENID for scope in registration.scopes):
        _add(found, "pkce_exception", Code.PKCE_EXCEPTION_OPENID)
    if registration.profile == fapi.PROFILE:
        _add(found, "pkce_exception", Code.PKCE_EXCEPTION_PROFILE)


def _profile_faults(found: Faults, registration: Registration) -> None:
    """What the FAPI 2.0 Security Profile asks beyond the rest, each fault beside the field that has to change."""
    if registration.profile != fapi.PROFILE:
        return
    if registration.type in PUBLIC_TYPES:
        _add(found, "profile", Code.PROFILE_PUBLIC_CLIENT)
        return
    for field, fault in fapi.registration_faults(
        auth_method=registration.token_endpoint_auth_method,
        id_token_alg=registration.id_token_alg,
        userinfo_alg=registration.userinfo_alg,
        grant_types=list(registration.grant_types),
        redirect_uris=list(registration.redirect_uris),
        jwks=registration.jwks,
        jwks_uri=registration.jwks_uri,
    ):
        # Keys are dropped with another method, and a field that is empty or wrong anyway needs no second fault.
        keyless = field == "jwks" and registration.token_endpoint_auth_method != AuthMethod.PRIVATE_KEY_JWT
        if not keyless and field not in found:
            _extend(found, field, [fault])
