"""One address of the API: the operations declared for its path, behind their checks."""

import functools
import time
from collections.abc import Awaitable, Callable, Iterable

from varco.gate.api import checks, writes
from varco.gate.api.access import access_columns
from varco.gate.api.calls import Call
from varco.gate.api.conditions import etag
from varco.gate.api.operations import Operation
from varco.gate.auth.bearer import Bearer, Caller, bearer_token
from varco.gate.context import GateContext
from varco.gate.http import Handler, Request, Response, json_response
from varco.gate.rate_limit import Budget, too_many_requests
from varco.protocol.errors import OAuthError


class OperationHandlers:
    """The handlers of one path, by method."""

    def __init__(self, context: GateContext, bearer: Bearer, operations: Iterable[Operation]) -> None:
        self._context = context
        self._bearer = bearer
        self.methods: dict[str, Handler] = {
            operation.method: functools.partial(self._carried_out_by(operation), operation) for operation in operations
        }

    def _carried_out_by(self, operation: Operation) -> Callable[[Operation, Request], Awaitable[Response]]:
        if operation.deprecation and operation.audit is None:
            return self._read_and_noted
        return self._read if operation.read else self._write

    async def _read_and_noted(self, operation: Operation, request: Request) -> Response:
        """Read what is deprecated and leaves no record by which its users could be told."""
        response = await self._read(operation, request)
        if request.application_id is not None:
            now = self._context.now_ms() // 1000
            self._context.deprecated_uses.note(request.application_id, operation.title, now)
        return response

    def _admitted(self, operation: Operation, request: Request, caller: Caller) -> tuple[Budget, dict[str, int]]:
        """What is left of the caller's limit, and the ids in the path. Raises `OAuthError`: 403, 404, 429."""
        context = self._context
        budget = context.rate_limits.count(caller.client.client_id, context.now_ms())
        if not budget.allowed:
            raise too_many_requests(budget)
        path = request.scope.get("path_params", {})
        if operation.of_tenant:
            checks.own_tenant(caller, path)
        checks.rights(operation, caller)
        return budget, checks.object_ids(operation, path) if operation.object_ids else {}

    async def _read(self, operation: Operation, request: Request) -> Response:
        context, began = self._context, time.perf_counter()
        caller = await self._bearer.caller(request, *bearer_token(request))
        assert operation.read is not None  # noqa: S101 - only such operations come here
        try:
            budget, ids = self._admitted(operation, request, caller)
            answer = await operation.read(Call(context, request, caller, ids, checks.query(operation, request.query)))
        except OAuthError as refused:
            await self._record_refusal(operation, request, caller, refused)
            raise
        if operation.audit is not None:
            columns = access_columns(operation, request, caller, context.now_ms(), answer.detail)
            await context.access_records.record(caller.database, columns)
        headers = budget.headers()
        if answer.version is not None:
            headers.append(etag(answer.version))
        context.answer_times.note(caller.client.application_id, operation.title, time.perf_counter() - began)
        return json_response(answer.content, extra=headers)

    async def _write(self, operation: Operation, request: Request) -> Response:
        began = time.perf_counter()
        caller = await self._bearer.caller(request, *bearer_token(request))
        try:
            budget, ids = self._admitted(operation, request, caller)
            checks.query(operation, request.query)
            response = await writes.carry_out(self._context, operation, request, caller, ids)
        except OAuthError as refused:
            await self._record_refusal(operation, request, caller, refused)
            raise
        self._context.answer_times.note(caller.client.application_id, operation.title, time.perf_counter() - began)
        return response._replace(headers=[*response.headers, *budget.headers()])

    async def _record_refusal(
        self, operation: Operation, request: Request, caller: Caller, refused: OAuthError
    ) -> None:
        """Record that somebody asked for what they may not see or is not there, or was told of others; what was badly put is no access."""
        others = refused.extra.get("candidates")
        if operation.audit is None or (refused.status not in {403, 404} and not others):
            return
        path = request.scope.get("path_params", {})
        asked = {name: text for name, text in path.items() if text.isdecimal() and len(text) < 20}
        columns = access_columns(
            operation,
            request,
            caller,
            self._context.now_ms(),
            {"patients": others} if others else {"asked": asked} if asked else {},
            outcome=refused.error,
        )
        await self._context.access_records.record(caller.database, columns)
