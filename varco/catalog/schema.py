"""What a catalogue file says, as types: scopes, claim groups, permissions, roles, and what the API's resources need."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

LANGUAGES = ("en", "it")
"""The languages of the product, the first of which stands in where a text is missing; `Words` has a field for each."""


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
    of_others: Words | None = None
    second_approver: bool = False
    """Whether a registration that asks for it is approved by two people."""

    @property
    def sentence_of_others(self) -> Words:
        """`sentence` for somebody who reads what others have accepted: where it says "you", `of_others` says it of them."""
        return self.of_others or self.sentence


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


class PermissionSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Permissions that belong together for a piece of work, to be chosen as one; `sentence` says what they come to."""

    name: str
    label: Words
    sentence: Words
    permissions: tuple[str, ...]


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of clinic user and the permissions one starts with.

    `manages_clinic`: who answers for the clinic (S19); `reads_logs`: who watches over its data without seeing it (S39);
    `temporary`: for integrator users, whom no manager adds as a member (S25).
    """

    name: str
    label: Words
    permissions: tuple[str, ...]
    manages_clinic: bool = False
    reads_logs: bool = False
    temporary: bool = False


class Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a resource of the API needs: the scope of the token, and the person's permission by kind of access.

    `read_scope` is a scope that does for reading too, and for nothing else.
    """

    scope: str
    permissions: Mapping[str, str]
    read_scope: str = ""


OPERATION = r"^(GET|POST|PUT|PATCH|DELETE) /v2/\S+$"
"""An operation as documents write it: its method and the template of its path."""

OperationName = Annotated[str, msgspec.Meta(pattern=OPERATION)]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the changelog for developers. `id` is for ever: it stands in addresses, feeds and headers."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{2,59}$")]
    date: dt.date
    kind: Literal["added", "changed", "deprecated", "removed", "fixed"]
    title: Words
    text: Words
    operations: tuple[OperationName, ...] = ()


class Deprecation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation that is to be used no more (RFC 9745), from midnight of `since` (UTC) on.

    `sunset` is the day on which it may cease to answer (RFC 8594), `change` the entry of the changelog that says what to do.
    """

    operation: OperationName
    since: dt.date
    change: str
    sunset: dt.date | None = None


class ChangesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The product's own changelog."""

    changes: tuple[Change, ...]


class CatalogFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `changes` are the vendor's entries, beside those of the product."""

    scopes: tuple[Scope, ...]
    claims: tuple[Claim, ...]
    permissions: tuple[Permission, ...]
    roles: tuple[Role, ...]
    api: dict[str, Resource]
    permission_sets: tuple[PermissionSet, ...] = ()
    changes: tuple[Change, ...] = ()
    deprecations: tuple[Deprecation, ...] = ()


class Catalog(msgspec.Struct, frozen=True):
    """The catalogue by name, each mapping in the order of the file; changes with the newest first, deprecations by operation."""

    scopes: dict[str, Scope]
    claims: dict[str, Claim]
    permissions: dict[str, Permission]
    roles: dict[str, Role]
    api: dict[str, Resource]
    permission_sets: dict[str, PermissionSet] = {}
    changes: dict[str, Change] = {}
    deprecations: dict[str, Deprecation] = {}

    @property
    def managers(self) -> tuple[str, ...]:
        """Names of the roles that answer for a clinic."""
        return tuple(role.name for role in self.roles.values() if role.manages_clinic)

    @property
    def log_readers(self) -> tuple[str, ...]:
        """Names of the roles that read logs and no data: data protection officers."""
        return tuple(role.name for role in self.roles.values() if role.reads_logs)

    @property
    def record_readers(self) -> tuple[str, ...]:
        """Names of the roles that read who has seen what of a clinic."""
        return tuple(role.name for role in self.roles.values() if role.manages_clinic or role.reads_logs)

    @property
    def temporary_role(self) -> str | None:
        """Name of the role that integrator users have; None where the product has none."""
        return next((role.name for role in self.roles.values() if role.temporary), None)
