"""One address of the API: the operations declared for its path, behind their checks."""

import functools
from collections.abc import Iterable

from varco.audit.event import Subject
from varco.gate.api import checks
from varco.gate.api.operations import Call, Operation
from varco.gate.auth.bearer import Bearer, bearer_token
from varco.gate.context import GateContext
from varco.gate.http import Handler, Request, Response, json_response
from varco.gate.rate_limit import too_many_requests


class OperationHandlers:
    """The handlers of one path, by method."""

    def __init__(self, context: GateContext, bearer: Bearer, operations: Iterable[Operation]) -> None:
        self._context = context
        self._bearer = bearer
        self.methods: dict[str, Handler] = {
            operation.method: functools.partial(self._handle, operation) for operation in operations
        }

    async def _handle(self, operation: Operation, request: Request) -> Response:
        context = self._context
        caller = await self._bearer.caller(request, *bearer_token(request))
        budget = context.rate_limits.count(caller.client.client_id, context.now_ms())
        if not budget.allowed:
            raise too_many_requests(budget)
        path = request.scope.get("path_params", {})
        checks.own_tenant(operation, caller, path)
        checks.rights(operation, caller)
        ids = checks.object_ids(operation, path)
        call = Call(context, request, caller, checks.query(operation, request.query), ids)
        answer = await operation.act(call)
        if operation.audit is not None:
            about = Subject(
                caller.client.application_id,
                caller.client.name,
                caller.person.sub,
                caller.tenant.id,
                caller.person.name,
            )
            context.read_audit.record(operation.audit, request, about, context.now_ms(), **answer.detail)
        return json_response(answer.content, extra=budget.headers())
