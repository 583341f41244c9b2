"""The registry of API operations: each is declared once, and everything else comes from the declaration.

Routing, the double check of scope and permission (S28), the 404 across tenants, validation, limits, audit and both
OpenAPI documents follow from it. An operation without scope and permission cannot be declared; what speaks of the caller
alone (`userinfo`) is declared as such with `identity`.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from varco.audit.tags import Tag
from varco.catalog import Catalog
from varco.gate.auth.bearer import Caller
from varco.gate.context import GateContext
from varco.gate.http import Request
from varco.gate.store import Database

TENANT_PATH = "/v2/tenants/{tenantId}/"
_PARAMETER = re.compile(r"\{(\w+)\}")

LIMIT_MAX = 200
"""Most items of one answer."""


class DeclarationError(ValueError):
    """An operation is declared without what protects it, or twice."""


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


class Paging(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which part of a list to answer (S31)."""

    offset: Annotated[int, Meta(ge=0, le=1_000_000, description="Items to leave out from the beginning.")] = 0
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Most items to answer.")] = 50


Item = TypeVar("Item")


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True, rename="camel"):
    """A part of a list in a stable order (S31)."""

    items: list[Item]
    offset: int
    limit: int
    has_more: bool


class Call(msgspec.Struct, frozen=True):
    """One checked call, as an operation sees it: every right was proven, every parameter is valid."""

    context: GateContext
    request: Request
    caller: Caller
    query: Any
    path: Mapping[str, int]

    @property
    def clinic(self) -> Database:
        """The database of the caller's tenant, and of no other (S24)."""
        return self.context.stores.clinics[self.caller.database]

    @property
    def tenant_id(self) -> str:
        """Public id of the caller's tenant."""
        return self.caller.tenant.id


class OperationResult(msgspec.Struct, frozen=True):
    """What an operation found, and what the audit says of it besides who, what and when (never patient data)."""

    content: Any
    detail: Mapping[str, Any] = {}


Act = Callable[[Call], Awaitable[OperationResult]]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One declared operation."""

    method: str
    path: str
    name: str
    summary: str
    scope: str
    permission: str
    query: type[msgspec.Struct]
    response: Any
    errors: tuple[int, ...]
    audit: Tag | None
    act: Act

    @cached_property
    def of_tenant(self) -> bool:
        """Whether the path names a tenant, which must then be the caller's."""
        return self.path.startswith(TENANT_PATH)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """Types of the query's parameters, by their public names."""
        return {field.encode_name: field.type for field in msgspec.structs.fields(self.query)}

    @cached_property
    def object_ids(self) -> tuple[str, ...]:
        """Path parameters besides the tenant: integer ids of objects (S31)."""
        return tuple(name for name in _PARAMETER.findall(self.path) if name != "tenantId")


class Registry:
    """The operations of an API, in the order of declaration."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        scope: str,
        permission: str,
        summary: str,
        response: Any,
        query: type[msgspec.Struct] = Nothing,
        audit: Tag | None = None,
    ) -> Callable[[Act], Act]:
        """Declare an operation on clinic data. Raises `DeclarationError` without scope, permission or tenant."""
        if not scope or not permission:
            raise DeclarationError(f"{method} {path}: an operation needs a scope and a permission")
        if not path.startswith(TENANT_PATH):
            raise DeclarationError(f"{method} {path}: clinic data stands below {TENANT_PATH}")
        return self._declared(
            method=method,
            path=path,
            scope=scope,
            permission=permission,
            summary=summary,
            response=response,
            query=query,
            audit=audit,
            errors=(400, 401, 403, 404, 429, 503),
        )

    def identity(self, method: str, path: str, *, summary: str, response: Any) -> Callable[[Act], Act]:
        """Declare an operation that tells a caller about itself: any token will do."""
        return self._declared(
            method=method,
            path=path,
            scope="",
            permission="",
            summary=summary,
            response=response,
            query=Nothing,
            audit=None,
            errors=(400, 401, 403, 429, 503),
        )

    def _declared(self, **declaration: Any) -> Callable[[Act], Act]:
        method, path = declaration["method"], declaration["path"]
        if any((known.method, known.path) == (method, path) for known in self.operations):
            raise DeclarationError(f"{method} {path}: declared twice")

        def keep(act: Act) -> Act:
            self.operations.append(Operation(name=act.__name__, act=act, **declaration))
            return act

        return keep

    def check(self, catalog: Catalog) -> None:
        """Whether the catalogue in use knows every scope and permission. Raises `DeclarationError`."""
        for item in self.operations:
            if item.scope and item.scope not in catalog.scopes:
                raise DeclarationError(f"{item.method} {item.path}: the catalogue has no scope {item.scope}")
            if item.permission and item.permission not in catalog.permissions:
                raise DeclarationError(f"{item.method} {item.path}: the catalogue has no permission {item.permission}")

    def by_path(self) -> Mapping[str, Iterable[Operation]]:
        """The operations of each path."""
        found: dict[str, list[Operation]] = {}
        for item in self.operations:
            found.setdefault(item.path, []).append(item)
        return found


registry = Registry()
operation = registry.operation
identity = registry.identity


def page(rows: list[Item], window: Paging) -> Page[Item]:
    """A page of items of which one more than `limit` was read, to see whether there are more."""
    more = len(rows) > window.limit
    return Page(items=rows[: window.limit], offset=window.offset, limit=window.limit, has_more=more)
