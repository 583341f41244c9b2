"""How much harm is possible if a change of a registration is not what it seems, field by field: the order of a difference."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import IntEnum
from typing import Any

from varco import catalog
from varco.registry.registration import Registration


class Risk(IntEnum):
    """How much harm a change can do; the order of a difference."""

    HIGH = 3
    MEDIUM = 2
    LOW = 1


def high_risks(before: Registration, after: Registration) -> int:
    """How many fields change in a way of high risk."""
    changed = [field.name for field in fields(before) if getattr(before, field.name) != getattr(after, field.name)]
    return sum(risk_of_change(name, before, after) == Risk.HIGH for name in changed)


def risk_of_change(field: str, before: Registration, after: Registration) -> Risk:
    """The risk of the change of one field. One that no rule knows is of medium risk."""
    rule = _RULES.get(field)
    return rule(before, after) if rule else Risk.MEDIUM


def _redirect_uris(before: Registration, after: Registration) -> Risk:
    """Codes go where they did not go before."""
    return Risk.HIGH if set(after.redirect_uris) - set(before.redirect_uris) else Risk.LOW


def _scopes(before: Registration, after: Registration) -> Risk:
    had = {scope.name for scope in before.scopes}
    added = [scope.name for scope in after.scopes if scope.name not in had]
    known = catalog.current().scopes
    if any(name not in known or known[name].risk == "high" for name in added):
        return Risk.HIGH
    return Risk.MEDIUM if added else Risk.LOW


def _claims(before: Registration, after: Registration) -> Risk:
    return Risk.MEDIUM if set(after.claims) - set(before.claims) else Risk.LOW


def _grant_types(before: Registration, after: Registration) -> Risk:
    """Whoever may ask for a device's code needs no redirect URI."""
    return Risk.HIGH if set(after.grant_types) - set(before.grant_types) else Risk.LOW


def _environment(_before: Registration, after: Registration) -> Risk:
    return Risk.HIGH if after.environment == "production" else Risk.MEDIUM


def _acts_by_itself(before: Registration, _after: Registration) -> Risk:
    """Without the mark people are not told any more that nobody watches."""
    return Risk.HIGH if before.acts_by_itself else Risk.MEDIUM


def _authentication(before: Registration, after: Registration) -> Risk:
    return Risk.HIGH if before.confidential and not after.confidential else Risk.MEDIUM


def _profile(before: Registration, after: Registration) -> Risk:
    return Risk.HIGH if before.profile and not after.profile else Risk.LOW


def _pkce_exception(before: Registration, after: Registration) -> Risk:
    return Risk.HIGH if after.pkce_exception and not before.pkce_exception else Risk.LOW


def _always(risk: Risk) -> Callable[[Registration, Registration], Risk]:
    return lambda _before, _after: risk


_RULES: Mapping[str, Callable[[Any, Any], Risk]] = {
    "redirect_uris": _redirect_uris,
    "scopes": _scopes,
    "claims": _claims,
    "grant_types": _grant_types,
    "type": _always(Risk.HIGH),
    "environment": _environment,
    "acts_by_itself": _acts_by_itself,
    "token_endpoint_auth_method": _authentication,
    "profile": _profile,
    "pkce_exception": _pkce_exception,
    # Who has the keys is the application.
    "jwks": _always(Risk.HIGH),
    "jwks_uri": _always(Risk.HIGH),
    "backchannel_logout_uri": _always(Risk.MEDIUM),
    "post_logout_redirect_uris": _always(Risk.LOW),
    "token_endpoint_audience": _always(Risk.LOW),
    "id_token_alg": _always(Risk.LOW),
    "userinfo_alg": _always(Risk.LOW),
}
