"""The floor: an ASGI app that reads the body and answers the same bytes, and does nothing else."""

import json
import os
from pathlib import Path

from starlette.types import Receive, Scope, Send

ANSWERS = json.loads(Path(os.environ["BENCH_ANSWERS"]).read_text())
PREPARED = {
    path: (
        [(name.encode(), value.encode()) for name, value in answer["headers"]],
        answer["body"].encode(),
    )
    for path, answer in ANSWERS.items()
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    headers, body = PREPARED[scope["path"]]
    if scope["method"] == "POST":
        while (await receive()).get("more_body", False):
            pass
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
