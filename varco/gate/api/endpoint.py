"""One address of the API: the operations declared for its path, behind their checks."""

import functools
from collections.abc import Iterable

from varco.gate.api import checks, writes
from varco.gate.api.calls import Call
from varco.gate.api.conditions import etag
from varco.gate.api.operations import Operation
from varco.gate.auth.bearer import Bearer, Caller, bearer_token
from varco.gate.context import GateContext
from varco.gate.http import Handler, Request, Response, json_response
from varco.gate.rate_limit import Budget, too_many_requests


class OperationHandlers:
    """The handlers of one path, by method."""

    def __init__(self, context: GateContext, bearer: Bearer, operations: Iterable[Operation]) -> None:
        self._context = context
        self._bearer = bearer
        self.methods: dict[str, Handler] = {
            operation.method: functools.partial(self._read if operation.read else self._write, operation)
            for operation in operations
        }

    async def _admitted(self, operation: Operation, request: Request) -> tuple[Caller, Budget, dict[str, int]]:
        """Who calls, what is left of their limit, and the ids in the path. Raises `OAuthError`: 401, 403, 404, 429."""
        context = self._context
        caller = await self._bearer.caller(request, *bearer_token(request))
        budget = context.rate_limits.count(caller.client.client_id, context.now_ms())
        if not budget.allowed:
            raise too_many_requests(budget)
        path = request.scope.get("path_params", {})
        if operation.of_tenant:
            checks.own_tenant(caller, path)
        checks.rights(operation, caller)
        return caller, budget, checks.object_ids(operation, path) if operation.object_ids else {}

    async def _read(self, operation: Operation, request: Request) -> Response:
        context = self._context
        caller, budget, ids = await self._admitted(operation, request)
        assert operation.read is not None  # noqa: S101 - only such operations come here
        answer = await operation.read(Call(context, request, caller, ids, checks.query(operation, request.query)))
        if operation.audit is not None:
            await context.read_audit.record(operation.audit, request, caller.subject, context.now_ms(), **answer.detail)
        headers = budget.headers()
        if answer.version is not None:
            headers.append(etag(answer.version))
        return json_response(answer.content, extra=headers)

    async def _write(self, operation: Operation, request: Request) -> Response:
        caller, budget, ids = await self._admitted(operation, request)
        checks.query(operation, request.query)
        response = await writes.carry_out(self._context, operation, request, caller, ids)
        return response._replace(headers=[*response.headers, *budget.headers()])
