"""A registration as values: what a form sends, what a revision holds, what validation and difference compare."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from varco.protocol import fapi
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, PUBLIC_TYPES, REFRESH_TOKEN, AuthMethod
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.scope import OFFLINE_ACCESS
from varco.registry.models import Application, Revision

GRANT_TYPES: dict[str, tuple[str, ...]] = {
    "web": (AUTHORIZATION_CODE,),
    "spa": (AUTHORIZATION_CODE,),
    "native": (AUTHORIZATION_CODE, DEVICE_CODE),
    "device": (DEVICE_CODE,),
}
"""Grant types each type of application may choose from; refresh comes with the scope `offline_access` (S10)."""

AUTH_METHODS: dict[str, tuple[str, ...]] = {
    "web": (AuthMethod.SECRET, AuthMethod.BASIC, AuthMethod.POST, AuthMethod.PRIVATE_KEY_JWT),
    "spa": (AuthMethod.NONE,),
    "native": (AuthMethod.NONE,),
    "device": (AuthMethod.NONE,),
}
"""Ways each type may authenticate at the token endpoint; the first is the default (RFC 6749 §2.1)."""

PROFILES = ("", fapi.PROFILE)
"""Security profiles; empty is what every application keeps anyway."""


@dataclass(frozen=True, slots=True)
class ScopeRequest:
    """One scope asked for, why, and whether the application is useless without it (S10, S18)."""

    name: str
    reason: str = ""  # in English, or in whatever was given
    required: bool = False
    reason_it: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is reviewed. `scopes` keep their order, which is the order of the consent page."""

    type: str
    environment: str = "production"
    acts_by_itself: bool = False  # an agent or a batch job, without a person who watches
    grant_types: tuple[str, ...] = (AUTHORIZATION_CODE,)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    scopes: tuple[ScopeRequest, ...] = ()
    claims: tuple[str, ...] = ()
    profile: str = ""
    token_endpoint_auth_method: str = ""  # empty: the default of the type
    id_token_alg: str = ALGORITHMS[0]
    userinfo_alg: str = ""  # empty: UserInfo is plain JSON
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str = ""
    token_endpoint_audience: bool = False  # in client assertions, beside the issuer (RFC 7523 §3)
    pkce_exception: str = ""  # why it sends `nonce` instead (RFC 9700 §2.1.1); empty: it uses PKCE
    backchannel_logout_uri: str = ""

    @classmethod
    def of(cls, revision: Revision) -> Self:
        """The registration a revision holds."""
        values = {field.name: getattr(revision, field.name) for field in fields(cls)}
        for name in ("grant_types", "redirect_uris", "post_logout_redirect_uris", "claims"):
            values[name] = tuple(values[name])
        values["scopes"] = tuple(
            ScopeRequest(item["name"], item.get("reason", ""), bool(item.get("required")), item.get("reason_it", ""))
            for item in revision.scopes
        )
        return cls(**values)

    def normalised(self) -> Self:
        """Complete what follows from the rest: the refresh grant from `offline_access`, the method of a public type."""
        chosen = tuple(name for name in self.grant_types if name != REFRESH_TOKEN)
        refresh = (REFRESH_TOKEN,) if any(scope.name == OFFLINE_ACCESS for scope in self.scopes) else ()
        method = self.token_endpoint_auth_method
        if self.type in PUBLIC_TYPES or not method:
            method = AUTH_METHODS.get(self.type, ("",))[0]
        keyed = method == AuthMethod.PRIVATE_KEY_JWT
        fapi2 = self.profile == fapi.PROFILE  # FAPI 2.0 §5.3.2.1: the issuer alone
        return replace(
            self,
            grant_types=chosen + refresh,
            token_endpoint_auth_method=method,
            jwks=self.jwks if keyed else None,
            jwks_uri=self.jwks_uri if keyed else "",
            token_endpoint_audience=self.token_endpoint_audience and keyed and not fapi2,
            pkce_exception=self.pkce_exception.strip() if self.type not in PUBLIC_TYPES else "",
        )

    def columns(self) -> dict[str, Any]:
        """The values of the columns of a `Revision`."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("grant_types", "redirect_uris", "post_logout_redirect_uris", "claims"):
            values[name] = list(values[name])
        values["scopes"] = [asdict(scope) for scope in self.scopes]
        return values

    @property
    def confidential(self) -> bool:
        """Whether it authenticates at the token endpoint."""
        return self.token_endpoint_auth_method != AuthMethod.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the developer may change without a review; every change stands in the timeline (S13)."""

    name: str
    description: str = ""  # in English, or in whatever was given
    description_it: str = ""
    publisher: str = ""
    product: str = ""
    contacts: tuple[str, ...] = ()
    home_url: str = ""
    privacy_url: str = ""

    @classmethod
    def of(cls, application: Application) -> Self:
        """The details an application has."""
        values = {field.name: getattr(application, field.name) for field in fields(cls)}
        return cls(**values | {"contacts": tuple(application.contacts)})

    def columns(self) -> dict[str, Any]:
        """The values of the columns of an `Application`."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"contacts": list(self.contacts)}


def stamp(application: Application, revision: Revision | None) -> str:
    """A short digest of everything a person sees before acting; acts that bring another one come too late."""
    seen = {
        "application": [application.pk, application.state, application.live_revision_id, application.pkce_required],
        "details": Details.of(application).columns(),
        "revision": [revision.pk, revision.state, Registration.of(revision).columns()] if revision else None,
    }
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:32]
