"""One address of the API: the operations declared for its path, behind their checks."""

import functools
from collections.abc import Iterable

from varco.gate.api import checks
from varco.gate.api.operations import Call, Operation
from varco.gate.bearer import Bearer, token_of
from varco.gate.core import Core
from varco.gate.http import Handler, Request, Response, json_response
from varco.gate.journal import Subject
from varco.gate.limits import exceeded


class OperationHandlers:
    """The handlers of one path, by method."""

    def __init__(self, core: Core, bearer: Bearer, operations: Iterable[Operation]) -> None:
        self._core = core
        self._bearer = bearer
        self.methods: dict[str, Handler] = {
            operation.method: functools.partial(self._handle, operation) for operation in operations
        }

    async def _handle(self, operation: Operation, request: Request) -> Response:
        core = self._core
        caller = await self._bearer.caller(request, token_of(request))
        budget = core.limits.count(caller.client.client_id, core.now_ms())
        if not budget.allowed:
            raise exceeded(budget)
        path = request.scope.get("path_params", {})
        checks.own_tenant(operation, caller, path)
        checks.rights(operation, caller)
        ids = checks.object_ids(operation, path)
        call = Call(core, request, caller, checks.query(operation, request.query), ids)
        answer = await operation.act(call)
        if operation.audit is not None:
            about = Subject(
                caller.client.application_id,
                caller.client.name,
                caller.person.sub,
                caller.tenant.id,
                caller.person.name,
            )
            core.journal.read(operation.audit, request, about, core.now_ms(), **answer.detail)
        return json_response(answer.content, extra=budget.headers())
