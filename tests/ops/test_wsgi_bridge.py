"""Django's threads behind the front: who waits for whom (S37)."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from starlette.types import Message, Scope

from varco import config
from varco.caller import SCOPE_KEY
from varco.ops.wsgi_bridge import BODY_LIMIT, LARGE_AT_ONCE, MANAGEMENT_THREADS, THREADS, portal
from varco.ops.wsgi_threads import AT_ONCE, WSGIThreads

Ask = Callable[..., Any]


class Django:
    """In the place of Django: what is to wait does so until it is let go."""

    released = threading.Event()
    waiting: threading.Semaphore

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["QUERY_STRING"] == "wait":
            type(self).waiting.release()
            type(self).released.wait(30)
        start_response("200 OK", [("content-type", "text/plain")])
        return [str(SCOPE_KEY in environ["asgi.scope"]).encode()]


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr("django.core.handlers.wsgi.WSGIHandler", Django)
    Django.released, Django.waiting = threading.Event(), threading.Semaphore(0)
    environment = {"VARCO_ISSUER": "http://localhost", "VARCO_PASSWORD_HASHES": "2", "VARCO_PASSWORD_HASH_QUEUE": "3"}
    yield portal(config.load(environment), alone=True, stopping=lambda: False).app
    Django.released.set()


async def ask(front: Any, method: str, path: str, query: bytes = b"", **more: Any) -> tuple[int, bytes]:
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [],
        "client": ("192.0.2.7", 1),
    } | more
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await front(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_pages_do_not_wait_for_passwords_and_a_rush_of_them_is_refused_beyond_the_queue(front: Any) -> None:
    async def story() -> None:
        forms = [asyncio.create_task(ask(front, "POST", "/account/login/", b"wait")) for _ in range(5)]
        await asyncio.sleep(0.2)
        status, text = await ask(front, "POST", "/account/login/")
        assert (status, b"Wait a few seconds" in text) == (503, True)
        pages = await asyncio.wait_for(asyncio.gather(*(ask(front, "GET", "/account/login/") for _ in range(20))), 10)
        assert {status for status, _ in pages} == {200}
        assert sum(Django.waiting.acquire(blocking=False) for _ in range(6)) == 2  # only two of them have begun
        Django.released.set()
        assert [status for status, _ in await asyncio.gather(*forms)] == [200] * 5
        assert (await ask(front, "POST", "/account/login/"))[0] == 200

    asyncio.run(story())


@pytest.mark.parametrize(
    ("busy", "path", "others"),
    [
        ({SCOPE_KEY: "a caller"}, "/manage/v1/applications", MANAGEMENT_THREADS),
        ({}, "/developer/applications/", THREADS),
    ],
)
def test_programs_of_developers_and_people_do_not_wait_for_each_other(
    front: Any, busy: dict[str, str], path: str, others: int
) -> None:
    other: dict[str, str] = {} if busy else {SCOPE_KEY: "a caller"}

    async def story() -> None:
        held = [asyncio.create_task(ask(front, "GET", path, b"wait", **busy)) for _ in range(others + 2)]
        await asyncio.sleep(0.2)
        assert await asyncio.wait_for(ask(front, "GET", "/", b"", **other), 10) == (200, str(bool(other)).encode())
        Django.released.set()
        await asyncio.gather(*held)

    asyncio.run(story())


def test_forms_with_files_may_be_larger_than_others_and_only_so_many_at_once(front: Any) -> None:
    limit = BODY_LIMIT + config.load({"VARCO_ISSUER": "http://localhost"}).attachment_limit

    async def sent(path: str, size: int, hold: asyncio.Event | None = None) -> int:
        parts = [b"x" * (BODY_LIMIT + 1), b"x" * (size - BODY_LIMIT - 1)]
        answered: list[Message] = []

        async def receive() -> Message:
            if hold and len(parts) == 1:
                await hold.wait()
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Message) -> None:
            answered.append(message)

        scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [],
            "client": ("192.0.2.7", 1),
        }
        await front(scope, receive, send)
        return int(answered[0]["status"])

    async def story() -> None:
        assert [await sent(path, limit) for path in ("/tickets/1/", "/support/1/", "/clinic/")] == [200, 200, 413]
        assert await sent("/tickets/1/", limit + 1) == 413
        hold = asyncio.Event()
        others = [asyncio.create_task(sent("/tickets/1/", limit, hold)) for _ in range(LARGE_AT_ONCE)]
        await asyncio.sleep(0)
        assert await sent("/tickets/1/", limit) == 503
        hold.set()
        assert await asyncio.gather(*others) == [200] * LARGE_AT_ONCE
        assert await sent("/tickets/1/", limit) == 200

    asyncio.run(story())


class Answer:
    """What an app answers with, part by part; it notes when it is closed."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts, self.closed = iter(parts), False

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        self.closed = True


async def answered(answer: Answer, body: bytes = b"") -> tuple[list[Message], dict[str, Any]]:
    """What is sent for an app's answer, and what the app was given."""
    given: dict[str, Any] = {}
    sent: list[Message] = []

    def app(environ: dict[str, Any], start_response: Any) -> Answer:
        given.update(environ, read=environ["wsgi.input"].read())
        start_response("303 See Other", [("Location", "/è"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return answer

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/", "query_string": b"", "client": ("192.0.2.7", 1),
        "headers": [(b"cookie", b"c=d"), (b"content-length", str(len(body)).encode())],
    }  # fmt: skip
    await WSGIThreads(app, 1)(scope, body, send)
    return sent, given


def test_an_answer_comes_over_at_once_with_its_head() -> None:
    answer = Answer([b"one ", b"", b"two"])
    sent, given = asyncio.run(answered(answer, b"a body"))
    assert sent == [
        {
            "type": "http.response.start",
            "status": 303,
            "headers": [(b"location", "/è".encode("latin-1")), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")],
        },
        {"type": "http.response.body", "body": b"one two", "more_body": False},
    ]
    assert (given["read"], given["CONTENT_LENGTH"], given["HTTP_COOKIE"]) == (b"a body", "6", "c=d")
    assert answer.closed


def test_a_large_answer_comes_in_parts_and_is_never_collected_as_a_whole() -> None:
    part = b"x" * (AT_ONCE // 2)
    answer = Answer(part for _ in range(7))
    sent, _ = asyncio.run(answered(answer))
    assert [message["type"] for message in sent].count("http.response.start") == 1
    bodies = sent[1:]
    assert b"".join(message["body"] for message in bodies) == part * 7
    assert max(len(message["body"]) for message in bodies) <= AT_ONCE + len(part)
    assert [message["more_body"] for message in bodies] == [True, True, False]
    assert answer.closed


def test_an_answer_that_breaks_off_is_closed_and_its_fault_is_told() -> None:
    def broken() -> Iterator[bytes]:
        yield b"one"
        raise RuntimeError("broken")

    answer = Answer(broken())
    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(answered(answer))
    assert answer.closed
