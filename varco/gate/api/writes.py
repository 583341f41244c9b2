"""Carrying out an operation that writes: body, precondition and key, then one transaction with its audit row (S36, S54)."""

from typing import Any

from varco.gate.api.access import access_columns
from varco.gate.api.body import read_body
from varco.gate.api.calls import Write, WriteCall
from varco.gate.api.conditions import changed_meanwhile, etag, idempotency_key, if_match, merged_into
from varco.gate.api.idempotency import RememberedAnswer
from varco.gate.api.operations import Operation
from varco.gate.auth.bearer import Caller
from varco.gate.context import GateContext
from varco.gate.errors import not_found
from varco.gate.http import Headers, Request, Response, json_response
from varco.gate.store import Database, DuplicateError, Further
from varco.gate.store.sql.audit import ADD_ACCESS
from varco.protocol.errors import OAuthError


async def carry_out(
    context: GateContext, operation: Operation, request: Request, caller: Caller, ids: dict[str, int]
) -> Response:
    """Carry out a write whose rights were proven, and return its answer when it is committed.

    Raises `OAuthError`: 404 for an object that is not there, 409 for one that was changed meanwhile, 415, 422, 428.
    """
    plan, kind = operation.plan, operation.body
    assert plan is not None and kind is not None  # noqa: PT018, S101 - so they are declared
    version = if_match(request) if operation.current is not None else None
    key = idempotency_key(request) if operation.idempotent_by_key else ""
    body = await read_body(request, kind, context.settings.body_limit)
    database = context.stores.clinics[caller.database]
    now_ms = context.now_ms()
    remembered = None
    if key:
        remembered = RememberedAnswer(database, operation, caller, key, now_ms // 1000)
        remembered.of(request, body)
        if answer := await _replayed(context, operation, request, caller, remembered):
            return answer
    try:
        current = await _current(operation, database, caller, ids, version)
        write = await plan(WriteCall(context, caller, ids, body, current, now_ms))
    except OAuthError:
        # What stands against it may be what the same call, sent twice at once, has done meanwhile.
        if remembered and (answer := await _replayed(context, operation, request, caller, remembered)):
            return answer
        raise
    base = f"{context.settings.api_url}{request.path}"

    def answered(row: Any) -> Response:
        return _answer(operation, write, row, base)

    steps: list[Further] = [
        *write.further,
        lambda row: ADD_ACCESS(**access_columns(operation, request, caller, now_ms, write.detail(row))),
        *(remembered.steps(answered, write.detail) if remembered else ()),
    ]
    fault = changed_meanwhile(None)
    try:
        row = await database.write(write.change, *steps)
    except DuplicateError as broken:
        row = None
        fault = write.conflicts.get(broken.statement) or write.duplicate or fault
    if row is not None:
        return answered(row)
    # Somebody was faster: perhaps the same call, sent twice at once.
    if remembered and (answer := await _replayed(context, operation, request, caller, remembered)):
        return answer
    raise fault


async def _replayed(
    context: GateContext, operation: Operation, request: Request, caller: Caller, remembered: RememberedAnswer
) -> Response | None:
    """The answer that this call got before, recorded as what it is: the patient's data is shown once more. None for a new key."""
    found = await remembered.again()
    if found is None:
        return None
    answer, said = found
    columns = access_columns(operation, request, caller, context.now_ms(), said | {"replayed": True})
    await context.access_records.record(caller.database, columns)
    return answer


async def _current(
    operation: Operation, database: Database, caller: Caller, ids: dict[str, int], version: int | None
) -> Any:
    """The object that is changed, at the version that the caller knows. Raises `OAuthError`: 404, 409."""
    if operation.current is None:
        return None
    name = operation.object_ids[-1]
    row = await database.one(operation.current(tenant_id=caller.tenant.id, id=ids[name]))
    if row is None:
        raise not_found(f"{name} {ids[name]}")
    if into := getattr(row, "merged_into", None):
        raise merged_into(into)
    if row.version != version:
        raise changed_meanwhile(row.version)
    return row


def _answer(operation: Operation, write: Write[Any], row: Any, base: str) -> Response:
    headers: Headers = []
    if operation.success == 201:
        headers.append((b"location", f"{base}/{row.id}".encode()))
    if (version := getattr(row, "version", None)) is not None:
        headers.append(etag(version))
    return json_response(write.present(row), operation.success, extra=headers)
