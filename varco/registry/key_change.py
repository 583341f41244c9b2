"""Keys instead of secrets: the registration that follows when an application is to sign with its own keys (RFC 7523)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from varco.protocol import fapi
from varco.protocol.client import SECRET_METHODS, AuthMethod
from varco.registry import validation
from varco.registry.errors import Faults
from varco.registry.models import Application, Revision
from varco.registry.registration import AUTH_METHODS, Registration

_GONE_ON_WITH = (Revision.State.DRAFT, Revision.State.SUBMITTED, Revision.State.CHANGES_REQUESTED)
_FIELDS = ("token_endpoint_auth_method", "jwks", "jwks_uri")


def base_of(application: Application, latest: Revision | None) -> Registration:
    """What a change of keys begins from: the revision that is worked on, else what is in force, so that nothing else comes along."""
    live = application.live_revision
    revision = latest if latest and (live is None or latest.state in _GONE_ON_WITH) else live
    return Registration.of(revision) if revision else Registration(type="web").normalised()


def can_hold_keys(registration: Registration) -> bool:
    """Whether this type of application can keep a private key."""
    return AuthMethod.PRIVATE_KEY_JWT in AUTH_METHODS.get(registration.type, ())


def with_keys(base: Registration, *, jwks: Mapping[str, Any] | None, jwks_uri: str) -> Registration:
    """The same registration, authenticating with these keys."""
    return replace(
        base, token_endpoint_auth_method=AuthMethod.PRIVATE_KEY_JWT, jwks=jwks, jwks_uri=jwks_uri
    ).normalised()


def faults(registration: Registration) -> Faults:
    """What is wrong with its keys, whatever else may be missing: what an empty draft lacks is told when it is handed in."""
    found = validation.faults(registration)
    return {name: found[name] for name in _FIELDS if name in found}


def leaves_secrets(before: Revision | Registration, after: Revision | Registration) -> bool:
    """Whether an application that sent secrets signs with keys from now on."""
    signs = after.token_endpoint_auth_method == AuthMethod.PRIVATE_KEY_JWT
    return signs and before.token_endpoint_auth_method in SECRET_METHODS


def may_overlap(after: Revision | Registration) -> bool:
    """Whether secrets may be taken beside the keys for a while: never under FAPI 2.0 (§5.3.2.1)."""
    return after.token_endpoint_auth_method == AuthMethod.PRIVATE_KEY_JWT and after.profile != fapi.PROFILE
