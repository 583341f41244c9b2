"""Operations of the API: each is declared once, and everything else comes from the declaration.

A declaration names the *resource* and the kind of *access*; the catalogue says which scope and which permission that needs
(`[api.…]`). One without resource cannot be declared; what speaks of the caller alone (`userinfo`) is declared with `identity`.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import msgspec

from varco.audit.tags import Tag
from varco.catalog import Catalog, CatalogError, Deprecation
from varco.gate.api.calls import Call, OperationResult, Write, WriteCall
from varco.gate.store import Statement

TENANT_PATH = "/v2/tenants/{tenantId}/"
_PARAMETER = re.compile(r"\{(\w+)\}")


class DeclarationError(ValueError):
    """An operation is declared without what protects it, or twice."""


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


Read = Callable[[Call[Any]], Awaitable[OperationResult]]
Plan = Callable[[WriteCall[Any, Any]], Awaitable[Write[Any]]]


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a resource says of one of its operations; `read` or `plan` is what carries it out.

    `current` reads the object of the last id in the path, by `tenant_id` and `id`, with its `version`: the call must then be
    conditional (`If-Match`). `success` is the status that is answered, 201 with a `Location`. `example` stands in the
    documents as an answer, `body_example` as a body.
    """

    method: str
    path: str
    name: str
    summary: str
    resource: str = ""
    access: str = ""
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    response: Any
    success: int = 200
    current: Statement[Any] | None = None
    audit: Tag | None = None
    example: Any = None
    body_example: Any = None
    read: Read | None = None
    plan: Plan | None = None

    @cached_property
    def title(self) -> str:
        """Method and path, as documents, changelog and catalogue name it."""
        return f"{self.method} {self.path}"

    @cached_property
    def of_tenant(self) -> bool:
        """Whether the path names a tenant, which must then be the caller's."""
        return self.path.startswith(TENANT_PATH)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """Types of the query's parameters, by their public names."""
        return {field.encode_name: field.type for field in msgspec.structs.fields(self.query)}

    @cached_property
    def compulsory(self) -> frozenset[str]:
        """Parameters of the query that must be there."""
        return frozenset(field.encode_name for field in msgspec.structs.fields(self.query) if field.required)

    @cached_property
    def object_ids(self) -> tuple[str, ...]:
        """Path parameters besides the tenant: integer ids of objects (S31)."""
        return tuple(name for name in _PARAMETER.findall(self.path) if name != "tenantId")

    @property
    def idempotent_by_key(self) -> bool:
        """Whether it takes an `Idempotency-Key` (S54); other methods are conditional, and lose nothing when sent again."""
        return self.method == "POST"

    @property
    def errors(self) -> tuple[int, ...]:
        """Statuses of the errors it can answer."""
        found = {400, 401, 403, 429, 503}
        if self.of_tenant:
            found |= {404}
        if self.plan is not None:
            found |= {408, 409, 413, 415, 422}
        if self.current is not None:
            found |= {428}
        return tuple(sorted(found))


@dataclass(frozen=True, kw_only=True)
class Operation(Declaration):
    """A declared operation under a catalogue: with the scope and the permission that it needs, and its deprecation if it has one.

    `narrower` is a scope that does instead, of the same resource for reading alone; empty where there is none.
    """

    scope: str
    permission: str
    narrower: str = ""
    deprecation: Deprecation | None = None


def identity(path: str, *, summary: str, response: Any, example: Any = None) -> Callable[[Read], Declaration]:
    """Declare a GET that tells a caller about itself: any token will do."""

    def declare(act: Read) -> Declaration:
        return Declaration(
            method="GET", path=path, name=act.__name__, summary=summary, response=response, example=example, read=act
        )

    return declare


def read_operation(
    path: str,
    *,
    resource: str,
    access: str = "read",
    summary: str,
    response: Any,
    query: type[msgspec.Struct] = Nothing,
    audit: Tag | None = None,
    example: Any = None,
) -> Callable[[Read], Declaration]:
    """Declare a GET on clinical data. Raises `DeclarationError` without resource, access or tenant."""
    _protected("GET", path, resource, access)

    def declare(act: Read) -> Declaration:
        return Declaration(
            method="GET", path=path, name=act.__name__, summary=summary, resource=resource, access=access, query=query,
            response=response, audit=audit, example=example, read=act,
        )  # fmt: skip

    return declare


def write_operation(
    method: str,
    path: str,
    *,
    resource: str,
    access: str = "write",
    summary: str,
    body: type[msgspec.Struct],
    response: Any,
    audit: Tag,
    success: int = 200,
    current: Statement[Any] | None = None,
    example: Any = None,
    body_example: Any = None,
) -> Callable[[Plan], Declaration]:
    """Declare an operation that changes clinical data. Raises `DeclarationError` without resource, access or tenant."""
    _protected(method, path, resource, access)

    def declare(act: Plan) -> Declaration:
        return Declaration(
            method=method, path=path, name=act.__name__, summary=summary, resource=resource, access=access, body=body,
            response=response, success=success, current=current, audit=audit, example=example, body_example=body_example,
            plan=act,
        )  # fmt: skip

    return declare


def _protected(method: str, path: str, resource: str, access: str) -> None:
    if not resource or not access:
        raise DeclarationError(
            f"{method} {path}: an operation needs a resource and an access, for scope and permission"
        )
    if not path.startswith(TENANT_PATH):
        raise DeclarationError(f"{method} {path}: clinical data stands below {TENANT_PATH}")


def served(declared: Iterable[Declaration], catalog: Catalog) -> tuple[Operation, ...]:
    """Return the operations that a catalogue has, in order, each with its scope and permission.

    Raises `CatalogError` when the catalogue names a resource that does not exist, or one without a permission that an operation
    needs, or deprecates what is not served; `DeclarationError` for two operations of one method and path.
    """
    declared = list(declared)
    if unknown := catalog.api.keys() - {item.resource for item in declared}:
        raise CatalogError(f"the catalogue names what is no resource of the API: {', '.join(sorted(unknown))}")
    found: dict[tuple[str, str], Operation] = {}
    for item in declared:
        scope = permission = narrower = ""
        if item.resource:
            needs = catalog.api.get(item.resource)
            if needs is None:
                continue
            if item.access not in needs.permissions:
                raise CatalogError(f"the catalogue's api.{item.resource} has no permission for {item.access}")
            scope, permission = needs.scope, needs.permissions[item.access]
            narrower = needs.read_scope if item.access == "read" else ""
        if (item.method, item.path) in found:
            raise DeclarationError(f"{item.method} {item.path}: declared twice")
        values = {field.name: getattr(item, field.name) for field in fields(Declaration)}
        found[item.method, item.path] = Operation(
            **values,
            scope=scope,
            permission=permission,
            narrower=narrower,
            deprecation=catalog.deprecations.get(item.title),
        )
    if unknown := catalog.deprecations.keys() - {item.title for item in found.values()}:
        raise CatalogError(f"the catalogue deprecates what is no operation of the API: {', '.join(sorted(unknown))}")
    return tuple(found.values())


def by_path(operations: Iterable[Operation]) -> Mapping[str, Sequence[Operation]]:
    """The operations of each path."""
    found: dict[str, list[Operation]] = {}
    for item in operations:
        found.setdefault(item.path, []).append(item)
    return found
