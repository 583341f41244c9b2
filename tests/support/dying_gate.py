"""A gate that dies with the answer: `python -m tests.support.dying_gate`, with the settings in the environment.

For each line of its input, the path and the token of a GET, it forks a process that opens the databases, answers, and is killed (-9) in the instant in
which the last byte of the answer is handed over; the status goes to the output. What a whole server would have cost is paid once.
"""

import asyncio
import os
import signal
import sys
from collections.abc import MutableMapping
from typing import Any

from varco import config
from varco.gate.app import create


async def _answer_and_die(path: str, token: str, told: int) -> None:
    gate = create(config.load(), config.master_keys(config.load()), clock_ms=lambda: int(os.environ["DYING_AT_MS"]))
    started, inbox = asyncio.Event(), asyncio.Queue[dict[str, str]]()

    async def noted(_message: Any) -> None:
        started.set()

    await inbox.put({"type": "lifespan.startup"})
    living = asyncio.create_task(gate({"type": "lifespan"}, inbox.get, noted))
    await started.wait()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            os.write(told, b"%d\n" % message["status"])
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "client": ("192.0.2.7", 5), "scheme": "http", "root_path": "",
    }  # fmt: skip
    await gate(scope, receive, send)
    living.cancel()


def main() -> None:
    for line in sys.stdin:
        path, token = line.split()
        child = os.fork()
        if child == 0:
            asyncio.run(_answer_and_die(path, token, 1))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit("a gate did not die with its answer")


if __name__ == "__main__":
    main()
