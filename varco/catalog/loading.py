"""Reading a catalogue file, and refusing one that contradicts itself or the standards."""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from varco import config
from varco.catalog.schema import Catalog, CatalogFile, Change, ChangesFile, Resource, Scope
from varco.protocol.claims import GROUPS

BUILT_IN = Path(__file__).with_name("giponext.toml")
CHANGES = Path(__file__).with_name("changes.toml")
"""The product's own changelog for developers, beside which a catalogue has the vendor's."""

STANDARD_SCOPES = ("openid", "offline_access")
"""Scopes that OpenID Connect gives a meaning of its own (Core §3.1.2.1, §11), so no catalogue can leave them out."""


class CatalogError(ValueError):
    """The catalogue is malformed or contradicts itself."""


@lru_cache(maxsize=1)
def current() -> Catalog:
    """Return the catalogue that this process is configured with (`VARCO_CATALOG`), read once.

    Raises `CatalogError` as `load` does, and `ConfigError` when the settings are wrong.
    """
    return load(config.load().catalog)


@lru_cache(maxsize=4)
def load(path: str) -> Catalog:
    """Read a catalogue; the built-in one for an empty path.

    Only what is handed its settings reads by path: everybody else asks `current()`. Raises `CatalogError` when the file
    cannot be read, is malformed, or contradicts itself.
    """
    source = Path(path) if path else BUILT_IN
    try:
        read = msgspec.convert(tomllib.loads(source.read_text("utf-8")), CatalogFile)
    except (OSError, ValueError) as fault:
        raise CatalogError(f"{source}: {fault}") from fault
    catalog = Catalog(
        scopes={item.name: item for item in read.scopes},
        claims={item.name: item for item in read.claims},
        permissions={item.name: item for item in read.permissions},
        roles={item.name: item for item in read.roles},
        api=read.api,
        permission_sets={item.name: item for item in read.permission_sets},
        changes=_changes(read.changes, source),
        deprecations={item.operation: item for item in read.deprecations},
    )
    if len(catalog.deprecations) < len(read.deprecations):
        raise CatalogError(f"{source}: an operation is deprecated twice")
    for contradiction in _contradictions(catalog):
        raise CatalogError(f"{source}: {contradiction}")
    return catalog


def _changes(of_vendor: tuple[Change, ...], source: Path) -> dict[str, Change]:
    """The product's changes and the vendor's by id, the newest first."""
    of_product = msgspec.convert(tomllib.loads(CHANGES.read_text("utf-8")), ChangesFile).changes
    found: dict[str, Change] = {}
    for change in sorted((*of_vendor, *of_product), key=lambda change: change.date, reverse=True):
        if change.id in found:
            raise CatalogError(f"{source}: two changes have the id {change.id}")
        found[change.id] = change
    return found


def _contradictions(catalog: Catalog) -> Iterator[str]:
    for name in STANDARD_SCOPES:
        if name not in catalog.scopes:
            yield f"the scope {name} is missing (OpenID Connect Core)"
    for claim in catalog.claims.values():
        if claim.members != GROUPS.get(claim.name):
            known = "; ".join(f"{name}: {', '.join(members)}" for name, members in GROUPS.items())
            yield f"the claims {claim.name} are not a group that can be told. Those are {known}"
    for scope in catalog.scopes.values():
        yield from _unfit(scope, catalog)
    yield from _unfit_roles(catalog)
    for name, resource in catalog.api.items():
        yield from _unmet(name, resource, catalog)
    yield from _unexplained(catalog)


def _unexplained(catalog: Catalog) -> Iterator[str]:
    for item in catalog.deprecations.values():
        change = catalog.changes.get(item.change)
        if change is None or change.kind != "deprecated" or item.operation not in change.operations:
            yield f"the deprecation of {item.operation} needs a change of kind deprecated that names it, not {item.change}"
        if item.sunset is not None and item.sunset < item.since:
            yield f"the sunset of {item.operation} is before its deprecation (RFC 9745 §4)"


def _unfit_roles(catalog: Catalog) -> Iterator[str]:
    for role in catalog.roles.values():
        yield from _unknown(f"role {role.name}", role.permissions, catalog)
        if role.temporary and (role.manages_clinic or role.reads_logs):
            yield f"the role {role.name} is temporary, so it cannot answer for a clinic"
    for chosen in catalog.permission_sets.values():
        yield from _unknown(f"permission set {chosen.name}", chosen.permissions, catalog)
    if not catalog.managers:
        yield "no role has manages_clinic, so nobody could answer for a clinic"


def _unfit(scope: Scope, catalog: Catalog) -> Iterator[str]:
    yield from _unknown(f"scope {scope.name}", scope.permissions, catalog)
    for name in scope.claims:
        if name not in catalog.claims or name != scope.name:
            yield f"scope {scope.name} cannot carry the claims {name}, only those of its own name (OpenID Connect Core §5.4)"


def _unmet(name: str, resource: Resource, catalog: Catalog) -> Iterator[str]:
    scope = catalog.scopes.get(resource.scope)
    if scope is None:
        yield f"api.{name} needs the unknown scope {resource.scope}"
        return
    for permission in resource.permissions.values():
        if permission not in scope.permissions:
            yield f"api.{name} needs the permission {permission}, which the scope {scope.name} does not carry"
    if resource.read_scope:
        yield from _unfit_for_reading(name, resource, catalog)


def _unfit_for_reading(name: str, resource: Resource, catalog: Catalog) -> Iterator[str]:
    reading = catalog.scopes.get(resource.read_scope)
    if reading is None:
        yield f"api.{name} names the unknown read_scope {resource.read_scope}"
    elif reading.permissions != (resource.permissions.get("read"),):
        yield f"the scope {reading.name} is api.{name}'s for reading, so it carries its permission for that and no other"


def _unknown(owner: str, names: tuple[str, ...], catalog: Catalog) -> Iterator[str]:
    for name in names:
        if name not in catalog.permissions:
            yield f"{owner} names the unknown permission {name}"
