"""What software may ask for and what people may do: scopes, claims, permissions and roles of one vendor.

Read once from a TOML file (`giponext.toml` unless `VARCO_CATALOG` names another) and never changed at run time.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

LANGUAGES = ("en", "it")


class CatalogError(ValueError):
    """The catalogue is malformed or contradicts itself."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in every language of the product."""

    en: str
    it: str

    def in_language(self, code: str) -> str:
        """The text in the language of `code` (`it`, `it-IT`, …), English where there is none."""
        return self.it if code[:2] == "it" else self.en


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that one token may do in one area; a user's own permissions still apply (S28)."""

    name: str
    kind: Literal["identity", "lifetime", "data", "management"]
    risk: Literal["low", "medium", "high"]
    label: Words
    sentence: Words
    claims: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of claims that is registered, reviewed and consented to as one."""

    name: str
    members: tuple[str, ...]
    label: Words
    sentence: Words


class Permission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something a person may do in their own clinic."""

    name: str
    label: Words


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of clinic user and the permissions one starts with."""

    name: str
    label: Words
    permissions: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scopes: tuple[Scope, ...]
    claims: tuple[Claim, ...]
    permissions: tuple[Permission, ...]
    roles: tuple[Role, ...]


class Catalog(msgspec.Struct, frozen=True):
    """The catalogue by name, each mapping in the order of the file."""

    scopes: dict[str, Scope]
    claims: dict[str, Claim]
    permissions: dict[str, Permission]
    roles: dict[str, Role]


@lru_cache(maxsize=4)
def load(path: str = "") -> Catalog:
    """Read a catalogue; the built-in one for an empty path.

    Raises `CatalogError` when the file cannot be read, is malformed, or names a claim or permission it does not define.
    """
    source = Path(path) if path else Path(__file__).with_name("giponext.toml")
    try:
        read = msgspec.convert(tomllib.loads(source.read_text("utf-8")), _File)
    except (OSError, ValueError) as fault:
        raise CatalogError(f"{source}: {fault}") from fault
    catalog = Catalog(
        scopes={item.name: item for item in read.scopes},
        claims={item.name: item for item in read.claims},
        permissions={item.name: item for item in read.permissions},
        roles={item.name: item for item in read.roles},
    )
    for scope in read.scopes:
        for claim in scope.claims:
            if claim not in catalog.claims:
                raise CatalogError(f"{source}: scope {scope.name} names the unknown claim {claim}")
        _known(source, f"scope {scope.name}", scope.permissions, catalog)
    for role in read.roles:
        _known(source, f"role {role.name}", role.permissions, catalog)
    return catalog


def _known(source: Path, owner: str, names: tuple[str, ...], catalog: Catalog) -> None:
    for name in names:
        if name not in catalog.permissions:
            raise CatalogError(f"{source}: {owner} names the unknown permission {name}")
