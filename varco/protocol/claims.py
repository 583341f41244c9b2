"""Claims about a person: the registered groups, and the `claims` request parameter (OpenID Connect Core §5)."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from varco.protocol.errors import OAuthError, invalid_request

GROUPS: Mapping[str, tuple[str, ...]] = {
    "profile": ("name", "given_name", "family_name", "preferred_username", "locale", "updated_at"),
    "email": ("email", "email_verified"),
    "tenant": ("tenants",),
}
"""The members of each claim group; a group is registered, consented to and released as one."""

TENANT = "tenant"
"""The group that no scope asks for: it comes with every grant of an application registered for it."""
_BY_NO_SCOPE = frozenset({TENANT})

ID_TOKEN, USERINFO = "id_token", "userinfo"
"""Where claims are told (OpenID Connect Core §5.5)."""

ALWAYS = frozenset({"sub", "auth_time", "acr", "amr"})
"""Claims of the sign-in itself, which may be asked for whatever is registered."""

ONE_FACTOR, TWO_FACTORS = ACR_VALUES = ("urn:varco:acr:1", "urn:varco:acr:2")
"""Authentication context classes (OpenID Connect Core §2 acr): signed in by one factor, or by two."""

_GROUP_OF = {member: group for group, members in GROUPS.items() for member in members}


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What can be told about a user (times in epoch seconds)."""

    sub: str
    given_name: str = ""
    family_name: str = ""
    locale: str = ""
    updated_at: int = 0
    email: str = ""
    email_verified: bool = False

    @property
    def name(self) -> str:
        """Full name; empty for someone who gave none (an e-mail address would be another claim group)."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def preferred_username(self) -> str:
        """How the person wishes to be called (§5.1): the name, as the e-mail address belongs to another claim group."""
        return self.name


class TenantFacts(msgspec.Struct, frozen=True):
    """The medical centre a person is connected to."""

    id: str
    name: str


def group_claims(groups: Collection[str], person: Person, tenant: TenantFacts | None) -> dict[str, Any]:
    """The claims of the granted groups; what is not known is left out (OpenID Connect Core §5.3.2)."""
    found: dict[str, Any] = {}
    if "profile" in groups:
        profile = {name: getattr(person, name) for name in GROUPS["profile"]}
        found.update({name: value for name, value in profile.items() if value})
    if "email" in groups and person.email:
        found["email"] = person.email
        found["email_verified"] = person.email_verified
    if TENANT in groups and tenant is not None:
        found["tenants"] = [{"id": tenant.id, "name": tenant.name}]
    return found


def claims_at(
    place: str,
    person: Person,
    tenant: TenantFacts | None,
    groups: Collection[str],
    *,
    scopes: Collection[str],
    claims_request: str,
) -> dict[str, Any]:
    """The claims of a grant that are told at `place`, `id_token` or `userinfo` (OpenID Connect Core §5.4, §5.5).

    A granted group whose scope was granted is told whole, and the medical centre by UserInfo. Of any other granted group
    those claims alone are told that the accepted `claims` parameter asks for at this place.
    """
    whole = frozenset(groups).intersection(scopes)  # set operations: UserInfo is asked often
    if place == USERINFO and TENANT in groups:
        whole |= _BY_NO_SCOPE
    found = group_claims(whole, person, tenant)
    if claims_request and not whole.issuperset(groups):
        requested: dict[str, dict[str, Any]] = msgspec.json.decode(claims_request)
        known = group_claims(groups, person, tenant)
        found |= {name: known[name] for name in requested.get(place, ()) if name in known}
    return found


def granted_groups(registered: Collection[str], scopes: Collection[str]) -> frozenset[str]:
    """The groups a grant holds: registered, and `tenant` or covered by the granted scope of the same name."""
    return frozenset(group for group in registered if group == TENANT or group in scopes)


def requested_groups(claims: str) -> frozenset[str]:
    """The groups that an accepted `claims` parameter asks for by single claims."""
    if not claims:
        return frozenset()
    requested: dict[str, dict[str, Any]] = msgspec.json.decode(claims)
    return frozenset(_GROUP_OF[name] for members in requested.values() for name in members if name in _GROUP_OF)


def parse_request(text: str, registered: Collection[str]) -> str:
    """The `claims` parameter (OpenID Connect Core §5.5), reduced to what this application is registered for, as JSON.

    Claims that are unknown or not registered are ignored, as §5.5 asks. Empty if nothing is left.
    Raises `OAuthError` (invalid_request) when it is not the JSON that §5.5 describes.
    """
    if not text:
        return ""
    try:
        requested = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise _malformed_claims("text that is not JSON") from None
    if not isinstance(requested, dict):
        raise _malformed_claims("JSON that is not an object")
    kept = {
        place: _kept(requested[place], registered) for place in (USERINFO, ID_TOKEN) if requested.get(place) is not None
    }
    kept = {place: members for place, members in kept.items() if members}
    return msgspec.json.encode(kept).decode() if kept else ""


def expects(claims: str, sub: str) -> bool:
    """Whether a person may be signed in for a request that asks for a certain `sub` (§3.1.2.2, §5.5.1); anyone if it asks for none."""
    if not claims:
        return True
    requested: dict[str, dict[str, Any]] = msgspec.json.decode(claims)
    requests = [members["sub"] for members in requested.values() if members.get("sub")]
    return all(sub in request.get("values", (sub,)) and sub == request.get("value", sub) for request in requests)


def _kept(members: Any, registered: Collection[str]) -> dict[str, Any]:
    if not isinstance(members, dict):
        raise _malformed_claims("a member that is not an object")
    kept = {}
    for name, request in members.items():
        if request is not None and not isinstance(request, dict):
            raise _malformed_claims("a claim that is neither null nor an object")
        if name in ALWAYS or _GROUP_OF.get(name) in registered:
            kept[name] = _requested(request)
    return kept


def _requested(request: dict[str, Any] | None) -> dict[str, Any] | None:
    """The defined members of one claim's request (§5.5.1)."""
    if request is None:
        return None
    kept: dict[str, Any] = {}
    if request.get("essential") is True:
        kept["essential"] = True
    if isinstance(request.get("value"), str | int):
        kept["value"] = request["value"]
    if isinstance(request.get("values"), list):
        kept["values"] = [value for value in request["values"] if isinstance(value, str | int)]
    return kept or None


def _malformed_claims(received: str) -> OAuthError:
    return invalid_request(
        "The claims parameter must be a JSON object with the members userinfo and id_token.",
        rule="OpenID Connect Core §5.5 claims",
        received=received,
        expected="a JSON object",
    )


def names(groups: Iterable[str]) -> list[str]:
    """The claim names of groups, in order."""
    return [member for group in groups for member in GROUPS.get(group, ())]
