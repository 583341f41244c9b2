"""Whether the process lives, and whether it can serve."""

import logging

from varco.gate.context import GateContext
from varco.gate.http import Request, Response, json_response

logger = logging.getLogger("varco.gate")


class HealthEndpoint:
    """`GET /healthz`: the process answers."""

    async def get(self, _request: Request) -> Response:
        """Always well, if it can say so."""
        return json_response({"status": "ok"})


class ReadinessEndpoint:
    """`GET /readyz`: databases are reachable and migrated, and there are keys to sign with."""

    def __init__(self, context: GateContext) -> None:
        self._context = context

    async def get(self, _request: Request) -> Response:
        """200 with every part `ok`, or 503 naming the parts that are not; what exactly is wrong goes to the log only."""
        if self._context.stopping():
            return json_response({"status": "stopping"}, 503, extra=[(b"retry-after", b"5")])
        faults = await self._context.faults()
        for part, fault in faults.items():
            logger.warning("not ready: %s: %s", part, fault)
        parts = {
            part: "failing" if part in faults else "ok" for part in ("platform", "clinic", "sandbox", "keys", "factors")
        }
        if not faults:
            return json_response({"status": "ready", "parts": parts})
        return json_response({"status": "not ready", "parts": parts}, 503, extra=[(b"retry-after", b"5")])
