"""Rows of a registration for reading, and the difference between two, field by field (S13)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varco import catalog
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN
from varco.registry import key_change
from varco.registry.change_risk import Risk, risk_of_change
from varco.registry.models import Revision
from varco.registry.registration import Registration, ScopeRequest
from varco.registry.secret_overlap import LONGEST_DAYS


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a row. `mark` is empty, `added`, `removed` or `changed`; a changed one keeps its former `was`."""

    key: str
    text: str = ""
    note: str = ""
    mark: str = ""
    was: str = ""
    code: bool = False  # exact technical text, shown as such
    required: bool = False  # of a scope: the application is of no use without it


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its name, label and values.

    `risk` is that of its change, where it was compared; `remark` is what a reviewer wrote beside it.
    """

    field: str
    label: str
    items: tuple[Item, ...]
    risk: Risk | None = None
    remark: str = ""

    @property
    def changed(self) -> bool:
        """Whether any value differs from what the row was compared with."""
        return any(item.mark for item in self.items)


def rows(registration: Registration) -> list[Row]:
    """Every field that holds something."""
    return [row for row in _all_rows(registration) if row.items]


def every_row(registration: Registration) -> list[Row]:
    """Every field, empty ones too, in an order that is the same for all registrations."""
    return _all_rows(registration)


def difference(before: Registration, after: Registration) -> list[Row]:
    """The fields that differ, with what is added, removed and changed in each; unchanged values stand among them."""
    compared = [_compare(old, new) for old, new in zip(_all_rows(before), _all_rows(after), strict=True)]
    if key_change.leaves_secrets(before, after):
        compared = [_with_the_secrets(row, after) for row in compared]
    return [row for row in compared if row.changed]


def _with_the_secrets(row: Row, after: Registration) -> Row:
    """What becomes of the secrets, beside the method that takes their place."""
    if row.field != "token_endpoint_auth_method":
        return row
    go_on = _("For %(days)d days after the approval its secrets are taken too, unless a developer ends them sooner.")
    end = _(
        "Under FAPI 2.0 its secrets are refused from the approval on. To change without an outage, move to keys first."
    )
    note = go_on % {"days": LONGEST_DAYS} if key_change.may_overlap(after) else end
    return replace(row, items=tuple(replace(item, note=note) if item.mark == "added" else item for item in row.items))


def by_risk(before: Registration, after: Registration) -> list[Row]:
    """`difference` with the risk of each change, the greatest first."""
    rated = [replace(row, risk=risk_of_change(row.field, before, after)) for row in difference(before, after)]
    return sorted(rated, key=lambda row: -(row.risk or 0))


def remarked(rows: Iterable[Row], remarks: Mapping[str, str]) -> list[Row]:
    """The rows with what was remarked on them."""
    return [replace(row, remark=remarks.get(row.field, "")) for row in rows]


def field_labels() -> dict[str, str]:
    """The names of all fields, in the order of the form."""
    return {row.field: row.label for row in _all_rows(Registration(type=""))}


def _compare(old: Row, new: Row) -> Row:
    before = {item.key: item for item in old.items}
    after = {item.key: item for item in new.items}
    items = []
    for item in new.items:
        former = before.get(item.key)
        if former is None:
            items.append(replace(item, mark="added"))
        elif former != item:
            items.append(replace(item, mark="changed", was=_former(former, item)))
        else:
            items.append(item)
    gone = [replace(item, mark="removed") for item in old.items if item.key not in after]
    return Row(new.field, new.label, (*gone, *items))


def _former(former: Item, item: Item) -> str:
    """The note as it was, with whether the scope was required if that is what changed."""
    if former.required == item.required:
        return former.note
    return f"{_('Required') if former.required else _('Optional')}: {former.note}"


def _all_rows(registration: Registration) -> list[Row]:
    """Every field in the order of the form, empty ones too."""
    made: list[tuple[str, str, tuple[Item, ...]]] = [
        ("type", _("Kind of application"), _one(registration.type, lambda key: _label(Revision.Type, key))),
        ("environment", _("Environment"), _one(registration.environment, lambda key: _label(Revision.Environment, key))),
        ("acts_by_itself", _("Acts by itself"), (Item("yes", str(_("An agent or a batch job: no person watches while it works"))),) if registration.acts_by_itself else ()),
        ("grant_types", _("How people sign in"), tuple(Item(name, grant_label(name)) for name in registration.grant_types)),
        ("redirect_uris", _("Redirect URIs"), _exact(registration.redirect_uris)),
        ("post_logout_redirect_uris", _("Redirect URIs after logout"), _exact(registration.post_logout_redirect_uris)),
        ("backchannel_logout_uri", _("Back-channel logout URI"), _exact((registration.backchannel_logout_uri,))),
        ("scopes", _("Scopes"), tuple(_scope(scope) for scope in registration.scopes)),
        ("claims", _("Claims"), tuple(_claim(name) for name in registration.claims)),
        ("profile", _("Security profile"), _one(registration.profile, profile_label)),
        ("token_endpoint_auth_method", _("Authentication of the application"), _one(registration.token_endpoint_auth_method, auth_method_label)),
        ("jwks", _("Public keys"), tuple(_key(key) for key in (registration.jwks or {}).get("keys", ()))),
        ("jwks_uri", _("Address of the public keys"), _exact((registration.jwks_uri,))),
        ("token_endpoint_audience", _("Audience of its assertions"), _audience(registration)),
        ("pkce_exception", _("Why it cannot use PKCE"), _exact((registration.pkce_exception,))),
        ("id_token_alg", _("Signature of ID tokens"), _exact((registration.id_token_alg,))),
        ("userinfo_alg", _("Signature of UserInfo"), _exact((registration.userinfo_alg,))),
    ]  # fmt: skip
    return [Row(field, title, items) for field, title, items in made]


def grant_label(name: str) -> str:
    """A grant type in words."""
    return {
        AUTHORIZATION_CODE: _("Authorization code with PKCE"),
        DEVICE_CODE: _("Device code"),
        REFRESH_TOKEN: _("Refresh tokens"),
    }.get(name, name)


def auth_method_label(name: str) -> str:
    """A way to authenticate at the token endpoint in words."""
    return {
        "client_secret": _("Client secret in the Authorization header or in the request body, as its library sends it"),
        "client_secret_basic": _("Client secret in the Authorization header only (client_secret_basic)"),
        "client_secret_post": _("Client secret in the request body only (client_secret_post)"),
        "private_key_jwt": _("Signed assertion with a private key (private_key_jwt)"),
        "none": _("None: it cannot keep a secret, PKCE protects it"),
    }.get(name, name)


def profile_label(name: str) -> str:
    """A security profile in words."""
    return {
        "": _("Standard"),
        "fapi2": _("FAPI 2.0: pushed requests, DPoP, PKCE and a key of the application's own"),
    }.get(name, name)


def _label(choices: type[TextChoices], key: str) -> str:
    return str(choices(key).label) if key in choices.values else key


def _one(key: str, text: Callable[[str], str]) -> tuple[Item, ...]:
    return (Item(key, text(key)),) if key else ()


def _exact(values: tuple[str, ...]) -> tuple[Item, ...]:
    return tuple(Item(value, value, code=True) for value in values if value)


def _audience(registration: Registration) -> tuple[Item, ...]:
    words = str(_("The issuer, or the address of the token endpoint"))
    return (Item("token_endpoint", words),) if registration.token_endpoint_audience else ()


def _scope(scope: ScopeRequest) -> Item:
    given = [("en", scope.reason), ("it", scope.reason_it)]
    both = all(reason for _language, reason in given)
    note = " ".join(f"({language}) {reason}" if both else reason for language, reason in given if reason)
    return Item(scope.name, scope.name, note, code=True, required=scope.required)


def _claim(name: str) -> Item:
    known = catalog.current().claims.get(name)
    return Item(name, name, known.sentence.in_language(get_language() or "en") if known else "", code=True)


def _key(key: Mapping[str, Any]) -> Item:
    """Keys are compared by their whole content, so that one replaced under the same name shows."""
    material = "".join(str(key.get(name, "")) for name in ("kty", "crv", "n", "e", "x", "y"))
    return Item(f"{key.get('kid')} {material}", str(key.get("kid")), str(key.get("alg") or key.get("kty")), code=True)
