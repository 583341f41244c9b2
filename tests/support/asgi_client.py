"""Requests handed to the gate as an ASGI server does: as fast as the gate itself, and with bytes that no client library sends."""

from typing import Any

from starlette.testclient import TestClient

from tests.gate.conftest import on_its_loop

Headers = list[tuple[bytes, bytes]]
FORM = (b"content-type", b"application/x-www-form-urlencoded")


async def answer(
    gate: Any,
    method: str,
    path: bytes,
    headers: Headers,
    *,
    query: bytes = b"",
    body: bytes = b"",
    ip: str = "10.0.0.1",
) -> tuple[int, bytes]:
    """Status and body of what the gate says to somebody at an address; to be awaited on the loop it runs on."""
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path.decode("utf-8", "replace"), "raw_path": path, "query_string": query,
        "headers": headers, "client": (ip, 5), "scheme": "http", "root_path": "",
    }  # fmt: skip
    await gate(scope, receive, send)
    start, content = messages
    return start["status"], content["body"]


def send(
    gate: TestClient, method: str, path: str, headers: Headers, *, query: str = "", body: str = "", ip: str = "10.0.0.1"
) -> tuple[int, bytes]:
    """The same from the test's own thread."""

    async def there() -> tuple[int, bytes]:
        return await answer(gate.app, method, path.encode(), headers, query=query.encode(), body=body.encode(), ip=ip)

    found: tuple[int, bytes] = on_its_loop(gate, there)
    return found


def send_all(gate: TestClient, requests: list[tuple[str, str, Headers, str]]) -> list[tuple[int, bytes]]:
    """Several requests (method, path, headers, body), one after the other, in one visit to the gate's loop."""

    async def there() -> list[tuple[int, bytes]]:
        return [
            await answer(gate.app, method, path.encode(), headers, body=body.encode())
            for method, path, headers, body in requests
        ]

    found: list[tuple[int, bytes]] = on_its_loop(gate, there)
    return found
