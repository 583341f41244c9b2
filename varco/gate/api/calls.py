"""What an operation is given, and what it gives back: a checked call, and a result or the write that it plans."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from varco.gate.auth.bearer import Caller
from varco.gate.context import GateContext
from varco.gate.http import Request
from varco.gate.store import BoundStatement, Database, Further
from varco.protocol.errors import OAuthError

Query = TypeVar("Query")
Body = TypeVar("Body", bound=msgspec.Struct)
Current = TypeVar("Current")
Item = TypeVar("Item")


class Call(msgspec.Struct, Generic[Query], frozen=True):
    """One checked call, as an operation that reads sees it: every right was proven, every parameter is valid."""

    context: GateContext
    request: Request
    caller: Caller
    path: Mapping[str, int]
    query: Query

    @property
    def clinic(self) -> Database:
        """The database of the caller's tenant, and of no other (S24)."""
        return self.context.stores.clinics[self.caller.database]

    @property
    def tenant_id(self) -> str:
        """Public id of the caller's tenant."""
        return self.caller.tenant.id


class WriteCall(msgspec.Struct, Generic[Body, Current], frozen=True):
    """One checked call of an operation that writes: `body` is valid, `current` the object at the version of `If-Match`.

    `current` is None where the declaration names no object. `now_ms` is when the call is made.
    """

    context: GateContext
    caller: Caller
    path: Mapping[str, int]
    body: Body
    current: Current
    now_ms: int

    @property
    def clinic(self) -> Database:
        """The database of the caller's tenant, and of no other (S24)."""
        return self.context.stores.clinics[self.caller.database]

    @property
    def tenant_id(self) -> str:
        """Public id of the caller's tenant."""
        return self.caller.tenant.id


class OperationResult(msgspec.Struct, frozen=True):
    """What an operation found, and what the audit says of it besides who, what and when (never patient data).

    `version`: of the one object that is answered, for its ETag.
    """

    content: Any
    detail: Mapping[str, Any] = {}
    version: int | None = None


class Write(msgspec.Struct, Generic[Item], frozen=True):
    """What a call will change: `change` and `further` are carried out in one transaction, with audit row and idempotency key.

    `change` returns the row that is answered, through `present`; one that matches no row came too late (409). `detail` is what
    the audit says of it. `duplicate` is the answer when the change breaks a unique constraint.
    """

    change: BoundStatement[Item]
    detail: Callable[[Item], Mapping[str, Any]]
    present: Callable[[Item], Any] = lambda row: row
    further: Sequence[Further] = ()
    duplicate: OAuthError | None = None


def merged(kind: type[Body], current: Any, change: msgspec.Struct) -> Body:
    """Return an object with the changes of a JSON Merge Patch (RFC 7396): null gives a field its default."""
    values = {}
    for field in msgspec.structs.fields(kind):
        value = getattr(change, field.name)
        value = getattr(current, field.name) if value is msgspec.UNSET else value
        values[field.name] = field.default if value is None else value
    return kind(**values)
